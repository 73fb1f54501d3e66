from datetime import timedelta

import pytest

from common.errors import Refused
from events.models import Event
from staff.models import StaffProfile
from tickets import lifecycle
from tickets.models import Entry, Escalation, EscalationReason, Promise, Status

Reason = EscalationReason.Reason


def events(kind):
    return Event.objects.filter(kind=f"ticket.{kind}")


@pytest.fixture
def raised(taken_ticket, alice, sara, adam, monday):
    return lifecycle.escalate(taken_ticket, by=alice, reason=Reason.LIMIT, note="Too angry for me", at=monday)


@pytest.mark.parametrize("reason", Reason.values)
def test_every_reason_is_known__E1(taken_ticket, alice, sara, reason):
    escalation = lifecycle.escalate(taken_ticket, by=alice, reason=reason)

    assert escalation.reasons.get().reason == reason
    assert events("escalated").get().data["reason"] == reason


def test_waits_for_the_teams_supervisor_at_level_one__E2(raised, sara):
    assert (raised.kind, raised.level, raised.waits_for) == ("hierarchical", 1, sara)


def test_functional_goes_to_the_team_with_the_expertise__E2(taken_ticket, alice, billing, sven):
    with pytest.raises(Refused, match="which team"):
        lifecycle.escalate(taken_ticket, by=alice, reason=Reason.EXPERTISE, kind="functional")

    raised = lifecycle.escalate(taken_ticket, by=alice, reason=Reason.EXPERTISE, kind="functional", to_team=billing)
    assert (raised.target_team, raised.waits_for) == (billing, sven)


def test_one_is_open_and_further_reasons_join_it__E1(raised, taken_ticket, bob, monday):
    again = lifecycle.escalate(taken_ticket, by=bob, reason=Reason.ABUSE, at=monday)

    assert again == raised
    assert set(raised.reasons.values_list("reason", flat=True)) == {"limit", "abuse"}
    assert events("escalated").count() == events("escalation_joined").count() == 1


def test_the_desk_gives_a_reason_once__E1(raised, taken_ticket, monday):
    for _run in range(2):
        lifecycle.escalate(taken_ticket, by=None, reason=Reason.SLA_BREACH, at=monday)

    assert raised.reasons.filter(reason="sla_breach").count() == 1
    assert events("escalation_joined").count() == 1


def test_the_assignee_stays_until_somebody_takes_it__E3(raised, taken_ticket, alice, sara):
    taken_ticket.refresh_from_db()
    assert taken_ticket.assignee == alice

    lifecycle.take_escalation(raised, by=sara)
    taken_ticket.refresh_from_db()
    raised.refresh_from_db()
    assert (taken_ticket.assignee, raised.owner, raised.status) == (sara, sara, "taken")
    assert raised.promise.owner == sara


def test_two_supervisors_do_not_both_take_it__E3(raised, sara, adam):
    lifecycle.take_escalation(raised, by=sara)
    with pytest.raises(Refused, match="Sara took this escalation already"):
        lifecycle.take_escalation(raised, by=adam)
    assert events("escalation_taken").count() == 1


def test_agents_do_not_step_in__E3(raised, bob):
    with pytest.raises(Refused, match="supervisor"):
        lifecycle.take_escalation(raised, by=bob)


def test_coaching_gives_it_back_with_guidance__E3(raised, taken_ticket, alice, sara):
    lifecycle.take_escalation(raised, by=sara)
    with pytest.raises(Refused, match="coaching"):
        lifecycle.coach_escalation(raised, by=sara, guidance="")

    lifecycle.coach_escalation(raised, by=sara, guidance="Offer the refund.")
    taken_ticket.refresh_from_db()
    raised.refresh_from_db()
    assert (taken_ticket.assignee, raised.status, raised.promise.owner) == (alice, "coached", alice)
    note = Entry.objects.get(kind=Entry.Kind.NOTE)
    assert (note.visibility, note.text) == (Entry.Visibility.INTERNAL, "Offer the refund.")


def test_an_expert_gets_the_ticket_and_the_promise__E3(raised, taken_ticket, sara, bella, billing):
    lifecycle.assign_escalation(raised, by=sara, to=bella)

    taken_ticket.refresh_from_db()
    raised.refresh_from_db()
    assert (taken_ticket.assignee, taken_ticket.team, raised.promise.owner) == (bella, billing, bella)
    assert events("escalation_assigned").count() == 1


def test_declining_needs_a_reason__E3(raised, taken_ticket, alice, sara):
    with pytest.raises(Refused, match="Say why"):
        lifecycle.decline_escalation(raised, by=sara, why="")
    assert raised.status == "waiting"

    lifecycle.decline_escalation(raised, by=sara, why="You can do this.")
    taken_ticket.refresh_from_db()
    assert taken_ticket.assignee == alice


def test_nobody_takes_it_so_it_climbs__E4(raised, sara, dora, adam, monday):
    assert raised.climbs_at == monday + timedelta(minutes=30)
    assert not lifecycle.climb_escalation(raised.pk, at=monday + timedelta(minutes=29))

    assert lifecycle.climb_escalation(raised.pk, at=monday + timedelta(minutes=31))
    raised.refresh_from_db()
    assert (raised.level, raised.waits_for) == (2, dora)
    assert raised.promise.owner == dora
    assert events("escalation_climbed").get().happened_at == monday + timedelta(minutes=30)


def test_climbing_counts_working_time__E4(taken_ticket, alice, sara, monday):
    evening = monday.replace(hour=16, minute=50)
    raised = lifecycle.escalate(taken_ticket, by=alice, reason=Reason.SENIOR, at=evening)

    assert raised.climbs_at == monday.replace(day=3, hour=8, minute=20)


def test_threats_run_around_the_clock__E4(taken_ticket, alice, sara, monday):
    night = monday.replace(hour=23)
    raised = lifecycle.escalate(taken_ticket, by=alice, reason=Reason.PHYSICAL_THREAT, at=night)

    assert raised.is_threat
    assert raised.climbs_at == night + timedelta(minutes=30)


def test_a_threat_that_joins_hurries_it__E4(taken_ticket, alice, sara, monday):
    night = monday.replace(hour=23)
    raised = lifecycle.escalate(taken_ticket, by=alice, reason=Reason.SENIOR, at=night)
    lifecycle.escalate(taken_ticket, by=alice, reason=Reason.LEGAL_THREAT, at=night)

    raised.refresh_from_db()
    assert raised.climbs_at == night + timedelta(minutes=30)


def test_above_level_three_it_stays_and_reminds_hourly__E4(raised, dora, adam, monday):
    Escalation.objects.filter(pk=raised.pk).update(level=3, climbs_at=monday)

    assert lifecycle.climb_escalation(raised.pk, at=monday)
    raised.refresh_from_db()
    assert (raised.level, raised.climbs_at) == (3, monday + timedelta(hours=1))
    assert events("escalation_reminded").count() == 1


def test_the_customer_is_told_by_when_they_hear_back__E5(raised, taken_ticket, sara, monday):
    told = Entry.objects.get(kind=Entry.Kind.AUTOMATIC)

    assert told.visibility == Entry.Visibility.PUBLIC
    assert str(taken_ticket.number) in told.text
    assert (raised.promise.owner, raised.promise.status) == (sara, Promise.Status.OPEN)
    assert raised.promise.due_at > monday


def test_the_promise_is_for_the_future__E5(taken_ticket, alice, sara, monday):
    with pytest.raises(Refused, match="later time"):
        lifecycle.escalate(taken_ticket, by=alice, reason=Reason.LIMIT, at=monday, answer_by=monday)
    assert not Escalation.objects.exists()


def test_a_risk_of_ours_is_not_told_to_the_customer__E5(taken_ticket, sara):
    raised = lifecycle.escalate(taken_ticket, by=None, reason=Reason.SLA_RISK)

    assert raised.promise is None
    assert not Entry.objects.filter(kind=Entry.Kind.AUTOMATIC).exists()


def test_who_is_away_is_passed_over__E4(taken_ticket, alice, sara, dora):
    StaffProfile.objects.filter(user=sara).update(availability=StaffProfile.Availability.OFF)

    assert lifecycle.escalate(taken_ticket, by=alice, reason=Reason.LIMIT).waits_for == dora


def test_a_customer_asks_once_a_day__E9(taken_ticket, carol, sara):
    lifecycle.escalate(taken_ticket, by=carol, reason=Reason.SENIOR)
    with pytest.raises(Refused, match="already"):
        lifecycle.escalate(taken_ticket, by=carol, reason=Reason.SENIOR)

    assert EscalationReason.objects.count() == 1
    assert events("escalated").get().actor_person_id == carol.pk


def test_a_closed_ticket_waits_for_nobody__E1(taken_ticket, alice, now):
    taken_ticket.status, taken_ticket.closed_at = Status.CLOSED, now
    taken_ticket.save(update_fields=["status", "closed_at"])

    with pytest.raises(Refused, match="Reopen it first"):
        lifecycle.escalate(taken_ticket, by=alice, reason=Reason.LIMIT)
