"""The forecast on what has happened: nothing of the future is known, and the scores count what they say."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from io import StringIO
from pathlib import Path
from random import Random

import pytest
from django.core.management import CommandError, call_command

from common.business_hours import BusinessHours
from common.timeline import Pause
from reports.forecast import Wait, outlooks, scores
from reports.forecast.replay import Past, Said, as_of, known_at, mornings, outcome, replayed
from reports.forecast.work import Work

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 1, 5, 8, tzinfo=UTC)  # a Monday
WEEK = BusinessHours("UTC", {day: ((time(8), time(18)),) for day in range(5)})
WORK = Work(WEEK, START - 30 * DAY, START + 400 * DAY)


def past(clock: int, hours: float | None = None, started_at: datetime = START, **fields) -> Past:
    facts = Wait(clock, clock, "resolution", 1, "request", 2, 48 * 3600, started_at)
    return Past(facts, stopped_at=None if hours is None else started_at + hours * HOUR, **fields)


def many(seed: int = 7) -> list[Past]:
    """Sixty days of waits, some of which pause or are reopened."""
    dice, found = Random(seed), []
    for clock in range(600):
        started = START + dice.uniform(0, 60) * DAY
        stop = dice.choice([3, 20, 45, 60, 150]) * dice.uniform(0.5, 1.5)
        one = past(clock, stop, started)
        if not clock % 5:
            one = replace(one, pauses=(Pause(started + 0.1 * stop * HOUR, started + 0.4 * stop * HOUR),))
        elif not clock % 7:
            one = replace(one, resolved=(Pause(started + 0.2 * stop * HOUR, started + 0.9 * stop * HOUR),))
        if not clock % 3:
            one = replace(one, facts=replace(one.facts, answered_at=started + dice.uniform(0, stop) * HOUR))
        found.append(one)
    return sorted(found, key=lambda one: one.facts.started_at)


def told(pasts: list[Past], at: datetime) -> list[tuple[int, float | None]]:
    return [(one.wait.clock, one.chance) for one in outlooks(known_at(pasts, at), at, lambda _team: WORK)]


def cut(one: Past, at: datetime, dice: Random) -> Past:
    """Another future from ``at`` on."""
    later = at + dice.uniform(0.1, 99) * HOUR
    pauses = tuple(
        replace(pause, end=later if pause.end is None or pause.end > at else pause.end)
        for pause in one.pauses
        if pause.start <= at
    )
    resolved = tuple(
        replace(pause, end=pause.end if pause.end <= at else later) for pause in one.resolved if pause.start <= at
    )
    stopped = one.stopped_at if one.stopped_at <= at else dice.choice([None, later + DAY])
    if one.stopped_at > at and not (resolved and resolved[-1].end > at):
        pauses += (Pause(later, later + HOUR),)
    answered = one.facts.answered_at
    facts = replace(one.facts, answered_at=answered if answered and answered <= at else dice.choice([None, later]))
    return replace(one, facts=facts, stopped_at=stopped, pauses=pauses, resolved=resolved)


@pytest.mark.parametrize("day", [10, 24, 43])
def test_what_happens_later_changes_no_forecast(day):
    pasts, at, dice = many(), START + day * DAY, Random(day)
    another = [cut(one, at, dice) for one in pasts if one.facts.started_at <= at]
    another += [past(1000 + n, 2, at + n * HOUR + HOUR) for n in range(20)]

    before = told(pasts, at)

    assert len(before) > 5
    assert len({chance for _clock, chance in before}) > 2
    assert told(another, at) == before


def test_a_clock_is_known_as_it_stood_then():
    one = past(1, 60, pauses=(Pause(START + 2 * HOUR, START + 5 * HOUR),),
               resolved=(Pause(START + 10 * HOUR, START + 30 * HOUR),))  # fmt: skip

    running, paused = as_of(one, START + HOUR), as_of(one, START + 3 * HOUR)
    over, again = as_of(one, START + 12 * HOUR), as_of(one, START + 31 * HOUR)

    assert (running.is_running, running.due_at, running.pauses) == (True, START + 48 * HOUR, ())
    assert (paused.is_running, paused.due_at) == (True, None)
    assert (over.is_running, over.is_met, over.ended_at) == (False, True, START + 10 * HOUR)
    assert (again.is_running, again.due_at) == (True, START + (48 + 3 + 20) * HOUR)


def test_a_breach_is_a_clock_that_ran_past_its_due_time():
    later = START + 30 * DAY

    assert outcome(past(1, 49), later) is True
    assert outcome(past(1, 48), later) is False
    assert outcome(past(1), later) is True  # it runs still
    assert outcome(past(1), START + 20 * HOUR) is None
    assert outcome(past(1, cancelled_at=START + HOUR), later) is None
    assert outcome(past(1, 60, pauses=(Pause(START + HOUR, START + 20 * HOUR),)), later) is False


def test_mornings_are_those_of_working_days():
    assert [day.day for day in mornings(START - 3 * DAY, START + 2 * DAY, WEEK)] == [2, 5, 6]


def said(clock: int, chance: float, left: float, is_breach: bool, day: int = 0) -> Said:
    return Said(START + day * DAY, clock, "resolution", chance, left, is_breach)


SAID = [
    said(1, 0.9, 50, True), said(2, 0.8, 10, True), said(3, 0.2, 20, False), said(4, 0.1, 90, True),
    said(5, 0.6, 5, False, day=1), said(6, 0.3, 30, True, day=1),
]  # fmt: skip


def test_precision_and_recall_count_flags():
    ours = scores.flagged(SAID, 0.5)
    base = scores.best(SAID, scores.by_time_left, ours.flags)
    daily = scores.best_of_each_day(SAID, scores.by_time_left, 0.5)

    assert (ours.flags, ours.hits, ours.breaches) == (3, 2, 4)
    assert (ours.precision, ours.recall) == (pytest.approx(2 / 3), 0.5)
    assert (base.flags, base.hits) == (3, 1)  # 5, 2 and 3
    assert (daily.flags, daily.hits) == (3, 1)  # 2 and 3, then 5
    assert scores.average_precision(SAID, scores.by_chance) == pytest.approx((1 + 1 + 3 / 4 + 4 / 6) / 4)
    assert scores.brier([said(1, 0.5, 1, True), said(2, 1.0, 1, True)]) == pytest.approx(0.125)
    assert scores.calibration(SAID, parts=2) == [(0.0, 3, pytest.approx(0.2), pytest.approx(2 / 3)),
                                                 (0.5, 3, pytest.approx(2.3 / 3), pytest.approx(2 / 3))]  # fmt: skip


def test_nothing_is_said_of_what_nobody_knows_the_end_of():
    pasts, last = many(), START + 70 * DAY
    days = mornings(START + 30 * DAY, START + 40 * DAY, WEEK)

    found = list(replayed(pasts, days, lambda _team: WORK, known_until=last))

    assert found
    assert all(0 <= one.chance <= 1 and one.left > 0 for one in found)


# --- The real log ------------------------------------------------------------------


@pytest.fixture
def two_months(shared_data: Path, tmp_path: Path) -> Path:
    """The cases of February and March 2012 as a file of their own."""
    with (shared_data / "data" / "tickets" / "italian-helpdesk-log" / "helpdesk.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    first = {}
    for row in rows:
        first[row[0]] = min(first.get(row[0], row[3]), row[3])
    wanted = [row for row in rows if "2012/02" <= first[row[0]] < "2012/04"]
    path = tmp_path / "log.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *wanted])
    return path


@pytest.mark.django_db
def test_a_part_of_the_real_log_is_forecast_better_than_by_the_time_left(two_months):
    call_command(
        "import_tickets", str(two_months), "--map", "italian-helpdesk-log", stdout=StringIO(), stderr=StringIO()
    )
    out = StringIO()

    call_command("forecast_replay", "--from", "2012-03-01", "--to", "2012-04-15", "--source", "italian-helpdesk-log",
                 "--hours", "08:00-18:00", "--timezone", "Europe/Rome", "--resolution", "10d", "--format", "json",
                 stdout=out)  # fmt: skip

    found = json.loads(out.getvalue())
    assert set(found) == {"all", "first_response", "resolution"}
    assert found["all"]["mornings"] > 25
    assert found["all"]["said"] > 300
    assert found["all"]["average_precision"] > found["all"]["average_precision_least_time_left"] > 0.3
    assert found["all"]["brier"] < 0.25


@pytest.mark.django_db
def test_the_command_says_what_it_cannot_read():
    for given, said_of in (
        (["--from", "yesterday", "--to", "2012-04-01"], "--from"),
        (["--from", "2012-03-01", "--to", "2012-04-01", "--timezone", "Rome"], "--timezone"),
        (["--from", "2012-03-01", "--to", "2012-04-01"], "No clock"),
    ):
        with pytest.raises(CommandError, match=said_of):
            call_command("forecast_replay", *given)
