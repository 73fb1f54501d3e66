"""When a zone changes its clocks: between two changes its wall time is a plain line beside that of UTC.

Instants are whole microseconds since the start of 31 December of the year 0 in UTC (``date.toordinal``), wall times the
same of the zone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from common.clock import zone_named

MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
DAY = 86_400 * SECOND
FIRST = datetime(1, 1, 1, tzinfo=UTC)
LAST = (datetime.max.replace(tzinfo=UTC) - FIRST) // MICROSECOND + DAY
"""The last instant that a datetime can say."""
FIRST_KEPT, ORDERLY, APART = 1800, 1950, 6 * DAY
"""Before the first year no zone changed its clocks. Since the second, changes lie further apart than so: a week at
least (Brazil gave summer time up after one in 2000). Between the two, days are looked at one by one."""
RULED_SINCE = 2200
RULED = date(RULED_SINCE, 1, 1).toordinal() * DAY
"""From here on every zone's clocks follow a rule; the changes written down one by one end in 2087 (Gaza, Morocco)."""
CYCLE_YEARS, CYCLE = 400, 146_097 * DAY
"""The dates, their weekdays, and what rules make of them, come again after so long."""


def offset_of(tz: str, ticks: int) -> int:
    """Microseconds that the zone's wall time is ahead of UTC."""
    return (_near(ticks).astimezone(zone_named(tz)).utcoffset() or timedelta()) // MICROSECOND


def _near(ticks: int) -> datetime:
    """The instant; on the outermost days, when no clock is changed, one that every zone can say."""
    return FIRST + timedelta(microseconds=min(max(ticks, 3 * DAY), LAST - 2 * DAY) - DAY)


def stretches(tz: str, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The window cut where the zone changes its clocks: (from, to, offset), in order; none where it is empty."""
    if end <= start:
        return
    since, offset = start, offset_of(tz, start)
    for year in range(_near(start).year, _near(end).year + 1):
        cycles = max((year - RULED_SINCE) // CYCLE_YEARS, 0)
        for same, after in changes(tz, year - cycles * CYCLE_YEARS):
            change = same + cycles * CYCLE
            if since < change < end:
                yield since, change, offset
                since = change
            if change <= since:
                offset = after
    yield since, end, offset


@lru_cache(maxsize=4096)
def changes(tz: str, year: int) -> tuple[tuple[int, int], ...]:
    """When in a year of UTC the zone changes its clocks, and its offset from then on."""
    first, last = date(year, 1, 1).toordinal() * DAY, (date(year, 12, 31).toordinal() + 1) * DAY
    step = APART if year >= ORDERLY else DAY if year >= FIRST_KEPT else last - first
    looks = [*range(first, last, step), last]
    offsets = [offset_of(tz, at) for at in looks]
    found = []
    for since, until, before, after in zip(looks, looks[1:], offsets, offsets[1:], strict=False):
        if before != after:
            seconds = range(since + SECOND, until + 1, SECOND)
            found.append((_first_changed(tz, seconds, before), after))
    return tuple(found)


def _first_changed(tz: str, seconds: range, before: int) -> int:
    return seconds[bisect_left(seconds, True, key=lambda at: offset_of(tz, at) != before)]
