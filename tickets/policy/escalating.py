"""Who may ask somebody to step in, and who may step in (E1-E5, E9)."""

from django.utils.translation import gettext as _

from accounts.models import User
from common.verdict import ALLOWED, Verdict, no
from staff.access import viewer
from tickets.models import Escalation, Status, Ticket
from tickets.policy.working import not_their_own


def may_escalate(user: User, ticket: Ticket) -> Verdict:
    """E2: any member of staff, on hold and during a transfer too; a closed case is reopened first."""
    if not viewer(user).is_staff:
        return no(_("Only staff escalate here."), code="not_staff", rule="E1")
    return may_be_escalated(ticket)


def may_be_escalated(ticket: Ticket) -> Verdict:
    """A case that is closed, spam or in the trash waits for nobody."""
    if ticket.status == Status.CLOSED or ticket.is_trouble:
        return no(_("A closed ticket is not escalated. Reopen it first."), code="closed", rule="E1")
    return ALLOWED


def may_take_escalation(user: User, escalation: Escalation) -> Verdict:
    """E3: who it waits for, a supervisor of the team, the expert team it asks for, or an admin."""
    if escalation.status not in Escalation.OPEN:
        return no(_("This escalation has ended."), code="escalation_ended", rule="E3")
    return _steps_in(user, escalation)


def may_settle_escalation(user: User, escalation: Escalation) -> Verdict:
    """E3: coach, assign or decline: the owner, or before anybody took it whoever may take it."""
    if escalation.status == Escalation.Status.TAKEN and escalation.owner_id == user.pk:
        return ALLOWED
    return may_take_escalation(user, escalation)


def _steps_in(user: User, escalation: Escalation) -> Verdict:
    if not (verdict := not_their_own(user, escalation.ticket)):
        return verdict
    seen = viewer(user)
    if user.pk in (escalation.waits_for_id, escalation.owner_id) or seen.is_admin:
        return ALLOWED
    if seen.supervises(escalation.ticket.team_id) or seen.supervises(escalation.target_team_id):
        return ALLOWED
    if escalation.target_team_id and escalation.target_team_id in seen.team_ids:
        return ALLOWED
    profile = getattr(user, "staff_profile", None)
    if profile is not None and profile.is_duty_supervisor:
        return ALLOWED
    return no(_("A supervisor of this team, or who is asked for, steps in."), code="not_supervisor", rule="E3")
