"""Promises, holds, closures and survey answers, each reckoned by hand; and what the pictures are drawn from."""

import json
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from events.models import Event
from events.recording import record
from feedback.models import Answer, Invitation, Survey
from reports import periods
from reports.measures import outcomes
from reports.measures.proportions import difference, wilson
from reports.pictures import distribution, trend
from reports.population import tickets_opened
from reports.tests.conftest import DAY, HOUR, LATER, OCTOBER
from tickets.models import Closure, Hold, Promise


@pytest.fixture
def tickets(october):
    return tickets_opened(october)


@pytest.fixture
def answered(opened, carol):
    """A survey of the ticket of its own, answered with a score, or not at all (None)."""

    def _answered(score, status=Invitation.Status.SENT):
        ticket = opened()
        closed = record(ticket, "ticket.closed", by=None, at=OCTOBER)
        closed = closed if isinstance(closed, Event) else Event.objects.latest("pk")
        invitation = Invitation.objects.create(
            survey=Survey.objects.first(), ticket=ticket, person=carol, closed_by=closed, status=status, send_at=OCTOBER
        )
        if score is not None:
            Answer.objects.create(invitation=invitation, ticket=ticket, person=carol, score=score)

    return _answered


def test_promises_kept_are_those_kept_by_their_time__T8(opened, alice, tickets):
    status = Promise.Status
    due = {status.KEPT: 3, status.LATE: 1, status.BROKEN: 1, status.RELEASED: 1, status.RENEWED: 1}
    promises = [(one, OCTOBER + DAY) for one, number in due.items() for _n in range(number)]
    promises += [(status.OPEN, LATER - HOUR), (status.OPEN, LATER + HOUR)]
    for state, due_at in promises:
        Promise.objects.create(
            ticket=opened(), owner=alice, made_at=OCTOBER, due_at=due_at, break_at=due_at + DAY, status=state
        )

    found = outcomes.promises(tickets, LATER)

    assert (found.kept, found.broken, found.outside, found.rate) == (3, 3, 3, 0.5)


def test_holds_kept_leave_out_those_that_ended_otherwise__H3(opened, alice, hold_reasons, tickets):
    for outcome in ("kept", "kept", "kept", "broken", "ended_by_customer", "resolved", ""):
        Hold.objects.create(
            ticket=opened(), placed_by=alice, placed_at=OCTOBER, reason=hold_reasons["research"], consent="given",
            until=OCTOBER + HOUR, outcome=outcome, ended_at=OCTOBER + HOUR if outcome else None,
        )  # fmt: skip

    found = outcomes.holds(tickets)

    assert (found.kept, found.broken, found.outside, found.rate) == (3, 1, 3, 0.75)


def test_closures_are_kept_apart_by_what_the_customer_said__T4(opened, tickets):
    said = [("solved", "link"), ("solved", "portal"), ("solved", "phone"), ("solved", "in_person"),
            ("not_solved", "link"), ("silence", ""), ("waiting", ""), ("withdrawn", "")]  # fmt: skip
    for answer, via in said:
        Closure.objects.create(ticket=opened(), asked_at=OCTOBER, answer=answer, via=via)
    Closure.objects.create(ticket=opened(), asked_at=OCTOBER, answer="solved", via="link", undone_at=OCTOBER + HOUR)

    found = outcomes.closures(tickets)

    assert found == outcomes.Closures(confirmed=2, by_phone=2, refused=1, no_answer=1, waiting=1)
    assert found.part("confirmed") == pytest.approx(1 / 3)
    assert outcomes.Closures(waiting=4).part("confirmed") is None


def test_satisfaction_counts_fours_and_fives_of_those_who_answered(answered, tickets):
    for score in (5, 4, 3, 1, None, None):
        answered(score)
    answered(None, status=Invitation.Status.SKIPPED)
    answered(5, status=Invitation.Status.WAITING)  # asked on the phone

    found = outcomes.satisfaction(tickets)

    assert (found.asked, found.answered, found.satisfied) == (7, 5, 3)
    assert (found.score, found.response_rate) == (0.6, pytest.approx(5 / 7))


def test_the_worked_examples_of_satisfaction(answered, tickets, shared_data):
    cases = json.loads((shared_data / "data/metrics/worked.json").read_text())["cases"]
    for case in (case for case in cases if case["metric"] == "csat_top2"):
        Answer.objects.all().delete()
        for score in case["scores"]:
            answered(score)

        found = outcomes.satisfaction(tickets).score

        assert found is None if case["expected"] is None else found * 100 == pytest.approx(case["expected"], abs=1e-3)


def test_intervals_agree_with_published_ones():
    # Newcombe 1998, Statistics in Medicine 17: 81/263 by Wilson; 56/70 against 48/80 by the score method
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert difference(56, 70, 48, 80) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)
    assert wilson(0, 0) is None
    assert difference(1, 1, 0, 0) is None


def test_the_trend_counts_by_month_of_the_zone_and_shows_empty_ones(measured, opened, db):
    measured(60, ticket=opened(datetime(2026, 9, 30, 22, 30, tzinfo=UTC)))  # October in Oslo
    measured(90_000, ticket=opened(OCTOBER + DAY), is_late=True)

    points = trend(periods.parse("2026-10-01", "2026-11-01", "Europe/Oslo"), LATER)

    assert [str(point.period) for point in points[-2:]] == ["September 2026", "October 2026"]
    assert (len(points), points[-2].times.attainment) == (12, None)
    assert (points[-1].times.met, points[-1].times.missed) == (1, 1)


def test_the_trend_of_some_days_counts_by_week_up_to_their_end(measured, opened):
    for back in (1, 7, 8):  # days before the end: the last week, its first day, the week before
        measured(60, ticket=opened(OCTOBER + (20 - back) * DAY))

    points = trend(periods.parse("2026-10-05", "2026-10-21", "UTC"), LATER)

    assert [point.times.met for point in points[-2:]] == [1, 2]
    assert len(points) == 12


def test_the_distribution_holds_every_written_answer_once(measured, report, october):
    for seconds in (0, 599, 7199, 7200, 80_000):
        measured(seconds)
    measured(400_000, is_late=True)
    measured(0, is_live=True)

    bars = distribution(october, report().total.first_response, LATER)

    assert (sum(bar.in_time for bar in bars), sum(bar.late for bar in bars)) == (5, 1)
    assert bars[-1].high is None
    assert all(bar.high == later.low for bar, later in pairwise(bars))
