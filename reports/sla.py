"""The SLA report: one computation for the page, the CSV and the command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from reports.grouping import Grouping, grouping
from reports.measures.clocks import METRICS, USUAL, Times, Wait, overdue, waits, waits_by
from reports.periods import Period
from reports.population import Teams, clocks_of, open_tickets, tickets_opened
from tickets.models import Clock


@dataclass(frozen=True, slots=True)
class Row:
    """One group, or all of them. ``group`` is for programs (a name or a code, None for nobody's), ``label`` for people.

    ``open_now`` and ``overdue_now`` count tickets as they stand now, whenever they were opened.
    """

    key: Any
    group: str | None
    label: str
    tickets: int = 0
    first_response: Wait = field(default_factory=Wait)
    next_response: Wait = field(default_factory=Wait)
    resolution: Wait = field(default_factory=Wait)
    keep_informed: Wait = field(default_factory=Wait)
    transfer: Wait = field(default_factory=Wait)
    open_now: int = 0
    overdue_now: int = 0

    @property
    def waits(self) -> dict[str, Wait]:
        return {name: getattr(self, name) for name in METRICS}

    @property
    def is_of_period(self) -> bool:
        """Whether anything of the period belongs to it; a group may have nothing but a backlog."""
        return bool(self.tickets) or any(wait != Wait() for wait in self.waits.values())


@dataclass(frozen=True, slots=True)
class Report:
    """What the report says of a period, at a moment: what runs then and is overdue counts as missed."""

    period: Period
    by: Grouping
    at: datetime
    rows: list[Row]
    total: Row


def sla_report(period: Period, *, by: str = "team", teams: Teams = None, at: datetime | None = None) -> Report:
    """The service levels of tickets opened in ``period``; ``teams`` limits it to what a reader may see.

    Five queries, whatever the period holds.
    """
    at, group = at or timezone.now(), grouping(by)
    clocks = clocks_of(period, teams)
    opened = tickets_opened(period, teams).order_by().annotate(of_group=group.of_ticket)
    counts = dict(opened.values("of_group").annotate(number=Count("pk")).values_list("of_group", "number"))
    by_group = waits_by(clocks, group.of_clock, at)
    backlog = _backlog(group, teams, at)
    rows = [
        Row(key, code, label, counts.get(key, 0), **_waits(by_group.get(key)), **_open(backlog.get(key)))
        for key, code, label in _named(group, {*counts, *by_group, *backlog})
    ]
    open_now, overdue_now = (sum(row[n] for row in backlog.values()) for n in (0, 1))
    total = Row(None, None, "", sum(counts.values()), **_waits(waits(clocks, at)), **_open((open_now, overdue_now)))
    return Report(period, group, at, rows, total)


def as_json(report: Report, *, detail: bool = False) -> dict[str, Any]:
    """What ``sla_report --format json`` prints; ``detail`` adds live and written apart, and the backlog."""
    return {
        "from": report.period.first.isoformat(),
        "to": report.period.to.isoformat(),
        **({"timezone": report.period.zone_name, "by": report.by.code} if detail else {}),
        "rows": [{"group": row.group, **_row(row, detail)} for row in report.rows if row.is_of_period],
        "total": _row(report.total, detail),
    }


def _row(row: Row, detail: bool) -> dict[str, Any]:
    backlog = {"open_now": row.open_now, "overdue_now": row.overdue_now} if detail else {}
    waits = {name: _wait(wait, detail) for name, wait in row.waits.items() if name in USUAL or wait != Wait()}
    return {"tickets": row.tickets, **waits, **backlog}


def _wait(wait: Wait, detail: bool) -> dict[str, Any]:
    apart = {"live": _times(wait.live), "written": _times(wait.written)} if detail else {}
    return {**_times(wait), **apart}


def _times(times: Times) -> dict[str, Any]:
    return {
        "met": times.met,
        "missed": times.missed,
        "running": times.running,
        "median_seconds": _plain(times.median_seconds),
        "p90_seconds": _plain(times.p90_seconds),
    }


def _plain(seconds: float | None) -> float | int | None:
    """Whole seconds without a fraction; no data stays None."""
    return int(seconds) if seconds is not None and seconds.is_integer() else seconds


def _named(group: Grouping, keys: set[Any]) -> Iterator[tuple[Any, str | None, str]]:
    """The groups there are, in the grouping's order; nobody's last."""
    for key, (code, label) in group.names(keys - {None}).items():
        if key in keys:
            yield key, code, label
    if None in keys:
        yield None, None, str(group.nobody)


def _waits(found: dict[str, Wait] | None) -> dict[str, Any]:
    return {name: (found or {}).get(name, Wait()) for name in METRICS}


def _open(found: tuple[int, int] | None) -> dict[str, Any]:
    return dict(zip(("open_now", "overdue_now"), found or (0, 0), strict=True))


def _backlog(group: Grouping, teams: Teams, at: datetime) -> dict[Any, tuple[int, int]]:
    """Open tickets, and those of them on which a clock is past its due time, per group."""
    is_overdue = Exists(Clock.objects.filter(overdue(at), ticket=OuterRef("pk")))
    tickets = open_tickets(teams).order_by().annotate(of_group=group.of_ticket, is_overdue=is_overdue)
    found: dict[Any, tuple[int, int]] = {}
    for key, late, number in tickets.values_list("of_group", "is_overdue").annotate(number=Count("pk")):
        open_now, overdue_now = found.get(key, (0, 0))
        found[key] = (open_now + number, overdue_now + number * late)
    return found
