"""The waits of the desk from its clock rows (S6), and the hours of its teams: a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from common.timeline import Pause
from reports.forecast.chance import LOOK_BACK, WorkOf
from reports.forecast.hours import hours_of_teams
from reports.forecast.waits import Wait
from reports.forecast.work import Work
from tickets.models import Clock, ClockPause

MOST_ENDED = 6_000
"""The latest waits that ended: more tell no more, and cost time."""
MOST_RUNNING = 20_000
ANSWERS = (Clock.Metric.FIRST_RESPONSE, Clock.Metric.NEXT_RESPONSE)
FIELDS = (
    "pk", "ticket_id", "metric", "ticket__team_id", "ticket__type", "ticket__priority", "target_seconds", "started_at",
    "due_at", "stopped_at", "cancelled_at", "hours_id",
)  # fmt: skip


def waits_now(at: datetime) -> list[Wait]:
    """What runs, and what ended of late: four queries. Live contacts, spam and trash are no waits."""
    counted = Clock.objects.filter(is_live=False, ticket__is_spam=False, ticket__trashed_at=None)
    running = counted.filter(stopped_at=None, cancelled_at=None, started_at__lte=at).order_by("-started_at")
    ended = counted.filter(stopped_at__gt=at - LOOK_BACK, stopped_at__lte=at, cancelled_at=None).order_by("-stopped_at")
    rows = [*running.values_list(*FIELDS)[:MOST_RUNNING], *ended.values_list(*FIELDS)[:MOST_ENDED]]
    pauses = _pauses([row[0] for row in rows if row[2] not in ANSWERS])
    answered = _answered({row[1] for row in rows if row[2] == Clock.Metric.RESOLUTION})
    return [_wait(row, pauses, answered) for row in rows]


def work_of_teams(waits: Iterable[Wait], at: datetime) -> WorkOf:
    """When each team works, as its calendar stands at ``at``: three queries. Teams of one calendar share a table."""
    hours = hours_of_teams(at)
    moments = [at - LOOK_BACK, at]
    for wait in waits:
        moments += [moment for moment in (wait.started_at, wait.due_at) if moment]
    first, last = min(moments), max(moments)
    tables: dict[Any, Work] = {}

    def work_of(team: int | None) -> Work:
        of_team = hours.get(team) or hours[None]
        if of_team not in tables:
            tables[of_team] = Work(of_team, first, last)
        return tables[of_team]

    return work_of


def _wait(row: tuple[Any, ...], pauses: dict[int, list[Pause]], answered: dict[int, datetime]) -> Wait:
    clock, ticket, metric, team, kind, priority, target, started, due, stopped, cancelled, hours = row
    return Wait(
        clock, ticket, metric, team, kind, priority, target, started,
        answered_at=answered.get(ticket) if metric == Clock.Metric.RESOLUTION else None,
        due_at=due, ended_at=stopped or cancelled, is_met=stopped is not None,
        pauses=tuple(pauses.get(clock, ())), hours=hours,
    )  # fmt: skip


def _pauses(clocks: Collection[int]) -> dict[int, list[Pause]]:
    found: dict[int, list[Pause]] = defaultdict(list)
    rows = ClockPause.objects.filter(clock__in=clocks).order_by("started_at", "pk")
    for clock, start, end in rows.values_list("clock_id", "started_at", "ended_at"):
        found[clock].append(Pause(start, end))
    return found


def _answered(tickets: Collection[int]) -> dict[int, datetime]:
    """When each ticket was first answered, from its first-response clock."""
    first = Clock.objects.filter(
        Q(ticket__in=tickets), metric=Clock.Metric.FIRST_RESPONSE, cancelled_at=None, stopped_at__isnull=False
    )
    rows = first.order_by("-stopped_at").values_list("ticket_id", "stopped_at")
    return {ticket: stopped for ticket, stopped in rows if stopped}
