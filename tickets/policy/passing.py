"""Who may pass a case on, accept it, refuse it, take it back (X1-X7)."""

from django.utils.translation import gettext as _

from accounts.models import User
from common.verdict import ALLOWED, Verdict, no
from staff.access import viewer
from tickets.models import Ticket, Transfer
from tickets.policy.facts import facts
from tickets.policy.working import not_their_own


def may_transfer(user: User, ticket: Ticket, *, waiting: bool | None = None) -> Verdict:
    """X: an active ticket that nobody else is being asked to accept; by who answers for it.

    ``waiting`` says whether a transfer waits already, where the caller knows; else it is looked up.
    """
    if not viewer(user).is_staff:
        return no(_("Only staff pass a ticket on."), code="not_staff")
    if not ticket.is_active or ticket.is_trouble:
        return no(_("Only a ticket that is still to be met can be passed on."), code="not_active", rule="X1")
    if ticket.team_id is None:
        return no(_("Give the ticket to a team first; then it can be passed on."), code="no_team", rule="X2")
    if waiting is None:
        waiting = facts(ticket).transfer_waits
    if waiting:
        return no(
            _("This ticket already waits to be accepted. Take it back first."), code="transfer_waiting", rule="X3"
        )
    return _answers_for(user, ticket)


def _answers_for(user: User, ticket: Ticket) -> Verdict:
    seen = viewer(user)
    if not (verdict := not_their_own(user, ticket)):
        return verdict
    if user.pk == ticket.assignee_id or seen.supervises(ticket.team_id):
        return ALLOWED
    if ticket.assignee_id is None and ticket.team_id in seen.team_ids:
        return ALLOWED
    return no(
        _("Only who has the ticket, or their supervisor, passes it on. Take it first."), code="not_yours", rule="X3"
    )


def may_answer_transfer(user: User, transfer: Transfer) -> Verdict:
    """X3: the agent it is meant for, a member of the team where no agent is named, or the team's supervisor."""
    if transfer.status != Transfer.Status.WAITING:
        return no(_("This transfer no longer waits."), code="transfer_ended", rule="X3")
    if not (verdict := not_their_own(user, transfer.ticket)):
        return verdict
    seen = viewer(user)
    if seen.supervises(transfer.to_team_id):
        return ALLOWED
    if transfer.to_agent_id:
        if transfer.to_agent_id == user.pk:
            return ALLOWED
        return no(_("It is meant for a colleague of yours."), code="not_for_you", rule="X3")
    if transfer.to_team_id in seen.team_ids:
        return ALLOWED
    return no(_("Only the team it is meant for answers a transfer."), code="not_for_you", rule="X3")


def may_take_back(user: User, transfer: Transfer) -> Verdict:
    """Who sent it, who still has the ticket, or the supervisor of the sending team."""
    if transfer.status != Transfer.Status.WAITING:
        return no(_("This transfer no longer waits."), code="transfer_ended", rule="X3")
    if user.pk in (transfer.sender_id, transfer.from_agent_id) or viewer(user).supervises(transfer.from_team_id):
        return ALLOWED
    return no(_("Only the sender or their supervisor takes a transfer back."), code="not_yours", rule="X3")
