"""The forecast tried on the past: at each working day's start with what was known then, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from common import timeline
from common.business_hours import ROUND_THE_CLOCK, BusinessHours
from common.timeline import Pause
from reports.forecast.chance import LOOK_BACK, WorkOf, outlooks
from reports.forecast.waits import Wait

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Past:
    """A clock with all that is known of it now. ``facts`` hold what was true when it started, and its answer.

    ``resolved``: spans in which it was thought to be met, until it was reopened.
    """

    facts: Wait
    hours: BusinessHours = ROUND_THE_CLOCK
    stopped_at: datetime | None = None
    cancelled_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    resolved: tuple[Pause, ...] = ()

    def with_promise(self, seconds: int, hours: BusinessHours = ROUND_THE_CLOCK) -> Past:
        """The same wait under another promise."""
        return replace(self, facts=replace(self.facts, target=seconds), hours=hours)


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of a clock on one morning, and what came: ``left`` are seconds until it was due."""

    at: datetime
    clock: int
    metric: str
    chance: float
    left: float
    is_breach: bool


def mornings(first: datetime, last: datetime, hours: BusinessHours) -> Iterator[datetime]:
    """When the desk opens on each working day from ``first`` to before ``last``."""
    zone = ZoneInfo(hours.tz)
    day = first.astimezone(zone).date()
    while (start := datetime.combine(day, time(), zone)) < last:
        if hours.is_working_day(day) and first <= (opening := hours.next_open(start)) < last:
            yield opening
        day += DAY


def replayed(
    pasts: Iterable[Past], at: Iterable[datetime], work_of: WorkOf, *, known_until: datetime
) -> Iterator[Said]:
    """What the forecast says at each of these moments of each clock that runs then, whose outcome is known.

    Nothing that happened after a moment is known at it; only the outcome, that it is held against, comes from later.
    """
    pasts = sorted(pasts, key=lambda past: past.facts.started_at)
    outcomes = {past.facts.clock: outcome(past, known_until) for past in pasts}
    for moment in at:
        for one in outlooks(known_at(pasts, moment), moment, work_of):
            breach = outcomes[one.wait.clock]
            if breach is not None and one.chance is not None and one.wait.due_at is not None:
                left = (one.wait.due_at - moment).total_seconds()
                yield Said(moment, one.wait.clock, one.wait.metric, one.chance, left, breach)


def known_at(pasts: Sequence[Past], at: datetime) -> list[Wait]:
    """The clocks as they were known at ``at``; ``pasts`` in the order of their starts."""
    since, known = at - LOOK_BACK, []
    for past in pasts:
        if past.facts.started_at > at:
            break
        if not (past.stopped_at and past.stopped_at <= since):
            known.append(as_of(past, at))
    return known


def as_of(past: Past, at: datetime) -> Wait:
    """One clock as it was known at ``at``: what ended later was still running, a pause that ended later still ran."""
    thought = next((one.start for one in past.resolved if one.start <= at and (one.end is None or at < one.end)), None)
    over = next((moment for moment in (past.stopped_at, thought) if moment is not None and moment <= at), None)
    fell = past.cancelled_at if past.cancelled_at is not None and past.cancelled_at <= at else None
    pauses = tuple(
        one if one.end is None or one.end <= at else Pause(one.start)
        for one in (*past.pauses, *past.resolved)
        if one.start <= at and one.start != thought
    )
    answered = past.facts.answered_at if past.facts.answered_at and past.facts.answered_at <= at else None
    wait = replace(past.facts, answered_at=answered, pauses=pauses, is_met=over is not None, ended_at=over or fell)
    return replace(wait, due_at=_due(wait, past.hours)) if wait.is_running else wait


def outcome(past: Past, known_until: datetime) -> bool | None:
    """Did the clock run past its due time? None where it fell away before, or where nobody knows yet."""
    due = _due(replace(past.facts, pauses=(*past.pauses, *past.resolved)), past.hours)
    end = past.stopped_at or past.cancelled_at or known_until
    if due is not None and due < end:
        return True
    return False if past.stopped_at else None


def _due(wait: Wait, hours: BusinessHours) -> datetime | None:
    if wait.target is None:
        return None
    return timeline.due_at(wait.started_at, wait.target, hours, wait.pauses)
