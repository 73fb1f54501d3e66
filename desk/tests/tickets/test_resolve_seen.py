"""Resolving is an answer too: nobody resolves over a message they have not seen (T10)."""

import pytest

from tickets import lifecycle
from tickets.models import Status

pytestmark = pytest.mark.django_db


def test_resolving_over_a_new_message_is_refused__T10(client, alice, carol, taken_ticket):
    client.force_login(alice)
    url = f"/tickets/{taken_ticket.number}/resolve/"
    seen = client.get(url).context["form"]["seen"].value()
    lifecycle.receive(taken_ticket, person=carol, text="Wait, it burns again!")

    answer = client.post(url, {"text": "All done.", "seen": seen})

    taken_ticket.refresh_from_db()
    assert answer.status_code == 409
    assert taken_ticket.status == Status.OPEN
