"""The pieces that keep an open page true: exactly what came since, for those who may see it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from events.models import Event
from tickets import lifecycle
from tickets.models import Entry, Ticket

pytestmark = pytest.mark.django_db
ITEM = re.compile(r'id="((?:entry|event)-\d+)"')


@pytest.fixture
def alices(client, alice):
    client.force_login(alice)
    return client


def since(client, ticket, seq, entry=0):
    return client.get(reverse("desk:ticket_since", args=[ticket.number]), {"seq": seq, "entry": entry})


def shown(ticket):
    """What an open page knows: its event, its newest entry."""
    ticket.refresh_from_db()
    return ticket.event_seq, ticket.entries.latest("pk").pk


def test_brings_what_came_since_and_nothing_else(alices, alice, bob, carol, taken_ticket):
    lifecycle.add_note(taken_ticket, by=bob, text="An older note")
    seq, entry = shown(taken_ticket)
    lifecycle.receive(taken_ticket, person=carol, text="It burns again")
    lifecycle.set_priority(taken_ticket, by=bob, urgency=3, impact=3)

    response = since(alices, taken_ticket, seq, entry)

    html = response.content.decode()
    taken_ticket.refresh_from_db()
    assert "It burns again" in html
    assert "An older note" not in html
    assert ITEM.findall(html) == [f"entry-{taken_ticket.entries.latest('pk').pk}", f"event-{taken_ticket.event_seq}"]
    assert response["X-Ticket-Seq"] == str(taken_ticket.event_seq)
    assert 'id="ticket-head" hx-swap-oob="true"' in html
    assert "<bdi>Carol Cole</bdi> wrote" in html
    assert "<bdi>Bob</bdi> set the priority" in html


def test_says_nothing_of_what_one_did_oneself(alices, alice, taken_ticket):
    seq, entry = shown(taken_ticket)
    lifecycle.add_note(taken_ticket, by=alice, text="Mine")

    html = since(alices, taken_ticket, seq, entry).content.decode()

    assert "Mine" in html
    assert "data-passing" not in html


def test_a_reply_taken_back_is_shown_anew(alices, alice, bob, taken_ticket):
    entry = lifecycle.reply(taken_ticket, by=bob, text="Too early", seen=taken_ticket.entries.latest("pk").pk)
    seq, newest = shown(taken_ticket)
    lifecycle.withdraw_reply(entry, by=bob)

    html = since(alices, taken_ticket, seq, newest).content.decode()

    assert f"entry-{entry.pk}" in ITEM.findall(html)
    assert "Taken back" in html


def test_after_too_much_it_offers_to_begin_anew(alices, taken_ticket):
    Ticket.objects.filter(pk=taken_ticket.pk).update(event_seq=500)
    Event.objects.bulk_create(
        Event(kind="ticket.tagged", subject_kind="ticket", subject_id=taken_ticket.pk, subject_seq=n,
              actor_kind="system", happened_at=timezone.now())
        for n in range(1, 501)
    )  # fmt: skip

    far = since(alices, taken_ticket, 0)
    near = since(alices, taken_ticket, 320, taken_ticket.entries.latest("pk").pk)

    assert "500 things happened here meanwhile" in far.content.decode()
    assert ITEM.findall(far.content.decode()) == []
    assert far["X-Ticket-Seq"] == "500"
    assert ITEM.findall(near.content.decode()) == [f"event-{n}" for n in range(321, 501)]


def test_entries_that_a_merge_moved_in_are_not_passed_over__T11(alices, bob, make_ticket, carol, taken_ticket):
    other = make_ticket(carol, "The same printer")
    lifecycle.receive(other, person=carol, text="It is urgent.")
    lifecycle.add_note(taken_ticket, by=bob, text="Newer than what comes in")
    seq, entry = shown(taken_ticket)
    lifecycle.merge(other, into=taken_ticket, by=bob)

    html = since(alices, taken_ticket, seq, entry).content.decode()

    assert "Show the newest" in html
    assert ITEM.findall(html) == []


def test_an_act_answers_with_the_pieces(alices, alice, taken_ticket):
    seq, entry = shown(taken_ticket)
    page = {"HX-Request": "true", "X-Ticket-Seq": str(seq), "X-Ticket-Entry": str(entry)}

    response = alices.post(reverse("desk:mark_spam", args=[taken_ticket.number]), headers=page)

    html = response.content.decode()
    assert response.status_code == 200
    assert response["HX-Reswap"] == "none"
    assert ITEM.findall(html) == [f"event-{seq + 1}"]
    assert 'hx-swap-oob="innerHTML:#act"' in html
    assert re.search('id="composer"[^>]* hx-swap-oob="true"', html)


def test_an_act_without_an_open_page_leads_to_it(alices, taken_ticket):
    response = alices.post(reverse("desk:mark_spam", args=[taken_ticket.number]), headers={"HX-Request": "true"})

    assert response["HX-Redirect"] == reverse("desk:ticket", args=[taken_ticket.number])


def test_restricted_teams_and_notes_stay_hidden__T13(alices, alice, bob, taken_ticket, billing, sven):
    seq, entry = shown(taken_ticket)
    lifecycle.add_note(taken_ticket, by=bob, text="For supervisors", restricted=True)

    html = since(alices, taken_ticket, seq, entry).content.decode()
    assert "For supervisors" not in html
    assert "added a note" not in html

    billing.is_restricted = True
    billing.save(update_fields=["is_restricted"])
    Ticket.objects.filter(pk=taken_ticket.pk).update(team=billing, assignee=sven)
    assert since(alices, taken_ticket, seq, entry).status_code == 404


@pytest.mark.parametrize("size", [1, 60])
def test_costs_the_same_however_much_came(alices, taken_ticket, carol, size, django_assert_max_num_queries):
    seq, entry = shown(taken_ticket)
    at = timezone.now() - timedelta(minutes=1)
    Entry.objects.bulk_create(
        Entry(ticket=taken_ticket, kind="message", visibility="public", text=f"T{n}", author_person=carol,
              author_name="Carol", happened_at=at, recorded_at=at)
        for n in range(size)
    )  # fmt: skip

    # session, user, roles, teams; the ticket with its sets, events, entries, files, mails, users, teams
    with django_assert_max_num_queries(12) as queries:
        html = since(alices, taken_ticket, seq, entry).content.decode()

    assert len(ITEM.findall(html)) == size, queries.captured_queries
