"""Which part of a long conversation a page shows: the newest, or what stands around a place somebody asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from tickets.models import Entry

SIZE = 25
BEFORE = 8
"""How many of the page stand above the entry that was asked for."""
LARGEST = 2**62


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the conversation, from the address: ``?entry=`` an entry, ``?before=`` or ``?after=`` one, ``?on=`` a
    day, ``?from=first``. Nothing, or what means nothing, is the newest."""

    entry: int | None = None
    before: int | None = None
    after: int | None = None
    on: date | None = None
    first: bool = False

    @classmethod
    def of(cls, query: QueryDict) -> Place:
        """Read an address."""
        try:
            on = date.fromisoformat(query.get("on") or "") if query.get("on") else None
        except ValueError:
            on = None
        return cls(
            _key(query.get("entry")), _key(query.get("before")), _key(query.get("after")), on,
            query.get("from") == "first",
        )  # fmt: skip

    @property
    def is_newest(self) -> bool:
        """Nothing else was asked for."""
        return not (self.entry or self.before or self.after or self.on or self.first)


@dataclass(slots=True)
class Window:
    """The entries of a page, the oldest first, and whether there is more: the keys to ask for it with."""

    entries: list[Entry] = field(default_factory=list)
    earlier: int | None = None
    later: int | None = None
    until: datetime | None = None

    @property
    def since(self) -> datetime | None:
        """From when on the changes stand on this page too."""
        return self.entries[0].happened_at if self.entries and self.earlier else None


def window(entries: QuerySet[Entry], place: Place) -> Window:
    """That part of ``entries``: one query for the newest, two or three for any other place."""
    anchor = None if place.is_newest else _anchor(entries.prefetch_related(None), place)
    if anchor is None:
        return _page(_older(entries, Q()), [], SIZE)
    at = anchor.happened_at
    before = Q(happened_at__lte=at) & (Q(happened_at__lt=at) | Q(pk__lt=anchor.pk))
    behind = Q(happened_at__gte=at) & (Q(happened_at__gt=at) | Q(pk__gt=anchor.pk))
    if place.before:
        return _page(_older(entries, before), [], SIZE, beyond=anchor)
    if place.after:
        return _page([anchor], _newer(entries, behind), 0)
    below = _newer(entries, Q(pk=anchor.pk) | behind)
    return _page(_older(entries, before), below, max(BEFORE, SIZE - len(below)))


def _anchor(entries: QuerySet[Entry], place: Place) -> Entry | None:
    if place.first:
        return next(iter(_newer(entries, Q(), 1)), None)
    if place.on:
        start = timezone.make_aware(datetime.combine(place.on, time.min))
        return next(iter(_newer(entries, Q(happened_at__gte=start), 1)), None)
    return entries.filter(pk=place.entry or place.before or place.after or 0).order_by().first()


def _older(entries: QuerySet[Entry], within: Q) -> list[Entry]:
    """The newest of these first, one more than a page holds."""
    return list(entries.filter(within).order_by("-happened_at", "-pk")[: SIZE + 1])


def _newer(entries: QuerySet[Entry], within: Q, size: int = SIZE + 1) -> list[Entry]:
    """The oldest of these first, one more than a page holds."""
    return list(entries.filter(within).order_by("happened_at", "pk")[:size])


def _page(above: list[Entry], below: list[Entry], room: int, beyond: Entry | None = None) -> Window:
    """``room`` of the older ones, then as many of the newer as fit; what did not fit says that there is more."""
    older = above[:room]
    newer = below[: SIZE - len(older)]
    shown = older[::-1] + newer
    following = below[len(newer)] if len(below) > len(newer) else beyond
    return Window(
        shown,
        earlier=shown[0].pk if shown and len(above) > len(older) else None,
        later=shown[-1].pk if shown and following else None,
        until=following.happened_at if following else None,
    )


def _key(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 and int(text) < LARGEST else None
