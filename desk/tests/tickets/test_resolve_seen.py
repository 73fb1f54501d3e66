"""Resolving is an answer too: nobody resolves over a message they have not seen (T10)."""

import pytest

from tickets import drafts, lifecycle
from tickets.models import Draft, Status

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


def test_the_form_knows_what_the_open_page_shows__T10(client, alice, carol, taken_ticket):
    client.force_login(alice)
    shown = taken_ticket.entries.latest("pk").pk
    lifecycle.receive(taken_ticket, person=carol, text="Wait, it burns again!")

    page = {"HX-Request": "true", "X-Ticket-Entry": str(shown)}
    form = client.get(f"/tickets/{taken_ticket.number}/resolve/", headers=page).context["form"]

    assert form["seen"].value() == shown


@pytest.mark.parametrize(("sent", "left"), [({"composer": "reply"}, 0), ({}, 1)])
def test_a_draft_goes_only_with_its_own_words(client, alice, taken_ticket, sent, left):
    client.force_login(alice)
    drafts.save(alice, taken_ticket, "reply", text="Begun before")

    client.post(f"/tickets/{taken_ticket.number}/resolve/", {"text": "All done.", **sent})

    taken_ticket.refresh_from_db()
    assert taken_ticket.status == Status.RESOLVED
    assert Draft.objects.count() == left
