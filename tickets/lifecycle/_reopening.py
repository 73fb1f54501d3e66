"""Resolved is not solved after all: the one way back to ``open``, for a message, a "not solved" and staff."""

from __future__ import annotations

from datetime import datetime

from staff.access import viewer
from tickets import clocks
from tickets.lifecycle import escalating, following
from tickets.lifecycle._ground import Actor, change
from tickets.models import Closure, ComplaintStep, Escalation, EscalationReason, Status, Ticket

AGAIN = 2
"""The reopening that escalates (T4, E1)."""


def reopen_locked(ticket: Ticket, *, at: datetime, by: Actor) -> None:
    """A resolved ticket, locked by the caller, becomes ``open`` again with the same agent; gone: the team's (T3, T4).

    Writes no event: the verb that calls this tells of it. The question to the customer that waits is withdrawn, a
    follow-up is suspended (X5), the clocks run on (S3). Call ``escalate_if_again`` after the verb's event.
    """
    ticket.closures.filter(answer=Closure.Answer.WAITING).update(
        answer=Closure.Answer.WITHDRAWN, answered_at=at, silence_at=None
    )
    _drop_last_steps(ticket, at)
    gone = ticket.assignee is not None and not viewer(ticket.assignee).is_staff
    change(
        ticket,
        status=Status.OPEN,
        assignee=None if gone else ticket.assignee,
        resolved_at=None,
        resolved_by=None,
        closed_at=None,
        closure_cause="",
        reopen_count=ticket.reopen_count + 1,
    )
    following.follow_up_on_reopen(ticket, at=at)
    clocks.reopen(ticket, at=at)


def escalate_if_again(ticket: Ticket, *, at: datetime) -> Escalation | None:
    """Reopened by the customer for the second time: somebody more senior steps in (T4, E1 "reopened twice")."""
    if ticket.reopen_count < AGAIN:
        return None
    return escalating.escalate(ticket, by=None, reason=EscalationReason.Reason.REOPENED, at=at)


def _drop_last_steps(ticket: Ticket, at: datetime) -> None:
    """A complaint that comes back was not resolved to the customer's satisfaction (T5)."""
    ticket.complaint_steps.filter(
        step__in=[ComplaintStep.Step.RESOLVED, ComplaintStep.Step.THANKED], dropped_at=None
    ).update(dropped_at=at)
