"""How a hold ends: at its time, by the agent, by the customer, by resolving; kept or broken (H3)."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from events.models import Event
from tickets import clocks
from tickets.lifecycle.conversation import receive, reply, withdraw_reply
from tickets.lifecycle.holding import hold
from tickets.lifecycle.resuming import (
    end_due_hold,
    end_hold_by_customer,
    end_hold_on_resolve,
    inherit_hold,
    resume,
)
from tickets.models import Channel, Clock, ClockPause, Contact, Entry, Escalation, EscalationReason, Hold, Status

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def held(ticket, alice, monday):
    """Carol was told on Monday that she hears back by Tuesday."""
    words = "I ask the maker."
    return hold(ticket, by=alice, reason="research", consent="told", until=monday + DAY, text=words, at=monday)


@pytest.fixture
def wrote(ticket, alice, says):
    """Alice answers in writing, without a verb."""
    return lambda at, **fields: says(
        "Nearly there.", at=at, **{"kind": Entry.Kind.REPLY, "author": alice, "author_person": None, **fields}
    )


def ended(held):
    return Hold.objects.get(pk=held.pk)


def test_comes_back_by_itself_at_its_time__H3(ticket, held, monday, told):
    assert end_due_hold(held.pk, monday + DAY)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.queue_rank) == (Status.OPEN, 0)
    assert ended(held).ended_at == monday + DAY
    assert told()[:2] == ["ticket.held", "ticket.hold_ended"]
    event = Event.objects.get(kind="ticket.hold_ended")
    assert (event.actor_kind, event.happened_at) == ("system", monday + DAY)
    assert event.data["agent"] == ticket.assignee_id


def test_not_before_its_time__H3(ticket, held, monday, told):
    assert not end_due_hold(held.pk, monday + DAY - timedelta(microseconds=1))
    assert ended(held).ended_at is None
    assert told() == ["ticket.held"]


def test_ending_it_twice_changes_nothing__H3(held, monday, told):
    end_due_hold(held.pk, monday + DAY)
    before = told()

    assert not end_due_hold(held.pk, monday + DAY)
    assert not end_due_hold(held.pk, monday + 9 * DAY)
    assert told() == before


def test_a_hold_that_does_not_exist_is_not_due__H3(db, monday):
    assert not end_due_hold(0, monday)


def test_kept_by_an_answer_of_a_person_before_the_time__H3(held, wrote, monday):
    wrote(monday + HOUR)
    end_due_hold(held.pk, monday + DAY)
    assert ended(held).outcome == Hold.Outcome.KEPT
    assert not Escalation.objects.exists()


def test_kept_by_a_call_before_the_time__H3(ticket, held, alice, carol, make_contact, monday):
    make_contact(
        carol, channel=Channel.PHONE, handled_by=alice, at=monday + HOUR, tickets=[ticket], ended_at=monday + 2 * HOUR
    )
    end_due_hold(held.pk, monday + DAY)
    assert ended(held).outcome == Hold.Outcome.KEPT


def test_broken_by_silence_and_escalated_by_the_desk__H3_E1(held, sara, monday, told):
    end_due_hold(held.pk, monday + DAY)

    assert ended(held).outcome == Hold.Outcome.BROKEN
    assert EscalationReason.objects.get().reason == EscalationReason.Reason.HOLD_BROKEN
    assert told() == ["ticket.held", "ticket.hold_ended", "ticket.escalated"]
    assert Event.objects.get(kind="ticket.hold_ended").data["outcome"] == "broken"


@pytest.mark.parametrize(
    "useless",
    [
        {"at": 0},  # the moment of the announcement, not after it
        {"at": 25},  # an hour too late
        {"at": 1, "is_automatic": True},
        {"at": 1, "visibility": Entry.Visibility.INTERNAL, "kind": Entry.Kind.NOTE},
        {"at": 1, "undone": True},
        {"at": 1, "author": None},
    ],
)
def test_not_kept_by_what_the_customer_does_not_hear_from_a_person__H3(held, wrote, monday, useless):
    fields = dict(useless)
    if fields.pop("undone", False):
        fields["undone_at"] = monday + HOUR
    wrote(monday + fields.pop("at") * HOUR, **fields)

    end_due_hold(held.pk, monday + 2 * DAY)

    assert ended(held).outcome == Hold.Outcome.BROKEN


def test_an_answer_that_bounced_is_no_contact__H3(ticket, held, wrote, alice, monday):
    from tickets.lifecycle._ground import tell

    entry = wrote(monday + HOUR)
    ticket.refresh_from_db()
    tell(ticket, "reply_withdrawn", by=None, at=monday + 2 * HOUR, entry=entry, cause="bounced")

    end_due_hold(held.pk, monday + DAY)

    assert ended(held).outcome == Hold.Outcome.BROKEN


@pytest.mark.parametrize("outcome", [Contact.Outcome.VOICEMAIL, Contact.Outcome.MISSED])
def test_not_kept_by_a_call_in_which_nobody_spoke__H3(ticket, held, alice, carol, make_contact, monday, outcome):
    make_contact(
        carol, channel=Channel.PHONE, handled_by=alice, at=monday + HOUR, tickets=[ticket], outcome=outcome,
        ended_at=monday + HOUR,
    )  # fmt: skip
    end_due_hold(held.pk, monday + DAY)
    assert ended(held).outcome == Hold.Outcome.BROKEN


def test_a_late_sweep_counts_as_if_it_had_been_in_time__H3_S4(ticket, phone, alice, wrote, monday):
    placed = hold(
        ticket, by=alice, contact=phone, reason="customer_asked", consent="given", until=monday + 4 * MINUTE, at=monday
    )
    wrote(monday + HOUR)  # too late to keep it

    end_due_hold(placed.pk, monday + 3 * DAY)

    assert (ended(placed).outcome, ended(placed).ended_at) == (Hold.Outcome.BROKEN, monday + 4 * MINUTE)
    assert ClockPause.objects.get().ended_at == monday + 4 * MINUTE
    event = Event.objects.get(kind="ticket.hold_ended")
    assert event.happened_at == monday + 4 * MINUTE
    assert event.data["seconds_late"] == 3 * 86_400 - 240


def test_resolution_runs_on_when_it_ends__H6(ticket, phone, alice, monday):
    placed = hold(
        ticket, by=alice, contact=phone, reason="customer_asked", consent="given", until=monday + 4 * MINUTE, at=monday
    )
    clock = ClockPause.objects.get().clock
    end_due_hold(placed.pk, monday + 4 * MINUTE)
    clock.refresh_from_db()
    assert clock.paused_at is None


# --- Taken up by a person --------------------------------------------------------


def test_taken_up_before_its_time_it_is_not_broken__H3(ticket, held, alice, monday, told):
    back = resume(ticket, by=alice, at=monday + HOUR)

    assert (back.outcome, back.ended_by, back.ended_at) == (Hold.Outcome.RESUMED, alice, monday + HOUR)
    assert ticket.status == Status.OPEN
    assert told() == ["ticket.held", "ticket.resumed"]


def test_back_on_the_line_it_is_kept__H3(ticket, phone, alice, monday):
    hold(ticket, by=alice, contact=phone, reason="research", consent="given", until=monday + 4 * MINUTE, at=monday)
    assert resume(ticket, by=alice, at=monday + 2 * MINUTE).outcome == Hold.Outcome.KEPT


def test_taken_up_after_its_time_it_is_broken_all_the_same__H3(ticket, held, alice, monday, told):
    late = resume(ticket, by=alice, at=monday + DAY + MINUTE)

    assert (late.outcome, late.ended_at) == (Hold.Outcome.BROKEN, monday + DAY)
    assert told() == ["ticket.held", "ticket.resumed", "ticket.escalated"]


def test_without_a_hold_there_is_nothing_to_take_up__H3(ticket, alice, refused):
    with refused("not_on_hold", "H3"):
        resume(ticket, by=alice)


# --- By the customer, by resolving, by a transfer -----------------------------------


def test_the_customer_writing_first_ends_it_outside_the_rate__H3(ticket, held, says, monday):
    entry = says("Any news?", at=monday + HOUR)
    ticket.refresh_from_db()

    end = end_hold_by_customer(ticket, monday + HOUR, entry)

    assert end.outcome == Hold.Outcome.ENDED_BY_CUSTOMER
    assert ticket.status == Status.OPEN


def test_the_customer_writing_too_late_does_not_mend_a_broken_hold__H3(ticket, held, says, monday):
    entry = says("Any news?", at=monday + DAY + MINUTE)
    ticket.refresh_from_db()

    assert end_hold_by_customer(ticket, monday + DAY + MINUTE, entry).outcome == Hold.Outcome.BROKEN

    fresh = type(ticket).objects.get(pk=ticket.pk)
    assert (ticket.event_seq, ticket.version) == (fresh.event_seq, fresh.version)
    assert Escalation.objects.exists()


@pytest.mark.parametrize("cause", ["undone", "failed", "bounced"])
def test_who_was_not_told_does_not_wait__H1(ticket, held, alice, monday, told, cause):
    withdraw_reply(held.announcement, by=alice, cause=cause, at=monday + timedelta(seconds=8))

    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN
    assert ended(held).outcome == Hold.Outcome.RESUMED
    assert ticket.unanswered_since is not None  # nor was their message answered
    assert told() == ["ticket.held", "ticket.reply_withdrawn"]


def test_another_reply_taken_back_leaves_the_hold__H1(ticket, held, alice, monday):
    entry = reply(ticket, by=alice, text="Soon.", at=monday + HOUR)
    withdraw_reply(entry, by=alice, at=monday + HOUR)
    assert ended(held).ended_at is None


def test_her_message_ends_it_and_starts_the_response_clock__H3_S3(ticket, held, carol, monday, told):
    receive(ticket, person=carol, text="Any news?", at=monday + HOUR)

    waiting = Clock.objects.get(ticket=ticket, metric=Clock.Metric.NEXT_RESPONSE)
    assert (waiting.started_at, waiting.is_running) == (monday + HOUR, True)
    assert (ticket.status, ended(held).outcome) == (Status.OPEN, Hold.Outcome.ENDED_BY_CUSTOMER)
    assert told() == ["ticket.held", "ticket.message_received"]


def test_a_machines_message_leaves_it__H3_T3(ticket, held, carol, monday):
    receive(ticket, person=carol, text="I am out of office.", is_automatic=True, at=monday + HOUR)
    assert ended(held).ended_at is None


def test_a_reply_keeps_it_and_leaves_it_running__H3(ticket, held, alice, monday):
    reply(ticket, by=alice, text="Still looking.", at=monday + HOUR)

    assert ticket.status == Status.ON_HOLD
    end_due_hold(held.pk, monday + DAY)
    assert ended(held).outcome == Hold.Outcome.KEPT


@pytest.mark.django_db(transaction=True)
def test_two_workers_end_it_once__H3_S4(held, monday, told):
    start, answers = threading.Barrier(2, timeout=60), []

    def sweep():
        try:
            start.wait()
            answers.append(end_due_hold(held.pk, monday + DAY))
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    assert sorted(answers) == [False, True]
    assert told() == ["ticket.held", "ticket.hold_ended", "ticket.escalated"]


def test_resolving_ends_it__T12(ticket, held, alice, monday):
    assert end_hold_on_resolve(ticket, by=alice, at=monday + HOUR).outcome == Hold.Outcome.RESOLVED
    assert ended(held).ended_by == alice
    assert end_hold_on_resolve(ticket, by=alice, at=monday + HOUR) is None


def test_who_accepts_a_transfer_inherits_it__X(ticket, held, bella):
    inherit_hold(ticket, by=bella)
    assert ended(held).inherited_by == bella
    assert ended(held).ended_at is None


def test_the_returned_ticket_stands_first__H3(ticket, held, make_ticket, carol, alice, tier1, monday):
    older = make_ticket(
        carol, "Older", at=monday - 5 * HOUR, team=tier1, status=Status.OPEN, assignee=alice, first_agent=alice
    )
    clocks.refresh_queue(older)
    end_due_hold(held.pk, monday + DAY)
    assert type(ticket).objects.filter(assignee=alice).in_queue_order().first() == ticket
