"""The calendars as their list shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from staff.calendar_use import Use, users_of
from staff.calendar_words import hours_said, place_said, zone_said
from staff.models import Calendar, CalendarVersion


@dataclass(frozen=True, slots=True)
class Line:
    """One calendar: its hours as they are, and what is planned."""

    calendar: Calendar
    hours: str
    zone: str
    place: str
    teams: list[str]
    policies: list[str]
    planned: CalendarVersion | None
    planned_hours: str


def lines(at: datetime) -> list[Line]:
    """All calendars, the default one first: six queries at most."""
    calendars = list(Calendar.objects.order_by("-is_default", "name"))
    held, planned = versions_now([one.pk for one in calendars], at)
    users = users_of([one.pk for one in calendars])
    return [_line(one, held[one.pk], planned.get(one.pk), users[one.pk]) for one in calendars if one.pk in held]


def versions_now(calendars: list[int], at: datetime) -> tuple[dict[int, CalendarVersion], dict[int, CalendarVersion]]:
    """The version in force and the one that is planned, by calendar: two queries."""
    rows = CalendarVersion.objects.filter(calendar__in=calendars).order_by("number")
    held: dict[int, tuple[bool, datetime, int, int]] = {}
    planned: dict[int, int] = {}
    for pk, calendar, number, valid_from in rows.values_list("pk", "calendar", "number", "valid_from"):
        if valid_from is not None and valid_from > at:
            planned[calendar] = pk
        else:
            rank = (valid_from is not None, valid_from or at, number, pk)
            held[calendar] = max(held.get(calendar, rank), rank)
    by_id = CalendarVersion.objects.in_bulk([*(rank[-1] for rank in held.values()), *planned.values()])
    return (
        {calendar: by_id[rank[-1]] for calendar, rank in held.items()},
        {calendar: by_id[pk] for calendar, pk in planned.items()},
    )


def _line(calendar: Calendar, held: CalendarVersion, planned: CalendarVersion | None, users: list[Use]) -> Line:
    return Line(
        calendar, hours_said(held), zone_said(held.time_zone), place_said(held),
        [one.name for one in users if one.kind == "team"], [one.name for one in users if one.kind == "policy"],
        planned, hours_said(planned) if planned else "",
    )  # fmt: skip
