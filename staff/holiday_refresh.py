"""Holidays that are written out are looked up anew before they end, and when the library has learned of others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.db import transaction
from django.utils import timezone

from common.errors import Malformed
from events.recording import record
from staff.calendar_terms import Terms, says, source_of
from staff.calendars import in_force, new_version, plans
from staff.models import Calendar, CalendarVersion

YEARS_LEFT = 5
"""Fewer than so many years of holidays ahead: the next ones are written out."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A version that was published anew: how many closed days to come it has more, and how many fewer."""

    version: CalendarVersion
    more: int
    fewer: int


def refresh_holidays(*, at: datetime | None = None) -> list[Refreshed]:
    """Publish anew what holds and what is planned where the holidays to come are others by now, or soon end.

    Days up to today stay as they were written. Clocks that run keep their version. Running it again changes nothing.
    """
    now = at or timezone.now()
    found: list[Refreshed] = []
    for pk in Calendar.objects.exclude(versions=None).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            found += list(_refresh(Calendar.objects.select_for_update().get(pk=pk), now))
    return found


def _refresh(calendar: Calendar, now: datetime) -> Iterator[Refreshed]:
    held = in_force(calendar, now)
    planned = list(plans(calendar, now).order_by("valid_from", "number"))
    is_new = False
    for version in [*([held] if held else []), *planned]:
        columns = _columns(version, now)
        is_new = is_new or columns is not None
        if not is_new:
            continue
        # what is planned gets the higher number, also where its days are the same: it was and stays the last word
        columns = columns or says(version)
        made = new_version(
            calendar, columns, by=version.made_by if version in planned else None, at=now,
            valid_from=version.valid_from if version in planned else now,
        )  # fmt: skip
        before, after = (_to_come(one, version.time_zone, now) for one in (version.holidays, made.holidays))
        one = Refreshed(made, len(after - before), len(before - after))
        if version in planned:
            version.delete()
        record(
            calendar, "calendar.holidays_refreshed", by=None, at=now, version=made.pk, number=made.number,
            more=one.more, fewer=one.fewer, until=source_of(made)["until"],
        )  # fmt: skip
        log.info("calendar.holidays_refreshed", calendar=calendar.pk, more=one.more, fewer=one.fewer)
        yield one


def _columns(version: CalendarVersion, now: datetime) -> dict[str, Any] | None:
    """What the version would say today, if that is something else; the days up to today as they are."""
    source = source_of(version)
    if not source["country"]:
        return None
    try:
        columns = Terms.of_version(version).columns(now)
    except Malformed:  # the library has given this country or region up
        return None
    today = now.astimezone(ZoneInfo(version.time_zone)).date().isoformat()
    past = {day: name for day, name in version.holidays.items() if day <= today}
    columns["holidays"] = past | {day: name for day, name in columns["holidays"].items() if day > today}
    last = f"{source['until']}-12-31"
    is_other = {day for day in columns["holidays"] if day <= last} != set(version.holidays)
    return columns if is_other or source["until"] - now.year < YEARS_LEFT else None


def _to_come(days: dict[str, str], time_zone: str, now: datetime) -> set[str]:
    today: date = now.astimezone(ZoneInfo(time_zone)).date()
    return {day for day in days if day > today.isoformat()}
