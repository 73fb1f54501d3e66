"""Every call, visit and letter is documented (T1), and nobody is turned away (T7)."""

from datetime import timedelta

import pytest

from common.errors import Malformed, Refused
from customers.models import Person
from events.models import Event
from tickets import lifecycle
from tickets.models import Clock, Contact, Status, Ticket, TicketLink

HOUR = timedelta(hours=1)


def test_a_call_on_a_ticket_is_written_down__T1(mailed, carol, alice, monday, events_of):
    contact, [ticket] = lifecycle.log_contact(
        by=alice, person=carol, channel="phone", direction="in", text="She calls about it.", agreed="We come at ten.",
        happened_at=monday + HOUR, duration_seconds=90, tickets=[mailed], at=monday + 2 * HOUR,
    )  # fmt: skip

    assert ticket.pk == mailed.pk
    assert (contact.happened_at, contact.duration_seconds, contact.handled_by) == (monday + HOUR, 90, alice)
    assert (contact.agreed, contact.outcome, contact.direction) == ("We come at ten.", "talked", "in")
    entry = mailed.entries.get(kind="call")
    assert (entry.author, entry.author_person, entry.happened_at) == (alice, carol, monday + HOUR)
    assert Clock.objects.get(ticket=mailed, metric="first_response").stopped_at == monday + HOUR
    assert (mailed.status, mailed.assignee, mailed.unanswered_since) == (Status.OPEN, alice, None)
    assert events_of(mailed)[-1].kind == "ticket.contact_logged"
    logged = Event.objects.get(kind="contact.logged")
    assert (logged.subject_id, logged.happened_at, logged.data["seconds"]) == (contact.pk, monday + HOUR, 90)


def test_an_unknown_caller_is_logged_with_nothing_but_a_key__T7(alice):
    contact, tickets = lifecycle.log_contact(by=alice, person=None, channel="phone", direction="in")

    assert tickets == []
    assert contact.person.is_unknown
    assert Person.objects.count() == 1
    assert Event.objects.filter(kind="contact.logged").count() == 1


def test_an_unknown_caller_with_a_need_gets_a_ticket__T7(alice, tier1):
    contact, [ticket] = lifecycle.log_contact(
        by=alice, person=None, channel="phone", direction="in", text="No name given", subject="No water",
        ticket_fields={"team": tier1, "urgency": 3},
    )  # fmt: skip

    assert (ticket.requester, ticket.team, ticket.assignee) == (contact.person, tier1, alice)
    assert Clock.objects.get(ticket=ticket, metric="first_response").is_live
    assert list(ticket.contacts.all()) == [contact]


def test_one_contact_touches_several_tickets__T1(mailed, printer_ticket, carol, alice, now):
    contact, tickets = lifecycle.log_contact(
        by=alice, person=carol, channel="in_person", direction="in", tickets=[printer_ticket, mailed], subject="Third",
    )  # fmt: skip

    assert [ticket.pk for ticket in tickets[:2]] == [printer_ticket.pk, mailed.pk]
    assert contact.tickets.count() == 3


@pytest.mark.parametrize("outcome", ["voicemail", "missed"])
def test_voicemail_and_missed_calls_are_written__S3(carol, alice, monday, outcome, tier1):
    _contact, [ticket] = lifecycle.log_contact(
        by=alice, person=carol, channel="phone", direction="in", outcome=outcome, subject="Call me",
        ticket_fields={"team": tier1}, at=monday,
    )  # fmt: skip

    first = Clock.objects.get(ticket=ticket, metric="first_response")
    assert (first.is_live, first.stopped_at) == (False, None)
    assert (ticket.status, ticket.assignee, ticket.unanswered_since) == (Status.NEW, None, monday)


def test_voicemail_does_what_a_message_does__T3(mailed, carol, alice, monday):
    lifecycle.reply(mailed, by=alice, text="Which?", then="pending", at=monday + HOUR)

    lifecycle.log_contact(
        by=alice, person=carol, channel="phone", direction="in", outcome="voicemail", tickets=[mailed],
        at=monday + 2 * HOUR,
    )  # fmt: skip

    assert mailed.status == Status.OPEN
    assert Clock.objects.get(ticket=mailed, metric="next_response").stopped_at is None
    assert mailed.entries.get(kind="call").author is None


def test_a_letter_to_a_closed_ticket_opens_a_follow_up__T3(mailed, carol, alice, monday):
    Ticket.objects.filter(pk=mailed.pk).update(status=Status.CLOSED, closed_at=monday)

    _contact, [ticket] = lifecycle.log_contact(
        by=alice, person=carol, channel="letter", direction="in", text="Dear Sirs", tickets=[mailed],
        happened_at=monday + HOUR, at=monday + 30 * HOUR,
    )  # fmt: skip

    assert TicketLink.objects.get().target == mailed
    assert (ticket.opened_at, ticket.channel) == (monday + HOUR, "letter")
    assert Clock.objects.get(ticket=ticket, metric="first_response").started_at == monday + HOUR


def test_a_call_about_a_pending_ticket_makes_it_ours__T3(mailed, carol, alice, monday):
    lifecycle.reply(mailed, by=alice, text="Which?", then="pending", at=monday + HOUR)

    lifecycle.log_contact(
        by=alice, person=carol, channel="phone", direction="in", tickets=[mailed], at=monday + 2 * HOUR
    )

    assert (mailed.status, mailed.unanswered_since) == (Status.OPEN, None)


def test_our_call_that_nobody_picks_up_answers_nothing__S3(mailed, carol, alice, monday):
    lifecycle.log_contact(
        by=alice, person=carol, channel="phone", direction="out", outcome="missed", tickets=[mailed], at=monday + HOUR
    )

    assert Clock.objects.get(ticket=mailed, metric="first_response").stopped_at is None
    assert (mailed.status, mailed.assignee) == (Status.NEW, None)


def test_our_call_answers_what_was_asked_before_it_but_not_after__S3(mailed, carol, alice, monday):
    lifecycle.log_contact(
        by=alice, person=carol, channel="phone", direction="out", tickets=[mailed], happened_at=monday - HOUR,
        at=monday + 2 * HOUR,
    )  # fmt: skip
    assert Clock.objects.get(ticket=mailed, metric="first_response").stopped_at is None

    lifecycle.log_contact(
        by=alice, person=carol, channel="phone", direction="out", tickets=[mailed], at=monday + 2 * HOUR
    )
    assert Clock.objects.get(ticket=mailed, metric="first_response").stopped_at == monday + 2 * HOUR


def test_a_running_call_is_live_until_it_ends__H1(mailed, carol, alice, monday):
    call = lifecycle.begin_contact(
        by=alice, person=carol, channel="phone", direction="in", tickets=[mailed], at=monday + HOUR
    )
    assert call.is_live

    contact, _ = lifecycle.log_contact(
        by=alice, person=carol, channel="phone", direction="in", contact=call, tickets=[mailed], keep_live=True,
        at=monday + HOUR + timedelta(minutes=2),
    )  # fmt: skip
    assert (contact, contact.is_live) == (call, True)

    lifecycle.end_contact(call, by=alice, at=monday + HOUR + timedelta(minutes=5))
    lifecycle.end_contact(call, by=alice, at=monday + 9 * HOUR)
    assert (call.is_live, call.duration_seconds) == (False, 300)
    kinds = Event.objects.filter(subject_kind="contact").values_list("kind", flat=True)
    assert list(kinds) == ["contact.begun", "contact.logged", "contact.ended"]


def test_logging_a_running_call_ends_it(mailed, carol, alice, monday):
    call = lifecycle.begin_contact(by=alice, person=carol, channel="phone", direction="in", at=monday)

    contact, _ = lifecycle.log_contact(
        by=alice, person=carol, channel="phone", direction="in", contact=call, tickets=[mailed], at=monday + HOUR
    )

    assert contact.duration_seconds == 3600


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"channel": "smoke"}, "bad_choice"),
        ({"direction": "up"}, "bad_choice"),
        ({"outcome": "written"}, "bad_choice"),
        ({"outcome": "sung"}, "bad_choice"),
        ({"duration_seconds": -1}, "bad_duration"),
        ({"text": "x" * 200_001}, "too_long"),
        ({"subject": "x" * 300}, "too_long"),
    ],
)
def test_bad_input_is_malformed_and_writes_nothing(carol, alice, fields, code):
    with pytest.raises(Malformed) as refusal:
        lifecycle.log_contact(
            **{"by": alice, "person": carol, "channel": "phone", "direction": "in", "text": "", **fields}
        )

    assert refusal.value.code == code
    assert not Contact.objects.exists()
    assert not Event.objects.exists()


def test_a_contact_does_not_happen_tomorrow__T1(carol, alice, now, tomorrow):
    with pytest.raises(Malformed, match="future"):
        lifecycle.log_contact(by=alice, person=carol, channel="phone", direction="in", happened_at=tomorrow, at=now)


def test_only_a_conversation_begins(carol, alice):
    with pytest.raises(Malformed):
        lifecycle.begin_contact(by=alice, person=carol, channel="letter", direction="in")


def test_a_contact_keeps_its_channel(carol, alice, now):
    call = lifecycle.begin_contact(by=alice, person=carol, channel="phone", direction="in", at=now)
    with pytest.raises(Refused):
        lifecycle.log_contact(by=alice, person=carol, channel="chat", direction="in", contact=call, at=now)
