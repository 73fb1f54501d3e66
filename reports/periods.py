"""The stretch of days a report is about: half-open, in one time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import formats
from django.utils.translation import gettext as _

from common.clock import in_zone, parse_day, start_of_day, zone_named
from common.errors import Malformed
from staff.hours import default_calendar

FIRST_YEAR, LAST_YEAR = 1971, 2999


@dataclass(frozen=True)
class Period:
    """From the start of the day ``first`` to the start of the day ``to``, which is no longer part of it."""

    first: date
    to: date
    zone_name: str

    @cached_property
    def start(self) -> datetime:
        """The first instant, in UTC."""
        return start_of_day(self.first, self.zone_name)

    @cached_property
    def end(self) -> datetime:
        """The first instant after it, in UTC."""
        return start_of_day(self.to, self.zone_name)

    @property
    def zone(self) -> ZoneInfo:
        return zone_named(self.zone_name)

    @property
    def days(self) -> int:
        return (self.to - self.first).days

    @property
    def last(self) -> date:
        """The last day that is part of it."""
        return self.to - timedelta(days=1)

    @property
    def months(self) -> int:
        """How many whole months it consists of; 0 when it is anything else."""
        if self.first.day != 1 or self.to.day != 1:
            return 0
        return _month_number(self.to) - _month_number(self.first)

    def before(self) -> Period:
        """The period just before, as long: as many whole months, or as many days."""
        if self.months:
            return Period(add_months(self.first, -self.months), self.first, self.zone_name)
        return Period(self.first - timedelta(days=self.days), self.first, self.zone_name)

    def year_before(self) -> Period:
        """The same days one year earlier."""
        return Period(add_months(self.first, -12), add_months(self.to, -12), self.zone_name)

    @property
    def when(self) -> str:
        """As part of a sentence: ``in October 2026``, ``on 21 Nov 2026``, ``from 1 Nov 2026 to 7 Nov 2026``."""
        if self.days == 1:
            return _("on %(day)s") % {"day": self}
        if self.months == 1 or (self.months == 12 and self.first.month == 1):
            return _("in %(period)s") % {"period": self}
        return _("from %(period)s") % {"period": self}

    def __str__(self) -> str:
        if self.months == 1:
            return formats.date_format(self.first, "F Y")
        if self.months == 12 and self.first.month == 1:
            return str(self.first.year)
        if self.days == 1:
            return formats.date_format(self.first, "DATE_FORMAT")
        return _("%(first)s to %(last)s") % {
            "first": formats.date_format(self.first, "j M Y"),
            "last": formats.date_format(self.last, "j M Y"),
        }


def organisation_zone() -> str:
    """The zone whose days reports count: the default calendar's; without one, the ``TIME_ZONE`` setting."""
    calendar = default_calendar()
    return calendar.time_zone if calendar else settings.TIME_ZONE


def parse(first: str, to: str, zone_name: str | None = None) -> Period:
    """A period from two dates (``2026-10-01``, the second not part of it); ``Malformed`` says what is wrong."""
    zone_name = zone_name or organisation_zone()
    zone_named(zone_name)
    period = Period(parse_day(first, field="from"), parse_day(to, field="to"), zone_name)
    if not (period.first.year >= FIRST_YEAR and period.to.year <= LAST_YEAR):
        message = _("Choose years from %(first)s to %(last)s.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise Malformed(message, code="period_out_of_range", field="from")
    if period.to <= period.first:
        raise Malformed(_("The period must end after it begins."), code="period_is_empty", field="to")
    return period


def month_of(day: date, zone_name: str) -> Period:
    """The whole month that the day lies in."""
    first = day.replace(day=1)
    return Period(first, add_months(first, 1), zone_name)


def this_month(at: datetime, zone_name: str) -> Period:
    """The month that ``at`` lies in, by that zone's wall clock."""
    return month_of(in_zone(at, zone_name).date(), zone_name)


def latest_months(at: datetime, zone_name: str, count: int = 13) -> list[Period]:
    """This month and those before it, the newest first."""
    first = this_month(at, zone_name).first
    return [month_of(add_months(first, -back), zone_name) for back in range(count)]


def quick(at: datetime, zone_name: str) -> list[tuple[str, Period]]:
    """The periods that people ask for most, by that zone's wall clock; weeks begin on Monday."""
    today = in_zone(at, zone_name).date()
    monday, month = today - timedelta(days=today.weekday()), today.replace(day=1)
    quarter = month.replace(month=(month.month - 1) // 3 * 3 + 1)
    week = timedelta(days=7)
    return [
        (_("This week"), Period(monday, monday + week, zone_name)),
        (_("Last week"), Period(monday - week, monday, zone_name)),
        (_("This month"), Period(month, add_months(month, 1), zone_name)),
        (_("Last month"), Period(add_months(month, -1), month, zone_name)),
        (_("This quarter"), Period(quarter, add_months(quarter, 3), zone_name)),
        (_("Last quarter"), Period(add_months(quarter, -3), quarter, zone_name)),
    ]


def add_months(day: date, months: int) -> date:
    """The same day so many months later; the month's last day where it has fewer."""
    year, month = divmod(_month_number(day) + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1
