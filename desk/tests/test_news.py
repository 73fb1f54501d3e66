"""What is new on My day."""

from __future__ import annotations

import pytest

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
