"""What a page fetches after a hint, and whose business an event is."""

from __future__ import annotations

import asyncio
import re

import pytest
from django.db import InterfaceError
from django.urls import reverse

from desk.live import hub, look
from desk.live.concern import concerns
from desk.live.look import Spot, seen_by
from events.models import Event
from helpdesk.testing import alone
from staff.access import Viewer, viewer
from tickets import lifecycle
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def alices(client, alice):
    client.force_login(alice)
    return client


def rows(client, *tickets, view="open"):
    numbers = ",".join(str(ticket.number) for ticket in tickets)
    return client.get(reverse("desk:ticket_rows"), {"numbers": numbers, "view": view})


def test_the_counts_of_the_rail_by_address(alices, taken_ticket):
    counts = alices.get(reverse("desk:rail"), {"view": "mine"}).json()["counts"]

    assert counts[reverse("desk:tickets")] == {"count": "1", "hot": False}
    assert counts[f"{reverse('desk:tickets')}?view=mine"]["count"] == "1"


def test_rows_of_tickets_and_which_belong_to_the_view(alices, alice, taken_ticket, make_ticket, carol):
    other = make_ticket(carol, "Nobody's yet")

    response = rows(alices, taken_ticket, other, view="mine")

    assert response["X-In-View"] == str(taken_ticket.number)
    assert len(re.findall("data-row-link", response.content.decode())) == 2


def test_no_row_of_what_one_may_not_see__T13(client, theo, taken_ticket):
    client.force_login(theo)

    response = rows(client, taken_ticket)

    assert response["X-In-View"] == ""
    assert "data-row-link" not in response.content.decode()


@pytest.mark.parametrize("size", [1, 20])
def test_rows_cost_the_same_for_any_number(alices, make_ticket, carol, size, django_assert_max_num_queries):
    tickets = [make_ticket(carol, f"T{n}") for n in range(size)]

    # session, user, roles, teams, the rows, which of them belong
    with django_assert_max_num_queries(6):
        response = rows(alices, *tickets)

    assert len(response["X-In-View"].split(",")) == size


def test_one_event_in_words_with_the_way_there(alices, bob, printer_ticket):
    lifecycle.take(printer_ticket, by=bob)
    printer_ticket.refresh_from_db()

    html = alices.get(
        reverse("desk:ticket_told", args=[printer_ticket.number]), {"seq": printer_ticket.event_seq}
    ).content.decode()

    assert "<bdi>Bob</bdi> took the ticket" in html
    assert reverse("desk:ticket", args=[printer_ticket.number]) in html


def test_a_note_is_not_told_to_a_colleague_who_is_the_customer__T13(client, alice, bob, ivan, make_ticket):
    ivan.user = alice
    ivan.save(update_fields=["user"])
    ticket = make_ticket(ivan, "My own chair")
    lifecycle.add_note(ticket, by=bob, text="Between us")
    ticket.refresh_from_db()
    client.force_login(alice)

    response = client.get(reverse("desk:ticket_told", args=[ticket.number]), {"seq": ticket.event_seq})

    assert (response.status_code, response.content) == (204, b"")


def test_news_go_on_after_one_that_could_not_be_told(monkeypatch):
    told = []

    async def tell(_self, news):
        told.append(news)
        if len(told) == 1:
            raise InterfaceError("connection already closed")

    async def work():
        ours = hub.Hub()
        task = asyncio.create_task(ours._hand_on())
        for number in (1, 2):
            ours._hear({"type": "news", "news": [number]})
            await asyncio.sleep(0.05)
        task.cancel()

    monkeypatch.setattr(hub, "GATHER", 0)
    monkeypatch.setattr(hub.Hub, "_tell", tell)

    alone(work())

    assert told == [[1], [2]]


def test_a_beat_knows_when_it_looked_back_too_short(client, alice, printer_ticket, monkeypatch):
    client.force_login(alice)
    for n in range(3):
        lifecycle.set_subject(printer_ticket, by=alice, subject=f"Other {n}")
    first = Event.objects.order_by("pk").first().pk
    monkeypatch.setattr(look, "MOST", 2)

    assert look.beat(client.session.session_key, None, first).is_far
    assert not look.beat(client.session.session_key, None, Event.objects.latest("pk").pk).is_far


ME = Viewer(1, team_ids=frozenset({5}))


@pytest.mark.parametrize(
    ("kind", "data", "mine"),
    [
        ("ticket.assigned", {"to": 1}, True),
        ("ticket.assigned", {"to": 2}, False),
        ("ticket.transfer_sent", {"to_team": 5}, True),
        ("ticket.transfer_sent", {"to_team": 5, "to_agent": 2}, False),
        ("ticket.escalated", {"waits_for": 1}, True),
        ("ticket.escalated", {"waits_for": None, "told": [1, 2]}, True),
        ("ticket.escalated", {"waits_for": 2, "told": []}, False),
        ("ticket.note_added", {"mentions": [1]}, True),
        ("ticket.note_added", {}, False),
        ("ticket.message_received", {}, True),
        ("ticket.message_received", {"automatic": True}, False),
        ("ticket.renamed", {}, False),
    ],
)
def test_whose_business_an_event_is(kind, data, mine):
    news = {"kind": kind, "subject": "ticket", "actor": 2, "data": data}

    assert concerns(ME, news, Spot(7, 1001, 3, assignee_id=1)) is mine
    assert concerns(ME, {**news, "actor": 1}, Spot(7, 1001, 3, assignee_id=1)) is False  # what I did is no news to me


def test_one_look_serves_all_who_see_everything(alice, bob, mia, theo, printer_ticket, django_assert_max_num_queries):
    for user in (alice, bob, mia, theo):
        viewer(user)

    with django_assert_max_num_queries(2):
        spots, seen = seen_by([alice, bob, mia, theo], {printer_ticket.pk})

    assert seen == {alice.pk: {printer_ticket.pk}, bob.pk: {printer_ticket.pk}, mia.pk: {printer_ticket.pk},
                    theo.pk: set()}  # fmt: skip
    assert spots[printer_ticket.pk].number == Ticket.objects.get(pk=printer_ticket.pk).number
