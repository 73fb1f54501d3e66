"""A supervisor's leave to go beyond a rule: asked, given, denied, confirmed, used once (H4, X4; fine print of H)."""

from datetime import timedelta

import pytest
from django.db import transaction

from customers.models import Person
from events.models import Approval, Event
from tickets.lifecycle.approving import (
    approved,
    ask_approval,
    confirm_approval,
    demand_approval,
    deny_approval,
    give_approval,
    open_approvals,
    unconfirmed_approvals,
    withdraw_approval,
)
from tickets.models import Status

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def asked(ticket, alice, monday):
    return ask_approval(ticket, by=alice, rule="H4", act="hold", reason="Their supplier is slow.", at=monday)


def demand(ticket, by, at, **more):
    with transaction.atomic():
        return demand_approval(ticket, by=by, rule="H4", act="hold", at=at, **more)


def test_an_agent_asks__H4(asked, alice, ticket, told):
    assert (asked.answer, asked.asked_by, asked.subject_id) == (Approval.Answer.WAITING, alice, ticket.pk)
    assert open_approvals(ticket) == [asked]
    assert told() == ["ticket.approval_asked"]
    assert "slow" not in str(Event.objects.get().data)  # T6: no words of people in an event


def test_a_question_is_asked_once__H4(asked, ticket, bob, monday, refused):
    with refused("approval_asked", "H4"):
        ask_approval(ticket, by=bob, rule="H4", act="hold", at=monday)


def test_what_is_given_is_not_asked_again__H4(asked, ticket, alice, sara, monday, refused):
    give_approval(asked, by=sara, at=monday)
    with refused("approval_given", "H4"):
        ask_approval(ticket, by=alice, rule="H4", act="hold", at=monday)


@pytest.mark.parametrize(("rule", "act"), [("H1", "hold"), ("H4", "transfer"), ("", "")])
def test_only_some_rules_can_be_lifted(ticket, alice, refused, rule, act):
    with refused("unknown_approval"):
        ask_approval(ticket, by=alice, rule=rule, act=act)


def test_nobody_asks_about_a_resolved_ticket__T12(ticket, alice, refused):
    ticket.status = Status.RESOLVED
    ticket.save(update_fields=["status"])
    with refused("resolved", "T3"):
        ask_approval(ticket, by=alice, rule="H4", act="hold")


@pytest.mark.parametrize("who", ["sara", "dora", "adam"])
def test_whoever_stands_above_the_ticket_answers__H4(request, asked, ticket, monday, told, who):
    supervisor = request.getfixturevalue(who)
    given = give_approval(asked, by=supervisor, until=monday + DAY, note="Once.", at=monday + HOUR)

    assert (given.answer, given.answered_by, given.answered_at) == (Approval.Answer.GIVEN, supervisor, monday + HOUR)
    assert approved(ticket, "H4", "hold", monday + DAY) == given
    assert told() == ["ticket.approval_asked", "ticket.approval_given"]


@pytest.mark.parametrize("who", ["bob", "bella", "sven", "mia"])
@pytest.mark.parametrize("answer", [give_approval, deny_approval])
def test_nobody_else_does__H4(request, asked, refused, monday, who, answer):
    other = request.getfixturevalue(who)
    with refused("not_supervisor", "H4"):
        answer(asked, by=other, at=monday)


def test_a_supervisor_does_not_answer_themselves__H4(ticket, sara, monday, refused):
    mine = ask_approval(ticket, by=sara, rule="H4", act="hold", at=monday)
    with refused("own_question", "H4"):
        give_approval(mine, by=sara, at=monday)


def test_a_customer_does_not_approve_their_own_case__X(asked, carol, sara, monday, refused):
    Person.objects.filter(pk=carol.pk).update(user=sara)
    with refused("own_ticket", "T13"):
        give_approval(asked, by=sara, at=monday)


def test_an_answer_stands__H4(asked, sara, dora, monday, refused):
    deny_approval(asked, by=sara, note="Call them.", at=monday)
    with refused("approval_answered", "H4"):
        give_approval(asked, by=dora, at=monday)


def test_denied_is_not_approved__H4(asked, ticket, alice, sara, monday, refused, told):
    deny_approval(asked, by=sara, at=monday)
    assert approved(ticket, "H4", "hold", monday) is None
    assert told() == ["ticket.approval_asked", "ticket.approval_denied"]
    with refused("approval_needed", "H4"):
        demand(ticket, alice, monday)


def test_an_approval_ends_in_the_future__H4(asked, sara, monday, refused):
    with refused("until_past"):
        give_approval(asked, by=sara, until=monday, at=monday)


def test_it_is_used_once__H4(asked, ticket, alice, sara, monday, refused):
    give_approval(asked, by=sara, at=monday)

    assert demand(ticket, alice, monday) == asked
    with refused("approval_needed", "H4"):
        demand(ticket, alice, monday)


def test_it_is_good_until_its_time__H4(asked, ticket, alice, sara, monday, refused):
    give_approval(asked, by=sara, until=monday + DAY, at=monday)
    with refused("approval_needed", "H4"):
        demand(ticket, alice, monday + DAY + timedelta(microseconds=1))
    assert demand(ticket, alice, monday + DAY) == asked


def test_leave_for_one_rule_is_no_leave_for_another__X4(asked, ticket, sara, monday):
    give_approval(asked, by=sara, at=monday)
    assert approved(ticket, "X4", "transfer", monday) is None


# --- Named in a live contact --------------------------------------------------------


def test_in_a_call_a_supervisor_is_named_and_confirms__H4(ticket, phone, alice, sara, monday, told):
    named = demand(ticket, alice, monday, contact=phone, named_supervisor=sara)
    assert (named.named, named.used_at, named.confirm_by) == (sara, monday, monday + DAY)
    assert open_approvals(ticket) == []  # it does not keep the ticket from being resolved

    confirm_approval(named, by=sara, at=monday + HOUR)

    named.refresh_from_db()
    assert named.confirmed_at == monday + HOUR
    assert told() == ["ticket.approval_confirmed"]
    assert Event.objects.get().data["late"] is False


def test_unconfirmed_after_one_working_day__H4(ticket, phone, alice, sara, monday):
    friday = monday + 4 * DAY
    named = demand(ticket, alice, friday, contact=phone, named_supervisor=sara)

    assert named.confirm_by == friday + 3 * DAY  # Monday, the same wall time
    assert unconfirmed_approvals(ticket, friday + 3 * DAY) == []
    assert unconfirmed_approvals(ticket, friday + 3 * DAY + MINUTE) == [named]

    confirm_approval(named, by=sara, at=friday + 4 * DAY)
    assert Event.objects.get().data["late"] is True


def test_naming_answers_the_question_that_waits__H4(asked, ticket, phone, alice, sara, monday):
    assert demand(ticket, alice, monday, contact=phone, named_supervisor=sara) == asked
    assert open_approvals(ticket) == []


@pytest.mark.parametrize("who", ["bob", "sven", "mia"])
def test_only_a_supervisor_of_the_ticket_can_be_named__H4(request, ticket, phone, alice, monday, refused, who):
    other = request.getfixturevalue(who)
    with refused("not_supervisor", "H4"):
        demand(ticket, alice, monday, contact=phone, named_supervisor=other)


def test_nobody_names_themselves__H4(ticket, phone, alice, monday, refused):
    with refused("named_self", "H4"):
        demand(ticket, alice, monday, contact=phone, named_supervisor=alice)


def test_nobody_is_named_outside_a_live_contact__H4(ticket, phone, alice, sara, monday, refused):
    phone.ended_at = monday
    phone.save(update_fields=["ended_at"])
    for contact in (phone, None):
        with refused("approval_needed", "H4"):
            demand(ticket, alice, monday, contact=contact, named_supervisor=sara)


def test_only_who_was_named_confirms_once__H4(ticket, phone, alice, sara, dora, monday, refused):
    named = demand(ticket, alice, monday, contact=phone, named_supervisor=sara)
    with refused("not_named", "H4"):
        confirm_approval(named, by=dora, at=monday)
    confirm_approval(named, by=sara, at=monday)
    with refused("approval_confirmed", "H4"):
        confirm_approval(named, by=sara, at=monday)


def test_who_was_named_can_say_that_they_never_agreed__H4(ticket, phone, alice, sara, monday):
    named = demand(ticket, alice, monday, contact=phone, named_supervisor=sara)
    denied = deny_approval(named, by=sara, at=monday + HOUR)

    assert denied.answer == Approval.Answer.DENIED
    assert Event.objects.get().data["was_used"] is True


def test_a_plain_answer_needs_no_confirmation__H4(asked, sara, monday, refused):
    give_approval(asked, by=sara, at=monday)
    with refused("nothing_to_confirm", "H4"):
        confirm_approval(asked, by=sara, at=monday)


def test_who_asked_may_take_it_back__T12(asked, ticket, alice, bob, monday, refused, told):
    with refused("not_yours", "H4"):
        withdraw_approval(asked, by=bob, at=monday)

    withdraw_approval(asked, by=alice, at=monday)

    assert open_approvals(ticket) == []
    assert told() == ["ticket.approval_asked", "ticket.approval_withdrawn"]
