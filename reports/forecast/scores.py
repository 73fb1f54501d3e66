"""How good forecasts were: which flags were right, beside those that "least time left" would have raised."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from reports.forecast.replay import Said


@dataclass(frozen=True, slots=True)
class Score:
    """What a choice of flags found. ``flags`` were raised, ``hits`` of them breached, ``breaches`` there were."""

    flags: int
    hits: int
    breaches: int

    @property
    def precision(self) -> float:
        """The part of the flags that was right."""
        return self.hits / self.flags if self.flags else 0.0

    @property
    def recall(self) -> float:
        """The part of the breaches that was flagged."""
        return self.hits / self.breaches if self.breaches else 0.0


Rank = Callable[[Said], float]


def by_chance(said: Said) -> float:
    """The forecast: the most probable first."""
    return said.chance


def by_time_left(said: Said) -> float:
    """The baseline: least time left first."""
    return -said.left


def flagged(said: Sequence[Said], at_least: float) -> Score:
    """The forecast's flags: every clock whose chance is at least this."""
    return _score([one for one in said if one.chance >= at_least], said)


def best(said: Sequence[Said], rank: Rank, flags: int) -> Score:
    """As many flags, given to the first of the whole replay: one limit for all days, chosen in hindsight."""
    return _score(_ranked(said, rank)[:flags], said)


def best_of_each_day(said: Sequence[Said], rank: Rank, at_least: float) -> Score:
    """Each morning as many flags as the forecast raised then, given to the first of that morning."""
    days: dict[datetime, list[Said]] = {}
    for one in said:
        days.setdefault(one.at, []).append(one)
    raised = [
        one for day in days.values() for one in _ranked(day, rank)[: sum(other.chance >= at_least for other in day)]
    ]
    return _score(raised, said)


def average_precision(said: Sequence[Said], rank: Rank) -> float:
    """The mean precision over all numbers of flags at which another breach is found: 1 is perfect."""
    hits, total = 0, 0.0
    for place, one in enumerate(_ranked(said, rank), start=1):
        if one.is_breach:
            hits += 1
            total += hits / place
    return total / hits if hits else 0.0


def brier(said: Sequence[Said]) -> float:
    """The mean square of chance less outcome: 0 is perfect, 0.25 is what always saying one half gets."""
    return sum((one.chance - one.is_breach) ** 2 for one in said) / len(said) if said else 0.0


def calibration(said: Sequence[Said], parts: int = 10) -> list[tuple[float, int, float, float]]:
    """For each tenth of the chances: its lower end, how many were said, their mean chance, and the part that came."""
    buckets: dict[int, list[Said]] = {}
    for one in said:
        buckets.setdefault(min(int(one.chance * parts), parts - 1), []).append(one)
    return [
        (part / parts, len(group), sum(one.chance for one in group) / len(group),
         sum(one.is_breach for one in group) / len(group))
        for part, group in sorted(buckets.items())
    ]  # fmt: skip


def _ranked(said: Sequence[Said], rank: Rank) -> list[Said]:
    return sorted(said, key=lambda one: (-rank(one), one.left, one.clock, one.at))


def _score(raised: Sequence[Said], said: Sequence[Said]) -> Score:
    return Score(len(raised), sum(one.is_breach for one in raised), sum(one.is_breach for one in said))
