"""What the clocks of a replay stand on: promises as they were known then, and rows that nobody writes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from events.models import Event
from tickets.loading.measuring import Promises

Row = dict[str, Any]


class Unwritten:
    """Takes rows as the tables of a load do, and keeps them nowhere else."""

    def add(self, **values: Any) -> Row:
        """The row, without an id of its own."""
        return {"id": None, **values}


class Ground:
    """Shared by all tickets of a replay.

    ``doubt``: what was decided so long after an event was known to it, too; below zero, what was decided so long before
    was not.
    """

    is_enforced = True

    def __init__(self, doubt: timedelta = timedelta()) -> None:
        self.doubt = doubt
        self.promises = Promises()
        self.clocks = self.pauses = self.due_changes = Unwritten()
        self.now: datetime | None = None
        self.asked_teams: dict[int, int] = {}

    def now_telling(self, event: Event) -> None:
        """What was decided after this event was written does not count in it."""
        self.now = event.recorded_at
        self.promises.known_at = event.recorded_at + self.doubt

    def record(self, *_said: Any, **_more: Any) -> None:
        """The events stand already: whatever a clock would tell was told."""
