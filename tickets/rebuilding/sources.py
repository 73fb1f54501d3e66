"""What a replay reads: the events of some tickets in order, and the facts of the entries and contacts they point at."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from events.models import Event
from tickets.models import LIVE_CHANNELS, Contact, Entry, Ticket

MERGES = {"ticket.merged": "target", "ticket.absorbed": "source"}
ANSWERS = (Entry.Kind.REPLY, Entry.Kind.CALL, Entry.Kind.VISIT, Entry.Kind.CHAT, Entry.Kind.LETTER)


@dataclass(frozen=True, slots=True)
class Said:
    """What an entry says of itself for good: who of the desk wrote it, and whether it can be an answer at all."""

    author: int | None
    happened_at: datetime
    is_answer: bool


@dataclass(frozen=True, slots=True)
class Touch:
    """What a contact says of itself for good."""

    handled_by: int | None
    is_conversation: bool


@dataclass(slots=True)
class Source:
    """Tickets, with those they were ever merged with, and all that was told of them, in the order it was written."""

    tickets: dict[int, Ticket]
    events: list[Event]
    said: dict[int, Said]
    touches: dict[int, Touch]


def read(ids: Collection[int], kinds: Iterable[str]) -> Source:
    """Everything that a replay of these tickets needs, in a handful of queries (one more round per chain of merges)."""
    by_ticket: dict[int, list[Event]] = defaultdict(list)
    wanted, kinds = set(ids), list(kinds)
    while missing := wanted - by_ticket.keys():
        rows = Event.objects.filter(subject_kind="ticket", subject_id__in=missing, kind__in=kinds)
        by_ticket |= {pk: [] for pk in missing}
        for event in rows.order_by("subject_id", "subject_seq"):
            by_ticket[event.subject_id].append(event)
            if event.kind in MERGES:
                wanted.add(event.data[MERGES[event.kind]])
    events = list(heapq.merge(*by_ticket.values(), key=lambda event: event.pk))
    return Source(Ticket.objects.in_bulk(wanted), events, _said(events), _touches(events))


def _said(events: Iterable[Event]) -> dict[int, Said]:
    ids = {event.data["entry"] for event in events if event.data.get("entry")}
    rows: Any = Entry.objects.filter(pk__in=ids).values_list(
        "pk", "author_id", "happened_at", "kind", "visibility", "is_automatic", "contact__outcome"
    )
    return {
        pk: Said(author, happened_at, is_answer=_is_answer(author, *what))
        for pk, author, happened_at, *what in rows.iterator()
    }


def _is_answer(author: int | None, kind: str, visibility: str, is_automatic: bool, outcome: str | None) -> bool:
    """A person of the desk said it to the customer; a call that nobody picked up says nothing."""
    reached = outcome != Contact.Outcome.MISSED
    return author is not None and kind in ANSWERS and visibility == Entry.Visibility.PUBLIC and reached \
        and not is_automatic  # fmt: skip


def _touches(events: Iterable[Event]) -> dict[int, Touch]:
    ids = {event.contact_id for event in events if event.contact_id and event.kind in TOUCHED}
    rows: Any = Contact.objects.filter(pk__in=ids).values_list("pk", "handled_by_id", "channel", "outcome")
    return {
        pk: Touch(handled_by, channel in LIVE_CHANNELS and outcome == Contact.Outcome.TALKED)
        for pk, handled_by, channel, outcome in rows.iterator()
    }


TOUCHED = ("ticket.opened", "ticket.message_received")
