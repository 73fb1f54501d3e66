"""The whole past of the desk's clocks, for the replay: from the same rows, and what was true when each began."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from common.timeline import Pause
from events.models import Event
from reports.forecast.loading import ANSWERS
from reports.forecast.replay import Past
from reports.forecast.waits import Wait
from staff.hours import of_version
from tickets.models import Clock, ClockPause

FIELDS = ("pk", "ticket_id", "metric", "target_seconds", "hours_id", "started_at", "stopped_at", "cancelled_at")


def history(first: datetime, last: datetime, *, source: str = "") -> list[Past]:
    """Every clock that ran between two moments, with all that is known of it; ``source``: of imported tickets only.

    Team, type and priority are those with which the ticket was opened: what was changed later was not known before.
    Four queries.
    """
    clocks = Clock.objects.filter(is_live=False, started_at__lt=last, ticket__is_spam=False, ticket__trashed_at=None)
    clocks = clocks.exclude(stopped_at__lt=first)
    if source:
        clocks = clocks.filter(ticket__external_source=source)
    rows = list(clocks.order_by("started_at", "pk").values_list(*FIELDS))
    tickets = {row[1] for row in rows}
    opened, pauses, answered = _opened(tickets), _pauses({row[0] for row in rows}), _answered(tickets)
    return [_past(row, opened.get(row[1], {}), pauses.get(row[0], []), answered) for row in rows]


def _past(
    row: tuple[Any, ...], opened: dict[str, Any], pauses: list[tuple[str, Pause]], answered: dict[int, datetime]
) -> Past:
    clock, ticket, metric, target, hours, started, stopped, cancelled = row
    resolved = ClockPause.Cause.RESOLVED
    wait = Wait(
        clock, ticket, metric, opened.get("team"), opened.get("type", ""), opened.get("priority") or 0, target, started,
        answered_at=answered.get(ticket) if metric == Clock.Metric.RESOLUTION else None,
    )  # fmt: skip
    return Past(
        wait,
        of_version(hours),
        stopped,
        cancelled,
        pauses=tuple(pause for cause, pause in pauses if cause != resolved),
        resolved=tuple(pause for cause, pause in pauses if cause == resolved),
    )


def _opened(tickets: set[int]) -> dict[int, dict[str, Any]]:
    events = Event.objects.filter(subject_kind="ticket", subject_id__in=tickets, kind="ticket.opened")
    return dict(events.values_list("subject_id", "data"))


def _pauses(clocks: set[int]) -> dict[int, list[tuple[str, Pause]]]:
    found: dict[int, list[tuple[str, Pause]]] = defaultdict(list)
    rows = ClockPause.objects.filter(clock__in=clocks).order_by("started_at", "pk")
    for clock, cause, start, end in rows.values_list("clock_id", "cause", "started_at", "ended_at"):
        found[clock].append((cause, Pause(start, end)))
    return found


def _answered(tickets: set[int]) -> dict[int, datetime]:
    """When each ticket was first answered."""
    first = Clock.objects.filter(ticket__in=tickets, metric=ANSWERS[0], cancelled_at=None, stopped_at__isnull=False)
    rows = first.order_by("-stopped_at").values_list("ticket_id", "stopped_at")
    return {ticket: stopped for ticket, stopped in rows if stopped}
