"""A longer hold is a new hold, and after the second a supervisor must approve (H4)."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from common.errors import Refused
from events import values
from events.models import Approval, Event
from tickets.lifecycle.approving import ask_approval, give_approval
from tickets.lifecycle.holding import extend_hold, hold
from tickets.lifecycle.resuming import resume
from tickets.models import ClockPause, Hold, Status, Ticket
from tickets.values import HOLD_LONGEST_PHONE

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def ten_minutes(db):
    """This desk lets people wait for ten minutes on the phone."""
    values.put(HOLD_LONGEST_PHONE, 600, by=None)


def on_the_phone(phone, start, **more):
    return {
        "contact": phone,
        "reason": "customer_asked",
        "consent": "given",
        "until": start + 10 * MINUTE,
        "at": start,
    } | more


def test_a_longer_hold_is_a_new_hold__H4(ticket, phone, alice, monday, ten_minutes, told):
    first = hold(ticket, by=alice, **on_the_phone(phone, monday))
    second = extend_hold(ticket, by=alice, **on_the_phone(phone, monday + 9 * MINUTE))

    first.refresh_from_db()
    assert (first.outcome, first.ended_at) == (Hold.Outcome.EXTENDED, monday + 9 * MINUTE)
    assert (second.extends, second.until) == (first, monday + 19 * MINUTE)
    assert ticket.status == Status.ON_HOLD
    assert told() == ["ticket.held", "ticket.hold_extended"]
    assert list(ClockPause.objects.values_list("hold", "ended_at")) == [
        (first.pk, monday + 9 * MINUTE),
        (second.pk, None),
    ]


def test_a_longer_hold_needs_new_consent__H4(ticket, phone, alice, monday, ten_minutes, refused):
    hold(ticket, by=alice, **on_the_phone(phone, monday))
    with refused("consent_missing", "H1"):
        extend_hold(ticket, by=alice, **on_the_phone(phone, monday + 9 * MINUTE, consent="told"))


def test_one_message_agrees_to_one_hold__H4(ticket, alice, says, monday, refused):
    asked = says("Please wait.", at=monday)
    agreed = {"reason": "customer_asked", "consent": "written", "consent_entry": asked}
    hold(ticket, by=alice, until=monday + DAY, at=monday, **agreed)
    with refused("consent_used", "H4"):
        extend_hold(ticket, by=alice, until=monday + 2 * DAY, at=monday + HOUR, **agreed)


def test_a_longer_hold_ends_later__H4(ticket, phone, alice, monday, ten_minutes, refused):
    hold(ticket, by=alice, **on_the_phone(phone, monday))
    with refused("hold_not_longer", "H4"):
        extend_hold(ticket, by=alice, **on_the_phone(phone, monday + MINUTE, until=monday + 10 * MINUTE))


def test_what_is_over_is_not_extended__H4(ticket, phone, alice, monday, ten_minutes, refused):
    hold(ticket, by=alice, **on_the_phone(phone, monday))
    with refused("hold_over", "H3"):
        extend_hold(ticket, by=alice, **on_the_phone(phone, monday + 10 * MINUTE))


def test_without_a_hold_there_is_nothing_to_extend__H4(ticket, phone, alice, monday, refused):
    with refused("not_on_hold", "H4"):
        extend_hold(ticket, by=alice, **on_the_phone(phone, monday))


def test_ten_minutes_on_the_phone_extended_twice_needs_a_supervisor__H4(
    ticket, phone, alice, sara, monday, ten_minutes, refused, told
):
    hold(ticket, by=alice, **on_the_phone(phone, monday))
    extend_hold(ticket, by=alice, **on_the_phone(phone, monday + 9 * MINUTE))

    with refused("approval_needed", "H4"):
        extend_hold(ticket, by=alice, **on_the_phone(phone, monday + 18 * MINUTE))

    third = extend_hold(ticket, by=alice, **on_the_phone(phone, monday + 18 * MINUTE, named_supervisor=sara))
    assert (third.approval.named, third.approval.answer) == (sara, Approval.Answer.GIVEN)
    assert third.approval.confirm_by == monday + DAY + 18 * MINUTE
    assert told() == ["ticket.held", "ticket.hold_extended", "ticket.hold_extended"]
    assert Event.objects.filter(data__named=sara.pk, data__approval=third.approval_id).count() == 1


def test_the_third_hold_counts_however_the_first_two_ended__H4(ticket, alice, monday, refused):
    for day in range(2):
        hold(ticket, by=alice, reason="research", consent="told", until=monday + (day + 1) * DAY, at=monday + day * DAY)
        resume(ticket, by=alice, at=monday + day * DAY + HOUR)

    with refused("approval_needed", "H4"):
        hold(ticket, by=alice, reason="research", consent="told", until=monday + 3 * DAY, at=monday + 2 * DAY)


def test_an_approval_lets_one_more_hold_pass__H4(ticket, alice, sara, monday, refused):
    for day in range(2):
        hold(ticket, by=alice, reason="research", consent="told", until=monday + (day + 1) * DAY, at=monday + day * DAY)
        resume(ticket, by=alice, at=monday + day * DAY + HOUR)
    asked = ask_approval(ticket, by=alice, rule="H4", act="hold", at=monday + 2 * DAY)
    give_approval(asked, by=sara, at=monday + 2 * DAY)

    third = hold(ticket, by=alice, reason="research", consent="told", until=monday + 3 * DAY, at=monday + 2 * DAY)
    assert (third.approval, third.approval.used_at) == (asked, monday + 2 * DAY)

    resume(ticket, by=alice, at=monday + 2 * DAY + HOUR)
    with refused("approval_needed", "H4"):
        hold(ticket, by=alice, reason="research", consent="told", until=monday + 4 * DAY, at=monday + 3 * DAY)


def test_a_supervisor_needs_no_leave__H4(ticket, alice, sara, monday):
    for day in range(3):
        hold(ticket, by=sara, reason="research", consent="told", until=monday + (day + 1) * DAY, at=monday + day * DAY)
        resume(ticket, by=sara, at=monday + day * DAY + HOUR)
    assert not Approval.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_agents_who_hold_at_once_one_is_told__H4(ticket, alice, bob, monday):
    start, answers = threading.Barrier(2, timeout=60), []

    def place(agent):
        try:
            mine = Ticket.objects.get(pk=ticket.pk)
            start.wait()
            hold(mine, by=agent, reason="research", consent="told", until=monday + DAY, at=monday)
            answers.append("held")
        except Refused as refusal:
            answers.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=place, args=(agent,)) for agent in (alice, bob)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    assert sorted(answers) == ["already_on_hold", "held"]
    assert Hold.objects.count() == Event.objects.filter(kind="ticket.held").count() == 1
    assert ticket.entries.count() == 2  # her message and one announcement
