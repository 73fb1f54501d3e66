"""The search of the top bar."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

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
