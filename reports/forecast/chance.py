"""How probable it is that a running clock outlasts its due time, at the pace of these days.

Two things are asked of the past. **The curve**: of the waits of the same kind (same promise of the same team; where few
of them are known, of the team; else of the whole desk) that had run as long as this one, which part was still not met
after the work that is left until the due time? **The pace**: of these working days the team met so many waits; with
what it had open, the curve would have expected so many. A team with more on its hands than it gets done is slower than
its curve, and the quotient, drawn towards 1 while the numbers are small, says by how much. The hazard of the curve
times the pace gives the chance.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reports.forecast.curve import Curve, Spell
from reports.forecast.waits import Stretch, Wait, in_hand, whole
from reports.forecast.work import Work

LOOK_BACK = timedelta(days=180)
"""How far back waits tell how the desk works."""
LATELY = timedelta(days=7)
"""The days whose work is the present pace."""
FEW = 40
"""Fewer waits that were met make no curve of their own."""
TOO_FEW = 10
"""Nothing can be said from fewer."""
CALM = 10.0
"""So many waits at the usual pace are added to what was counted: a quiet week is no proof of a slow team."""

Kind = tuple[object, ...]
Queue = tuple[int | None, str]
"""A team, and what of it: answers queue with answers, solutions with solutions."""
WorkOf = Callable[[int | None], Work]
"""The hours of a team, by its key; of the desk for None."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is to be expected of one running clock, and from what that follows.

    ``chance``: of outlasting its due time, 0 to 1; None where too little is known. ``usual``: the same at the usual
    pace. ``work_left``: seconds that the team works until then. ``ahead``: waits of the team that are due before.
    ``per_hour``: waits that the team met in an hour of work of these days. ``pace``: against the usual. ``like``: the
    waits that told the curve, ``of`` which ("promise", "team" or "desk"). ``is_answered``: somebody has it in hand.
    """

    wait: Wait
    chance: float | None
    usual: float | None
    work_left: float
    ahead: int
    per_hour: float
    pace: float
    like: int
    of: str
    is_answered: bool


@dataclass(frozen=True, slots=True)
class _Lately:
    """What a team met in these days, and what that is against its usual pace."""

    met: int
    per_hour: float
    pace: float


def outlooks(waits: Sequence[Wait], at: datetime, work_of: WorkOf) -> list[Outlook]:
    """For every wait that runs at ``at`` towards a due time to come, the most probable breach first.

    ``waits``: what is known at ``at``, those that run and those that ended within ``LOOK_BACK`` (older ones are left
    out of account). Costs the sorting of the waits.
    """
    since = at - LOOK_BACK
    known = [wait for wait in waits if wait.started_at <= at and (wait.ended_at is None or wait.ended_at > since)]
    curves = _Curves(known, since, at, work_of)
    groups: dict[Queue, list[Wait]] = defaultdict(list)
    for wait in known:
        groups[_queue(wait)].append(wait)
    lately = {queue: _pace(group, curves, at, work_of(queue[0])) for queue, group in groups.items()}
    dues = {queue: sorted(_dues(group)) for queue, group in groups.items()}
    found = []
    for wait in known:
        if wait.is_running and wait.due_at is not None and wait.due_at > at:
            queue = _queue(wait)
            ahead = bisect_left(dues[queue], wait.due_at)
            found.append(_outlook(wait, curves, lately[queue], ahead, at, work_of(wait.team)))
    return sorted(found, key=_most_probable_first)


def _outlook(wait: Wait, curves: _Curves, lately: _Lately, ahead: int, at: datetime, work: Work) -> Outlook:
    assert wait.due_at is not None
    now = in_hand(wait) or whole(wait)
    run, left = work.run(now, at), work.between(at, wait.due_at)
    curve, of = curves.of(now)
    is_told = curve.met >= TOO_FEW or not left
    usual = curve.outlasting(run, run + left) if is_told else None
    chance = curve.outlasting(run, run + left, lately.pace) if is_told else None
    return Outlook(
        wait, chance, usual, left, ahead, lately.per_hour, lately.pace, curve.met, of, now.is_answered
    )  # fmt: skip


def _most_probable_first(one: Outlook) -> tuple[float, datetime, int]:
    assert one.wait.due_at is not None
    return -1.0 if one.chance is None else -one.chance, one.wait.due_at, one.wait.clock


class _Curves:
    """The curve that fits a wait best, among those of which enough is known."""

    def __init__(self, known: Iterable[Wait], since: datetime, at: datetime, work_of: WorkOf) -> None:
        spells: dict[Kind, list[Spell]] = defaultdict(list)
        for stretch in (one for wait in known for one in (whole(wait), in_hand(wait)) if one):
            spell = _watched(stretch, since, at, work_of(stretch.wait.team))
            for kind, _of in kinds(stretch):
                spells[kind].append(spell)
        self._spells, self._made = spells, dict[Kind, Curve]()

    def of(self, stretch: Stretch) -> tuple[Curve, str]:
        """The curve, and whose it is: of the same "promise", the "team" or the "desk"."""
        *likelier, (kind, of) = kinds(stretch)
        found = ((curve, whose) for likely, whose in likelier if (curve := self._curve(likely)).met >= FEW)
        return next(found, None) or (self._curve(kind), of)

    def _curve(self, kind: Kind) -> Curve:
        if kind not in self._made:
            self._made[kind] = Curve(self._spells.get(kind, ()))
        return self._made[kind]


def kinds(stretch: Stretch) -> tuple[tuple[Kind, str], ...]:
    """What a stretch can be compared with, the likest first."""
    wait, stage = stretch.wait, (stretch.wait.metric, stretch.is_answered)
    return (
        ((*stage, wait.team, wait.target, wait.type, wait.priority), "promise"),
        ((*stage, wait.team, wait.target), "promise"),
        ((*stage, wait.team), "team"),
        (stage, "desk"),
    )


def _watched(stretch: Stretch, since: datetime, at: datetime, work: Work) -> Spell:
    """What was seen of it from ``since`` to ``at``."""
    entry = work.run(stretch, since) if stretch.start < since else 0.0
    return Spell(entry, work.run(stretch, at), stretch.wait.is_met)


def _pace(group: list[Wait], curves: _Curves, at: datetime, work: Work) -> _Lately:
    """What a team met these days, and how much the curves expected it to meet of what it had open."""
    since = at - LATELY
    met, expected = 0, 0.0
    for wait in group:
        if wait.ended_at is None or wait.ended_at > since:
            stretch = whole(wait)
            met += wait.is_met
            curve, _of = curves.of(stretch)
            expected += curve.hazard(work.run(stretch, max(since, wait.started_at)), work.run(stretch, at))
    hours = work.between(since, at) / 3600
    return _Lately(met, met / hours if hours else 0.0, (met + CALM) / (expected + CALM))


def _queue(wait: Wait) -> Queue:
    return wait.team, "response" if wait.metric.endswith("response") else wait.metric


def _dues(group: Iterable[Wait]) -> Iterable[datetime]:
    return (wait.due_at for wait in group if wait.is_running and wait.due_at is not None)
