"""A clock as it is known at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from common.timeline import Pause


@dataclass(frozen=True, slots=True)
class Wait:
    """One wait of a customer, running or over. Instants are aware; ``target`` are seconds of the clock's own hours.

    ``answered_at``: when a person first answered, for a solution that is waited for: from then on it is in somebody's
    hands. ``ended_at``: when it was met, or fell away (``is_met`` tells which); None while it runs. ``due_at``: None
    without a promise and while the clock stands still. ``hours``: the version of the calendar that the clock counts.
    """

    clock: int
    ticket: int
    metric: str
    team: int | None
    type: str
    priority: int
    target: int | None
    started_at: datetime
    answered_at: datetime | None = None
    due_at: datetime | None = None
    ended_at: datetime | None = None
    is_met: bool = False
    pauses: tuple[Pause, ...] = ()
    hours: int | None = None

    @property
    def is_running(self) -> bool:
        """Neither met nor fallen away; it may stand still."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A wait seen from its start, or from when somebody had it in hand (``is_answered``), to its end or to now."""

    wait: Wait
    is_answered: bool
    start: datetime


def whole(wait: Wait) -> Stretch:
    """From the start of the wait."""
    return Stretch(wait, False, wait.started_at)


def in_hand(wait: Wait) -> Stretch | None:
    """From the answer; None where it ended before, or waits for one still."""
    answered = wait.answered_at
    if answered is None or answered < wait.started_at or (wait.ended_at is not None and answered >= wait.ended_at):
        return None
    return Stretch(wait, True, answered)
