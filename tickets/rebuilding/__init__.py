"""The clocks of tickets told again from their events alone, compared with the rows, and put right when asked.

``rebuild`` reads the events of some tickets (in ``subject_seq`` order, with those they were merged with), tells them to
clocks in memory, which are the clocks of ``tickets.loading``, and compares the outcome with what is stored: rows,
pauses, due times, stops, breaches, warnings, changed due times, and when the ticket is due in the queue.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from tickets.models import Ticket
from tickets.rebuilding import comparing, sources, writing
from tickets.rebuilding.comparing import DOUBT, Compared
from tickets.rebuilding.ground import Ground
from tickets.rebuilding.telling import TELL, Telling

__all__ = ["BATCH", "Counts", "rebuild"]

BATCH = 200
"""Tickets whose events are in memory at once, with those they were merged with."""


@dataclass(slots=True)
class Counts:
    """What was looked at and found. ``left``: recorded breaches that no event tells of; they stay (S5)."""

    tickets: int = 0
    clocks: int = 0
    differences: int = 0
    tickets_differing: int = 0
    written: int = 0
    left: int = 0


def rebuild(
    ids: Collection[int] | None = None, *, write: bool = False, say: Callable[[str], None] = lambda _line: None
) -> Counts:
    """Compare these tickets (all, without ``ids``), a batch at a time; each difference is said as one line.

    What seems to differ is looked at again under the ticket's lock, since the desk may be at work; with ``write`` it is
    mended there.
    """
    counts, last = Counts(), 0
    while batch := _next(ids, last):
        last = batch[-1]
        for found in _looked_at(batch, counts):
            if found.lines:
                _settle(found.ticket.pk, counts, write=write, say=say)
    return counts


def _next(ids: Collection[int] | None, last: int) -> list[int]:
    tickets = Ticket.objects.filter(pk__gt=last)
    if ids is not None:
        tickets = tickets.filter(pk__in=ids)
    return list(tickets.order_by("pk").values_list("pk", flat=True)[:BATCH])


def _looked_at(batch: Collection[int], counts: Counts) -> list[Compared]:
    found = _compare(batch)
    counts.tickets += len(found)
    counts.clocks += sum(pair.stored is not None for one in found for pair in one.pairs)
    return found


def _compare(batch: Collection[int], doubt: timedelta = timedelta()) -> list[Compared]:
    source = sources.read(batch, TELL)
    ground = Ground(doubt)
    lives = Telling(source, ground).lives
    stored = comparing.stored_clocks(batch)
    return [
        comparing.compare(source.tickets[pk], lives[pk], stored.get(pk, []), ground.promises)
        for pk in batch
        if pk in source.tickets
    ]


@transaction.atomic
def _settle(pk: int, counts: Counts, *, write: bool, say: Callable[[str], None]) -> None:
    """Once more, with nobody else at work on the ticket.

    A policy or calendar that was published while one of its events was being written was known to it or was not: times
    do not tell which transaction was first. The clocks are right when they follow from either.
    """
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=pk)
    [found] = _compare([pk])
    if not found.lines or any(not one.lines for doubt in (-DOUBT, DOUBT) for one in _compare([pk], doubt)):
        return
    for line in found.lines:
        say(line)
    counts.differences += len(found.lines)
    counts.tickets_differing += 1
    if write:
        counts.left += writing.write(found, ticket)
        counts.written += 1
