"""Whom an escalation, or a case that is passed on, waits for: who can be told now (E3, E4, X2, X3, N1)."""

from datetime import timedelta

import pytest

from staff import access
from staff.models import StaffProfile, Team
from tickets import lifecycle
from tickets.lifecycle import transferring
from tickets.lifecycle.escalating import escalate_breached

HOUR = timedelta(hours=1)


@pytest.fixture
def chained(sara, dora, adam, tier1, monday):
    """Sara supervises the team, Dora is on duty for all, Adam is the admin: nobody is away."""
    chain = access.supervisors_of(tier1, at=monday)
    assert [chain.index(user) for user in (sara, dora, adam)] == [0, 1, 2]
    return sara, dora, adam


def test_an_escalation_waits_for_who_can_be_told_now__E3_N1(ticket, chained, choose, alice, monday):
    sara, dora, adam = chained
    choose(sara, quiet=("08:00", "12:00"))

    raised = lifecycle.escalate(ticket, by=alice, reason="limit", at=monday)
    assert (raised.waits_for, raised.promise.owner) == (dora, dora)

    choose(adam, quiet=("08:00", "12:00"))
    assert lifecycle.climb_escalation(raised.pk, at=monday + HOUR)  # above her all sleep, below her nobody is there
    raised.refresh_from_db()
    assert raised.waits_for == adam


def test_who_came_on_duty_is_asked_before_who_sleeps_above__E4_N1(ticket, chained, choose, alice, monday):
    sara, _dora, adam = chained
    choose(sara, quiet=("08:00", "09:30"))
    raised = lifecycle.escalate(ticket, by=alice, reason="limit", at=monday)
    choose(adam, quiet=("08:00", "12:00"))

    assert lifecycle.climb_escalation(raised.pk, at=monday + HOUR)
    raised.refresh_from_db()
    assert raised.waits_for == sara


def test_where_all_sleep_it_waits_for_the_nearest_who_is_not_away__E3_X(ticket, chained, choose, alice, monday):
    for user in chained:
        choose(user, quiet=("08:00", "12:00"))
    StaffProfile.objects.filter(user=chained[0]).update(availability=StaffProfile.Availability.AWAY)

    assert lifecycle.escalate(ticket, by=alice, reason="limit", at=monday).waits_for == chained[1]


def test_many_breaches_wait_for_who_can_be_told_now__S4_E3(ticket, chained, choose, monday):
    choose(chained[0], quiet=("08:00", "12:00"))

    assert escalate_breached([ticket], at=monday) == {ticket.pk}
    assert ticket.escalations.get().waits_for == chained[1]


def test_a_transfer_that_nobody_accepts_comes_back_to_who_is_on_duty__X3_N1(ticket, chained, choose, alice, monday):
    billing = Team.objects.create(name="Billing desk")
    sent = lifecycle.transfer(
        ticket, by=alice, to_team=billing, reason="expertise", consent="told", understood="x", tried="y", at=monday
    )
    choose(chained[0], quiet=("08:00", "23:00"))

    assert transferring.return_due_transfer(sent.pk, at=sent.accept_by)
    ticket.refresh_from_db()
    assert ticket.assignee == chained[1]


def test_who_is_asked_to_take_a_case_over_is_there_when_they_can_be_told__X2_N1(choose, tier1, alice, monday):
    before = transferring.target_state(tier1, alice, at=monday)
    choose(alice, quiet=("08:00", "12:00"))

    after = transferring.target_state(tier1, alice, at=monday)
    assert (before.agent_is_there, after.agent_is_there) == (True, False)
    assert after.online == before.online - 1
