"""The conversation as it is read: days, runs of changes that fold, long messages that fold: a page stays light."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils import timezone

from desk.tickets import story
from tickets.models import Entry

FEW = 3
"""So many changes in a row stand there one by one; more become one line that opens."""
LAST = 2
"""So many stay in sight after the newest message: what one has just done is seen."""
WHOLE = 3_000
"""A message of so many characters is shown whole, while the page has room."""
ROOM = 9_000
"""So many characters of messages on one page, the newest first; an older one then shows how it begins."""
EXCERPT = 200


@dataclass(slots=True)
class Item:
    """One thing of the conversation: an entry, the line of an event, or a run of lines that folds."""

    at: datetime
    entry: Entry | None = None
    line: story.Line | None = None
    run: list[Item] = field(default_factory=list)
    day: bool = False

    @property
    def actors(self) -> list[str]:
        """Who did the changes of a run, once each."""
        return list(dict.fromkeys(one.line.actor for one in self.run if one.line))


def arranged(items: list[Item], *, is_newest: bool) -> list[Item]:
    """Items in their order, with days marked and long runs of changes folded."""
    entries = [place for place, item in enumerate(items) if item.entry]
    tail = (entries[-1] if entries else -1) + 1 if is_newest else len(items)
    kept = max(tail, len(items) - LAST)
    found: list[Item] = []
    run: list[Item] = []
    for place, item in enumerate(items):
        if run and (item.entry or place == kept or _day(item) != _day(run[-1])):
            found += _folded(run)
            run = []
        if item.entry or place >= kept:
            found.append(item)
        else:
            run.append(item)
    found += _folded(run)
    before: date | None = None
    for item in found:
        item.day = _day(item) != before
        before = _day(item)
    return found


def lighten(entries: Iterable[Entry]) -> None:
    """Set ``shown`` on each entry, the newest last: how many characters of it the page shows."""
    room = ROOM
    for entry in reversed(list(entries)):
        long = len(entry.html or entry.text)
        entry.shown = min(WHOLE, max(EXCERPT, room))  # type: ignore[attr-defined]
        room -= min(long, entry.shown)  # type: ignore[attr-defined]


def _folded(run: list[Item]) -> list[Item]:
    return run if len(run) <= FEW else [Item(at=run[-1].at, run=run)]


def _day(item: Item) -> date:
    return timezone.localtime(item.at).date()
