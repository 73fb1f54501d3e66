"""The response clocks: when they start, what stops them, what never does."""

from datetime import timedelta

import pytest

from events.models import Event
from tickets import clocks
from tickets.models import FAR_FUTURE, Clock, Entry

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_works_with_no_configuration__S1(ticket, clock, monday):
    first = clock(ticket, "first_response")

    assert (first.started_at, first.due_at, first.hours) == (monday, monday + DAY, None)
    assert clocks.latest_answer_at(ticket) == monday + DAY
    assert (ticket.unanswered_since, ticket.queue_at) == (monday, monday + DAY)
    assert first.next_at == monday + 18 * HOUR


def test_a_person_stops_it__S3(ticket, clock, answer, monday, alice, tier1):
    entry = answer(ticket, monday + 2 * HOUR)

    first = clock(ticket, "first_response")
    assert (first.stopped_at, first.stopped_by, first.elapsed_seconds) == (monday + 2 * HOUR, entry, 7200)
    assert (first.team, first.agent, first.next_at, first.breached_at) == (tier1, alice, None, None)
    assert (ticket.last_staff_at, ticket.unanswered_since) == (monday + 2 * HOUR, None)
    assert clocks.latest_answer_at(ticket) is None
    assert clock(ticket, "resolution").is_running


def test_an_automatic_acknowledgement_never_stops_it__S3(ticket, clock, monday):
    receipt = Entry.objects.create(
        ticket=ticket, kind="automatic", visibility="public", is_automatic=True, happened_at=monday
    )

    clocks.stop_on_answer(ticket, receipt, at=monday + HOUR, by=None)

    assert clock(ticket, "first_response").is_running
    assert ticket.unanswered_since == monday


def test_a_machines_message_starts_nothing__T3(ticket, write, answer, monday):
    answer(ticket, monday + HOUR)

    write(ticket, monday + 2 * HOUR, is_automatic=True)

    assert not Clock.objects.filter(metric="next_response").exists()
    assert ticket.unanswered_since is None


def test_the_earliest_unanswered_message_sets_it__S3(ticket, clock, write, answer, monday):
    answer(ticket, monday + HOUR)

    write(ticket, monday + 2 * HOUR)
    write(ticket, monday + 5 * HOUR)

    waits = Clock.objects.filter(metric="next_response")
    assert [wait.started_at for wait in waits] == [monday + 2 * HOUR]
    assert ticket.unanswered_since == monday + 2 * HOUR


def test_a_letter_counts_from_its_receipt__T1(ticket, clock, write, answer, monday):
    answer(ticket, monday + HOUR)
    write(ticket, monday + 5 * HOUR)

    letter = write(ticket, monday + 3 * HOUR)

    wait = clock(ticket, "next_response")
    assert (wait.started_at, wait.started_by, wait.due_at) == (monday + 3 * HOUR, letter, monday + 3 * HOUR + DAY)


def test_a_second_message_before_the_first_answer_adds_no_clock__S3(ticket, write, monday):
    write(ticket, monday + HOUR)

    assert set(Clock.objects.values_list("metric", flat=True)) == {"first_response", "resolution"}


def test_a_live_contact_is_answered_at_once__S(make_ticket, carol, alice, make_contact, clock, monday):
    ticket = make_ticket(carol, at=monday)
    Clock.objects.all().delete()
    call = make_contact(carol, channel="phone", handled_by=alice, at=monday)
    entry = Entry.objects.create(
        ticket=ticket, contact=call, kind="call", visibility="public", author_person=carol, happened_at=monday
    )

    clocks.start_on_message(ticket, entry, at=monday, live=True)

    first = clock(ticket, "first_response")
    assert (first.is_live, first.stopped_at, first.elapsed_seconds, first.agent) == (True, monday, 0, alice)
    assert ticket.unanswered_since is None
    assert clock(ticket, "resolution").is_running


def test_a_live_contact_answers_what_was_asked_in_writing__S(ticket, clock, monday, alice, carol):
    entry = Entry.objects.create(ticket=ticket, kind="call", visibility="public", author=alice, happened_at=monday)

    clocks.start_on_message(ticket, entry, at=monday + HOUR, live=True)

    first = clock(ticket, "first_response")
    assert (first.stopped_at, first.is_live) == (monday + HOUR, False)


def test_a_call_before_the_question_is_no_answer_to_it__S3(ticket, clock, answer, monday):
    answer(ticket, monday - HOUR)

    assert clock(ticket, "first_response").is_running
    assert ticket.unanswered_since == monday


def test_a_ticket_we_open_has_no_response_clock_until_the_customer_writes__S(
    make_ticket, carol, answer, write, clock, monday
):
    ticket = make_ticket(carol, at=monday)
    Clock.objects.all().delete()
    answer(ticket, monday)
    assert not Clock.objects.exists()

    write(ticket, monday + 3 * HOUR)

    assert clock(ticket, "first_response").started_at == monday + 3 * HOUR


def test_an_answer_after_the_due_time_leaves_the_breach_standing__S5(ticket, clock, answer, monday):
    answer(ticket, monday + 25 * HOUR)

    first = clock(ticket, "first_response")
    assert first.breached_at == monday + DAY
    event = Event.objects.get(kind="ticket.sla_breached")
    assert (event.happened_at, event.data["late_seconds"]) == (monday + DAY, 3600)


@pytest.mark.parametrize("cause", ["bounced", "undone"])
def test_an_answer_that_does_not_stand_starts_it_again_from_its_original_start__S(ticket, clock, answer, monday, cause):
    entry = answer(ticket, monday + 2 * HOUR)

    clocks.reinstate(entry, at=monday + 4 * HOUR, ticket=ticket)

    first = clock(ticket, "first_response")
    assert (first.is_running, first.started_at, first.due_at) == (True, monday, monday + DAY)
    assert (ticket.unanswered_since, ticket.last_staff_at) == (monday, None)
    assert (ticket.queue_at, first.changes.get().cause) == (monday + DAY, "reinstated")


def test_another_answer_meanwhile_takes_its_place__S(ticket, clock, answer, monday):
    bounced = answer(ticket, monday + 2 * HOUR)
    second = answer(ticket, monday + 3 * HOUR)

    clocks.reinstate(bounced, at=monday + 4 * HOUR, ticket=ticket)

    first = clock(ticket, "first_response")
    assert (first.stopped_by, first.stopped_at) == (second, monday + 3 * HOUR)
    assert ticket.unanswered_since is None


def test_a_wait_that_began_meanwhile_is_part_of_the_reinstated_one__S(ticket, clock, answer, write, monday):
    bounced = answer(ticket, monday + 2 * HOUR)
    write(ticket, monday + 3 * HOUR)

    clocks.reinstate(bounced, at=monday + 4 * HOUR, ticket=ticket)

    assert clock(ticket, "first_response").is_running
    assert not Clock.objects.filter(metric="next_response", cancelled_at=None).exists()
    assert ticket.unanswered_since == monday


def test_resolving_answers_and_stops_all__S3(ticket, clock, monday, alice):
    clocks.resolve(ticket, at=monday + HOUR, by=alice)

    assert {row.stopped_at for row in Clock.objects.all()} == {monday + HOUR}
    assert (ticket.queue_at, ticket.unanswered_since) == (FAR_FUTURE, None)


def test_starting_and_stopping_cost_few_queries(printer_ticket, write, alice, now, django_assert_max_num_queries):
    entry = Entry.objects.create(
        ticket=printer_ticket, kind="reply", visibility="public", author=alice, happened_at=now
    )

    with django_assert_max_num_queries(
        5
    ):  # the running clocks, the stop, the policy, the queue's first due time, the ticket
        clocks.stop_on_answer(printer_ticket, entry, at=now, by=alice)
    with django_assert_max_num_queries(7):  # its entry, the clocks, policy, settings, one insert, the queue, the ticket
        write(printer_ticket, now)
