"""What is late in a supervisor's teams, and what will be at the present pace: two lists, one row for one ticket."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from desk.forecast.page import Risk
from reports.forecast import Outlook
from reports.forecast.lately import lately
from tickets.models import Clock, Ticket

MOST = 8


@dataclass(frozen=True, slots=True)
class Threatened:
    """A clock that will probably outlast its promise (``risk`` says how probably, and why), or one that has used most
    of its time where too little is known to tell (``risk`` is None)."""

    clock: Clock
    risk: Risk | None = None


@dataclass(frozen=True, slots=True)
class Threats:
    """``is_told``: something could be said of some clock of the desk, so that an empty list is good news."""

    rows: list[Threatened]
    is_told: bool


def late(tickets: QuerySet[Ticket], at: datetime) -> list[Clock]:
    """Running clocks that are past their due time, the longest first, one for one ticket: one query."""
    rows = _running(tickets).filter(due_at__lte=at)
    first = rows.order_by("ticket", "due_at", "pk").distinct("ticket").values("pk")
    return list(rows.filter(pk__in=first).order_by("due_at", "pk")[: MOST + 1])


def threatened(tickets: QuerySet[Ticket], at: datetime) -> Threats:
    """What will probably be late, the most probable first: one query beside the forecast's own, which are asked at most
    once a minute. A ticket that is late already has passed this."""
    expected = lately(at)
    over = Clock.objects.filter(stopped_at=None, cancelled_at=None, paused_at=None, due_at__lte=at)
    warned = Q(warned_75_at__isnull=False) | Q(warned_90_at__isnull=False)
    probable, unknown = _keys(expected.probable), _keys(expected.unknown)
    rows = _running(tickets).filter(due_at__gt=at).exclude(ticket__in=over.values("ticket"))
    rows = rows.filter(Q(pk__in=probable) | Q(warned, pk__in=unknown))
    clocks = {clock.pk: clock for clock in rows}
    found: dict[int, Threatened] = {}
    for one in (*expected.probable, *expected.unknown):
        clock = clocks.get(one.wait.clock)
        if clock is not None and clock.ticket_id not in found:
            found[clock.ticket_id] = Threatened(clock, Risk(clock.ticket, one) if one.chance is not None else None)
    return Threats(list(found.values())[:MOST], expected.is_told)


def _running(tickets: QuerySet[Ticket]) -> QuerySet[Clock]:
    rows = Clock.objects.filter(ticket__in=tickets, stopped_at=None, cancelled_at=None, paused_at=None)
    return rows.select_related("ticket__requester", "ticket__assignee")


def _keys(expected: Iterable[Outlook]) -> list[int]:
    return [one.wait.clock for one in expected]
