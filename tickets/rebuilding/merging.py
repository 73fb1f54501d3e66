"""Merging and parting told again from their events: two tickets' clocks at once (T11)."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from events.models import Event
from tickets.clocks.reckoning import RESPONSES
from tickets.models import ClockPause, Status
from tickets.rebuilding.lives import BROUGHT, Life, Merge

Cause = ClockPause.Cause


class Lives(Protocol):
    """All lives that are told together, by ticket."""

    lives: dict[int, Life]


def merged(telling: Lives, life: Life, event: Event) -> None:
    """The target's event, which comes next, tells of both."""


def absorbed(telling: Lives, life: Life, event: Event) -> None:
    """Another ticket came into this one: its words and its wait with it."""
    other, at = telling.lives[event.data["source"]], event.happened_at
    merge = life.merges[event.data["source"]] = Merge(
        event.subject_seq, other.state(), life.state(), other.clocks.snapshot(), life.clocks.snapshot(),
        set(other.entries),
    )  # fmt: skip
    if life.row["status"] == Status.PENDING and other.row["unanswered_since"] is not None:
        life.clocks.unpause(at, cause=Cause.PENDING)
        life.row["status"] = Status.OPEN
    other.clocks.move_to(life.clocks, at)
    other.row["status"] = Status.CLOSED
    other.hand_over(set(other.entries), life)
    merge.after = life.state()


def released(telling: Lives, life: Life, event: Event) -> None:
    """It was given back: both as they had stood, as far as nothing was done since."""
    merge, other, at = life.merges.pop(event.data["source"]), telling.lives[event.data["source"]], event.happened_at
    life.hand_over(merge.entries, other)
    if event.subject_seq == merge.seq + 1:
        life.row.update(merge.target)
        life.clocks.give_back(merge.target_clocks, at)
    else:
        _part(life, merge, at)
    other.row.update(merge.source)
    other.clocks.give_back(merge.source_clocks, at)


def _part(life: Life, merge: Merge, at: datetime) -> None:
    """Touched since: only what the merge itself had brought goes; as ``lifecycle.merging._give_back_target``."""
    own = [kept.clock for kept in merge.target_clocks]
    for clock in list(life.clocks.running()):
        brought = clock.row["metric"] in RESPONSES and clock.row["started_by_id"] not in life.entries
        if brought and not any(clock is one for one in own):
            clock.row["cancelled_at"] = at
    life.clocks.give_back_starts(merge.target_clocks, merge.entries)
    life.row.update({
        name: merge.target[name] for name in BROUGHT if life.row[name] == merge.after[name]
    })  # fmt: skip
