"""What a calendar says, between the rows that people edit and the columns of a version."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from django.utils.translation import gettext as _

from common.business_hours import BadHours, BusinessHours
from common.clock import zone_named
from common.errors import Malformed
from common.text import clean_line
from staff.models import Calendar, CalendarSpan, CalendarVersion, Holiday
from staff.public_holidays import public_holidays_of
from staff.words import Span

FIRST_YEAR = 2000
YEARS_AHEAD = 15
"""Public holidays are written out from ``FIRST_YEAR`` to so many years ahead: what a version counts never depends on
the edition of the library that is installed."""
MOST_DAYS = 500

Spans = dict[str, list[list[str]]]


@dataclass(frozen=True)
class Day:
    """A date that differs from its weekday: its hours, none where it is closed, and why."""

    spans: Sequence[Span] = ()
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a calendar says: wall times of ``time_zone``, ``hours`` by weekday (Monday is 0), dates that differ."""

    time_zone: str
    hours: Mapping[int, Sequence[Span]]
    country: str = ""
    subdivision: str = ""
    days: Mapping[date, Day] = field(default_factory=dict)

    @classmethod
    def of(cls, calendar: Calendar) -> Terms:
        """What its rows say: two queries."""
        hours: dict[int, list[Span]] = defaultdict(list)
        spans: dict[date, list[Span]] = defaultdict(list)
        names: dict[date, str] = {}
        for one in CalendarSpan.objects.filter(calendar=calendar).order_by("weekday", "date", "opens"):
            if one.date is None:
                hours[one.weekday or 0].append((one.opens, one.closes))
            else:
                spans[one.date].append((one.opens, one.closes))
                names[one.date] = one.name
        days = {day: Day(tuple(given), names[day]) for day, given in spans.items()}
        days |= {one.date: Day((), one.name) for one in Holiday.objects.filter(calendar=calendar)}
        return cls(
            time_zone=calendar.time_zone, hours={day: tuple(given) for day, given in hours.items()},
            country=calendar.country, subdivision=calendar.subdivision, days=dict(sorted(days.items())),
        )  # fmt: skip

    def columns(self, at: datetime) -> dict[str, Any]:
        """The columns of a version, the public holidays written out; a date's own hours win over a public holiday."""
        until = at.year + YEARS_AHEAD
        public = public_holidays_of(self.country, self.subdivision, range(FIRST_YEAR, until + 1), "en")
        closed = {day.isoformat(): one.name for day, one in self.days.items() if not one.spans}
        special = {day: one for day, one in sorted(self.days.items()) if one.spans}
        holidays = {day.isoformat(): name for day, name in public.items() if day not in special} | closed
        return {
            "time_zone": self.time_zone,
            "hours": {str(day): _written(spans) for day, spans in sorted(self.hours.items()) if spans},
            "special_days": {day.isoformat(): _written(one.spans) for day, one in special.items()},
            "holidays": dict(sorted(holidays.items())),
            "source": {
                "country": self.country, "subdivision": self.subdivision, "until": until if self.country else 0,
                "closed": closed, "names": {day.isoformat(): one.name for day, one in special.items() if one.name},
            },
        }  # fmt: skip

    @classmethod
    def of_version(cls, version: CalendarVersion) -> Terms:
        """What a version was written from."""
        source = source_of(version)
        days = {
            date.fromisoformat(day): Day(tuple(_walls(spans)), source["names"].get(day, ""))
            for day, spans in version.special_days.items()
        }
        days |= {date.fromisoformat(day): Day((), name) for day, name in source["closed"].items()}
        return cls(
            time_zone=version.time_zone, hours={int(day): tuple(_walls(spans)) for day, spans in version.hours.items()},
            country=source["country"], subdivision=source["subdivision"], days=dict(sorted(days.items())),
        )  # fmt: skip


def check(columns: Mapping[str, Any]) -> None:
    """Raise ``Malformed`` unless a calendar can be read from these ``columns`` of a version."""
    try:
        read(columns["time_zone"], columns["hours"], columns["holidays"], columns["special_days"])
    except BadHours:
        if any(columns["hours"].values()) or any(columns["special_days"].values()):
            raise


def checked(terms: Terms, at: datetime) -> Terms:
    """The same in its plain form: spans in order, names in one line.

    Raises ``Malformed`` at the field for a zone, country or date that cannot be, and where nothing is ever open.
    """
    zone_named(terms.time_zone)
    public_holidays_of(terms.country, terms.subdivision, [at.year])
    if terms.subdivision and not terms.country:
        raise Malformed(_("Choose the country of this region first."), code="unknown_country", field="country")
    if len(terms.days) > MOST_DAYS:
        raise Malformed(_("These are too many days."), code="bad_hours", field="days")
    for day in terms.days:
        if not FIRST_YEAR <= day.year <= at.year + YEARS_AHEAD:
            words = _("Give a day between %(first)s and %(last)s.")
            shown = {"first": FIRST_YEAR, "last": at.year + YEARS_AHEAD}
            raise Malformed(words % shown, code="bad_date", field="days")
    days = {
        day: Day(tuple(sorted(one.spans)), clean_line(one.name, 120, field="days")) for day, one in terms.days.items()
    }
    hours = {day: tuple(sorted(spans)) for day, spans in terms.hours.items() if spans}
    terms = replace(terms, hours=hours, days=dict(sorted(days.items())))
    read_terms(terms, at)
    return terms


def read_terms(terms: Terms, at: datetime) -> BusinessHours:
    """Working time as a version made at ``at`` would have it. Raises ``BadHours``."""
    columns = terms.columns(at)
    return read(columns["time_zone"], columns["hours"], columns["holidays"], columns["special_days"])


def read(time_zone: str, hours: Spans, closed: Iterable[str], special_days: Spans) -> BusinessHours:
    """Working time from the columns of a version. Raises ``BadHours``."""
    weekly = {int(day): _walls(spans) for day, spans in hours.items()}
    special = {date.fromisoformat(day): _walls(spans) for day, spans in special_days.items()}
    return BusinessHours(time_zone, weekly, [date.fromisoformat(day) for day in closed], special)


def says(version: CalendarVersion) -> dict[str, Any]:
    """The columns of a version as ``Terms.columns`` writes them."""
    names = ("time_zone", "hours", "special_days", "holidays")
    return {name: getattr(version, name) for name in names} | {"source": source_of(version)}


def source_of(version: CalendarVersion) -> dict[str, Any]:
    """What a version was written from; the first ones knew of no country: all their holidays are the calendar's own."""
    unknown = {"country": "", "subdivision": "", "until": 0, "closed": version.holidays, "names": {}}
    return unknown | version.source


def _walls(spans: Iterable[Iterable[str]]) -> list[Span]:
    return [(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in spans]


def _written(spans: Iterable[Span]) -> list[list[str]]:
    return [[f"{opens:%H:%M}", f"{closes:%H:%M}"] for opens, closes in spans]
