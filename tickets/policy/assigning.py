"""Who may take a ticket, and who may give it to whom (X fine print: inside a team one assigns)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import User
from common.verdict import ALLOWED, Verdict, no
from staff.access import viewer
from staff.models import Team
from tickets.models import ACTIVE, Ticket
from tickets.policy.facts import facts
from tickets.policy.working import may_work_unclosed


def may_take(user: User, ticket: Ticket) -> Verdict:
    """A member of the ticket's team takes what nobody has; a ticket without a team is anybody's of the desk."""
    if not (verdict := may_work_unclosed(user, ticket)):
        return verdict
    if ticket.status not in ACTIVE:
        return no(_("This ticket is resolved; reopen it first."), code="resolved", rule="T3")
    if ticket.assignee_id == user.pk:
        return no(_("You have this ticket already."), code="already_yours")
    if ticket.assignee_id is not None:
        return no(
            _("%(name)s has this ticket: let it be assigned to you.") % {"name": ticket.assignee},
            code="taken",
            rule="X3",
        )
    if not serves(user, ticket.team_id):
        return no(_("It belongs to another team: ask them to pass it on."), code="other_team", rule="X1")
    return _no_transfer(ticket)


def may_assign(user: User, ticket: Ticket) -> Verdict:
    """Members and supervisors of the ticket's team assign inside it; a ticket without a team anybody of the desk."""
    if not (verdict := may_work_unclosed(user, ticket)):
        return verdict
    if not serves(user, ticket.team_id) and ticket.assignee_id != user.pk:
        return no(_("Only members of its team assign this ticket."), code="other_team", rule="X1")
    return _no_transfer(ticket)


def may_assign_to(user: User, ticket: Ticket, *, to: User | None, team: Team | None) -> Verdict:
    """Across teams one transfers, with consent and a handover; only a ticket without a team may be given one (X1)."""
    if not (verdict := may_assign(user, ticket)):
        return verdict
    if team is not None and ticket.team_id is not None and team.pk != ticket.team_id:
        return no(
            _("To another team a ticket is transferred, not assigned."), code="across_teams", rule="X1", field="team"
        )
    if team is not None and not team.is_active:
        return no(_("This team is no longer in use."), code="team_unused", field="team")
    if to is None:
        return ALLOWED
    team_id = ticket.team_id or (team.pk if team else None)
    they = viewer(to)
    if not they.is_staff:
        return no(_("%(name)s does not serve here.") % {"name": to}, code="not_staff", field="to")
    if they.person_id is not None and they.person_id == ticket.requester_id:
        return no(_("It is %(name)s's own case.") % {"name": to}, code="own_ticket", rule="T13", field="to")
    if not serves(to, team_id):
        return no(
            _("%(name)s is not in this team: transfer the ticket.") % {"name": to},
            code="across_teams",
            rule="X1",
            field="to",
        )
    if team_id is None and they.is_third_party:
        return no(_("Give the ticket to a team first."), code="team_missing", rule="T13", field="team")
    return ALLOWED


def serves(user: User, team_id: int | None) -> bool:
    """Whether they take and assign tickets of this team; those of no team are anybody's of the desk."""
    who = viewer(user)
    return team_id is None or team_id in who.team_ids or who.supervises(team_id)


def _no_transfer(ticket: Ticket) -> Verdict:
    if facts(ticket).transfer_waits:
        return no(_("It is being transferred: take that back first."), code="transfer_running", rule="X3")
    return ALLOWED
