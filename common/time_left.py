"""What is left of a clock's time, and what a page needs to go on counting by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from common.business_hours import ROUND_THE_CLOCK, BusinessHours

SPANS = 8
"""Open stretches that a page is told one by one; what lies beyond them it adds as a sum."""


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """``seconds`` are left of the clock's own hours (open time where it counts working time); past the due time they
    are negative and real ones, for the customer waits on through the night. ``whole``: of the same kind, the target.

    ``spans`` are the open stretches from now on as seconds since 1970, ``rest`` what is open after them.
    """

    due_at: datetime
    seconds: float
    whole: float
    is_working: bool = False
    spans: tuple[tuple[int, int], ...] = ()
    rest: int = 0

    @property
    def tone(self) -> str:
        """Overdue is bad, under a quarter left warns, over half is good; between the two it says nothing."""
        if self.seconds < 0:
            return "bad"
        if self.whole <= 0:
            return "warn" if self.seconds < 3600 else "good"
        return "warn" if self.seconds < self.whole / 4 else "good" if self.seconds > self.whole / 2 else ""

    @property
    def told_spans(self) -> str:
        """``1767600000-1767636000 …`` as static/js/countdown.js reads it."""
        return " ".join(f"{start}-{end}" for start, end in self.spans)


def time_left(
    due_at: datetime,
    now: datetime,
    *,
    started_at: datetime | None = None,
    target: float | None = None,
    hours: BusinessHours | None = None,
) -> TimeLeft:
    """What is left at ``now``; ``target`` are seconds of ``hours``. Aware instants of any zone.

    The same as ``timeline.remaining_seconds`` for a clock that runs: its due time is where its open time ends.
    """
    hours = hours or ROUND_THE_CLOCK
    left = (due_at - now).total_seconds()
    if hours.is_round_the_clock:
        return TimeLeft(due_at, left, (due_at - started_at).total_seconds() if started_at else target or 0)
    whole = target or (hours.elapsed(started_at, due_at) if started_at else 0)
    if left < 0:
        return TimeLeft(due_at, left, whole, is_working=True)
    first = tuple(islice(hours.spans_between(now, due_at), SPANS))
    told = tuple((round(start.timestamp()), round(end.timestamp())) for start, end in first)
    rest = hours.elapsed(first[-1][1], due_at) if len(first) == SPANS else 0
    open_now = sum((end - start).total_seconds() for start, end in first) + rest
    return TimeLeft(due_at, open_now, whole, True, told, round(rest))
