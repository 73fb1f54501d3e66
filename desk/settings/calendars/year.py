"""A year of a calendar, day by day, as the versions in force count it."""

from __future__ import annotations

from bisect import bisect_right
from calendar import Calendar as Weeks
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from common.clock import start_of_day
from staff.calendar_terms import Terms, source_of
from staff.hours import of_row, version_among, versions_of
from staff.models import Calendar, CalendarVersion
from staff.public_holidays import named_for_reader
from staff.words import spans_in_words

MONDAY_FIRST = Weeks(0)


@dataclass(frozen=True, slots=True)
class Shown:
    """One date: ``kind`` is open, closed, holiday or special; ``name`` says why it differs; ``hours`` in words."""

    day: date
    kind: str
    hours: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Month:
    """Its weeks from Monday on (None pads them), and the days that differ."""

    name: str
    weeks: list[list[Shown | None]]
    notes: list[Shown]


@dataclass(frozen=True, slots=True)
class Year:
    """Twelve months, how many hours and days are worked in them, and when a version came into force meanwhile."""

    number: int
    months: list[Month]
    hours: float
    days: int
    changes: list[datetime] = field(default_factory=list)


class Reader:
    """Dates as one version has them; the names of holidays in the reader's language where they are known."""

    def __init__(self, version: CalendarVersion, years: set[int]) -> None:
        self.hours = of_row(version)
        self.terms = Terms.of_version(version)
        self.names = dict(version.holidays)
        source = source_of(version)
        for year in years if source["country"] else ():
            for day, name in named_for_reader(source["country"], source["subdivision"], year).items():
                if day.isoformat() in self.names and day.isoformat() not in source["closed"]:
                    self.names[day.isoformat()] = name

    def day(self, day: date) -> Shown:
        """This date."""
        name = self.names.get(day.isoformat())
        if name is not None:
            return Shown(day, "holiday", _("Closed"), name or _("Closed"))
        own = self.terms.days.get(day)
        spans = own.spans if own else self.terms.hours.get(day.weekday(), ())
        if own:
            return Shown(day, "special", spans_in_words(spans), own.name)
        if not any(self.terms.hours.values()) and not any(one.spans for one in self.terms.days.values()):
            return Shown(day, "open", _("Around the clock"))
        return Shown(day, "open" if spans else "closed", spans_in_words(spans))


def year_of(calendar: Calendar, number: int) -> Year:
    """That year: two queries, however many versions there are."""
    zone = calendar.time_zone
    begins, ends = start_of_day(date(number, 1, 1), zone), start_of_day(date(number + 1, 1, 1), zone)
    known = versions_of(calendar.pk)
    changes = sorted({one[2] for one in known if one[2] is not None and begins < one[2] < ends})
    starts = [begins, *changes]
    ids = [version_among(known, at) for at in starts]
    versions = CalendarVersion.objects.in_bulk(set(ids))
    readers = [Reader(versions[pk], {number}) for pk in ids]
    pieces = zip(readers, starts, [*changes, ends], strict=True)
    worked = sum(reader.hours.elapsed(since, until) for reader, since, until in pieces)

    def shown(day: date) -> Shown:
        end = start_of_day(day + timedelta(days=1), zone) - timedelta(seconds=1) if changes else begins
        return readers[max(bisect_right(starts, end) - 1, 0)].day(day)

    months = [_month(number, month, shown) for month in range(1, 13)]
    days = sum(
        one is not None and one.kind != "holiday" and one.hours != _("Closed")
        for month in months for week in month.weeks for one in week
    )  # fmt: skip
    return Year(number, months, worked / 3600, days, changes)


def next_days(terms: Terms, begins: datetime, many: int = 10) -> list[Shown]:
    """So many days from ``begins`` on, as a calendar that is not yet saved would have them."""
    version = CalendarVersion(**terms.columns(begins))
    first = begins.astimezone(ZoneInfo(terms.time_zone)).date()
    days = [first + timedelta(days=n) for n in range(many)]
    reader = Reader(version, {one.year for one in days})
    return [reader.day(one) for one in days]


def _month(year: int, month: int, shown: Callable[[date], Shown]) -> Month:
    weeks: list[list[Shown | None]] = [
        [shown(date(year, month, day)) if day else None for day in week]
        for week in MONDAY_FIRST.monthdayscalendar(year, month)
    ]
    return Month(str(MONTHS[month]), weeks, [one for week in weeks for one in week if one and one.name])
