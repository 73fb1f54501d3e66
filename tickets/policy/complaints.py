"""A complaint goes four steps in their order, and is not dropped by one person alone (T5)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import User
from common.verdict import ALLOWED, Verdict, no
from staff.access import viewer
from tickets.models import ClosureCause, ComplaintStep, Status, Ticket
from tickets.policy.facts import facts
from tickets.policy.working import may_work, may_work_unclosed

STEPS = (
    ComplaintStep.Step.UNDERSTOOD,
    ComplaintStep.Step.CONFIRMED,
    ComplaintStep.Step.RESOLVED,
    ComplaintStep.Step.THANKED,
)


def steps_taken(ticket: Ticket) -> set[str]:
    """The steps that stand."""
    return set(facts(ticket).steps)


def next_step(ticket: Ticket) -> str | None:
    """The step that comes next; None when all four are taken."""
    taken = steps_taken(ticket)
    return next((step for step in STEPS if step not in taken), None)


def may_take_step(user: User, ticket: Ticket) -> Verdict:
    """Whoever may work on the complaint; thanking may come after it closed."""
    closed = ticket.status == Status.CLOSED and ticket.closure_cause != ClosureCause.MERGED and not ticket.is_trouble
    verdict = may_work(user, ticket) if closed else may_work_unclosed(user, ticket)
    if not verdict:
        return verdict
    if not ticket.is_complaint:
        return no(_("Only a complaint goes these steps."), code="no_complaint", rule="T5")
    if closed and next_step(ticket) != ComplaintStep.Step.THANKED:
        return no(_("This ticket is closed: open a follow-up ticket instead."), code="closed", rule="T3")
    return ALLOWED


def may_change_type(user: User, ticket: Ticket) -> Verdict:
    """A complaint that was begun becomes something else only with a supervisor (T5)."""
    if not (verdict := may_work_unclosed(user, ticket)):
        return verdict
    if ticket.is_complaint and steps_taken(ticket) and not viewer(user).supervises(ticket.team_id):
        return no(
            _("The steps of this complaint have begun: a supervisor decides whether it is one."),
            code="supervisor_needed",
            rule="T5",
            field="type",
        )
    return ALLOWED
