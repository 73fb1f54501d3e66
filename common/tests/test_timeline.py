"""SLA clocks against timelines of other products, and against laws that hold for any clock."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from common.business_hours import ROUND_THE_CLOCK, BusinessHours, NeverOpen
from common.tests.calendars import OFFICE, cases, of_case, read, utc
from common.timeline import (
    Pause,
    at_fraction,
    due_at,
    elapsed_seconds,
    explain,
    paused_seconds,
    remaining_seconds,
    story,
)

NINE_TO_FIVE = BusinessHours("UTC", OFFICE)
START = utc(2026, 1, 5, 9)  # a Monday


def hours_later(hours, start=START):
    return start + timedelta(hours=hours)


def test_agrees_with_every_timeline_of_other_products(shared_data):
    cases = json.loads((shared_data / "data" / "business-hours" / "sla_timelines.json").read_text())["cases"]
    checked, wrong = 0, []

    for case in cases:
        hours = of_case(case)
        pauses = [Pause(read(start), read(end)) for start, end in case["paused_intervals"]]
        for metric in case["metrics"]:
            checked += 1
            wrong += [f"{case['id']} {fault}" for fault in faults(case, metric, hours, pauses)]

    assert checked >= 14
    assert wrong == []


def faults(case, metric, hours, pauses):
    start, target = read(metric.get("clock_start", case["created"])), metric["target_minutes"] * 60
    due = due_at(start, target, hours, pauses)
    if "due" in metric:
        accepted = [read(text) for text in metric.get("due_any", [metric["due"]])]
        if "cuts to the minute" in case["title"]:
            due = due.replace(second=0)
        if due not in accepted:
            yield f"due {due}"
    if "stopped_at" in metric:
        stopped = read(metric["stopped_at"])
        if elapsed_seconds(start, stopped, hours, pauses) != metric["elapsed_minutes"] * 60:
            yield "elapsed"
        if remaining_seconds(start, target, stopped, hours, pauses) != metric["remaining_minutes"] * 60:
            yield "remaining"
        if (due is None or stopped <= due) != metric["met"]:
            yield "met"


calendars = cases.map(lambda case: case.hours)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2025, 3, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
ended = st.builds(
    lambda start, minutes: Pause(start, start + timedelta(minutes=minutes)), moments, st.integers(0, 9999)
)
targets = st.integers(0, 500_000)


@given(calendars, moments, targets, st.lists(ended, max_size=6))
def test_the_clock_has_run_its_target_when_it_is_due(hours, start, target, pauses):
    due = due_or_reject(start, target, hours, pauses)

    assert elapsed_seconds(start, due, hours, pauses) == target
    assert sum(step.seconds for step in explain(start, target, hours, pauses)) == target


@given(calendars, moments, targets, st.lists(ended, max_size=6), st.permutations(range(6)))
def test_order_and_repetition_of_pauses_do_not_matter(hours, start, target, pauses, order):
    shuffled = [pauses[n] for n in order if n < len(pauses)] + pauses

    assert due_or_reject(start, target, hours, pauses) == due_at(start, target, hours, shuffled)


@given(calendars, moments, targets, st.lists(ended, max_size=4), ended)
def test_a_further_pause_never_makes_it_due_earlier(hours, start, target, pauses, further):
    earlier = due_or_reject(start, target, hours, pauses)

    assert due_or_reject(start, target, hours, [*pauses, further]) >= earlier


@given(calendars, moments, st.lists(ended, max_size=5), moments)
def test_the_story_leaves_no_gap(hours, start, pauses, until):
    steps = story(start, until, hours, pauses)

    assume(steps)
    assert steps[0].start == start
    assert all(before.end == after.start for before, after in pairwise(steps))
    assert steps[-1].end == until


@given(moments, targets, st.lists(ended, max_size=5))
def test_around_the_clock_a_due_time_moves_by_the_time_paused_before_it(start, target, pauses):
    due = due_at(start, target, ROUND_THE_CLOCK, pauses)

    assert due == start + timedelta(seconds=target + paused_seconds(start, due, pauses))


def due_or_reject(start, target, hours, pauses):
    try:
        return due_at(start, target, hours, pauses)
    except NeverOpen:
        assume(False)


def test_has_no_due_time_while_a_pause_is_running__H6():
    pauses = [Pause(hours_later(1))]

    assert due_at(START, 7200, NINE_TO_FIVE, pauses) is None
    assert at_fraction(START, 7200, NINE_TO_FIVE, pauses, 0.75) is None
    assert elapsed_seconds(START, hours_later(100), NINE_TO_FIVE, pauses) == 3600


def test_a_pause_after_the_due_time_does_not_unbreach__S5():
    assert due_at(START, 3600, NINE_TO_FIVE, [Pause(hours_later(2))]) == hours_later(1)
    assert due_at(START, 3600, NINE_TO_FIVE, [Pause(hours_later(1))]) == hours_later(1)


def test_what_ran_before_a_running_pause_is_still_warned_of():
    assert at_fraction(START, 7200, NINE_TO_FIVE, [Pause(hours_later(1.75))], 0.75) == hours_later(1.5)


def test_overlapping_pauses_count_once():
    pauses = [Pause(hours_later(1), hours_later(3)), Pause(hours_later(2), hours_later(4))]

    assert due_at(START, 7200, NINE_TO_FIVE, pauses) == hours_later(5)
    assert paused_seconds(START, hours_later(8), pauses) == 3 * 3600


def test_a_pause_from_before_the_start_counts_from_the_start():
    assert due_at(START, 3600, ROUND_THE_CLOCK, [Pause(hours_later(-5), hours_later(1))]) == hours_later(2)


def test_a_pause_inside_closed_hours_changes_nothing():
    pauses = [Pause(hours_later(9), hours_later(20))]

    assert due_at(START, 9 * 3600, NINE_TO_FIVE, pauses) == due_at(START, 9 * 3600, NINE_TO_FIVE)


def test_a_running_pause_ends_the_story_open__S7():
    steps = explain(START, 7200, NINE_TO_FIVE, [Pause(hours_later(1))])

    assert [(step.kind, step.end, step.seconds) for step in steps] == [
        ("open", hours_later(1), 3600),
        ("paused", None, 0),
    ]


def test_tells_pauses_from_closed_hours__S7():
    steps = explain(START, 8 * 3600, NINE_TO_FIVE, [Pause(hours_later(1), hours_later(2))])

    assert [(step.kind, step.seconds // 3600) for step in steps] == [
        ("open", 1),
        ("paused", 0),
        ("open", 6),
        ("closed", 0),
        ("open", 1),
    ]


def test_nothing_has_run_before_the_start():
    assert elapsed_seconds(START, hours_later(-3), ROUND_THE_CLOCK) == 0


def test_times_without_a_zone_are_refused():
    with pytest.raises(ValueError, match="time zone"):
        due_at(datetime(2026, 1, 1), 60, ROUND_THE_CLOCK)  # noqa: DTZ001
