"""What the palette and the field on top find as one types."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from desk.templatetags.desk_search import marked

pytestmark = pytest.mark.django_db


def found(client, user, **query):
    client.force_login(user)
    return client.get(reverse("desk:palette"), query)


def test_words_lead_to_tickets_and_people(client, alice, carol, taken_ticket):
    html = found(client, alice, q="carol").content.decode()

    assert f'data-href="{reverse("desk:ticket", args=[taken_ticket.number])}"' in html
    assert f'data-href="{reverse("desk:customer", args=[carol.pk])}"' in html
    assert f'data-href="{reverse("desk:search")}?q=carol"' in html


@pytest.mark.parametrize(
    ("q", "tickets", "people"), [("#carol", 1, 0), ("@carol", 0, 1), ("zzqx", 0, 0), ("\x00#", 0, 0)]
)
def test_a_sign_before_narrows(client, alice, carol, taken_ticket, q, tickets, people):
    context = found(client, alice, q=q).context

    assert (len(context["tickets"]), len(context["people"])) == (tickets, people)


def test_without_words_come_the_tickets_looked_at_last__T13(client, alice, carol, make_ticket, tier1, billing):
    first, second = (make_ticket(carol, subject, team=tier1) for subject in ("First", "Second"))
    billing.is_restricted = True
    billing.save(update_fields=["is_restricted"])
    unseen = make_ticket(carol, "Unseen", team=billing)

    recent = f"{second.number},{unseen.number},{first.number},{second.number},x,-1,{'9' * 40}"
    assert found(client, alice, q="", recent=recent).context["tickets"] == [second, first]


def test_without_a_past_come_ones_own_tickets(client, alice, bob, taken_ticket):
    assert found(client, alice, q="").context["tickets"] == [taken_ticket]
    assert found(client, bob, q="").context["tickets"] == []


def test_a_third_party_finds_only_what_is_theirs__T13(client, theo, carol, taken_ticket):
    context = found(client, theo, q="carol").context

    assert (context["tickets"], context["people"]) == ([], [])


def test_costs_the_same_for_any_size(
    client, alice, carol, make_person, tier1, make_ticket, now, django_assert_max_num_queries
):
    seen = []
    for size in (1, 12):
        for n in range(size):
            make_ticket(make_person(f"Lampert {size} {n}"), f"Lampert {n}", at=now - timedelta(minutes=n), team=tier1)
        client.force_login(alice)
        with django_assert_max_num_queries(16) as queries:
            client.get(reverse("desk:palette"), {"q": "lampert"})
        seen.append(len(queries))

    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    ("text", "q", "html"),
    [
        ("José <b>", "jose", "<mark>José</mark> &lt;b&gt;"),
        ("heating, HEATER", "heat", "<mark>heat</mark>ing, <mark>HEAT</mark>ER"),
        ("a & b", "", "a &amp; b"),
        ("a.b", ".", "a.b"),
    ],
)
def test_marks_what_was_looked_for_and_escapes_all(text, q, html):
    assert marked(text, q) == html
