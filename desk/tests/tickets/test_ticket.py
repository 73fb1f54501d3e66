"""A ticket's page: the conversation, what stands beside it, and what it costs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from tickets import lifecycle
from tickets.models import Entry, Ticket

pytestmark = pytest.mark.django_db


def url(ticket, name="ticket"):
    return reverse(f"desk:{name}", args=[ticket.number])


def test_shows_the_conversation_and_the_customer(client, alice, taken_ticket):
    client.force_login(alice)

    html = client.get(url(taken_ticket)).content.decode()

    assert "Please help, it smokes." in html
    assert "carol@acme.example" in html
    assert "First response" in html


@pytest.mark.parametrize("size", [1, 30, 60])
def test_costs_the_same_for_any_length(client, alice, taken_ticket, now, size, django_assert_max_num_queries):
    for n in range(size):
        Entry.objects.create(
            ticket=taken_ticket, kind="message", visibility="public", text=f"Line {n}", author_name="Carol",
            happened_at=now + timedelta(seconds=n),
        )  # fmt: skip
        lifecycle.promise(taken_ticket, by=alice, kind="call_back", due_at=now + timedelta(days=1, minutes=n))
    client.force_login(alice)

    with django_assert_max_num_queries(14) as seen:
        response = client.get(url(taken_ticket))

    assert response.status_code == 200
    assert len(seen) == QUERIES


QUERIES = 13


def test_a_long_story_shows_the_last_fifty_and_a_way_back(client, alice, taken_ticket, now):
    Entry.objects.bulk_create(
        Entry(ticket=taken_ticket, kind="message", visibility="public", text=f"Line {n}.", author_name="Carol",
              happened_at=now + timedelta(seconds=n))
        for n in range(60)
    )  # fmt: skip
    client.force_login(alice)

    newest = client.get(url(taken_ticket))
    older = client.get(url(taken_ticket), {"after": newest.context["page"].earlier})

    assert "Line 59." in newest.content.decode()
    assert "Line 3." not in newest.content.decode()
    assert "Line 3." in older.content.decode()
    assert "Please help" in older.content.decode()


def test_another_teams_restricted_ticket_is_not_there__T13(client, bella, taken_ticket, tier1):
    tier1.is_restricted = True
    tier1.save(update_fields=["is_restricted"])
    client.force_login(bella)

    for name in ("ticket", "reply", "hold", "transfer", "resolve"):
        assert client.get(url(taken_ticket, name)).status_code == 404
    assert client.post(url(taken_ticket, "reply"), {"text": "Hello"}).status_code == 404
    assert Entry.objects.filter(ticket=taken_ticket).count() == 1


def test_a_merged_ticket_leads_on__T11(client, alice, taken_ticket, make_ticket, carol, tier1):
    other = make_ticket(carol, "The same fire", team=tier1)
    lifecycle.merge(other, into=taken_ticket, by=alice)
    client.force_login(alice)

    response = client.get(url(other), follow=True)

    assert response.redirect_chain[-1][0] == url(taken_ticket)
    assert f"#{other.number} was merged into this ticket" in response.content.decode()


def test_says_before_one_tries_what_a_rule_forbids__T12(client, alice, taken_ticket):
    Ticket.objects.filter(pk=taken_ticket.pk).update(type="complaint")
    client.force_login(alice)

    html = client.get(url(taken_ticket)).content.decode()

    assert "First say your understanding of the complaint back to the customer." in html
