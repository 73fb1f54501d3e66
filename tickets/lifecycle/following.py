"""X5: the duty to ask whether it was solved, of those who passed a case on."""

from __future__ import annotations

from datetime import datetime

from staff.hours import working_day_after
from tickets.models import FollowUp, Ticket

OPEN = (FollowUp.Status.WAITING, FollowUp.Status.DUE, FollowUp.Status.SUSPENDED)


def follow_up_on_resolve(ticket: Ticket, *, at: datetime) -> FollowUp | None:
    """Resolved by somebody else: the duty falls due one working day later. By its owner: nothing to ask (X5)."""
    duty = ticket.follow_ups.filter(status__in=OPEN).first()
    if duty is None or duty.owner_id == ticket.resolved_by_id:
        return None
    duty.status = FollowUp.Status.DUE
    duty.due_at = working_day_after(at, ticket.team.calendar if ticket.team else None)
    duty.save(update_fields=["status", "due_at"])
    return duty


def follow_up_on_confirm(ticket: Ticket, *, at: datetime) -> None:
    """The customer's own confirmation meets the duty (X5)."""
    ticket.follow_ups.filter(status__in=OPEN).update(
        status=FollowUp.Status.MET, met_at=at, met_by_customer=True, was_solved=True, due_at=None
    )


def follow_up_on_reopen(ticket: Ticket, *, at: datetime) -> None:
    """While the ticket is reopened the duty is suspended (X5)."""
    ticket.follow_ups.filter(status=FollowUp.Status.DUE).update(status=FollowUp.Status.SUSPENDED, due_at=None)
