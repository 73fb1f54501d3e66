"""From calendars to working time; every door and every clock asks here."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType

from django.utils import timezone

from common.business_hours import ROUND_THE_CLOCK, BusinessHours
from common.kept import Kept
from staff import calendars
from staff.models import Calendar, CalendarVersion, Team

__all__ = [
    "ROUND_THE_CLOCK",
    "add_working_seconds",
    "business_hours",
    "default_calendar",
    "for_team",
    "of_row",
    "of_version",
    "version_among",
    "version_at",
    "versions_of",
    "versions_when",
    "working_day_after",
]


def default_calendar() -> Calendar | None:
    """The calendar used where no other is named: one query."""
    return Calendar.objects.filter(is_default=True).first()


def business_hours(calendar: Calendar | None = None, *, at: datetime | None = None) -> BusinessHours:
    """The hours of ``calendar``, or of the default one, as they are at ``at`` (now); one or two queries.

    With no calendar at all, or one without hours on any weekday, the desk counts around the clock (the strictest).
    """
    calendar = calendar or default_calendar()
    return of_version(version_at(calendar.pk, at or timezone.now())) if calendar else ROUND_THE_CLOCK


def version_at(calendar_id: int, at: datetime, *, known_at: datetime | None = None) -> int:
    """The id of the version that holds at ``at``, as far as was known at ``known_at`` (now): one query.

    The latest to come into force wins, then the latest made. A calendar that was never published is published now.
    """
    versions = versions_of(calendar_id)
    return version_among(versions, at, known_at=known_at)


Known = tuple[int, int, datetime | None, datetime]
"""Id, number, valid from, made at."""


def versions_of(calendar_id: int) -> list[Known]:
    """What ``version_among`` picks from, of one calendar; never empty."""
    known = _VERSIONS.rows(calendar_id)
    if not known:
        calendars.publish(Calendar.objects.get(pk=calendar_id))
        known = _VERSIONS.rows(calendar_id)
    return known


MARK = """
    SELECT concat_ws(' ', (SELECT count(*) FROM staff_calendarversion),
        (SELECT id || ' ' || made_at FROM staff_calendarversion ORDER BY id DESC LIMIT 1))
"""
"""Another answer: there are other versions. None is ever changed, and no key is given twice."""


class _Kept(threading.local):
    """The versions of all calendars as they were at a mark."""

    mark = ""
    by_calendar: Mapping[int, Sequence[Known]] = MappingProxyType({})


_kept = _Kept()


def versions_when(mark: str) -> Mapping[int, Sequence[Known]]:
    """What ``version_among`` picks from, by calendar; read anew when ``MARK``, asked now, gives another answer.

    A calendar that was never published is not among them: ``versions_of`` publishes it.
    """
    if mark != _kept.mark:
        found: dict[int, list[Known]] = defaultdict(list)
        rows = CalendarVersion.objects.order_by().values_list("calendar_id", "pk", "number", "valid_from", "made_at")
        for calendar_id, *known in rows:
            found[calendar_id].append(tuple(known))  # type: ignore[arg-type]
        _kept.by_calendar, _kept.mark = dict(found), mark
    return _kept.by_calendar


def version_among(versions: Sequence[Known], at: datetime, *, known_at: datetime | None = None) -> int:
    """As ``version_at``, from what was read before; where nothing was known yet, the first version."""
    held = [
        (valid_from is not None, valid_from or at, number, pk)
        for pk, number, valid_from, made_at in versions
        if (valid_from is None or valid_from <= at) and (known_at is None or made_at <= known_at)
    ]
    return max(held)[-1] if held else min(versions, key=lambda one: one[1])[0]


def of_version(version_id: int | None) -> BusinessHours:
    """The working time of a version; without one every second counts. A version never changes, so each is read once."""
    return ROUND_THE_CLOCK if version_id is None else _of_version(version_id)


@lru_cache(maxsize=1024)
def _of_version(version_id: int) -> BusinessHours:
    return of_row(CalendarVersion.objects.get(pk=version_id))


def of_row(version: CalendarVersion) -> BusinessHours:
    """The working time of a version that was read, or is not yet saved."""
    if not (any(version.hours.values()) or any(version.special_days.values())):
        return ROUND_THE_CLOCK
    return calendars.read(version.time_zone, version.hours, version.holidays, version.special_days)


_VERSIONS = Kept(
    lambda pk: CalendarVersion.objects.filter(calendar=pk).values_list("pk", "number", "valid_from", "made_at")
)


def for_team(team: Team | None, *, at: datetime | None = None) -> BusinessHours:
    """When the team works: its calendar, else that of the nearest team above it, else the default one."""
    return business_hours(calendar_of(team), at=at)


def calendar_of(team: Team | None) -> Calendar | None:
    """The team's calendar, or that of the nearest team above it; None for the default one."""
    seen: set[int] = set()
    while team is not None and team.pk not in seen:
        if team.calendar is not None:
            return team.calendar
        seen.add(team.pk)
        team = team.parent
    return None


def add_working_seconds(at: datetime, seconds: float, calendar: Calendar | None = None) -> datetime:
    """When that much working time has passed since ``at`` (aware; UTC comes back)."""
    return business_hours(calendar, at=at).add(at, seconds)


def working_day_after(at: datetime, calendar: Calendar | None = None) -> datetime:
    """One working day after ``at``: the same wall time of the next working day, inside its hours (UTC)."""
    return business_hours(calendar, at=at).add_working_days(at, 1)
