"""Working time: when a calendar is open, and how much open time lies between two instants.

An instant is open when the clock on the wall of the calendar's zone shows a time inside one of that day's spans
(``[opens, closes)``). That one sentence decides every change of the clocks: a skipped hour is no working time, a
repeated hour is worked twice. All instants handed out are in UTC. Cost grows with weeks, never with minutes.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Any, Self

from django.utils.translation import gettext as _

from common.clock import zone_named
from common.errors import Malformed, Refused
from common.spans import FULL_DAY, Spans, read_dated, read_spans, wall_seconds, without, write_spans

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HORIZON_DAYS = 50 * 366  # a due time further away than this is a mistake in the calendar
DAY = timedelta(days=1)
NOTHING = timedelta()


class NeverOpen(Refused):
    """The calendar has no working time left to count (no hours at all, or too few within fifty years)."""

    def __init__(self) -> None:
        super().__init__(_("This calendar has too few opening hours to reach that time."), code="never_open", rule="S2")


@dataclass(frozen=True, slots=True)
class Step:
    """One stretch of a clock's story; ``seconds`` is what it counted (0 unless ``kind`` is ``open``)."""

    start: datetime
    end: datetime | None  # None: still running
    seconds: int
    kind: str  # "open", "closed" or "paused"
    holidays: tuple[date, ...] = ()  # local holidays inside a closed stretch


@dataclass(frozen=True)
class BusinessHours:
    """A calendar: hours per weekday in one zone, full holidays, days with other hours, breaks on single dates.

    ``weekly`` maps 0 (Monday) … 6 to spans of wall times (``time`` or ``"HH:MM[:SS]"``; an end may be ``"24:00"``); an
    overnight shift is two spans. A holiday wins over a special day, breaks are taken out last. Raises ``Malformed``.
    """

    time_zone: str
    weekly: Any = field(default_factory=dict)
    holidays: Any = frozenset()
    special_days: Any = ()
    breaks: Any = ()

    def __post_init__(self) -> None:
        settle = object.__setattr__
        zone_named(self.time_zone)
        weekly = dict(self.weekly) if isinstance(self.weekly, Mapping) else dict(enumerate(self.weekly))
        if not set(weekly) <= set(range(7)):
            raise Malformed(_("A week has the days 0 (Monday) to 6 (Sunday)."), code="bad_hours", field="weekly")
        settle(self, "weekly", tuple(read_spans(weekly.get(day, ())) for day in range(7)))
        settle(self, "holidays", frozenset(self.holidays))
        settle(self, "special_days", read_dated(self.special_days))
        settle(self, "breaks", read_dated(self.breaks))

    @classmethod
    def always_open(cls, time_zone: str = "UTC") -> Self:
        """Around the clock: working time is calendar time."""
        return cls(time_zone, dict.fromkeys(range(7), FULL_DAY))

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``as_data`` wrote (JSON: weekday names, ISO dates, "HH:MM")."""
        try:
            weekly = {WEEKDAYS.index(name): spans for name, spans in data.get("hours", {}).items()}
            return cls(
                data.get("timezone", "UTC"),
                weekly,
                [date.fromisoformat(day) for day in data.get("holidays", ())],
                {date.fromisoformat(day): spans for day, spans in data.get("special_days", {}).items()},
                {date.fromisoformat(day): spans for day, spans in data.get("breaks", {}).items()},
            )
        except (ValueError, TypeError, AttributeError) as error:
            raise Malformed(_("These opening hours cannot be read."), code="bad_hours") from error

    def as_data(self) -> dict[str, Any]:
        """The calendar as JSON values; equal calendars give equal data."""
        return {
            "timezone": self.time_zone,
            "hours": {WEEKDAYS[day]: write_spans(spans) for day, spans in enumerate(self.weekly) if spans},
            "holidays": sorted(day.isoformat() for day in self.holidays),
            "special_days": {day.isoformat(): write_spans(spans) for day, spans in self.special_days},
            "breaks": {day.isoformat(): write_spans(spans) for day, spans in self.breaks},
        }

    def with_holidays(self, days: Collection[date]) -> Self:
        """The same calendar with more holidays."""
        return replace(self, holidays=self.holidays | frozenset(days))

    @cached_property
    def is_round_the_clock(self) -> bool:
        return all(spans == FULL_DAY for spans in self.weekly) and not self._exceptions

    def is_open(self, at: datetime) -> bool:
        """Is somebody there at this instant? Opening counts as open, closing as closed."""
        at = _instant(at)
        return any(opens <= at < closes for opens, closes in self._spans_in(at.date()))

    def next_open(self, at: datetime) -> datetime:
        """``at`` itself while open, else the next opening. Raises ``NeverOpen``."""
        at = _instant(at)
        for opens, closes in self._spans_from(at):
            if closes > at:
                return max(opens, at)
        raise NeverOpen

    def add(self, start: datetime, seconds: float | timedelta) -> datetime:
        """The earliest instant at which ``seconds`` of open time have passed since ``start``.

        Time that runs out exactly at closing is due at closing, not at the next opening; nothing added is ``start``.
        """
        start, remaining = _instant(start), _length(seconds)
        if not remaining:
            return start
        try:
            return start + remaining if self.is_round_the_clock else self._walk(start, remaining)
        except OverflowError as error:
            raise NeverOpen from error

    def _walk(self, start: datetime, remaining: timedelta) -> datetime:
        day, horizon = start.date(), start.date() + timedelta(days=HORIZON_DAYS)
        while day < horizon and self._opens_after(day):
            if day > start.date() and remaining > self._week and self._is_plain_week(day):
                remaining -= self._week
                day += 7 * DAY
                continue
            for opens, closes in self._spans_in(day):
                opens = max(opens, start)
                if opens >= closes:
                    continue
                if remaining <= closes - opens:
                    return opens + remaining
                remaining -= closes - opens
            day += DAY
        raise NeverOpen

    def open_time(self, start: datetime, end: datetime) -> timedelta:
        """Exact open time between two instants; negative when ``end`` lies before ``start``."""
        start, end = _instant(start), _instant(end)
        if end < start:
            return -self.open_time(end, start)
        if self.is_round_the_clock:
            return end - start
        total, day, last = NOTHING, start.date(), end.date()
        while day <= last:
            if day > start.date() and day + 7 * DAY <= last and self._is_plain_week(day):
                total += self._week
                day += 7 * DAY
                continue
            for opens, closes in self._spans_in(day):
                total += max(min(closes, end) - max(opens, start), NOTHING)
            day += DAY
        return total

    def between(self, start: datetime, end: datetime) -> int:
        """Whole open seconds between two instants; negative when ``end`` lies before ``start``."""
        length = self.open_time(start, end)
        return length // timedelta(seconds=1) if length >= NOTHING else -(-length // timedelta(seconds=1))

    def explain(self, start: datetime, seconds: float | timedelta) -> list[Step]:
        """How ``add`` comes to its answer: every open and closed stretch from ``start`` to the due time."""
        return self.story(start, self.add(start, seconds))

    def story(self, start: datetime, end: datetime) -> list[Step]:
        """The open and closed stretches that lie between two instants, without gaps, in order."""
        start, end = _instant(start), _instant(end)
        if start >= end:
            return []
        if self.is_round_the_clock:
            return [Step(start, end, self.between(start, end), "open")]
        steps, cursor = [], start
        for opens, closes in self._stretches(start, end):
            if opens > cursor:
                steps.append(self._closed(cursor, opens))
            steps.append(Step(opens, closes, self.between(opens, closes), "open"))
            cursor = closes
        if cursor < end:
            steps.append(self._closed(cursor, end))
        return in_whole_seconds(steps)

    def is_working_day(self, day: date) -> bool:
        """Does the calendar open at all on this local date?"""
        return bool(self._wall_spans(day))

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """The same wall time ``days`` working days later, moved into that day's hours.

        Too early, or in a break: the next opening of that day; too late: the day's last closing. Days are counted after
        the local date of ``start``; with 0, a ``start`` on a closed day moves to the next working day.
        """
        if days < 0:
            raise ValueError("working days are counted forwards")
        zone = zone_named(self.time_zone)
        local = _instant(start).astimezone(zone)
        day, horizon = local.date(), local.date() + timedelta(days=HORIZON_DAYS)
        while not (days <= 0 and self.is_working_day(day)):
            day += DAY
            days -= self.is_working_day(day)
            if day > horizon or not self._opens_after(day):
                raise NeverOpen
        wall = wall_seconds(local.time())
        spans = self._wall_spans(day)
        fitting = next((max(opens, wall) for opens, closes in spans if wall < closes), spans[-1][1])
        exact = timedelta(microseconds=local.microsecond) if fitting == wall else NOTHING
        midnight = datetime.combine(day, time())
        return (midnight + timedelta(seconds=fitting) + exact).replace(tzinfo=zone).astimezone(UTC)

    # --- Local days ---------------------------------------------------------

    @cached_property
    def _special(self) -> dict[date, Spans]:
        return dict(self.special_days)

    @cached_property
    def _breaks(self) -> dict[date, Spans]:
        return dict(self.breaks)

    @cached_property
    def _exceptions(self) -> list[date]:
        return sorted({*self.holidays, *self._special, *self._breaks})

    @cached_property
    def _week(self) -> timedelta:
        return timedelta(seconds=sum(closes - opens for spans in self.weekly for opens, closes in spans))

    def _wall_spans(self, day: date) -> Spans:
        if day in self.holidays:
            return ()
        spans = self._special.get(day, self.weekly[day.weekday()])
        return without(spans, self._breaks[day]) if day in self._breaks else spans

    def _opens_after(self, day: date) -> bool:
        """Can anything still open? Else a calendar that never opens is searched for nothing."""
        return bool(self._week) or any(other >= day - DAY and spans for other, spans in self.special_days)

    # --- Days of UTC: in order whatever the local clocks do -------------------

    def _spans_in(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Open spans within one UTC day, in order."""
        for begins, ends, offset in _steady_stretches(self.time_zone, day):
            wall_begins, wall_ends = begins + offset, ends + offset
            local = wall_begins.date()
            while local <= wall_ends.date():
                midnight = datetime.combine(local, time(), UTC) - offset
                for opens, closes in self._wall_spans(local):
                    first = max(begins, midnight + timedelta(seconds=opens))
                    last = min(ends, midnight + timedelta(seconds=closes))
                    if first < last:
                        yield first, last
                local += DAY

    def _spans_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        day, horizon = start.date(), start.date() + timedelta(days=HORIZON_DAYS)
        while day < horizon and self._opens_after(day):
            yield from self._spans_in(day)
            day += DAY

    def _stretches(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Open spans clipped to the window, those that touch joined (a shift over midnight is one stretch)."""
        held: tuple[datetime, datetime] | None = None
        for opens, closes in self._spans_from(start):
            if opens >= end:
                break
            opens, closes = max(opens, start), min(closes, end)
            if opens >= closes:
                continue
            if held and held[1] == opens:
                held = held[0], closes
                continue
            if held:
                yield held
            held = opens, closes
        if held:
            yield held

    def _is_plain_week(self, day: date) -> bool:
        """Seven UTC days without an exception or a change of the clocks count the weekly hours exactly."""
        before, after = day - 2 * DAY, day + 9 * DAY
        at = bisect_left(self._exceptions, before)
        if at < len(self._exceptions) and self._exceptions[at] <= after:
            return False
        return _offset(self.time_zone, before) == _offset(self.time_zone, after)

    def _closed(self, start: datetime, end: datetime) -> Step:
        zone = zone_named(self.time_zone)
        first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
        return Step(start, end, 0, "closed", tuple(sorted(day for day in self.holidays if first <= day <= last)))


def in_whole_seconds(steps: list[Step]) -> list[Step]:
    """The same steps, their seconds rounded so that the sum is that of the exact lengths, cut once."""
    told, exact, rounded = 0, NOTHING, []
    for step in steps:
        if step.kind == "open" and step.end is not None:
            exact += step.end - step.start
            step = replace(step, seconds=exact // timedelta(seconds=1) - told)
            told += step.seconds
        rounded.append(step)
    return rounded


@lru_cache(maxsize=8192)
def _steady_stretches(zone: str, day: date) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """One UTC day cut where the zone changes its clocks: (from, to, offset from UTC)."""
    begins = datetime.combine(day, time(), UTC)
    ends = begins + DAY
    before, after = _offset_at(zone, begins), _offset_at(zone, ends - timedelta(seconds=1))
    if before == after:
        return ((begins, ends, before),)
    low, high = 0, 86_400
    while high - low > 1:
        middle = (low + high) // 2
        if _offset_at(zone, begins + timedelta(seconds=middle)) == before:
            low = middle
        else:
            high = middle
    change = begins + timedelta(seconds=high)
    return ((begins, change, before), (change, ends, after))


def _offset(zone: str, day: date) -> timedelta:
    return _offset_at(zone, datetime.combine(day, time(), UTC))


def _offset_at(zone: str, at: datetime) -> timedelta:
    return at.astimezone(zone_named(zone)).utcoffset() or NOTHING


def _instant(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("working time needs instants with a time zone")
    return at.astimezone(UTC)


def _length(seconds: float | timedelta) -> timedelta:
    length = seconds if isinstance(seconds, timedelta) else timedelta(seconds=seconds)
    if length < NOTHING:
        raise ValueError("working time is added forwards")
    return length


ROUND_THE_CLOCK = BusinessHours.always_open()
