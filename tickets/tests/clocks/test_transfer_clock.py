"""Between teams: a transfer is accepted in the time that the asked team's policy says, in its calendar (X3, X7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from sla.operations import Terms, latest, revise_policy
from staff.models import Calendar, CalendarSpan
from tickets import enforcement, lifecycle
from tickets.clocks import applying
from tickets.models import Clock, Escalation, Transfer

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def promised(make_policy, billing):
    """Billing accepts within two hours of its own time: Mon-Fri 10-12 UTC."""
    own = Calendar.objects.create(name="Billing's hours", time_zone="UTC")
    for day in range(5):
        CalendarSpan.objects.create(calendar=own, weekday=day, opens=time(10), closes=time(12))
    return make_policy("Billing accepts", team=billing, transfer=2 * 3600, calendar=own)


@pytest.fixture
def ticket(make_ticket, carol, tier1, alice, monday):
    return make_ticket(carol, "A bill", team=tier1, assignee=alice, status="open", at=monday)


@pytest.fixture
def pass_on(ticket, alice, billing):
    def _pass_on(at):
        return lifecycle.transfer(
            ticket, by=alice, to_team=billing, reason="expertise", consent="told", understood="A bill", tried="Looked",
            text="They know bills.",
            at=at,
        )  # fmt: skip

    return _pass_on


def clock_of(transfer):
    return Clock.objects.get(transfer=transfer, metric="transfer")


def test_the_asked_teams_policy_and_calendar_say_by_when__X3(promised, pass_on, monday):
    sent = pass_on(monday + 2 * HOUR)  # Monday 11:00

    clock = clock_of(sent)
    assert (clock.policy, clock.started_at) == (promised, monday + 2 * HOUR)
    assert sent.accept_by == clock.due_at == monday + DAY + 2 * HOUR  # Tuesday 11:00
    assert Transfer.objects.get().accept_by == clock.due_at


def test_without_a_target_the_desks_own_time_holds__X3(pass_on, monday):
    sent = pass_on(monday)

    assert sent.accept_by > monday
    assert not Clock.objects.filter(metric="transfer").exists()


@pytest.mark.parametrize("end", ["accept", "refuse", "take back"])
def test_it_stops_with_the_answer__X3(promised, pass_on, alice, bella, billing, monday, end):
    sent, at = pass_on(monday), monday + 2 * HOUR
    if end == "accept":
        lifecycle.accept_transfer(sent, by=bella, at=at)
    elif end == "refuse":
        lifecycle.refuse_transfer(sent, by=bella, why="Not ours.", at=at)
    else:
        lifecycle.take_back_transfer(sent, by=alice, at=at)

    clock = clock_of(sent)
    assert (clock.stopped_at, clock.team, clock.breached_at) == (at, billing, None)


def test_nobody_accepted_it_is_missed_and_comes_back_without_an_escalation__X3(promised, pass_on, sara, monday):
    sent = pass_on(monday)

    did = enforcement.enforce(at=monday + 4 * HOUR)  # Monday 13:00: of all its clocks, only this one is over

    clock = clock_of(sent)
    assert (clock.breached_at, clock.stopped_at) == (sent.accept_by, sent.accept_by)
    assert (did["breached"], did["transfers_returned"], did["escalated"]) == (1, 1, 0)
    assert not Escalation.objects.exists()
    assert Clock.objects.filter(metric="transfer", stopped_at=None).count() == 0


def test_a_transfer_restarts_no_other_clock__X7(promised, pass_on, ticket, bella, monday):
    before = dict(Clock.objects.filter(ticket=ticket).values_list("metric", "started_at"))
    sent = pass_on(monday + HOUR)
    lifecycle.accept_transfer(sent, by=bella, at=monday + 25 * HOUR)

    after = dict(Clock.objects.filter(ticket=ticket).exclude(metric="transfer").values_list("metric", "started_at"))
    assert after == before
    resolution = Clock.objects.get(ticket=ticket, metric="resolution")
    assert (resolution.policy, resolution.started_at) == (promised, monday)


def test_a_department_of_our_own_has_its_own_promise__S2(make_policy, ivan, warehouse, tier1, monday):
    theirs = make_policy("For the warehouse", department=warehouse, first_response=3600)
    asked = lifecycle.open_ticket(
        requester=ivan, subject="No forklift", text="It is gone.", channel="email", by=ivan, team=tier1, at=monday
    )

    clock = Clock.objects.get(ticket=asked, metric="first_response")
    assert (clock.policy, clock.due_at) == (theirs, monday + HOUR)


@pytest.fixture
def solved(make_policy, billing):
    return make_policy("Billing solves", team=billing, resolution=10 * 24 * 3600)


def test_the_team_of_an_expert_brings_its_promise_and_restarts_nothing__S2(
    solved, ticket, sara, alice, bella, billing, monday
):
    raised = lifecycle.escalate(ticket, by=alice, reason="expertise", at=monday + HOUR)

    lifecycle.assign_escalation(raised, by=sara, to=bella, at=monday + 2 * HOUR)

    clock = Clock.objects.get(ticket=ticket, metric="resolution")
    assert (clock.policy, clock.started_at, clock.due_at) == (solved, monday, monday + 10 * DAY)


def test_applied_terms_move_by_when_it_is_accepted__X3(make_policy, billing, pass_on, mia, monday):
    promised = make_policy("Billing accepts", team=billing, transfer=2 * 3600)
    sent = pass_on(monday)
    terms = replace(Terms.of(latest(promised)), targets={"transfer": {"": 6 * 3600}})
    revise_policy(promised, terms, by=mia, at=monday + HOUR)

    applying.apply(by=mia, at=monday + HOUR)

    sent.refresh_from_db()
    assert sent.accept_by == clock_of(sent).due_at == monday + 6 * HOUR
    assert enforcement.enforce(at=monday + 3 * HOUR)["transfers_returned"] == 0
    assert enforcement.enforce(at=monday + 7 * HOUR)["transfers_returned"] == 1
    assert clock_of(sent).breached_at == monday + 6 * HOUR


def test_a_lapsed_transfer_is_missed_whatever_its_clock_was_moved_to__X3(promised, pass_on, monday):
    sent = pass_on(monday)
    Transfer.objects.update(accept_by=monday + HOUR)

    assert enforcement.enforce(at=monday + HOUR)["transfers_returned"] == 1

    assert clock_of(sent).breached_at is not None
