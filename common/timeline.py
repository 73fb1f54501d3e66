"""Pure arithmetic of one SLA clock: when it is due, how much of it has run, and why.

Pauses may overlap, touch, begin before the clock or still be running; each instant is paused once. Exact to the
microsecond inside; whole seconds outside.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from common.business_hours import BusinessHours

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which the clock stood still; without an end it still does."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One stretch of a clock's story; ``seconds`` is what it counted (0 unless ``kind`` is ``open``)."""

    start: datetime
    end: datetime | None  # None: still running
    seconds: int
    kind: str  # "open", "closed" or "paused"
    holidays: tuple[date, ...] = ()  # local holidays inside a closed stretch


def due_at(
    started_at: datetime, target_seconds: float, hours: BusinessHours, pauses: Iterable[Pause] = ()
) -> datetime | None:
    """When ``target_seconds`` of open, unpaused time have passed, in UTC; None while a pause is running.

    A clock whose time had run out before the running pause began keeps that due time: pausing does not unbreach (S5).
    """
    cursor, left = _utc(started_at), timedelta(seconds=target_seconds)
    for pause in _merged(pauses, cursor):
        run = hours.open_time(cursor, pause.start)
        if run >= left:
            break
        if pause.end is None:
            return None
        left -= run
        cursor = pause.end
    return hours.add(cursor, left / SECOND)


def at_fraction(
    started_at: datetime, target_seconds: float, hours: BusinessHours, pauses: Iterable[Pause], fraction: float
) -> datetime | None:
    """When that part of the target has run (0.75: the warning to the owner); None while a pause is running."""
    return due_at(started_at, round(target_seconds * fraction), hours, pauses)


def elapsed_seconds(started_at: datetime, until: datetime, hours: BusinessHours, pauses: Iterable[Pause] = ()) -> int:
    """Whole seconds that the clock has run by ``until``; 0 before it started."""
    started_at, until = _utc(started_at), _utc(until)
    total, cursor = timedelta(), started_at
    for pause in _merged(pauses, started_at):
        if pause.start >= until:
            break
        total += hours.open_time(cursor, pause.start)
        if pause.end is None:
            return total // SECOND
        cursor = pause.end
    if cursor < until:
        total += hours.open_time(cursor, until)
    return total // SECOND


def remaining_seconds(
    started_at: datetime, target_seconds: int, until: datetime, hours: BusinessHours, pauses: Iterable[Pause] = ()
) -> int:
    """What is left of the target at ``until``; negative once it is overdue."""
    return target_seconds - elapsed_seconds(started_at, until, hours, pauses)


def paused_seconds(started_at: datetime, until: datetime, pauses: Iterable[Pause] = ()) -> int:
    """Calendar seconds within the window in which the clock stood still."""
    until = _utc(until)
    total = timedelta()
    for pause in _merged(pauses, _utc(started_at)):
        if pause.start < until:
            total += min(pause.end or until, until) - pause.start
    return total // SECOND


def explain(
    started_at: datetime, target_seconds: float, hours: BusinessHours, pauses: Iterable[Pause] = ()
) -> list[Step]:
    """The clock's whole story from its start to its due time: open, closed and paused stretches in order (S7).

    While a pause is running the last step is that pause, without an end.
    """
    pauses = tuple(pauses)
    return story(started_at, due_at(started_at, target_seconds, hours, pauses), hours, pauses)


def story(
    started_at: datetime, until: datetime | None, hours: BusinessHours, pauses: Iterable[Pause] = ()
) -> list[Step]:
    """What the clock did up to ``until``; with None up to the pause that is running."""
    steps: list[Step] = []
    cursor = _utc(started_at)
    for pause in _merged(pauses, cursor):
        if until is not None and pause.start >= until:
            break
        steps += _stretches(hours, cursor, pause.start)
        end = pause.end if until is None else min(pause.end or until, until)
        steps.append(Step(pause.start, end, 0, "paused"))
        if end is None:
            return _in_whole_seconds(steps)
        cursor = end
    return _in_whole_seconds(steps + (_stretches(hours, cursor, until) if until is not None else []))


def _stretches(hours: BusinessHours, start: datetime, end: datetime) -> list[Step]:
    """Open and closed stretches between two instants, without gaps, in order."""
    steps, cursor = [], start
    for opens, closes in hours.spans_between(start, end):
        if opens > cursor:
            steps.append(Step(cursor, opens, 0, "closed", hours.closed_dates(cursor, opens)))
        steps.append(Step(opens, closes, 0, "open"))
        cursor = closes
    if cursor < end:
        steps.append(Step(cursor, end, 0, "closed", hours.closed_dates(cursor, end)))
    return steps


def _in_whole_seconds(steps: list[Step]) -> list[Step]:
    """The same steps, their seconds rounded so that the sum is that of the exact lengths, cut once."""
    told, exact, rounded = 0, timedelta(), []
    for step in steps:
        if step.kind == "open" and step.end is not None:
            exact += step.end - step.start
            step = replace(step, seconds=exact // SECOND - told)
            told += step.seconds
        rounded.append(step)
    return rounded


def _merged(pauses: Iterable[Pause], not_before: datetime) -> list[Pause]:
    """In order, apart, clipped to the clock's life; what ends before it begins or before the clock falls out."""
    merged: list[Pause] = []
    for pause in sorted(pauses, key=lambda one: _utc(one.start)):
        start = max(_utc(pause.start), not_before)
        end = None if pause.end is None else _utc(pause.end)
        if end is not None and end <= start:
            continue
        last = merged[-1] if merged else None
        if last is None or (last.end is not None and last.end < start):
            merged.append(Pause(start, end))
        elif last.end is not None and (end is None or end > last.end):
            merged[-1] = Pause(last.start, end)
    return merged


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("clocks need instants with a time zone")
    return at.astimezone(UTC)
