"""From calendar rows to working time; every door and every clock asks here."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from common.business_hours import ROUND_THE_CLOCK, BusinessHours
from common.kept import Kept
from staff.models import Calendar, CalendarSpan, Holiday, Team

__all__ = [
    "ROUND_THE_CLOCK",
    "add_working_seconds",
    "business_hours",
    "default_calendar",
    "for_team",
    "working_day_after",
]


def default_calendar() -> Calendar | None:
    """The calendar used where no other is named: one query."""
    return Calendar.objects.filter(is_default=True).first()


def business_hours(calendar: Calendar | None = None) -> BusinessHours:
    """The hours of ``calendar``, or of the default one; two or three queries.

    With no calendar at all, or one without hours on any weekday, the desk counts around the clock (the strictest).
    """
    calendar = calendar or default_calendar()
    if calendar is None:
        return ROUND_THE_CLOCK
    weekly: dict[int, list[tuple[Any, Any]]] = defaultdict(list)
    dated: dict[Any, list[tuple[Any, Any]]] = defaultdict(list)
    for weekday, day, opens, closes in _SPANS.rows(calendar.pk):
        if weekday is not None:
            weekly[weekday].append((opens, closes))
        else:
            dated[day].append((opens, closes))
    if not weekly:
        return ROUND_THE_CLOCK
    holidays = [day for (day,) in _HOLIDAYS.rows(calendar.pk)]
    return BusinessHours(calendar.time_zone, dict(weekly), holidays, dict(dated))


_SPANS = Kept(lambda pk: CalendarSpan.objects.filter(calendar=pk).values_list("weekday", "date", "opens", "closes"))
_HOLIDAYS = Kept(lambda pk: Holiday.objects.filter(calendar=pk).values_list("date"))


def for_team(team: Team | None) -> BusinessHours:
    """When the team works: its calendar, else that of the nearest team above it, else the default one."""
    seen: set[int] = set()
    while team is not None and team.pk not in seen:
        if team.calendar is not None:
            return business_hours(team.calendar)
        seen.add(team.pk)
        team = team.parent
    return business_hours()


def add_working_seconds(at: datetime, seconds: float, calendar: Calendar | None = None) -> datetime:
    """When that much working time has passed since ``at`` (aware; UTC comes back)."""
    return business_hours(calendar).add(at, seconds)


def working_day_after(at: datetime, calendar: Calendar | None = None) -> datetime:
    """One working day after ``at``: the same wall time of the next working day, inside its hours (UTC)."""
    return business_hours(calendar).add_working_days(at, 1)
