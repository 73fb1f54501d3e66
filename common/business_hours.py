"""Working time: when a calendar is open, and how much open time lies between two instants.

An instant is open when the clock on the wall of the calendar's zone shows a time inside one of that date's spans
(``[opens, closes)``). That one sentence decides every change of the clocks: a skipped hour is no working time, a
repeated hour is worked twice, and the seconds counted are real ones.

Between two changes of its clocks a zone's wall time is a plain line, on which open time is a sum: whole weeks, the days
since Monday, and what single dates add or take away. So an answer costs by the changes of the clocks on its way, not by
its days; and since the calendar of dates repeats every 400 years, and zones whose future is a rule with it, years far
ahead cost nothing. Everything inside is in whole microseconds since the start of 31 December of the year 0
(``date.toordinal``).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Self

from django.utils.translation import gettext as _

from common.clock import zone_named
from common.errors import Malformed, Refused
from common.wall_time import CYCLE, DAY, FIRST, LAST, MICROSECOND, RULED, SECOND, offset_of, stretches

Wall = tuple[time, time]
Spans = tuple[tuple[int, int], ...]
"""(opens, closes) of one date in microseconds since midnight: in order, apart."""


class BadHours(Malformed, ValueError):
    """These hours, dates or lengths cannot be; the message says what to write instead."""


class NeverOpen(Refused):
    """The calendar has too little open time left: only days gone by, or too few hours before the year 10000."""

    def __init__(self) -> None:
        super().__init__(_("This calendar has too few opening hours to reach that time."), code="never_open", rule="S2")


@dataclass(frozen=True)
class BusinessHours:
    """Hours per weekday in one time zone, with dates that are closed and dates with hours of their own.

    ``tz``: an IANA name. ``hours``: spans of wall time by weekday (Monday is 0), several a day, half-open; an end of
    ``time(0)`` is the midnight that ends the day, so ``(time(0), time(0))`` is a whole day; a shift over midnight is
    two spans; spans that overlap or touch count once. ``special_days`` replace the weekly hours of a local date (no
    spans: closed); ``holidays`` are closed and win over both. Raises ``BadHours``, also when nothing is ever open.

    Instants are aware datetimes of any zone; those handed out are in UTC. What lies outside the years 1 to 9999 of UTC
    is ``NeverOpen``.
    """

    tz: str
    hours: Mapping[int, Sequence[Wall]]
    holidays: Collection[date] = frozenset()
    special_days: Mapping[date, Sequence[Wall]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        zone_named(self.tz)
        if not set(self.hours) <= set(range(7)):
            raise BadHours(_("A week has the days 0 (Monday) to 6 (Sunday)."), code="bad_hours", field="hours")
        if not all(type(day) is date for day in (*self.holidays, *self.special_days)):
            raise BadHours(_("Holidays and special days are dates."), code="bad_hours", field="holidays")
        has_special = any(spans for _day, spans in self._exceptions)  # read now: bad ones are refused here
        if not (any(self._week) or has_special):
            raise BadHours(_("Give at least one span of opening hours."), code="bad_hours", field="hours")

    @classmethod
    def always(cls, tz: str = "UTC") -> Self:
        """Around the clock: working time is calendar time."""
        return cls(tz, dict.fromkeys(range(7), ((time(0), time(0)),)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BusinessHours):
            return NotImplemented
        return (self.tz, self._week, self._exceptions) == (other.tz, other._week, other._exceptions)

    def __hash__(self) -> int:
        return hash((self.tz, self._week, tuple(self._exceptions)))

    @cached_property
    def is_round_the_clock(self) -> bool:
        """Is every instant open?"""
        return not self._exceptions and all(spans == ((0, DAY),) for spans in self._week)

    def is_open(self, at: datetime) -> bool:
        """Is somebody there at this instant? The opening counts as open, the closing as closed."""
        day, rest = divmod(_ticks(at) + offset_of(self.tz, _ticks(at)), DAY)
        return any(opens <= rest < closes for opens, closes in self._spans(day))

    def next_open(self, at: datetime) -> datetime:
        """``at`` itself while open, else the next opening. Raises ``NeverOpen``."""
        # the first microsecond that is worked ends one microsecond after the opening
        return _instant(_ticks(at)) if self.is_open(at) else self.add(at, 1e-6) - MICROSECOND

    def add(self, start: datetime, seconds: float) -> datetime:
        """The earliest instant at which ``seconds`` of open time have elapsed since ``start``.

        Time that runs out at closing is due at closing, not at the next opening; nothing added is ``start``. Exact to
        the microsecond. Raises ``BadHours`` for a length that is negative or no number, ``NeverOpen``.
        """
        left = _length(seconds)
        begin = _ticks(start)
        if not left:
            return _instant(begin)
        if self.is_round_the_clock:
            return _instant(begin + left)
        steady = min(max(begin, self._steady), LAST)
        due, left = self._within(begin, steady, left)
        if due is None and any(self._week):
            cycles = (left - 1) // self._cycle
            due, _left = self._within(steady + cycles * CYCLE, LAST, left - cycles * self._cycle)
        if due is None:
            raise NeverOpen
        return _instant(due)

    def elapsed(self, start: datetime, end: datetime) -> float:
        """Seconds of open time between two instants; negative when ``end`` lies before ``start``."""
        return self.open_time(start, end) / timedelta(seconds=1)

    def open_time(self, start: datetime, end: datetime) -> timedelta:
        """``elapsed`` without rounding."""
        first, last = _ticks(start), _ticks(end)
        if last < first:
            return -self.open_time(end, start)
        if self.is_round_the_clock:
            return (last - first) * MICROSECOND
        cycles = max(last - max(first, self._steady), 0) // CYCLE
        return MICROSECOND * (self._counted(first, last - cycles * CYCLE) + (cycles and cycles * self._cycle))

    def spans_between(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Open stretches inside a window, in order, those that touch joined (a shift over midnight is one)."""
        held: tuple[int, int] | None = None
        for opens, closes in self._open_ticks(_ticks(start), _ticks(end)):
            if held and held[1] == opens:
                held = held[0], closes
                continue
            if held:
                yield _instant(held[0]), _instant(held[1])
            held = opens, closes
        if held:
            yield _instant(held[0]), _instant(held[1])

    def closed_dates(self, start: datetime, end: datetime) -> tuple[date, ...]:
        """The holidays among the local dates from ``start`` to ``end``, both included."""
        first, last = _local(start, self.tz).date(), _local(end, self.tz).date()
        return tuple(sorted(day for day in self.holidays if first <= day <= last))

    def is_working_day(self, day: date) -> bool:
        """Does the calendar open at all on this local date?"""
        return bool(self._spans(day.toordinal()))

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """The same wall time ``days`` working days later, moved into that day's hours.

        Too early, or in a break: the next opening of that day; too late: the day's last closing. Days are counted after
        the local date of ``start``; with 0, a ``start`` on a closed day moves to the next working day. Raises
        ``BadHours`` for a negative number, ``NeverOpen``.
        """
        if days < 0:
            raise BadHours(_("Working days are counted forwards."), code="bad_length")
        local = _local(start, self.tz)
        today = local.date()
        day = today if days == 0 and self.is_working_day(today) else self._working_day(today, max(days, 1))
        wall = (local.replace(tzinfo=None) - datetime.combine(today, time())) // MICROSECOND
        spans = self._spans(day.toordinal())
        fitting = next((max(opens, wall) for opens, closes in spans if wall < closes), spans[-1][1])
        try:
            found = datetime.combine(day, time()) + fitting * MICROSECOND
            return found.replace(tzinfo=zone_named(self.tz)).astimezone(UTC)
        except OverflowError as error:
            raise NeverOpen from error

    def _working_day(self, day: date, nth: int) -> date:
        """The ``nth`` working day after this date."""
        ordinals = range(day.toordinal() + 1, date.max.toordinal() + 1)
        wanted = self._days_before(ordinals.start) + nth
        place = bisect_left(ordinals, wanted, key=lambda one: self._days_before(one + 1))
        if place == len(ordinals):
            raise NeverOpen
        return date.fromordinal(ordinals[place])

    def _days_before(self, day: int) -> int:
        """Working days before this date (its ordinal)."""
        weeks, weekday = divmod(day - 1, 7)
        before = bisect_left(self._exception_days, day)
        return weeks * self._days_of_week[7] + self._days_of_week[weekday] + self._days_gained[before]

    @cached_property
    def _days_of_week(self) -> list[int]:
        return _sums(len(spans) > 0 for spans in self._week)

    @cached_property
    def _days_gained(self) -> list[int]:
        return _sums((len(spans) > 0) - (len(self._week[(day - 1) % 7]) > 0) for day, spans in self._exceptions)

    # --- Across the changes of the clocks ------------------------------------

    @cached_property
    def _steady(self) -> int:
        """From here on no single date differs and clocks change by rules: all comes again every 400 years."""
        return max([RULED, *((day + 2) * DAY for day in self._exception_days[-1:])])

    @cached_property
    def _cycle(self) -> int:
        """Open microseconds in any 400 years of the steady ones, those that begin with ``RULED`` or others."""
        return BusinessHours(self.tz, self.hours)._counted(RULED, RULED + CYCLE) if any(self._week) else 0

    def _counted(self, start: int, end: int) -> int:
        """Open microseconds of a window."""
        parts = stretches(self.tz, start, end)
        return sum(self._worked(until + offset) - self._worked(since + offset) for since, until, offset in parts)

    def _within(self, start: int, end: int, left: int) -> tuple[int | None, int]:
        """When in this window so much open time is over; else None, and how much of it is left at the end."""
        for since, until, offset in stretches(self.tz, start, end):
            worked = self._worked(since + offset)
            there = self._worked(until + offset) - worked
            if left <= there:
                return self._reached(worked + left, since + offset, until + offset) - offset, 0
            left -= there
        return None, left

    # --- Wall time: a line without changes of the clocks ---------------------

    @cached_property
    def _week(self) -> tuple[Spans, ...]:
        return tuple(_read(self.hours.get(weekday, ())) for weekday in range(7))

    @cached_property
    def _exceptions(self) -> list[tuple[int, Spans]]:
        """Dates that differ from their weekday, in order."""
        special = {day: _read(spans) for day, spans in self.special_days.items()} | dict.fromkeys(self.holidays, ())
        return sorted((day.toordinal(), spans) for day, spans in special.items() if spans != self._week[day.weekday()])

    @cached_property
    def _by_day(self) -> dict[int, Spans]:
        return dict(self._exceptions)

    @cached_property
    def _exception_days(self) -> list[int]:
        return [day for day, _spans in self._exceptions]

    @cached_property
    def _since_monday(self) -> list[int]:
        """Open microseconds of a week before each weekday; the last is the whole week."""
        return _sums(_open(spans) for spans in self._week)

    @cached_property
    def _gained(self) -> list[int]:
        """What the first n exceptions add to, or take from, the hours of their weekdays."""
        return _sums(_open(spans) - _open(self._week[(day - 1) % 7]) for day, spans in self._exceptions)

    def _spans(self, day: int) -> Spans:
        return self._by_day.get(day, self._week[(day - 1) % 7])

    def _before(self, day: int) -> int:
        """Open microseconds of wall time before this date (its ordinal)."""
        weeks, weekday = divmod(day - 1, 7)
        regular = weeks * self._since_monday[7] + self._since_monday[weekday]
        return regular + self._gained[bisect_left(self._exception_days, day)]

    def _worked(self, wall: int) -> int:
        """Open microseconds of wall time before this one."""
        day, rest = divmod(wall, DAY)
        today = sum(min(closes, rest) - opens for opens, closes in self._spans(day) if opens < rest)
        return self._before(day) + today

    def _reached(self, worked: int, since: int, until: int) -> int:
        """The earliest wall time after ``since`` at which ``worked`` is complete; it is so at ``until``."""
        days = range(since // DAY, until // DAY + 2)
        day = days[bisect_left(days, worked, key=self._before) - 1]
        left = worked - self._before(day)
        for opens, closes in self._spans(day):
            if left <= closes - opens:
                return day * DAY + opens + left
            left -= closes - opens
        raise AssertionError("the day before the first with more open time reaches it")

    def _open_ticks(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        for since, until, offset in stretches(self.tz, start, end):
            for day in range((since + offset) // DAY, (until + offset) // DAY + 1):
                for opens, closes in self._spans(day):
                    first = max(day * DAY + opens - offset, since)
                    last = min(day * DAY + closes - offset, until)
                    if first < last:
                        yield first, last


# --- Reading what was given ---------------------------------------------------


def _read(given: Sequence[Wall]) -> Spans:
    spans: list[tuple[int, int]] = []
    try:
        walls = sorted((_wall(opens), _wall(closes) or DAY) for opens, closes in given)
    except (TypeError, ValueError, AttributeError) as error:
        raise BadHours(_("Opening hours are pairs of times, such as 09:00 and 17:30."), code="bad_hours") from error
    for opens, closes in walls:
        if closes < opens:
            words = _("Hours end after they begin; write a shift over midnight as two spans.")
            raise BadHours(words, code="bad_hours", field="hours")
        if spans and opens <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(closes, spans[-1][1])
        elif opens < closes:
            spans.append((opens, closes))
    return tuple(spans)


def _wall(wall: time) -> int:
    if wall.tzinfo is not None:
        raise ValueError("opening hours are wall times of the calendar's zone")
    return ((wall.hour * 60 + wall.minute) * 60 + wall.second) * SECOND + wall.microsecond


def _length(seconds: float) -> int:
    if not 0 <= seconds < math.inf:
        raise BadHours(_("Working time is counted forwards, in seconds."), code="bad_length")
    try:
        return round(seconds * SECOND)
    except OverflowError as error:
        raise NeverOpen from error


def _open(spans: Spans) -> int:
    return sum(closes - opens for opens, closes in spans)


def _sums(parts: Iterable[int]) -> list[int]:
    """The sum of the first n, for every n from none on."""
    sums = [0]
    for part in parts:
        sums.append(sums[-1] + part)
    return sums


# --- Instants -------------------------------------------------------------------


def _ticks(at: datetime) -> int:
    if at.tzinfo is None:
        raise BadHours(_("Give an instant with its time zone."), code="bad_time")
    return (at - FIRST) // MICROSECOND + DAY


def _instant(ticks: int) -> datetime:
    try:
        return FIRST + (ticks - DAY) * MICROSECOND
    except OverflowError as error:
        raise NeverOpen from error


def _local(at: datetime, tz: str) -> datetime:
    try:
        return _instant(_ticks(at)).astimezone(zone_named(tz))
    except OverflowError as error:
        raise NeverOpen from error


ROUND_THE_CLOCK = BusinessHours.always()
