"""Calendars as people edit them become versions, which clocks count with and which never change."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

import holidays as public_holidays
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.business_hours import BadHours, BusinessHours
from common.errors import Malformed
from events.recording import record
from staff.models import Calendar, CalendarSpan, CalendarVersion, Holiday

FIRST_YEAR = 2000
YEARS_AHEAD = 15
"""Public holidays are written out from ``FIRST_YEAR`` to so many years ahead: what a version counts never depends on
the edition of the library that is installed."""

Spans = dict[str, list[list[str]]]


@transaction.atomic
def publish(
    calendar: Calendar, *, by: User | None = None, at: datetime | None = None, valid_from: datetime | None = None
) -> CalendarVersion:
    """The calendar as it stands now, as a version; the newest one if that says the same.

    The first version holds since ever, a later one from ``valid_from`` (``at``, which is now). Clocks that run keep
    theirs. Raises ``Malformed`` for hours, a zone or a country that cannot be.
    """
    calendar = Calendar.objects.select_for_update().get(pk=calendar.pk)
    now = at or timezone.now()
    terms = _terms(calendar, now.year + YEARS_AHEAD)
    check(terms)
    newest = calendar.versions.order_by("-number").first()
    digest = hashlib.sha256(json.dumps(terms, sort_keys=True).encode()).hexdigest()
    if newest is not None and newest.digest == digest:
        return newest
    version = CalendarVersion.objects.create(
        calendar=calendar, number=newest.number + 1 if newest else 1, digest=digest, made_by=by,
        valid_from=valid_from or now if newest else None, **terms,
    )  # fmt: skip
    if by is not None or newest is not None:  # the desk's first calendar is no change
        record(calendar, "calendar.published", by=by, at=now, version=version.pk, number=version.number)
    return version


def check(terms: dict[str, Any]) -> None:
    """Raise ``Malformed`` unless a calendar can be read from these ``terms`` (the columns of a version)."""
    try:
        read(terms["time_zone"], terms["hours"], terms["holidays"], terms["special_days"])
    except BadHours:
        if any(terms["hours"].values()) or any(terms["special_days"].values()):
            raise


def read(time_zone: str, hours: Spans, closed: Iterable[str], special_days: Spans) -> BusinessHours:
    """Working time from the columns of a version. Raises ``BadHours``."""
    weekly = {int(day): _walls(spans) for day, spans in hours.items()}
    special = {date.fromisoformat(day): _walls(spans) for day, spans in special_days.items()}
    return BusinessHours(time_zone, weekly, [date.fromisoformat(day) for day in closed], special)


def public_holidays_of(country: str, subdivision: str, years: Iterable[int], language: str = "") -> dict[date, str]:
    """The public holidays of a country (ISO 3166-1) and, if given, a region of it (ISO 3166-2), by local date.

    Names are in ``language`` where the library knows it, else in the country's own. Raises ``Malformed``.
    """
    if not country:
        return {}
    try:
        found = public_holidays.country_holidays(
            country, subdiv=subdivision or None, years=list(years), language=_known(country, language)
        )
    except NotImplementedError as error:
        words = _("Holidays of this country or region are not known here; add the days by hand.")
        raise Malformed(words, code="unknown_country", field="country") from error
    return dict(found.items())


def _known(country: str, language: str) -> str | None:
    """The language that the library has names in for this country; None is the country's own."""
    known = public_holidays.country_holidays(country).supported_languages
    return next((one for one in known if language and one.split("_")[0] == language.split("-")[0]), None)


def _terms(calendar: Calendar, last_year: int) -> dict[str, Any]:
    hours: Spans = defaultdict(list)
    special: Spans = defaultdict(list)
    spans = CalendarSpan.objects.filter(calendar=calendar).order_by("weekday", "date", "opens")
    for weekday, day, opens, closes in spans.values_list("weekday", "date", "opens", "closes"):
        into, key = (special, day.isoformat()) if day is not None else (hours, str(weekday))
        into[key].append([f"{opens:%H:%M}", f"{closes:%H:%M}"])
    years = range(FIRST_YEAR, last_year + 1)
    closed = {
        day.isoformat(): name
        for day, name in public_holidays_of(calendar.country, calendar.subdivision, years, "en").items()
    }
    own = Holiday.objects.filter(calendar=calendar).order_by("date").values_list("date", "name")
    closed |= {day.isoformat(): name for day, name in own}
    return {
        "time_zone": calendar.time_zone,
        "hours": dict(hours),
        "special_days": dict(special),
        "holidays": dict(sorted(closed.items())),
    }


def _walls(spans: Iterable[Iterable[str]]) -> list[tuple[time, time]]:
    return [(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in spans]
