"""A person answers (S3, T10)."""

from datetime import timedelta

import pytest
from django.db.models import Max

from common.errors import Malformed, Refused
from events.models import Event
from tickets import lifecycle
from tickets.models import Clock, ClockPause, Contact, Entry, Participant, Status, Ticket

HOUR = timedelta(hours=1)


def highest(ticket):
    return ticket.entries.aggregate(last=Max("pk"))["last"]


def test_a_reply_stops_the_clock_and_takes_the_ticket__S3(mailed, alice, monday, events_of):
    entry = lifecycle.reply(mailed, by=alice, text="Hello Carol", at=monday + HOUR)

    assert (mailed.status, mailed.assignee, mailed.first_agent) == (Status.OPEN, alice, alice)
    assert (mailed.unanswered_since, mailed.last_staff_at) == (None, monday + HOUR)
    first = Clock.objects.get(ticket=mailed, metric="first_response")
    assert (first.stopped_at, first.stopped_by, first.agent, first.elapsed_seconds) == (
        monday + HOUR, entry, alice, 3600,
    )  # fmt: skip
    event = events_of(mailed)[-1]
    assert (event.kind, event.actor, event.data["taken"]) == ("ticket.replied", alice, True)
    assert (entry.contact.direction, entry.contact.outcome, entry.contact.handled_by) == ("out", "written", alice)
    stored = Ticket.objects.get(pk=mailed.pk)
    assert (stored.status, stored.version, stored.assignee) == (mailed.status, mailed.version, alice)


def test_a_helping_colleague_of_another_team_does_not_take_it(mailed, bella):
    lifecycle.reply(mailed, by=bella, text="Hello")

    assert (mailed.status, mailed.assignee) == (Status.OPEN, None)


def test_a_second_answer_leaves_it_with_its_agent(mailed, alice, bob):
    lifecycle.reply(mailed, by=alice, text="Hello")
    lifecycle.reply(mailed, by=bob, text="And also")

    assert mailed.assignee == alice


def test_then_pending_is_two_verbs_in_one__T3(mailed, alice, monday, events_of):
    lifecycle.reply(mailed, by=alice, text="Which one?", then="pending", at=monday + HOUR)

    assert mailed.status == Status.PENDING
    assert [event.kind for event in events_of(mailed)[-2:]] == ["ticket.replied", "ticket.pending"]
    assert ClockPause.objects.get().cause == "pending"


def test_pending_is_refused_while_a_message_is_unanswered__T3(mailed, alice, carol):
    with pytest.raises(Refused) as refusal:
        lifecycle.await_customer(mailed, by=alice)

    assert refusal.value.code == "unanswered"
    mailed.refresh_from_db()
    assert mailed.status == Status.NEW
    assert not ClockPause.objects.exists()


def test_nobody_replies_over_a_message_they_have_not_seen__T10(mailed, alice, bob, carol):
    seen = highest(mailed)
    lifecycle.receive(mailed, person=carol, text="Wait!")
    before = Event.objects.count()

    with pytest.raises(Refused) as refusal:
        lifecycle.reply(mailed, by=alice, text="Hello", seen=seen)

    assert (refusal.value.code, refusal.value.rule) == ("new_message", "T10")
    assert Event.objects.count() == before
    lifecycle.reply(mailed, by=alice, text="Hello", seen=highest(mailed))


def test_a_colleagues_reply_counts_as_unseen_too__T10(mailed, alice, bob):
    seen = highest(mailed)
    lifecycle.reply(mailed, by=bob, text="I have it")

    with pytest.raises(Refused, match="meanwhile"):
        lifecycle.reply(mailed, by=alice, text="Hello", seen=seen)


def test_own_words_notes_and_machines_do_not_stand_in_the_way__T10(mailed, alice, bob, carol):
    seen = highest(mailed)
    lifecycle.reply(mailed, by=alice, text="First")
    lifecycle.add_note(mailed, by=bob, text="Note")
    lifecycle.receive(mailed, person=carol, text="I am away", is_automatic=True)

    entry = lifecycle.reply(mailed, by=alice, text="Second", seen=seen)

    replies = mailed.entries.filter(kind=Entry.Kind.REPLY).order_by("pk")
    assert [reply.text for reply in replies] == ["First", "Second"]
    assert replies.last() == entry


def test_a_closed_ticket_takes_no_reply__T3(mailed, alice, now):
    Ticket.objects.filter(pk=mailed.pk).update(status=Status.CLOSED, closed_at=now)

    with pytest.raises(Refused) as refusal:
        lifecycle.reply(mailed, by=alice, text="Hello")

    assert refusal.value.code == "closed"


def test_a_live_chat_is_answered_live__S3(carol, alice, make_contact, monday):
    ticket = lifecycle.open_ticket(
        requester=carol, subject="A", text="Hi", channel="chat", by=carol, at=monday,
        contact=make_contact(carol, channel="chat", handled_by=alice, at=monday),
    )  # fmt: skip
    entry = lifecycle.reply(ticket, by=alice, text="Hi", contact=ticket.entries.get().contact, at=monday + HOUR)

    assert entry.kind == Entry.Kind.CHAT
    assert Contact.objects.count() == 1
    assert Clock.objects.get(ticket=ticket, metric="first_response").is_live


def test_a_note_answers_nobody_and_no_customer_sees_it__T13(mailed, alice, events_of):
    note = lifecycle.add_note(mailed, by=alice, text="Careful")

    assert mailed.status == Status.NEW
    assert Clock.objects.filter(ticket=mailed, metric="first_response", stopped_at=None).exists()
    assert note not in Entry.objects.public()
    assert events_of(mailed)[-1].kind == "ticket.note_added"


@pytest.mark.parametrize("cause", ["undone", "failed", "bounced"])
def test_an_answer_that_did_not_stand_gives_the_clock_back__S3(mailed, alice, monday, cause):
    entry = lifecycle.reply(mailed, by=alice, text="Which?", then="pending", at=monday + HOUR)

    lifecycle.withdraw_reply(entry, by=alice if cause == "undone" else None, cause=cause, at=monday + HOUR)
    again = lifecycle.withdraw_reply(entry, by=None, cause="bounced", at=monday + HOUR)

    mailed.refresh_from_db()
    assert (mailed.status, mailed.unanswered_since) == (Status.OPEN, monday)
    first = Clock.objects.get(ticket=mailed, metric="first_response")
    assert (first.started_at, first.stopped_at) == (monday, None)
    assert not ClockPause.objects.filter(ended_at=None).exists()
    assert (again.undone_at is not None) is (cause == "undone")
    assert Event.objects.filter(kind="ticket.reply_withdrawn").count() == 1


def test_only_who_wrote_it_takes_it_back_and_only_soon(mailed, alice, bob, monday):
    entry = lifecycle.reply(mailed, by=alice, text="Hello", at=monday)

    with pytest.raises(Refused, match="Who wrote it"):
        lifecycle.withdraw_reply(entry, by=bob, at=monday)
    with pytest.raises(Refused, match="has been sent"):
        lifecycle.withdraw_reply(entry, by=alice, at=monday + HOUR)


def test_twenty_megabytes_in_a_form_are_refused_before_anything_is_written(mailed, alice):
    for field in ({"text": "x" * 20_000_000}, {"text": "x", "html": "<b>" * 7_000_000}):
        with pytest.raises(Malformed) as refusal:
            lifecycle.reply(mailed, by=alice, **field)
        assert refusal.value.code == "too_long"

    assert mailed.entries.count() == 1


def test_participants_come_and_go(mailed, alice, oscar, carol, events_of):
    lifecycle.add_participant(mailed, by=alice, person=oscar, role="cc")
    lifecycle.add_participant(mailed, by=alice, person=oscar, role="cc")
    lifecycle.add_participant(mailed, by=alice, person=oscar, role="follower")
    assert Participant.objects.get(ticket=mailed).role == "follower"

    lifecycle.remove_participant(mailed, by=alice, person=oscar)
    kinds = [event.kind.removeprefix("ticket.") for event in events_of(mailed)]
    assert kinds == ["opened", "participant_added", "participant_added", "participant_removed"]
    with pytest.raises(Refused):
        lifecycle.add_participant(mailed, by=alice, person=carol)
    with pytest.raises(Refused):
        lifecycle.remove_participant(mailed, by=alice, person=oscar)


def test_a_reply_costs_a_fixed_number_of_queries(mailed, alice, carol, django_assert_max_num_queries):
    lifecycle.reply(mailed, by=alice, text="First")  # reads once what is kept on the instances
    for _ in range(20):
        lifecycle.receive(mailed, person=carol, text="More")

    with django_assert_max_num_queries(22):
        lifecycle.reply(mailed, by=alice, text="Answer")
