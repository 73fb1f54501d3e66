"""Calendars for tests: those of shared cases, any that can be, and the model that counts minute by minute."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from common.business_hours import BadHours, BusinessHours

ZONES = ["UTC", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu",
         "America/New_York", "Pacific/Apia", "Africa/Casablanca", "Pacific/Chatham", "America/Havana"]  # fmt: skip
OFFICE = {day: [(time(9), time(17))] for day in range(5)}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def read(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def wall(text):
    return time() if text == "24:00" else time.fromisoformat(text)


def of_case(case):
    """The calendar of a shared case, its breaks folded into special days."""
    weekly = {WEEKDAYS.index(name): [(wall(a), wall(b)) for a, b in spans] for name, spans in case["hours"].items()}
    special = {
        date.fromisoformat(day): [(wall(a), wall(b)) for a, b in spans]
        for day, spans in case.get("special_days", {}).items()
    }
    for day, breaks in case.get("breaks", {}).items():
        on = date.fromisoformat(day)
        spans = special.get(on, weekly.get(on.weekday(), []))
        for starts, ends in breaks:
            spans = without(spans, wall(starts), wall(ends))
        special[on] = spans
    return BusinessHours(case["timezone"], weekly, [date.fromisoformat(day) for day in case["holidays"]], special)


def without(spans, starts, ends):
    """The spans with one break taken out; an end at ``time()`` is midnight."""
    left = []
    for opens, closes in spans:
        if opens < starts:
            left.append((opens, min(closes, starts, key=_end)))
        if _end(ends) < _end(closes):
            left.append((max(opens, ends), closes))
    return [(opens, closes) for opens, closes in left if opens < _end(closes)]


def _end(closes):
    return time.max if closes == time() else closes


# the dates around a change of the clocks, and around what single dates change, are those that go wrong
TURNS = [
    date(2024, 3, 10), date(2024, 3, 31), date(2024, 4, 7), date(2024, 10, 27), date(2024, 11, 3), date(2024, 12, 29),
]  # fmt: skip
SPAN_OF_DATES = (date(2026, 12, 31) - date(2023, 1, 1)).days


class Case:
    """One example, drawn from a number: cheap enough for tens of thousands, and the number brings it back."""

    def __init__(self, number):
        self.random = Random(number)
        self.hours = self.calendar()

    def __repr__(self):
        return repr(self.hours)

    def day(self):
        if self.random.random() < 0.5:
            return self.random.choice(TURNS) + timedelta(days=self.random.randint(-4, 4))
        return date(2023, 1, 1) + timedelta(days=self.random.randint(0, SPAN_OF_DATES))

    def instant(self, *, whole_minutes=False):
        at = datetime.combine(self.day(), time(), UTC) + timedelta(seconds=self.random.randint(0, 86_400))
        return at.replace(second=0) if whole_minutes else at

    def spans(self):
        return [self.span() for _n in range(self.random.choice([0, 1, 1, 2, 3]))]

    def span(self):
        opens, closes = sorted(self.random.sample(range(97), 2))
        return time(opens // 4, opens % 4 * 15), time(closes // 4 % 24, closes % 4 * 15)

    def length(self):
        kind = self.random.random()
        if kind < 0.4:
            return self.random.randint(0, 4 * 3600)
        return self.random.randint(0, 10_000_000) if kind < 0.7 else self.random.uniform(0, 1_000_000)

    def calendar(self):
        """Any calendar that opens at least once."""
        zone = self.random.choice(ZONES)
        weekly = {day: self.spans() for day in range(7) if self.random.random() < 0.7}
        special = {self.day(): self.spans() for _n in range(self.random.randint(0, 3))}
        try:
            return BusinessHours(zone, weekly, [self.day() for _n in range(self.random.randint(0, 4))], special)
        except BadHours:
            return BusinessHours.always(zone)


cases = st.builds(Case, st.integers(0, 2**63))


class ByTheMinute:
    """The naive model: it asks the clock on the wall at every minute, and knows nothing of sums, weeks or offsets."""

    def __init__(self, hours):
        self.hours, self.zone = hours, ZoneInfo(hours.tz)

    def is_open(self, at):
        local = at.astimezone(self.zone)
        day, now = local.date(), local.time()
        if day in self.hours.holidays:
            return False
        spans = self.hours.special_days.get(day, self.hours.hours.get(day.weekday(), ()))
        return any(opens <= now and (closes == time() or now < closes) for opens, closes in spans)

    def minutes(self, start, end):
        """How many whole minutes from ``start`` on, before ``end``, begin open (all edges lie on whole minutes)."""
        count, at = 0, start
        while at < end:
            count += self.is_open(at)
            at += timedelta(minutes=1)
        return count
