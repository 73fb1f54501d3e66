"""The search of the top bar."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from tickets import lifecycle

pytestmark = pytest.mark.django_db


def found(client, user, q):
    client.force_login(user)
    return client.get(reverse("desk:search"), {"q": q})


@pytest.mark.parametrize("mark", ["", "#"])
def test_a_number_leads_to_its_ticket(client, alice, taken_ticket, mark):
    response = found(client, alice, f"{mark}{taken_ticket.number}")

    assert response.status_code == 302
    assert response.url == reverse("desk:ticket", args=[taken_ticket.number])


def test_words_find_tickets_and_people(client, alice, carol, taken_ticket):
    response = found(client, alice, "carol")

    assert [ticket.pk for ticket in response.context["tickets"]] == [taken_ticket.pk]
    assert [person.pk for person in response.context["people"]] == [carol.pk]


def test_what_is_found_is_narrowed_by_the_address(client, alice, carol, taken_ticket, make_ticket):
    over = make_ticket(carol, "The printer of long ago", team=taken_ticket.team, assignee=alice, status="open")
    lifecycle.resolve(over, by=alice)
    client.force_login(alice)

    def found_with(**narrowed):
        context = client.get(reverse("desk:search"), {"q": "carol", **narrowed}).context
        return {ticket.pk for ticket in context["tickets"]}, len(context["people"])

    assert found_with() == ({taken_ticket.pk, over.pk}, 1)
    assert found_with(show="people") == (set(), 1)
    assert found_with(show="tickets", state="open") == ({taken_ticket.pk}, 0)
    assert found_with(state="over", show="x") == ({over.pk}, 1)
    html = client.get(reverse("desk:search"), {"q": "printer"}).content.decode()
    assert "The <mark>printer</mark> of long ago" in html


@pytest.mark.parametrize("q", ["", "zzqx", "999999999999", "'; &|!(:*", "\x00"])
def test_what_finds_nothing_says_so(client, alice, taken_ticket, q):
    response = found(client, alice, q)

    assert response.status_code == 200
    assert response.context["tickets"] == response.context["people"] == []


def test_a_third_party_finds_only_what_is_theirs__T13(client, theo, taken_ticket):
    by_words, by_number = found(client, theo, "printer"), found(client, theo, str(taken_ticket.number))

    assert by_words.context["tickets"] == []
    assert by_number.status_code == 200
    assert "The printer is on fire" not in by_number.content.decode()


def test_costs_the_same_for_any_size(client, alice, carol, tier1, make_ticket, now, django_assert_max_num_queries):
    seen = []
    for size in (1, 20):
        for n in range(size):
            make_ticket(carol, f"Lamp {n}", at=now - timedelta(minutes=n), team=tier1)
        client.force_login(alice)
        with django_assert_max_num_queries(20) as queries:
            client.get(reverse("desk:search"), {"q": "lamp"})
        seen.append(len(queries))

    assert seen[0] == seen[1]
