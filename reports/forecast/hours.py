"""When each team works, for all teams at once."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from common.business_hours import ROUND_THE_CLOCK, BusinessHours
from staff.hours import of_version
from staff.models import Calendar, CalendarVersion, Team


def hours_of_teams(at: datetime) -> dict[int | None, BusinessHours]:
    """The hours of every team at ``at`` as ``staff.hours.for_team`` finds them, and of the desk for None: three queries
    (a version is read once in a process)."""
    versions = _versions(at)
    default = Calendar.objects.filter(is_default=True).values_list("pk", flat=True).first()
    rows = Team.objects.values_list("pk", "parent", "calendar")
    teams: dict[int, tuple[int | None, int | None]] = {pk: (parent, calendar) for pk, parent, calendar in rows}

    def of(calendar: int | None) -> BusinessHours:
        return of_version(versions[calendar]) if calendar in versions else ROUND_THE_CLOCK

    return {None: of(default), **{team: of(_calendar(team, teams) or default) for team in teams}}


def _calendar(team: int | None, teams: dict[int, tuple[int | None, int | None]]) -> int | None:
    """Its own, or that of the nearest team above it."""
    seen: set[int] = set()
    while team is not None and team not in seen:
        seen.add(team)
        parent, calendar = teams[team]
        if calendar is not None:
            return calendar
        team = parent
    return None


def _versions(at: datetime) -> dict[int | None, int]:
    """The version of each calendar that holds at ``at``: the latest to come into force, then the latest made."""
    held = CalendarVersion.objects.filter(Q(valid_from=None) | Q(valid_from__lte=at))
    rows = sorted(
        (valid_from is not None, valid_from or at, number, calendar, pk)
        for calendar, number, valid_from, pk in held.values_list("calendar", "number", "valid_from", "pk")
    )
    return {calendar: pk for *_order, calendar, pk in rows}
