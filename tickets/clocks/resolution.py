"""The resolution clock: one row from the first message to the end, that pauses, stops, and runs on when reopened."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from customers.models import Person
from sla import policies
from sla.models import Metric
from tickets.clocks.informing import stop_informing
from tickets.clocks.reckoning import STATE, STOP, begin_if_promised, recount, running, stop
from tickets.clocks.response import stop_responses
from tickets.models import Clock, ClockPause, Hold, Ticket
from tickets.queue import refresh_queue

Cause = ClockPause.Cause


def pause(ticket: Ticket, *, cause: str, at: datetime, hold: Hold | None = None) -> None:
    """Let the resolution clock stand still: ``pending``, or a hold that H6 allows. Response clocks never pause.

    Where the clock's policy says that it runs on (S2), it does.
    """
    clock = _running_clock(ticket)
    if clock is not None and _may_pause(clock, cause):
        at = max(at, clock.started_at)
        _end_pause(clock, at=at)
        ClockPause.objects.create(clock=clock, cause=cause, hold=hold, started_at=at)
        _recount(clock, ticket, paused_at=at)
    refresh_queue(ticket)


def unpause(ticket: Ticket, *, cause: str, at: datetime) -> None:
    """Let it run on; harmless where no pause of that cause is running."""
    clock = _running_clock(ticket)
    if clock is not None and _end_pause(clock, at=at, cause=cause):
        _recount(clock, ticket, paused_at=None)
    refresh_queue(ticket)


def resolve(ticket: Ticket, *, at: datetime, by: User | Person | None) -> None:
    """The need is met as far as we know: the resolution clock stops, and no message waits for an answer."""
    clock = _running_clock(ticket)
    if clock is not None:
        _end_pause(clock, at=at)
        _recount(clock, ticket, paused_at=None)
        stop(clock, ticket, at=at, by=by, entry=None)
    stop_responses(ticket, at=at, by=by)
    stop_informing(ticket, at=at, by=by)
    refresh_queue(ticket, returned=False, also=("unanswered_since",))


def reopen(ticket: Ticket, *, at: datetime) -> None:
    """The same resolution row runs on, and the time it was resolved is a pause (fine print of S); breaches stay."""
    clock = (
        Clock.objects.filter(ticket=ticket, metric=Metric.RESOLUTION, cancelled_at=None, stopped_at__isnull=False)
        .order_by("-started_at", "-pk")
        .first()
    )
    counting = running(ticket)
    if clock is not None and clock.stopped_at is not None and Metric.RESOLUTION not in counting:
        stopped_at = clock.stopped_at
        clock.stopped_at = clock.stopped_by = clock.elapsed_seconds = clock.team = clock.agent = None
        clock.save(update_fields=STOP)
        ClockPause.objects.create(
            clock=clock, cause=Cause.RESOLVED, started_at=stopped_at, ended_at=max(at, stopped_at)
        )
        _recount(clock, ticket, paused_at=None)
        if Metric.KEEP_INFORMED not in counting:
            begin_if_promised(ticket, Metric.KEEP_INFORMED, at=max(at, stopped_at))
    refresh_queue(ticket)


def _may_pause(clock: Clock, cause: str) -> bool:
    if clock.policy_version_id is None:
        return True
    version = policies.version(clock.policy_version_id)
    return version.pauses_on_hold if cause == Cause.HOLD else version.pauses_on_pending


def _running_clock(ticket: Ticket) -> Clock | None:
    return running(ticket, Metric.RESOLUTION).get(Metric.RESOLUTION)


def _end_pause(clock: Clock, *, at: datetime, cause: str = "") -> bool:
    """End the running pause (of ``cause``, if given); not before it began. Tells whether there was one."""
    open_pauses = [one for one in clock.pauses.all() if one.ended_at is None and cause in ("", one.cause)]
    for one in open_pauses:
        one.ended_at = max(at, one.started_at)
        one.save(update_fields=["ended_at"])
    return bool(open_pauses)


def _recount(clock: Clock, ticket: Ticket, *, paused_at: datetime | None) -> None:
    """The pauses changed: the due time moves with them."""
    clock.paused_at = paused_at
    recount(clock, ticket)
    clock.save(update_fields=STATE)
