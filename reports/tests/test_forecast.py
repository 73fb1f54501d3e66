"""The forecast's arithmetic, by hand (S6); the chance that a clock outlasts its promise."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from common.business_hours import ROUND_THE_CLOCK, BusinessHours
from common.timeline import Pause
from reports.forecast import Wait, chance, outlooks, words
from reports.forecast.curve import Curve, Spell
from reports.forecast.waits import in_hand, whole
from reports.forecast.work import Work

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
ALWAYS = Work(ROUND_THE_CLOCK, NOW - 400 * DAY, NOW + 100 * DAY)
OFFICE = BusinessHours("UTC", {day: ((time(8), time(18)),) for day in range(5)})


def wait(clock: int, started_at: datetime = NOW - 30 * HOUR, **fields) -> Wait:
    given = {"team": 1, "type": "request", "priority": 2, "target": 86_400, **fields}
    return Wait(clock, clock, given.pop("metric", "first_response"), started_at=started_at, **given)


def met(clock: int, hours: float, started_at: datetime = NOW - 30 * HOUR, **fields) -> Wait:
    return wait(clock, started_at, ended_at=started_at + hours * HOUR, is_met=True, **fields)


def ahead_of(waits: list[Wait], at: datetime = NOW, work: Work = ALWAYS):
    return outlooks(waits, at, lambda _team: work)


# Two waits each were met after 1, 2, 3, 4 and 5 hours; one has run for two and a half and is due after four.
KNOWN = [met(n, hours) for n, hours in enumerate([1, 2, 3, 4, 5] * 2)]
ASKED = wait(99, NOW - 2.5 * HOUR, due_at=NOW + 1.5 * HOUR)


def test_the_chance_is_that_of_an_example_reckoned_by_hand():
    (one,) = ahead_of([*KNOWN, ASKED])

    # after 2.5 h six of ten are not met: two of six are met at 3 h, two of four at 4 h
    assert one.usual == pytest.approx(math.exp(-(2 / 6 + 2 / 4)))
    # all ten were met within these seven days, as the curve expects of them and of the one that runs: the usual pace
    assert one.pace == pytest.approx(1)
    assert one.chance == pytest.approx(0.4346, abs=1e-4)
    assert (one.ahead, one.like, one.of, one.work_left) == (0, 10, "desk", 1.5 * 3600)
    assert one.per_hour == pytest.approx(10 / (7 * 24))


def test_a_team_that_gets_less_done_than_usual_makes_a_breach_more_probable():
    old = [met(200 + n, hours, NOW - 20 * DAY) for n, hours in enumerate([1, 2, 3, 4, 5] * 10)]
    stuck = [wait(300 + n, NOW - 5 * DAY, due_at=NOW - 4 * DAY) for n in range(20)]

    (usual,) = ahead_of([*old, *KNOWN, ASKED])
    slow = next(one for one in ahead_of([*old, *KNOWN, *stuck, ASKED]) if one.wait is ASKED)

    assert slow.pace < 0.9 < usual.pace
    assert slow.chance > slow.usual
    assert slow.ahead == 20
    assert "20 are due before it; the team finishes" in words.why(slow)[0]
    assert words.why(slow)[-1].startswith("These days the team is")


def test_time_in_which_nobody_works_meets_no_promise():
    work = Work(OFFICE, NOW - 400 * DAY, NOW + 100 * DAY)
    friday = NOW - 3 * DAY + 8.5 * HOUR  # 17:30
    known = [met(n, 1, friday - DAY - 7 * HOUR) for n in range(20)]
    by_saturday = wait(99, friday - HOUR, due_at=friday + 20 * HOUR)
    by_sunday_night = wait(98, friday, due_at=friday + 2 * DAY)

    found = {one.wait.clock: one for one in ahead_of([*known, by_saturday, by_sunday_night], friday + HOUR, work)}

    assert found[98].chance == 1
    assert found[98].work_left == 0
    assert words.why(found[98]) == ["The team does not work again before it is due."]
    assert found[99].work_left == 0


def test_what_is_paused_overdue_or_never_promised_is_not_forecast():
    paused = wait(1, pauses=(Pause(NOW - HOUR),))
    late, free = wait(2, due_at=NOW - HOUR), wait(3, target=None)

    assert ahead_of([*KNOWN, paused, late, free]) == []


def test_too_few_that_are_like_it_say_nothing():
    (one,) = ahead_of([*KNOWN[:9], ASKED])

    assert one.chance is None


def test_the_likest_that_are_many_enough_tell_the_curve():
    others = [met(500 + n, 20, target=3600, team=2) for n in range(60)]
    team = [met(600 + n, 10, target=3600) for n in range(chance.FEW)]

    few = ahead_of([*KNOWN, *others, ASKED])[0]
    of_team = ahead_of([*KNOWN, *others, *team, ASKED])[0]
    same = ahead_of([*others, *team, *(met(700 + n, 3) for n in range(chance.FEW)), ASKED])[0]

    assert [one.of for one in (few, of_team, same)] == ["desk", "team", "promise"]


def test_once_answered_a_solution_counts_from_the_answer():
    quick = [
        met(n, 21, NOW - 60 * HOUR, metric="resolution", answered_at=NOW - 40 * HOUR) for n in range(2 * chance.FEW)
    ]
    waiting = wait(98, NOW - 20 * HOUR, metric="resolution", due_at=NOW + 2 * HOUR)
    taken = replace(waiting, clock=99, answered_at=NOW - 6 * HOUR)

    found = {one.wait.clock: one for one in ahead_of([*quick, waiting, taken])}

    assert found[98].usual < 0.5  # after 20 h nearly all are met an hour later
    assert found[99].usual == 1.0  # those answered were met after one hour: nothing is known of six
    assert found[99].is_answered


def test_a_wait_that_began_before_the_window_counts_from_where_it_was_seen():
    # one is seen from 10 h on; of two that are watched at 12 h one is met, of the one at 20 h it is
    curve = Curve([Spell(10, 12, True), Spell(0, 20, True), Spell(0, 5, False)])

    assert curve.hazard(0, 12) == pytest.approx(1 / 2)
    assert curve.hazard(12, 30) == pytest.approx(1)
    assert curve.outlasting(0, 12, pace=2) == pytest.approx(math.exp(-1))


def test_work_is_counted_in_open_hours_without_pauses():
    work = Work(OFFICE, NOW - 30 * DAY, NOW + DAY)
    friday = NOW - 3 * DAY + 6 * HOUR  # 15:00
    one = wait(1, friday, pauses=(Pause(friday + HOUR, friday + 2 * HOUR),))

    assert work.between(friday, NOW) == (3 + 1) * 3600
    assert work.run(whole(one), NOW) == 3 * 3600
    assert work.run(whole(replace(one, ended_at=friday + 1.5 * HOUR)), NOW) == 3600
    assert in_hand(replace(one, answered_at=friday + HOUR)).start == friday + HOUR
    assert in_hand(one) is None


def test_the_most_probable_breach_stands_first():
    calm = replace(ASKED, clock=97, due_at=NOW + 20 * HOUR)

    assert [one.wait.clock for one in ahead_of([*KNOWN, calm, ASKED])] == [99, 97]


def test_nobody_promises_a_whole_hundred_percent():
    assert [words.percent(chance) for chance in (0.0, 0.004, 0.5, 0.999, 1.0)] == [1, 1, 50, 99, 99]
