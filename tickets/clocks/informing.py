"""Keep informed (S8): after each word of a person to the customer, the next one is due in so many hours.

It runs from the first answer until the need is met, also while the customer has the turn and on hold, and only where a
policy asks for it. What a machine writes tells the customer nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from accounts.models import User
from customers.models import Person
from sla.models import Metric
from tickets.clocks.reckoning import STATE, STOP, begin_if_promised, reckon, running, stop
from tickets.models import Clock, ClockPause, DueChange, Entry, Ticket


def informed(
    ticket: Ticket, entry: Entry | None, counting: Mapping[str, Clock], *, at: datetime, by: User | Person | None
) -> None:
    """A person told the customer something: the wait for it ends, the next one begins. ``counting``: what ran before.

    A word that was written down later than the next one changes nothing: the customer has heard more since.
    """
    last = counting.get(Metric.KEEP_INFORMED)
    if last is not None:
        if last.started_at > at or (entry is not None and last.started_by_id == entry.pk):
            return
        stop(last, ticket, at=at, by=by, entry=entry)
    if Metric.RESOLUTION in counting:
        begin_if_promised(ticket, Metric.KEEP_INFORMED, at=at, entry=entry)


def stop_informing(ticket: Ticket, *, at: datetime, by: User | Person | None) -> None:
    """The need is met: nothing more is due. What began with the words that said so never counted."""
    clock = running(ticket, Metric.KEEP_INFORMED).get(Metric.KEEP_INFORMED)
    if clock is None:
        return
    if clock.started_at < at:
        stop(clock, ticket, at=at, by=by, entry=None)
    else:
        clock.cancelled_at, clock.next_at = at, None
        clock.save(update_fields=["cancelled_at", "next_at"])


def not_informed(ticket: Ticket, entry: Entry, *, at: datetime) -> None:
    """What was said did not stand: the wait it ended runs on, up to the next word if there was one; its own is none."""
    rows = Clock.objects.filter(ticket=ticket, metric=Metric.KEEP_INFORMED, cancelled_at=None)
    own = rows.filter(started_by=entry).first()
    before = rows.filter(stopped_by=entry).order_by("-started_at", "-pk").first()
    if own is not None:
        own.cancelled_at, own.next_at = at, None
        own.save(update_fields=["cancelled_at", "next_at"])
    if before is not None:
        _run_on(before, ticket, own, at=at)


def _run_on(clock: Clock, ticket: Ticket, own: Clock | None, *, at: datetime) -> None:
    """From its original start, up to where the wait that the word had begun was stopped, or the need was met."""
    end = _end(clock, ticket, own)
    if end is not None:
        clock.stopped_at = None
        reckon(clock, ticket)
        stop(clock, ticket, at=end[0], by=end[1], entry=end[2])
    else:
        clock.stopped_at = clock.stopped_by = clock.elapsed_seconds = clock.team = clock.agent = None
        reckon(clock, ticket)
        if clock.breached_at and ticket.is_enforced:
            clock.next_at = at
        clock.save(update_fields=[*STOP, *STATE])
    DueChange.objects.create(
        clock=clock, cause=DueChange.Cause.REINSTATED, changed_at=at, due_after=clock.due_at,
        policy_before_id=clock.policy_id,
    )  # fmt: skip


def _end(clock: Clock, ticket: Ticket, own: Clock | None) -> tuple[datetime, User | None, Entry | None] | None:
    """When the wait was over, who had it then and by which word; None while it still runs.

    The words that resolve begin no wait: what they had ended was over when the need was met, at the latest when the
    next wait began.
    """
    if own is not None:
        return (own.stopped_at, own.agent, own.stopped_by) if own.stopped_at is not None else None
    since = clock.stopped_at
    counted = Clock.objects.filter(ticket=ticket, cancelled_at=None)
    solving = counted.filter(metric=Metric.RESOLUTION)
    breaks = ClockPause.objects.filter(clock__in=solving, cause=ClockPause.Cause.RESOLVED, started_at__gte=since)
    met = [when for when in solving.filter(stopped_at__gte=since).values_list("stopped_at", flat=True) if when]
    met += breaks.values_list("started_at", flat=True)
    if met:
        return min(met), clock.agent, None
    rows = counted.filter(metric=Metric.KEEP_INFORMED, started_at__gte=since).exclude(pk=clock.pk)
    after = rows.order_by("started_at", "pk").first()
    return (after.started_at, clock.agent, after.started_by) if after is not None else None
