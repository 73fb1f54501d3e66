"""Derived rows are put right: what the events tell replaces what stands. A recorded breach is never removed (S5)."""

from __future__ import annotations

from typing import Any

from tickets.models import Clock, ClockPause, DueChange, Ticket
from tickets.queue import refresh_queue
from tickets.rebuilding.comparing import CHANGE, COLUMNS, PAUSE, Compared, Pair

WRITTEN = (*COLUMNS, "next_at")
FREE = ("stopped_at", "cancelled_at")


def write(found: Compared, ticket: Ticket) -> int:
    """Mend the clocks of a ticket whose lock the caller holds; tell how many breaches without an event were left."""
    left = 0
    for pair in found.pairs:
        if pair.told is None and pair.stored is not None:
            left += _remove(pair.stored)
    _make_room(found)
    for pair in found.pairs:
        if pair.told is not None:
            left += _mend(pair, ticket)
    refresh_queue(ticket)
    return left


def _remove(clock: Clock) -> int:
    """No event tells of it. One that was breached stays, and is counted as left."""
    if clock.breached_at is not None:
        return 1
    clock.delete()
    return 0


def _make_room(found: Compared) -> None:
    """One clock of a metric runs at a time: those that are to stop stop first."""
    for pair in found.pairs:
        if pair.stored is not None and pair.told is not None and pair.stored.is_running and not pair.told.is_running:
            Clock.objects.filter(pk=pair.stored.pk).update(**{name: pair.row[name] for name in FREE})


def _mend(pair: Pair, ticket: Ticket) -> int:
    row, stored = pair.row, pair.stored
    values: dict[str, Any] = {name: row[name] for name in WRITTEN}
    values["breach_recorded_at"] = row["breach_recorded_at"]
    left = 0
    if stored is None:
        stored = _lost(pair, ticket, {**values, "terms_known_at": row["terms_known_at"]})
    else:
        if row["terms_known_at"] is not None:
            values["terms_known_at"] = row["terms_known_at"]
        if stored.breached_at is not None:
            values["breach_recorded_at"] = stored.breach_recorded_at or row["breach_recorded_at"]
        if stored.breached_at is not None and row["breached_at"] is None:
            values |= {"breached_at": stored.breached_at, "next_at": None}
            left = 1
        Clock.objects.filter(pk=stored.pk).update(**values)
    _replace(stored, pair)
    return left


def _lost(pair: Pair, ticket: Ticket, values: dict[str, Any]) -> Clock:
    """A row that is not there any more, under the id that events call it by, where that is free."""
    known = pair.told.known_as if pair.told is not None else None
    is_free = known is not None and not Clock.objects.filter(pk=known).exists()
    return Clock.objects.create(
        pk=known if is_free else None, ticket=ticket, metric=pair.row["metric"], **values
    )  # fmt: skip


def _replace(stored: Clock, pair: Pair) -> None:
    told = pair.told
    if told is None:
        return
    ClockPause.objects.filter(clock=stored).delete()
    ClockPause.objects.bulk_create(
        ClockPause(clock=stored, **{name: one[name] for name in PAUSE}) for one in told.pauses
    )
    DueChange.objects.filter(clock=stored).delete()
    DueChange.objects.bulk_create(
        DueChange(clock=stored, **{name: one[name] for name in CHANGE}) for one in told.changes
    )
