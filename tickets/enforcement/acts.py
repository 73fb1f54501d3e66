"""What is done with rows that are due. Their tickets are locked; each looks again, and says what it did, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from events.models import Approval
from tickets.enforcement.clocks import late, look_at_clocks
from tickets.lifecycle import closing, promising, resuming, stepping_in, transferring
from tickets.lifecycle._ground import tell
from tickets.models import FollowUp, Promise, Ticket

Did = Mapping[str, int]
NOTHING: Did = {}
Act = Callable[[Sequence[int], datetime], Mapping[int, Did]]


def each(act: Callable[[int, datetime], Did]) -> Act:
    """One verb after the other, where the rows are few."""

    def one_by_one(pks: Sequence[int], at: datetime) -> Mapping[int, Did]:
        return {pk: act(pk, at) for pk in pks}

    return one_by_one


__all__ = [
    "NOTHING", "Act", "Did", "break_promises", "climb", "close_silent", "end_holds", "look_at_clocks", "remind",
    "return_transfers", "tell_follow_ups", "tell_unconfirmed",
]  # fmt: skip


@each
def end_holds(hold_id: int, at: datetime) -> Did:
    """H3."""
    return {"holds_ended": 1} if resuming.end_due_hold(hold_id, at=at) else NOTHING


@each
def return_transfers(transfer_id: int, at: datetime) -> Did:
    """X3."""
    return {"transfers_returned": 1} if transferring.return_due_transfer(transfer_id, at=at) else NOTHING


@each
def climb(escalation_id: int, at: datetime) -> Did:
    """E4."""
    return {"escalations_climbed": 1} if stepping_in.climb_escalation(escalation_id, at=at) else NOTHING


@each
def break_promises(promise_id: int, at: datetime) -> Did:
    """T8."""
    return {"promises_broken": 1} if promising.break_due_promise(promise_id, at=at) else NOTHING


@each
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
        due_at=promise.due_at, late_seconds=late(at - due),
    )  # fmt: skip
    return {"promises_reminded": 1}


@each
def tell_follow_ups(follow_up_id: int, at: datetime) -> Did:
    """X5: its owner is told that it is time to ask."""
    duty = FollowUp.objects.select_related("ticket").get(pk=follow_up_id)
    due = duty.due_at
    if duty.status != FollowUp.Status.DUE or due is None or due > at or (duty.told_at and duty.told_at >= due):
        return NOTHING
    duty.told_at = at
    duty.save(update_fields=["told_at"])
    tell(
        duty.ticket, "follow_up_due", by=None, at=due, follow_up=duty, owner=duty.owner_id, asked=duty.asked,
        late_seconds=late(at - due),
    )  # fmt: skip
    return {"follow_ups_due": 1}


@each
def close_silent(closure_id: int, at: datetime) -> Did:
    """T4."""
    return {"closed": 1} if closing.close_silent(closure_id, at=at) else NOTHING


@each
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
        asked_by=approval.asked_by_id, late_seconds=late(at - due),
    )  # fmt: skip
    return {"approvals_unconfirmed": 1}
