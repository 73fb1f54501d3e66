"""What is new on My day."""

from __future__ import annotations

import pytest
from django.urls import reverse

from desk.home.day import news
from events.models import Event
from notifications.models import Notice
from tickets import lifecycle

pytestmark = pytest.mark.django_db


def test_several_notices_on_one_ticket_are_one_line_with_the_newest_words__N1(alice, taken_ticket):
    lifecycle.add_note(taken_ticket, by=alice, text="A note makes an event.")
    event = Event.objects.filter(subject_kind="ticket", subject_id=taken_ticket.pk).earliest("pk")
    for kind, urgent in (("ticket.escalated", True), ("ticket.refused", False)):
        Notice.objects.create(user=alice, event=event, ticket=taken_ticket, kind=kind, is_urgent=urgent)

    lines = news(alice)

    assert [(line.notice.kind, line.more, line.is_urgent) for line in lines] == [("ticket.refused", 1, True)]


def test_of_a_ticket_that_moved_out_of_sight_nothing_is_shown__N1_T13(theo, alice, billing, tier1, printer_ticket):
    lifecycle.add_note(printer_ticket, by=alice, text="A note makes an event.")
    event = Event.objects.latest("pk")
    Notice.objects.create(user=theo, event=event, ticket=printer_ticket, kind="ticket.assigned")
    assert news(theo) == []

    printer_ticket.team = billing
    printer_ticket.save(update_fields=["team"])

    assert len(news(theo)) == 1


def test_a_notice_in_anothers_place_says_why__N1(client, alice, bob, printer_ticket):
    lifecycle.add_note(printer_ticket, by=alice, text="A note makes an event.")
    event = Event.objects.latest("pk")
    moved = {"instead_of": alice, "because": "away"}
    Notice.objects.create(user=bob, event=event, ticket=printer_ticket, kind="ticket.sla_warned", **moved)
    client.force_login(bob)

    assert "Alice is away" in client.get(reverse("desk:home")).content.decode()
