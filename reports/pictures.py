"""What the pictures and the list of breaches show: series over the same clocks as the report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, DateField, F, QuerySet, Value
from django.db.models.functions import Coalesce, Least, TruncDate, TruncMonth

from accounts.models import User
from reports.measures.clocks import Times, Wait, in_time, late
from reports.periods import Period, add_months
from reports.population import Teams, clocks_of
from staff.models import Team
from tickets.models import Clock

BARS = 12
LONGEST_IN_WEEKS = 26 * 7  # days; longer periods are drawn by month
MOST_MONTHS = 60
HOUR, DAY = 3600, 86_400
WIDTHS = (60, 300, 900, 1800, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, DAY, 2 * DAY, 7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY)
MOST_BREACHES = 25


@dataclass(frozen=True, slots=True)
class Point:
    """First responses of the tickets opened in one week or month."""

    period: Period
    times: Times


@dataclass(frozen=True, slots=True)
class Bar:
    """Written first responses that took from ``low`` to under ``high`` seconds; the last bar has no end."""

    low: int
    high: int | None
    in_time: int = 0
    late: int = 0


def trend(period: Period, at: datetime, teams: Teams = None) -> list[Point]:
    """First responses by week or month up to the period's end, a year or twelve weeks at least: one query."""
    steps = _steps(period)
    is_monthly = steps[0].months == 1
    whole = Period(steps[0].first, steps[-1].to, period.zone_name)
    trunc = TruncMonth if is_monthly else TruncDate
    day = trunc("ticket__opened_at", tzinfo=period.zone, **({"output_field": DateField()} if is_monthly else {}))
    rows = (
        clocks_of(whole, teams)
        .filter(metric=Clock.Metric.FIRST_RESPONSE)
        .order_by()
        .annotate(day=day)
        .values("day")
        .annotate(met=Count("pk", filter=in_time(at)), missed=Count("pk", filter=late(at)))
    )
    found: dict[date, Times] = {}
    for row in rows:
        first = row["day"] if is_monthly else whole.first + timedelta(days=(row["day"] - whole.first).days // 7 * 7)
        so_far = found.get(first, Times())
        found[first] = Times(so_far.met + row["met"], so_far.missed + row["missed"])
    return [Point(step, found.get(step.first, Times())) for step in steps]


def distribution(period: Period, first_response: Wait, at: datetime, teams: Teams = None) -> list[Bar]:
    """How long written first responses took; ``first_response``, the total, sets the width of a bar: one query."""
    p90 = first_response.written.p90_seconds
    if p90 is None:
        return []
    width = next((width for width in WIDTHS if p90 < width * (BARS - 1)), WIDTHS[-1])
    rows = (
        clocks_of(period, teams)
        .filter(metric=Clock.Metric.FIRST_RESPONSE, is_live=False, stopped_at__isnull=False)
        .order_by()
        .annotate(bar=Least(F("elapsed_seconds") / Value(width), Value(BARS)))
        .values("bar")
        .annotate(late=Count("pk", filter=late(at)), number=Count("pk"))
    )
    counts = {row["bar"]: (row["number"] - row["late"], row["late"]) for row in rows}
    return [Bar(n * width, (n + 1) * width if n < BARS else None, *counts.get(n, (0, 0))) for n in range(BARS + 1)]


def breaches(period: Period, at: datetime, teams: Teams = None) -> QuerySet[Clock]:
    """The clocks that count as missed, the latest due first, each with ``due`` (when it was) and its ticket."""
    rows = with_due(clocks_of(period, teams).filter(late(at)))
    return rows.select_related("ticket__team", "ticket__assignee", "team", "agent").order_by("-due", "-pk")


def with_due(clocks: QuerySet[Clock]) -> QuerySet[Any]:
    """Each with ``due``: when it was broken, which stays whatever it is due at since (S5), else when it is due."""
    return clocks.annotate(due=Coalesce("breached_at", "due_at"))


def holder(clock: Clock) -> tuple[Team | None, User | None]:
    """The team and agent a clock stands with: those of its stop, or while it runs those of its ticket."""
    if clock.stopped_at:
        return clock.team, clock.agent
    return clock.ticket.team, clock.ticket.assignee


def late_seconds(clock: Any, at: datetime) -> int:
    """How long after its due time a clock of ``breaches`` stopped, or by how much it is overdue at ``at``."""
    return max(int(((clock.stopped_at or at) - clock.due).total_seconds()), 0)


def _steps(period: Period) -> list[Period]:
    if period.months or period.days > LONGEST_IN_WEEKS:
        return _months(period)
    weeks = max(-(-period.days // 7), BARS)
    starts = [period.to - timedelta(days=7 * back) for back in range(weeks, 0, -1)]
    return [Period(start, start + timedelta(days=7), period.zone_name) for start in starts]


def _months(period: Period) -> list[Period]:
    end = period.to if period.to.day == 1 else add_months(period.to.replace(day=1), 1)
    first = period.first.replace(day=1)
    number = (end.year - first.year) * 12 + end.month - first.month
    number = min(max(number, BARS), MOST_MONTHS)
    starts = [add_months(end, -back) for back in range(number, 0, -1)]
    return [Period(start, add_months(start, 1), period.zone_name) for start in starts]
