"""What every verb asks first: is this somebody of ours who may work on this ticket (T13)?"""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import User
from common.verdict import ALLOWED, Verdict, no
from staff.access import viewer
from tickets.models import ClosureCause, Status, Ticket


def may_work(user: User, ticket: Ticket) -> Verdict:
    """Staff who may see the ticket, and are not its customer, may work on it."""
    if not isinstance(user, User) or not user.is_active:
        return no(_("Only staff of the desk do this."), code="not_staff", rule="T13")
    who = viewer(user)
    if not who.is_staff:
        return no(_("Only staff of the desk do this."), code="not_staff", rule="T13")
    if not (verdict := not_their_own(user, ticket)):
        return verdict
    if ticket.assignee_id == user.pk or ticket.team_id in who.team_ids | who.supervised_team_ids:
        return ALLOWED
    if who.is_third_party:
        return no(_("You work on tickets of your own teams only."), code="not_your_team", rule="T13")
    if ticket.team is not None and ticket.team.is_restricted:
        return no(_("Only members of its team work on this ticket."), code="restricted_team", rule="T13")
    return ALLOWED


def not_their_own(user: User, ticket: Ticket) -> Verdict:
    """Whoever a case is about neither works on it nor decides about it: a colleague does (T13)."""
    person_id = viewer(user).person_id
    if person_id is not None and person_id == ticket.requester_id:
        return no(_("This is your own case: a colleague works on it."), code="own_ticket", rule="T13")
    return ALLOWED


def may_work_unclosed(user: User, ticket: Ticket) -> Verdict:
    """The same, on a ticket that is not closed, not spam and not in the trash."""
    if not (verdict := may_work(user, ticket)):
        return verdict
    if ticket.closure_cause == ClosureCause.MERGED and ticket.status == Status.CLOSED:
        return no(_("This ticket was merged into another: go on there."), code="merged", rule="T11")
    if ticket.status == Status.CLOSED:
        return no(_("This ticket is closed: open a follow-up ticket instead."), code="closed", rule="T3")
    if ticket.is_trouble:
        return no(_("Take the ticket out of spam or trash first."), code="in_trouble", rule="T3")
    return ALLOWED
