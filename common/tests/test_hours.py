"""Working time against cases of a dozen other products, and against laws that hold for any calendar."""

import json
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Malformed
from common.hours import ROUND_THE_CLOCK, BusinessHours, NeverOpen

ZONES = ["UTC", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu",
         "America/New_York", "Pacific/Apia", "Africa/Casablanca", "Pacific/Chatham"]  # fmt: skip
OFFICE = {day: [("09:00", "17:00")] for day in range(5)}
LONDON = BusinessHours("Europe/London", OFFICE)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def read(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_agrees_with_every_case_of_other_products(shared_data):
    cases = json.loads((shared_data / "data" / "business-hours" / "cases.json").read_text())["cases"]

    wrong = {case["id"]: got for case in cases if (got := answer(case)) not in accepted(case)}

    assert len(cases) >= 190
    assert wrong == {}


def answer(case):
    hours = BusinessHours.from_data(case)
    start = read(case["start"])
    match case["op"]:
        case "add":
            return hours.add(start, case["add_seconds"])
        case "between":
            return hours.between(start, read(case["end"]))
        case "is_open":
            return hours.is_open(start)
        case "next_open":
            return hours.next_open(start)


def accepted(case):
    if case["op"] == "between":
        return [case["expected_seconds"]]
    if case["op"] == "is_open":
        return [case["expected"]]
    return [read(text) for text in case.get("expected_any", [case["expected"]])]


wall_times = st.integers(0, 288).map(lambda n: n * 300)
spans = st.lists(st.tuples(wall_times, wall_times).map(sorted).map(tuple), max_size=3)
dates = st.dates(date(2023, 1, 1), date(2026, 12, 31))
instants = st.datetimes(datetime(2023, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
calendars = st.builds(
    BusinessHours,
    st.sampled_from(ZONES),
    st.dictionaries(st.integers(0, 6), spans, min_size=1),
    st.lists(dates, max_size=4),
    st.dictionaries(dates, spans, max_size=3),
    st.dictionaries(dates, spans, max_size=3),
)


@given(calendars, instants, st.integers(0, 10_000_000))
def test_what_was_added_lies_between(hours, start, seconds):
    try:
        due = hours.add(start, seconds)
    except NeverOpen:
        assert hours.between(start, start + timedelta(days=3650)) < seconds
    else:
        assert hours.between(start, due) == seconds
        assert sum(step.seconds for step in hours.explain(start, seconds)) == seconds


@given(calendars, instants, instants, instants)
def test_stretches_add_up(hours, one, another, other):
    first, second, third = sorted((one, another, other))

    assert hours.open_time(first, second) + hours.open_time(second, third) == hours.open_time(first, third)
    assert hours.between(third, first) == -hours.between(first, third)


@given(calendars, instants, st.integers(0, 3 * 24 * 60))
def test_minutes_counted_one_by_one_agree(hours, start, minutes):
    start = start.replace(second=0, microsecond=0)
    zone = ZoneInfo(hours.time_zone)

    ticks = [start + timedelta(minutes=n) for n in range(minutes)]
    counted = sum(wall_is_open(hours, tick.astimezone(zone)) for tick in ticks)

    assert hours.between(start, start + timedelta(minutes=minutes)) == 60 * counted


def wall_is_open(hours, local):
    data = hours.as_data()
    day, wall = local.date().isoformat(), local.strftime("%H:%M")
    name = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[local.weekday()]
    spans = data["special_days"].get(day, data["hours"].get(name, []))
    return (
        day not in data["holidays"]
        and any(opens <= wall < closes for opens, closes in spans)
        and not any(starts <= wall < ends for starts, ends in data["breaks"].get(day, []))
    )


@given(calendars, instants)
def test_the_next_opening_is_open_and_nothing_opened_before(hours, at):
    try:
        opening = hours.next_open(at)
    except NeverOpen:
        assert hours.between(at, at + timedelta(days=3650)) == 0
    else:
        assert hours.is_open(opening)
        assert hours.between(at, opening) == 0


@given(calendars, instants, st.integers(0, 10))
def test_working_days_end_in_working_time(hours, start, days):
    try:
        later = hours.add_working_days(start, days)
    except NeverOpen:
        return
    local = later.astimezone(ZoneInfo(hours.time_zone))
    assert hours.is_working_day((local - timedelta(microseconds=1)).date()) or hours.is_working_day(local.date())


@given(calendars)
def test_survives_being_stored(hours):
    assert BusinessHours.from_data(json.loads(json.dumps(hours.as_data()))) == hours
    assert hash(BusinessHours.from_data(hours.as_data())) == hash(hours)


def test_time_that_ends_at_closing_is_due_at_closing():
    assert LONDON.add(utc(2026, 1, 5, 9), 8 * 3600) == utc(2026, 1, 5, 17)


def test_nothing_added_is_the_start_even_when_closed():
    assert LONDON.add(utc(2026, 1, 3, 12), 0) == utc(2026, 1, 3, 12)


def test_a_skipped_hour_is_no_working_time_and_a_repeated_one_counts_twice():
    night = BusinessHours("Europe/Berlin", {6: [("02:00", "03:00")]})

    assert night.between(utc(2026, 3, 28, 12), utc(2026, 3, 29, 12)) == 0
    assert night.between(utc(2026, 10, 24, 12), utc(2026, 10, 25, 12)) == 7200


def test_a_day_that_was_skipped_by_moving_the_date_line_has_no_hours():
    samoa = BusinessHours("Pacific/Apia", OFFICE)

    assert samoa.between(utc(2011, 12, 29, 10), utc(2012, 1, 1, 10)) == 8 * 3600  # Thursday; the 30th never was


def test_round_the_clock_is_calendar_time():
    assert ROUND_THE_CLOCK.is_round_the_clock
    assert ROUND_THE_CLOCK.add(utc(2026, 3, 28, 12), 86_400) == utc(2026, 3, 29, 12)
    assert ROUND_THE_CLOCK.between(utc(2026, 1, 1), utc(2027, 1, 1)) == 365 * 86_400


def test_says_where_the_time_went__S7():
    hours = LONDON.with_holidays([date(2026, 1, 5)])

    steps = hours.explain(utc(2026, 1, 2, 16), 7200)

    assert [(step.kind, step.start, step.end, step.seconds) for step in steps] == [
        ("open", utc(2026, 1, 2, 16), utc(2026, 1, 2, 17), 3600),
        ("closed", utc(2026, 1, 2, 17), utc(2026, 1, 6, 9), 0),
        ("open", utc(2026, 1, 6, 9), utc(2026, 1, 6, 10), 3600),
    ]
    assert steps[1].holidays == (date(2026, 1, 5),)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (utc(2026, 1, 2, 15), 1, utc(2026, 1, 5, 15)),  # Friday to Monday
        (utc(2026, 1, 3, 15), 1, utc(2026, 1, 5, 15)),  # from a Saturday
        (utc(2026, 1, 3, 15), 0, utc(2026, 1, 5, 15)),
        (utc(2026, 1, 2, 7), 1, utc(2026, 1, 5, 9)),  # before opening
        (utc(2026, 1, 2, 22), 1, utc(2026, 1, 5, 17)),  # after closing
        (utc(2026, 3, 27, 15), 1, utc(2026, 3, 30, 14)),  # the same wall time in summer
        (utc(2026, 1, 2, 12), 5, utc(2026, 1, 9, 12)),
    ],
)
def test_working_days_keep_the_wall_time(start, days, end):
    assert LONDON.add_working_days(start, days) == end


@pytest.mark.parametrize(
    "hours", [BusinessHours("UTC"), BusinessHours("UTC", {}, [], {date(2020, 1, 1): [("09:00", "10:00")]})]
)
def test_a_calendar_that_never_opens_says_so(hours):
    for question in (lambda at: hours.add(at, 60), hours.next_open, lambda at: hours.add_working_days(at, 1)):
        with pytest.raises(NeverOpen):
            question(utc(2026, 1, 1))


def test_far_answers_come_at_once():
    hour_a_week = BusinessHours("Europe/Berlin", {0: [("09:00", "10:00")]})

    assert hour_a_week.add(utc(2026, 1, 1), 52 * 20 * 3600).year == 2045
    with pytest.raises(NeverOpen):
        hour_a_week.add(utc(2026, 1, 1), 10**12)
    with pytest.raises(NeverOpen):
        ROUND_THE_CLOCK.add(utc(2026, 1, 1), 10**12)


@pytest.mark.parametrize(
    "broken",
    [
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": "UTC", "weekly": {0: [("17:00", "09:00")]}},
        {"time_zone": "UTC", "weekly": {7: []}},
        {"time_zone": "UTC", "weekly": {0: [("nine", "five")]}},
        {"time_zone": "UTC", "weekly": {0: [("09:00",)]}},
    ],
)
def test_broken_hours_are_refused(broken):
    with pytest.raises(Malformed):
        BusinessHours(**broken)


def test_overlapping_spans_count_once():
    hours = BusinessHours("UTC", {0: [(time(9), time(12)), ("11:00", "13:00"), ("13:00", "14:00")]})

    assert hours.weekly[0] == ((9 * 3600, 14 * 3600),)
