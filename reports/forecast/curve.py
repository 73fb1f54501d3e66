"""What became of waits that were like this one: how many were met after how much work."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of a wait that was watched, in seconds of work since the wait began: from ``entry`` to ``exit``.

    ``is_met``: it ended at ``exit`` because it was met; else it ran on, or fell away.
    """

    entry: float
    exit: float
    is_met: bool


class Curve:
    """The cumulative hazard of being met (Nelson and Aalen), from spells that began late or were cut short.

    At each moment at which waits were met: how many were, of how many that were watched then. The sum of these parts up
    to ``t`` is ``H(t)``; ``exp(-H(t))`` of all waits are not yet met (the Kaplan-Meier curve, but for small numbers),
    and of those not met at ``a`` the part ``exp(-(H(b) - H(a)))`` is not met at ``b`` either.
    """

    def __init__(self, spells: Iterable[Spell]) -> None:
        spells = list(spells)
        entries, exits = sorted(one.entry for one in spells), sorted(one.exit for one in spells)
        met = Counter(one.exit for one in spells if one.is_met)
        self.met = sum(met.values())
        self._times: list[float] = []
        parts: list[float] = []
        for time in sorted(met):
            watched = bisect_left(entries, time) - bisect_left(exits, time)
            if watched > 0:
                self._times.append(time)
                parts.append(met[time] / watched)
        self._hazard = [0.0, *accumulate(parts)]

    def hazard(self, start: float, end: float) -> float:
        """``H(end) - H(start)``: how many times one would expect a wait to be met between the two, were it possible."""
        return self._hazard[bisect_right(self._times, end)] - self._hazard[bisect_right(self._times, start)]

    def outlasting(self, start: float, end: float, pace: float = 1.0) -> float:
        """The part of the waits not met at ``start`` that is not met at ``end`` either; ``pace`` speeds the work up."""
        return math.exp(-pace * self.hazard(start, end)) if end > start else 1.0
