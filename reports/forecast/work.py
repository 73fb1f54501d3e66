"""How much a team has been at work: a clock that runs through a night is a clock on which nobody could work."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from itertools import accumulate

from common.business_hours import BusinessHours
from reports.forecast.waits import Stretch


class Work:
    """Seconds of work between a fixed moment and any other, looked up in a table: thousands of waits ask for them.

    ``first`` and ``last`` (aware) are the earliest and the latest moment that will be asked for; beyond them nothing
    is worked.
    """

    def __init__(self, hours: BusinessHours, first: datetime, last: datetime) -> None:
        spans = [(opens.timestamp(), closes.timestamp()) for opens, closes in hours.spans_between(first, last)]
        self._opens = [opens for opens, _closes in spans]
        self._lengths = [closes - opens for opens, closes in spans]
        self._before = [0.0, *accumulate(self._lengths)]

    def at(self, moment: datetime) -> float:
        """Seconds of work before ``moment``."""
        stamp = moment.timestamp()
        place = bisect_right(self._opens, stamp) - 1
        if place < 0:
            return 0.0
        return self._before[place] + min(stamp - self._opens[place], self._lengths[place])

    def between(self, start: datetime, end: datetime) -> float:
        """Seconds of work from ``start`` to ``end``; 0 where it ends before."""
        return max(self.at(end) - self.at(start), 0.0)

    def run(self, stretch: Stretch, until: datetime) -> float:
        """Seconds of work by ``until`` in which it could have been met: without its pauses."""
        wait = stretch.wait
        until = min(until, wait.ended_at) if wait.ended_at else until
        run = self.between(stretch.start, until)
        for pause in wait.pauses:
            run -= self.between(max(pause.start, stretch.start), min(pause.end or until, until))
        return max(run, 0.0)
