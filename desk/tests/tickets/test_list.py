"""The list of tickets: what stands in it, for whom, and what it costs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from customers import flags
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def page(client, user, query=""):
    client.force_login(user)
    response = client.get(f"{reverse('desk:tickets')}{query}")
    assert response.status_code == 200
    return response


def numbers(response) -> list[int]:
    return [ticket.number for ticket in response.context["tickets"]]


def test_shows_a_row_with_all_that_one_needs(client, alice, taken_ticket):
    html = page(client, alice, "?view=mine").content.decode()

    assert "The printer is on fire" in html
    assert "Carol Cole" in html
    assert "data-countdown" in html


@pytest.mark.parametrize("size", [1, 50])
def test_costs_the_same_for_any_size(
    client, alice, carol, tier1, make_ticket, now, size, django_assert_max_num_queries, django_assert_num_queries
):
    for n in range(size):
        ticket = make_ticket(carol, f"Ticket {n}", at=now - timedelta(minutes=n), team=tier1)
        Ticket.objects.filter(pk=ticket.pk).update(status="open", assignee=alice)
    soon = now + timedelta(days=1)
    flags.set_flag(carol, by=alice, kind="vip", reason="Board", review_at=soon, expires_at=soon)
    client.force_login(alice)

    with django_assert_max_num_queries(8) as seen:
        response = client.get(reverse("desk:tickets"))

    assert len(response.context["tickets"]) == size
    assert len(seen) == QUERIES


QUERIES = 8
