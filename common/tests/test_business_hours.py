"""Working time against cases of a dozen other products, a naive model, and laws that hold for any calendar."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import partial
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from common.business_hours import ROUND_THE_CLOCK, BusinessHours, NeverOpen
from common.errors import Malformed
from common.tests.calendars import OFFICE, ZONES, ByTheMinute, cases, of_case, read, utc
from common.wall_time import DAY, MICROSECOND, changes, offset_of

LONDON = BusinessHours("Europe/London", OFFICE)
MANY = settings(max_examples=10_000)
END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def test_agrees_with_every_case_of_other_products(shared_data):
    cases = json.loads((shared_data / "data" / "business-hours" / "cases.json").read_text())["cases"]

    wrong = {case["id"]: got for case in cases if (got := answer(case)) not in accepted(case)}

    assert len(cases) >= 190
    assert wrong == {}


def answer(case):
    hours, start = of_case(case), read(case["start"])
    match case["op"]:
        case "add":
            return hours.add(start, case["add_seconds"])
        case "between":
            return hours.elapsed(start, read(case["end"]))
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


@MANY
@given(cases)
def test_agrees_with_a_model_that_asks_every_minute(case):
    hours, model, start = case.hours, ByTheMinute(case.hours), case.instant(whole_minutes=True)
    end = start + timedelta(minutes=case.random.randint(0, 300))

    open_minutes = model.minutes(start, end)

    assert hours.elapsed(start, end) == 60 * open_minutes
    assert hours.is_open(start) == model.is_open(start)
    if open_minutes:
        assert hours.add(start, 60 * open_minutes) <= end
        assert hours.add(start, 60 * open_minutes + 1) > end


@settings(max_examples=100)
@given(cases)
def test_agrees_with_the_model_over_weeks(case):
    start = case.instant(whole_minutes=True)
    end = start + timedelta(minutes=case.random.randint(0, 20 * 24 * 60))

    assert case.hours.elapsed(start, end) == 60 * ByTheMinute(case.hours).minutes(start, end)


@MANY
@given(cases)
def test_adding_is_inverted_by_counting_and_can_be_done_in_parts(case):
    hours, start, first, second = case.hours, case.instant(), case.length(), case.length()
    try:
        between = hours.add(start, first)
        due = hours.add(start, first + second)
    except NeverOpen:
        assert hours.elapsed(start, END_OF_TIME) < first + second
        return

    assert hours.elapsed(start, between) == pytest.approx(first, abs=1e-6)
    assert hours.elapsed(between, start) == -hours.elapsed(start, between)
    assert abs(hours.add(between, second) - due) <= 2 * MICROSECOND or hours.elapsed(between, due) < 1e-5
    assert not first or hours.elapsed(start, between - MICROSECOND) < hours.elapsed(start, between), "the earliest"


@MANY
@given(cases)
def test_stretches_add_up(case):
    hours = case.hours
    first, second, third = sorted(case.instant() for _n in range(3))

    assert hours.open_time(first, second) + hours.open_time(second, third) == hours.open_time(first, third)
    end = min(second, first + timedelta(days=30))
    spans = list(hours.spans_between(first, end))
    assert sum((closes - opens for opens, closes in spans), timedelta()) == hours.open_time(first, end)
    assert all(closes < opens for (_, closes), (opens, _) in pairwise(spans))


@MANY
@given(cases)
def test_the_next_opening_is_open_and_nothing_opened_before(case):
    hours, at = case.hours, case.instant()
    try:
        opening = hours.next_open(at)
    except NeverOpen:
        assert hours.elapsed(at, END_OF_TIME) == 0
        return

    assert hours.is_open(opening)
    assert hours.elapsed(at, opening) == 0
    assert opening == at or not hours.is_open(opening - MICROSECOND)


@given(cases)
def test_working_days_end_in_working_time(case):
    hours = case.hours
    try:
        later = hours.add_working_days(case.instant(), case.random.randint(0, 10))
    except NeverOpen:
        return
    local = later.astimezone(ZoneInfo(hours.tz))
    assert hours.is_working_day((local - MICROSECOND).date()) or hours.is_working_day(local.date())


def test_time_that_ends_at_closing_is_due_at_closing():
    assert LONDON.add(utc(2026, 1, 5, 9), 8 * 3600) == utc(2026, 1, 5, 17)


def test_nothing_added_is_the_start_even_when_closed():
    assert LONDON.add(utc(2026, 1, 3, 12), 0) == utc(2026, 1, 3, 12)


def test_an_end_of_midnight_ends_the_day_and_a_whole_day_is_one_span():
    evening = BusinessHours("UTC", {0: [(time(22), time(0))], 1: [(time(0), time(6))]})

    assert evening.add(utc(2026, 1, 5, 21), 3 * 3600) == utc(2026, 1, 6, 1)
    assert list(evening.spans_between(utc(2026, 1, 5), utc(2026, 1, 12))) == [(utc(2026, 1, 5, 22), utc(2026, 1, 6, 6))]
    assert BusinessHours("UTC", {6: [(time(0), time(0))]}).elapsed(utc(2026, 1, 3), utc(2026, 1, 6)) == 86_400


def test_special_days_replace_the_week_and_holidays_win_over_both():
    day, other = date(2026, 1, 5), date(2026, 1, 6)
    hours = BusinessHours("UTC", OFFICE, [day], {day: [(time(9), time(10))], other: [(time(20), time(21))]})

    assert hours.elapsed(utc(2026, 1, 5), utc(2026, 1, 6)) == 0
    assert list(hours.spans_between(utc(2026, 1, 6), utc(2026, 1, 7))) == [(utc(2026, 1, 6, 20), utc(2026, 1, 6, 21))]
    assert hours.closed_dates(utc(2026, 1, 5), utc(2026, 1, 6)) == (day,)


def test_a_skipped_hour_is_no_working_time_and_a_repeated_one_counts_twice():
    night = BusinessHours("Europe/Berlin", {6: [(time(2), time(3))]})

    assert night.elapsed(utc(2026, 3, 28, 12), utc(2026, 3, 29, 12)) == 0
    assert night.elapsed(utc(2026, 10, 24, 12), utc(2026, 10, 25, 12)) == 7200
    assert night.add(utc(2026, 10, 24, 12), 5400) == utc(2026, 10, 25, 1, 30)


def test_half_an_hour_of_summer_time():
    """Lord Howe Island moves its clocks by thirty minutes: 02:00 becomes 02:30 on 4 October 2026."""
    night = BusinessHours("Australia/Lord_Howe", {6: [(time(1), time(4))]})

    assert night.elapsed(utc(2026, 10, 3), utc(2026, 10, 4, 12)) == 2.5 * 3600
    assert night.elapsed(utc(2026, 4, 4), utc(2026, 4, 5, 12)) == 3.5 * 3600


def test_a_day_that_was_skipped_by_moving_the_date_line_has_no_hours():
    samoa = BusinessHours("Pacific/Apia", OFFICE)

    assert samoa.elapsed(utc(2011, 12, 29, 10), utc(2012, 1, 1, 10)) == 8 * 3600  # Thursday; the 30th never was


def test_clocks_that_went_back_over_midnight_worked_the_end_of_a_day_twice():
    """In Newfoundland 00:01 became 23:01 of the day before, until 2011."""
    late = BusinessHours("America/St_Johns", {5: [(time(23), time(0))]})

    assert late.elapsed(utc(2010, 11, 6), utc(2010, 11, 8)) == 3600 + 59 * 60


def test_any_zone_may_ask():
    asked = datetime(2026, 1, 5, 10, tzinfo=ZoneInfo("Asia/Kathmandu"))
    answered = datetime(2026, 1, 5, 9, tzinfo=timezone(timedelta(hours=-3)))

    assert (
        LONDON.elapsed(asked, answered) == LONDON.elapsed(asked.astimezone(UTC), answered.astimezone(UTC)) == 3 * 3600
    )
    assert LONDON.add(asked, 60) == utc(2026, 1, 5, 9, 1)


def test_round_the_clock_is_calendar_time():
    assert ROUND_THE_CLOCK.is_round_the_clock
    assert ROUND_THE_CLOCK.add(utc(2026, 3, 28, 12), 86_400) == utc(2026, 3, 29, 12)
    assert ROUND_THE_CLOCK.elapsed(utc(2026, 1, 1), utc(2027, 1, 1)) == 365 * 86_400


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


def test_a_calendar_whose_days_are_over_says_so():
    past = BusinessHours("UTC", {}, [], {date(2020, 1, 1): [(time(9), time(10))]})

    for question in (lambda at: past.add(at, 60), past.next_open, lambda at: past.add_working_days(at, 1)):
        with pytest.raises(NeverOpen):
            question(utc(2026, 1, 1))


# --- Far away -----------------------------------------------------------------

MINUTE_A_WEEK = {0: [(time(9), time(9, 1))]}


@pytest.mark.parametrize("zone", ["UTC", "Europe/Oslo", "Pacific/Auckland", "America/New_York"])
@pytest.mark.parametrize(
    ("start", "seconds", "year"),
    [
        (utc(2026, 1, 1), 60 * 3600, 2094),
        (utc(2026, 1, 1), 6900 * 3600, 9960),
        (utc(1, 6, 1), 8600 * 3600, 9890),
        (utc(9000, 1, 1), 60 * 3600, 9068),
    ],
)
def test_open_time_is_found_however_far_away_it_lies(zone, start, seconds, year):
    hours = BusinessHours(zone, MINUTE_A_WEEK)

    due = hours.add(start, seconds)

    assert abs(due.year - year) <= 1
    assert hours.elapsed(start, due) == seconds
    assert hours.elapsed(start, due - MICROSECOND) < seconds


@pytest.mark.parametrize("zone", ["Europe/Oslo", "Australia/Lord_Howe", "Africa/Casablanca"])
def test_years_that_are_skipped_count_as_those_that_are_walked(zone):
    """The hour that the clocks skip and repeat is open, so every change of theirs counts."""
    night = BusinessHours(zone, {6: [(time(1), time(4))], 2: [(time(9), time(17))]}, [date(2031, 1, 1)])
    start, end = utc(2030, 5, 5, 5), utc(4321, 7, 8, 9, 10)
    walked = sum(night.elapsed(utc(year, 1, 1), utc(year + 1, 1, 1)) for year in range(2031, 4321))
    walked += night.elapsed(start, utc(2031, 1, 1)) + night.elapsed(utc(4321, 1, 1), end)

    assert night.elapsed(start, end) == walked
    assert night.elapsed(start, night.add(start, walked)) == walked
    assert night.add(start, walked) <= end


def test_whole_cycles_of_400_years_end_where_their_last_minute_is_worked():
    hours = BusinessHours("Europe/Oslo", MINUTE_A_WEEK)
    cycle = hours.elapsed(utc(2200, 1, 1), utc(2600, 1, 1))

    for many in (1, 3):
        due = hours.add(utc(2200, 1, 1), many * cycle)
        assert hours.elapsed(utc(2200, 1, 1), due) == many * cycle
        assert hours.elapsed(utc(2200, 1, 1), due - MICROSECOND) < many * cycle
        assert due < utc(2200 + 400 * many, 1, 1)


@pytest.mark.parametrize("special", [date(2090, 5, 1), date(9990, 5, 1)])
def test_single_dates_far_ahead_are_reached_and_count(special):
    only = BusinessHours("Europe/Oslo", {}, [], {special: [(time(9), time(10))]})
    besides = BusinessHours("Europe/Oslo", MINUTE_A_WEEK, [], {special: [(time(9), time(10))]})
    before = BusinessHours("Europe/Oslo", MINUTE_A_WEEK)
    start, end = utc(2026, 1, 1), utc(9999, 1, 1)

    assert only.next_open(start).date() == special
    assert only.add_working_days(start, 1).date() == special
    assert besides.elapsed(start, end) - before.elapsed(start, end) == 3600 - 60 * (special.weekday() == 0)
    with pytest.raises(NeverOpen):
        only.add(start, 3601)


@pytest.mark.parametrize("hours", [BusinessHours("Europe/Berlin", MINUTE_A_WEEK), ROUND_THE_CLOCK])
def test_what_no_time_holds_is_refused(hours):
    with pytest.raises(NeverOpen):
        hours.add(utc(2026, 1, 1), 10**12)
    with pytest.raises(NeverOpen):
        hours.add_working_days(utc(2026, 1, 1), 10**7)


@pytest.mark.parametrize("zone", ["Europe/Oslo", "Pacific/Auckland", "America/New_York"])
def test_the_first_and_the_last_days_of_all_are_answered_or_refused(zone):
    always, week = BusinessHours.always(zone), BusinessHours(zone, {day: [(time(0), time(0))] for day in range(1, 7)})
    first, last, local = utc(1, 1, 1), END_OF_TIME, ZoneInfo(zone)
    for start, end in ((utc(9999, 12, 30), last), (first, utc(1, 1, 3)), (first, last)):
        assert always.open_time(start, end) == end - start
        assert week.elapsed(start, end) == -week.elapsed(end, start) > 0
    assert week.open_time(utc(9999, 12, 29), last) == last - utc(9999, 12, 29)  # Wednesday to Friday
    for at in (first, last):
        assert always.is_open(at)
        assert always.next_open(at) == at
    for hours in (always, week):
        for edge in (first, last, datetime.min.replace(tzinfo=local), datetime.max.replace(tzinfo=local)):
            hours.is_open(edge)
            hours.elapsed(edge, utc(2026, 1, 1))
            for question in (hours.next_open, partial(hours.add, seconds=60), partial(hours.add_working_days, days=1)):
                with suppress(NeverOpen):  # and nothing else
                    question(edge)
        with pytest.raises(NeverOpen):
            hours.add(last, 7 * 86_400)


# --- Clocks that are changed ----------------------------------------------------


def test_the_second_time_of_a_repeated_hour_is_an_hour_later_in_any_calendar():
    """01:30 in New York on 1 November 2026; ``fold=1`` is the second one."""
    once = datetime(2026, 11, 1, 1, 30, tzinfo=ZoneInfo("America/New_York"))
    again = once.replace(fold=1)

    for zone in ("America/New_York", "Asia/Kolkata"):
        hours = BusinessHours(zone, {6: [(time(0), time(0))]})
        assert hours.add(again, 60) - hours.add(once, 60) == timedelta(hours=1)
        assert hours.open_time(once.astimezone(UTC), again) == -hours.open_time(again, once) == timedelta(hours=1)
        assert hours.next_open(again) - hours.next_open(once) == timedelta(hours=1)
    since = BusinessHours("UTC", {6: [(time(6, 30), time(23))]})
    assert (since.is_open(once), since.is_open(again)) == (False, True)
    assert since.add_working_days(again, 0) == utc(2026, 11, 1, 6, 30)


@pytest.mark.parametrize("zone", [*ZONES, "Africa/Cairo", "America/Noronha", "Asia/Gaza", "America/Argentina/Tucuman"])
@pytest.mark.parametrize("year", [1948, 2000, 2004, 2010, 2014, 2026, 2040])
def test_every_change_of_a_zones_clocks_is_found(zone, year):
    """Also pairs that are a week apart (Noronha 2000, Gaza 2040), or a month (Ramadan), against a look at every day."""
    days = range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal() + 1)
    offsets = [offset_of(zone, day * DAY) for day in days]
    moved = [
        (day, after) for day, before, after in zip(days[1:], offsets, offsets[1:], strict=False) if before != after
    ]

    found = changes(zone, year)

    assert [(-(-at // DAY), after) for at, after in found] == moved
    assert all(offset_of(zone, at) == after != offset_of(zone, at - 1) for at, after in found)


@pytest.mark.parametrize(
    "broken",
    [
        ("Mars/Olympus", OFFICE),
        ("../../etc/passwd", OFFICE),
        ("UTC", {0: [(time(17), time(9))]}),
        ("UTC", {7: [(time(9), time(17))]}),
        ("UTC", {0: [("nine", "five")]}),
        ("UTC", {0: [(time(9),)]}),
        ("UTC", {0: [(time(9, tzinfo=UTC), time(10, tzinfo=UTC))]}),
        ("UTC", {}),
        ("UTC", {0: []}),
        ("UTC", {0: [(time(9), time(9))]}),
        ("UTC", {}, [date(2026, 1, 5)], {date(2026, 1, 5): [(time(9), time(10))]}),
        ("UTC", OFFICE, ["2026-01-05"]),
        ("UTC", OFFICE, [datetime(2026, 1, 5, tzinfo=UTC)]),
        ("UTC", OFFICE, [], {date(2026, 1, 5): [(time(17), time(9))]}),
        ("UTC", OFFICE, [], {date(2026, 1, 5): ["nine to five"]}),
    ],
)
def test_broken_hours_are_refused(broken):
    with pytest.raises(Malformed):
        BusinessHours(*broken)


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_a_length_that_is_none_is_refused(seconds):
    with pytest.raises(ValueError, match="forwards"):
        LONDON.add(utc(2026, 1, 5), seconds)


@pytest.mark.parametrize("seconds", [1e12, 1e30, 1e308, 10**400])
def test_a_length_that_no_date_can_hold_is_never_reached(seconds):
    for hours in (LONDON, ROUND_THE_CLOCK):
        with pytest.raises(NeverOpen):
            hours.add(utc(2026, 1, 5), seconds)


@pytest.mark.parametrize("tz", ["UTC", "America/New_York", "Pacific/Kiritimati"])
def test_the_first_and_the_last_week_of_all_dates_are_counted(tz):
    hours = BusinessHours(tz, OFFICE)  # 1 January 0001 is a Monday, 31 December 9999 a Friday
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

    assert hours.elapsed(first, utc(1, 1, 8)) == 5 * 8 * 3600
    assert hours.elapsed(utc(9999, 12, 25, 12), last) == 5 * 8 * 3600
    assert hours.next_open(first) == hours.add(first, 3600) - timedelta(hours=1)
    assert not hours.is_open(last)
    for hours_ahead in (14, -12):  # 10:00 of the last day, 12:00 of the day after it; 10:00 before the first, its 12:00
        far = timezone(timedelta(hours=hours_ahead))
        assert BusinessHours("UTC", OFFICE).is_open(last.replace(tzinfo=far)) == (hours_ahead == 14)
        assert BusinessHours("UTC", OFFICE).is_open(first.replace(tzinfo=far)) == (hours_ahead == -12)


def test_an_hour_that_comes_twice_is_told_by_its_fold():
    """02:30 of 25 October 2026 in Berlin: the first is 00:30 UTC, the second an hour later."""
    night, berlin = BusinessHours("Europe/Berlin", {6: [(time(2), time(3))]}), ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=berlin)
    again = first.replace(fold=1)

    assert night.elapsed(first, again) == 3600
    assert (night.add(first, 5400), night.add(again, 1800)) == (utc(2026, 10, 25, 2), utc(2026, 10, 25, 2))
    assert (night.is_open(again), night.is_open(datetime(2026, 10, 25, 3, tzinfo=berlin))) == (True, False)


def test_an_instant_without_a_zone_is_refused():
    for question in (LONDON.is_open, LONDON.next_open, lambda at: LONDON.add(at, 1), lambda at: LONDON.elapsed(at, at)):
        with pytest.raises(ValueError, match="time zone"):
            question(datetime(2026, 1, 5))  # noqa: DTZ001


def test_overlapping_spans_count_once():
    pieces = BusinessHours("UTC", {0: [(time(9), time(12)), (time(11), time(13)), (time(13), time(14))]})

    assert pieces == BusinessHours("UTC", {0: [(time(9), time(14))]})
    assert hash(pieces) == hash(BusinessHours("UTC", {0: [(time(9), time(14))]}))
