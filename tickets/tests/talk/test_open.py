"""A need becomes a ticket."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.errors import Malformed, Refused
from events.models import Event
from tickets import clocks, lifecycle
from tickets.models import Clock, Contact, Entry, Participant, Priority, Status, Tag, Ticket, TicketLink


def test_a_mail_opens_a_new_ticket_with_its_clocks__T3_S3(mailed, carol, acme, monday, events_of):
    entry = mailed.entries.get()
    assert (mailed.status, mailed.assignee, mailed.organisation) == (Status.NEW, None, acme)
    assert (mailed.opened_at, mailed.unanswered_since, mailed.last_customer_at) == (monday, monday, monday)
    assert (entry.kind, entry.author, entry.author_person, entry.author_name) == ("message", None, carol, "Carol Cole")
    clocks = Clock.objects.filter(ticket=mailed).values_list("metric", "started_at", "stopped_at")
    assert set(clocks) == {("first_response", monday, None), ("resolution", monday, None)}
    [event] = events_of(mailed)
    assert (event.kind, event.actor_person_id, event.happened_at) == ("ticket.opened", carol.pk, monday)
    assert entry.event == event


def test_what_was_recorded_and_what_happened_are_kept_apart__T1(mailed, monday):
    assert mailed.entries.get().happened_at == monday
    assert mailed.entries.get().recorded_at > timezone.now() - timedelta(minutes=1)
    assert Event.objects.get(kind="ticket.opened").recorded_at > monday


@pytest.mark.parametrize(
    ("channel", "kind"),
    [("email", "message"), ("web", "message"), ("letter", "letter"), ("chat", "chat"), ("api", "message")],
)
def test_every_channel_a_customer_writes_by__T1(carol, channel, kind):
    ticket = lifecycle.open_ticket(requester=carol, subject="A", text="B", channel=channel, by=carol)

    entry = ticket.entries.get()
    assert (ticket.channel, entry.kind, entry.contact.channel) == (channel, kind, channel)
    assert (entry.contact.outcome, entry.contact.direction) == ("written", "in")
    assert list(entry.contact.tickets.all()) == [ticket]


@pytest.mark.parametrize(("channel", "kind"), [("phone", "call"), ("in_person", "visit")])
def test_a_call_or_visit_is_answered_at_once_by_who_took_it__S3(carol, alice, tier1, channel, kind, monday):
    ticket = lifecycle.open_ticket(
        requester=carol, subject="A", text="B", channel=channel, by=alice, team=tier1, at=monday
    )

    assert (ticket.status, ticket.assignee, ticket.first_agent) == (Status.OPEN, alice, alice)
    assert ticket.unanswered_since is None
    first = Clock.objects.get(ticket=ticket, metric="first_response")
    assert (first.is_live, first.stopped_at, first.elapsed_seconds, first.agent) == (True, monday, 0, alice)
    assert ticket.entries.get().kind == kind


def test_the_clocks_of_a_new_ticket_cost_two_statements(carol, alice, tier1, make_policy):
    """Its row holds its place in the queue from the beginning: one question what holds, one INSERT."""
    make_policy("Informed", customer_type="external", first_response=60, resolution=90, keep_informed=30)

    def statements(**more):
        with CaptureQueriesContext(connection) as asked:
            opened = lifecycle.open_ticket(requester=carol, subject="A", text="B", team=tier1, **more)
        return opened, len(asked)

    statements(channel="phone", by=alice)  # who they are is kept
    written, with_clocks = statements(channel="email", by=carol)
    called, with_a_call = statements(channel="phone", by=alice)
    with patch.object(clocks, "first_clocks", return_value=[]):
        without = statements(channel="email", by=carol)[1], statements(channel="phone", by=alice)[1]

    assert (with_clocks, with_a_call) == (without[0] + 2, without[1] + 2)
    assert written.clocks.count() == 2
    assert called.clocks.count() == 3
    for ticket, seconds in ((written, 60), (called, 30)):  # of the call the first response is met
        stored = Ticket.objects.get(pk=ticket.pk)
        assert stored.queue_at == ticket.queue_at == ticket.opened_at + timedelta(seconds=seconds)


def test_a_call_logged_for_another_team_is_nobodys_yet(carol, alice, billing):
    ticket = lifecycle.open_ticket(requester=carol, subject="A", text="B", channel="phone", by=alice, team=billing)

    assert (ticket.status, ticket.assignee) == (Status.NEW, None)


def test_a_ticket_we_open_waits_for_no_answer__S3(carol, alice, monday):
    ticket = lifecycle.open_ticket(
        requester=carol, subject="A", text="B", channel="email", by=alice, outbound=True, at=monday
    )

    assert ticket.entries.get().kind == Entry.Kind.REPLY
    assert not Clock.objects.filter(ticket=ticket).exists()
    assert (ticket.status, ticket.assignee, ticket.last_staff_at) == (Status.OPEN, alice, monday)

    lifecycle.receive(ticket, person=carol, text="What is this?", at=monday + timedelta(hours=1))
    first = Clock.objects.get(ticket=ticket, metric="first_response")
    assert first.started_at == monday + timedelta(hours=1)


def test_a_machine_opens_a_ticket_without_clocks__T3(carol):
    ticket = lifecycle.open_ticket(
        requester=carol, subject="Alarm", text="Disk full", channel="email", by=carol, is_automatic=True
    )

    assert ticket.entries.get().kind == Entry.Kind.AUTOMATIC
    assert not Clock.objects.filter(ticket=ticket).exists()


def test_priority_tags_and_on_behalf_of(carol, ivan):
    ticket = lifecycle.open_ticket(
        requester=carol, subject="A", text="B", channel="web", by=carol, impact=3, urgency=3, tags=["vip", "print"],
        on_behalf_of=ivan,
    )  # fmt: skip

    assert ticket.priority == Priority.URGENT
    assert {tag.name for tag in ticket.tags.all()} == {"vip", "print"}
    assert Participant.objects.get(ticket=ticket).role == Participant.Role.ON_BEHALF_OF
    assert Event.objects.get(kind="ticket.opened").on_behalf_of_person_id == ivan.pk
    assert Tag.objects.count() == 2


def test_the_same_message_opens_one_ticket(carol):
    first = lifecycle.open_ticket(
        requester=carol, subject="A", text="B", channel="email", by=carol, external_ids=[("mail", "<1@x>")]
    )
    again = lifecycle.open_ticket(
        requester=carol, subject="A", text="B", channel="email", by=carol, external_ids=[("mail", "<1@x>")]
    )

    assert first == again
    assert Ticket.objects.count() == 1


def test_numbers_are_not_reused(carol):
    numbers = [
        lifecycle.open_ticket(requester=carol, subject="A", text="B", channel="web", by=carol).number for _ in range(3)
    ]
    assert len(set(numbers)) == 3


def test_a_long_subject_of_a_customer_is_cut_and_kept_whole__T7(carol):
    subject = "Déjà vu 🖨 " * 60
    ticket = lifecycle.open_ticket(requester=carol, subject=subject, text="Body", channel="email", by=carol)

    assert len(ticket.subject) <= 250
    assert subject.strip() in ticket.entries.get().text
    assert "Body" in ticket.entries.get().text


def test_staff_are_told_that_a_subject_is_too_long(carol, alice):
    with pytest.raises(Malformed) as refusal:
        lifecycle.open_ticket(requester=carol, subject="x" * 251, text="B", channel="phone", by=alice)

    assert (refusal.value.code, refusal.value.field) == ("too_long", "subject")
    assert not Ticket.objects.exists()
    assert not Contact.objects.exists()


def test_a_customer_is_no_staff(carol, make_user):
    stranger = make_user("stranger")
    with pytest.raises(Refused) as refusal:
        lifecycle.open_ticket(requester=carol, subject="A", text="B", channel="phone", by=stranger)

    assert refusal.value.code == "not_staff"
    assert not Ticket.objects.exists()


def test_an_unknown_channel_is_malformed(carol):
    with pytest.raises(Malformed):
        lifecycle.open_ticket(requester=carol, subject="A", text="B", channel="pigeon", by=carol)


def test_a_follow_up_is_linked(mailed, carol):
    ticket = lifecycle.open_ticket(requester=carol, subject="A", text="B", channel="web", by=carol, follow_up_of=mailed)

    link = TicketLink.objects.get(source=ticket)
    assert (link.target, link.kind) == (mailed, "follow_up")
