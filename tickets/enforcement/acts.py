"""What is done with one row that is due. Its ticket is locked; each looks again, and says what it did, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from common.errors import Refused
from events.models import Approval
from tickets import clocks
from tickets.lifecycle import closing, escalating, holding, promising, stepping_in, transferring
from tickets.lifecycle._ground import tell
from tickets.models import Clock, EscalationReason, FollowUp, Promise, Ticket

Did = Mapping[str, int]
NOTHING: Did = {}


# --- Clocks (S4) ------------------------------------------------------------


def look_at_clock(clock_id: int, at: datetime) -> Did:
    """Warn the owner, warn the supervisor, or record the breach and escalate it: each once.

    After an outage in which the due time passed as well, the warnings are written down at their times with
    ``overtaken``, so that the story is whole and nobody is told of them; they do not count as warned.
    """
    clock = Clock.objects.select_related("ticket__team").prefetch_related("pauses").get(pk=clock_id)
    ticket = clock.ticket
    if not clock.is_running or clock.next_at is None or clock.next_at > at:
        return NOTHING
    if ticket.is_trouble or not ticket.is_enforced:
        clock.next_at = None
        clock.save(update_fields=["next_at"])
        return NOTHING
    did = {"warned": 0, "breached": 0, "escalated": 0}
    percents = clocks.percents_of(clock)
    moments = clocks.points(clock, percents)
    if clock.breached_at is None:
        is_over = moments.due is not None and moments.due <= at
        did["warned"] = _warn(clock, ticket, moments, percents, at=at, is_over=is_over)
        if is_over:
            clocks.record_breach(clock, ticket, at=at)
            did["breached"] = 1
    clock.next_at = clocks.next_look(clock, moments)
    clock.save(update_fields=["warned_75_at", "warned_90_at", "breached_at", "breach_recorded_at", "next_at"])
    if clock.breached_at is not None:
        did["escalated"] = _escalate(clock, ticket, at=at)
    return did


def _warn(
    clock: Clock, ticket: Ticket, moments: clocks.Points, percents: tuple[int, int], *, at: datetime, is_over: bool
) -> int:
    told = 0
    if moments.owner and moments.owner <= at and not (clock.warned_75_at or clock.warned_90_at):
        clock.warned_75_at = moments.owner
        _tell_warning(clock, ticket, "owner", percents[0], due=moments.owner, at=at, overtaken=is_over)
        told += 1
    if moments.supervisor and moments.supervisor <= at and not clock.warned_90_at:
        clock.warned_90_at = moments.supervisor
        _tell_warning(clock, ticket, "supervisor", percents[1], due=moments.supervisor, at=at, overtaken=is_over)
        told += 1
    return 0 if is_over else told


def _tell_warning(
    clock: Clock, ticket: Ticket, whom: str, percent: int, *, due: datetime, at: datetime, overtaken: bool
) -> None:
    tell(
        ticket, "sla_warned", by=None, at=due, clock=clock, metric=clock.metric, whom=whom, percent=percent,
        due_at=clock.due_at, late_seconds=_seconds(at - due), overtaken=overtaken,
    )  # fmt: skip


def _escalate(clock: Clock, ticket: Ticket, *, at: datetime) -> int:
    """A breach goes to the supervisor, once; a ticket that can no longer be escalated keeps its breach alone."""
    reasons = EscalationReason.objects.filter(
        escalation__ticket=ticket, reason=EscalationReason.Reason.SLA_BREACH, raised_at__gte=clock.breached_at
    )
    if reasons.exists():
        return 0
    try:
        escalating.escalate(ticket, by=None, reason=EscalationReason.Reason.SLA_BREACH, at=at)
    except Refused:
        return 0
    return 1


# --- Acts with a time -------------------------------------------------------


def end_hold(hold_id: int, at: datetime) -> Did:
    """H3."""
    return {"holds_ended": 1} if holding.end_due_hold(hold_id, at=at) else NOTHING


def return_transfer(transfer_id: int, at: datetime) -> Did:
    """X3."""
    return {"transfers_returned": 1} if transferring.return_due_transfer(transfer_id, at=at) else NOTHING


def climb(escalation_id: int, at: datetime) -> Did:
    """E4."""
    return {"escalations_climbed": 1} if stepping_in.climb_escalation(escalation_id, at=at) else NOTHING


def break_promise(promise_id: int, at: datetime) -> Did:
    """T8."""
    return {"promises_broken": 1} if promising.break_due_promise(promise_id, at=at) else NOTHING


def remind(promise_id: int, at: datetime) -> Did:
    """T8: the owner is reminded once before the promise is due."""
    promise = Promise.objects.select_related("ticket").get(pk=promise_id)
    due = promise.remind_at
    if promise.status != Promise.Status.OPEN or promise.reminded_at is not None or due is None or due > at:
        return NOTHING
    promise.reminded_at = at
    promise.save(update_fields=["reminded_at"])
    tell(
        promise.ticket, "promise_due_soon", by=None, at=due, promise=promise, owner=promise.owner_id,
        due_at=promise.due_at, late_seconds=_seconds(at - due),
    )  # fmt: skip
    return {"promises_reminded": 1}


def tell_follow_up(follow_up_id: int, at: datetime) -> Did:
    """X5: its owner is told that it is time to ask."""
    duty = FollowUp.objects.select_related("ticket").get(pk=follow_up_id)
    due = duty.due_at
    if duty.status != FollowUp.Status.DUE or due is None or due > at or (duty.told_at and duty.told_at >= due):
        return NOTHING
    duty.told_at = at
    duty.save(update_fields=["told_at"])
    tell(
        duty.ticket, "follow_up_due", by=None, at=due, follow_up=duty, owner=duty.owner_id, asked=duty.asked,
        late_seconds=_seconds(at - due),
    )  # fmt: skip
    return {"follow_ups_due": 1}


def close_silent(closure_id: int, at: datetime) -> Did:
    """T4."""
    return {"closed": 1} if closing.close_silent(closure_id, at=at) else NOTHING


def tell_unconfirmed(approval_id: int, at: datetime) -> Did:
    """A supervisor who was named did not confirm within one working day: it shows as unconfirmed."""
    approval = Approval.objects.get(pk=approval_id)
    due = approval.confirm_by
    if approval.confirmed_at is not None or approval.unconfirmed_at is not None or due is None or due > at:
        return NOTHING
    approval.unconfirmed_at = at
    approval.save(update_fields=["unconfirmed_at"])
    ticket = Ticket.objects.get(pk=approval.subject_id)
    tell(
        ticket, "approval_unconfirmed", by=None, at=due, approval=approval, rule=approval.rule, named=approval.named_id,
        asked_by=approval.asked_by_id, late_seconds=_seconds(at - due),
    )  # fmt: skip
    return {"approvals_unconfirmed": 1}


def _seconds(span: timedelta) -> int:
    return max(int(span.total_seconds()), 0)
