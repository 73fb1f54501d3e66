"""The list of tickets: what stands in it, for whom, and what it costs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from customers import flags
from staff.hours import version_at
from tickets import drafts
from tickets.models import Clock, Ticket
from tickets.queue import refresh_queue

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


@pytest.mark.parametrize("size", [1, 25])
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


def test_a_row_says_the_moment_that_the_list_is_sorted_by(
    client, alice, taken_ticket, office_hours, make_ticket, carol
):
    other = make_ticket(carol, "Around the clock", assignee=alice, status="open")
    due = datetime(2031, 3, 5, 14, 30, tzinfo=UTC)
    version = version_at(office_hours.pk, due)
    Clock.objects.filter(ticket=taken_ticket).update(due_at=due, hours=version)
    Clock.objects.filter(ticket=other).update(due_at=due + timedelta(hours=1), hours=None)

    html = page(client, alice, "?view=mine").content.decode()

    assert 'data-by="due"' in html
    assert re.search(r'<span class="when" data-always>[^<]*\b5\b[^<]*:30</span>', html)
    assert html.count('<span class="when">') == 1
    assert 'data-by="due"' not in page(client, alice, "?view=mine&sort=newest").content.decode()


def test_what_was_warned_of_is_due_soon_as_on_the_home__S4(client, alice, taken_ticket, make_ticket, carol, now):
    calm, paused = (make_ticket(carol, subject, assignee=alice, status="open") for subject in ("Calm", "Paused"))
    Clock.objects.update(due_at=now + timedelta(hours=3))
    Clock.objects.filter(ticket__in=(taken_ticket, paused), metric="resolution").update(warned_75_at=now)
    Clock.objects.filter(ticket=paused).update(paused_at=now, due_at=None)
    Ticket.objects.update(queue_at=now + timedelta(hours=3))

    assert list(page(client, alice, "?view=due").context["tickets"]) == [taken_ticket]

    Ticket.objects.filter(pk=calm.pk).update(queue_at=now + timedelta(minutes=50))
    assert {one.subject for one in page(client, alice, "?view=due").context["tickets"]} == {
        "Calm",
        taken_ticket.subject,
    }


def test_a_row_that_came_back_from_hold_says_why_it_stands_first__H3(client, alice, taken_ticket):
    refresh_queue(taken_ticket, returned=True)

    assert '<span class="when" data-always>Back from hold</span>' in page(client, alice).content.decode()


def test_the_time_left_is_of_the_clock_that_the_list_is_sorted_by(client, alice, taken_ticket, now):
    """A transfer's clock is another team's; the list is not sorted by it, so its time is not shown either."""
    Clock.objects.create(
        ticket=taken_ticket, metric="transfer", started_at=now, terms_at=now, target_seconds=60, due_at=now
    )

    [row] = page(client, alice, "?view=mine").context["tickets"]

    assert row.due == Clock.objects.exclude(metric="transfer").earliest("due_at").due_at


def test_a_row_says_where_my_draft_waits_and_nothing_of_others(
    client, alice, bob, taken_ticket, carol, make_ticket, tier1
):
    other = make_ticket(carol, "Without a draft", team=tier1)
    drafts.save(alice, taken_ticket, "note", text="Ask the plumber")
    drafts.save(bob, other, "reply", text="Mine")

    rows = {ticket.number: ticket.has_draft for ticket in page(client, alice, "?view=open").context["tickets"]}

    assert rows == {taken_ticket.number: True, other.number: False}
    html = client.get(f"{reverse('desk:tickets')}?view=open").content.decode()
    assert html.count(">Draft</span>") == 1


def test_a_filter_stands_in_the_address_and_as_a_chip(client, alice, taken_ticket, make_ticket, carol, tier1):
    make_ticket(carol, "A question", team=tier1, type="complaint")

    response = page(client, alice, "?view=open&type=complaint")

    assert [ticket.subject for ticket in response.context["tickets"]] == ["A question"]
    assert response.context["chips"][0]["words"] == "Complaint"


@pytest.mark.parametrize("query", ["?view=x&sort=y", "?assignee=9999999999999999999&type=%00", "?after=forged"])
def test_an_address_that_means_nothing_shows_the_usual_list(
    client, alice, carol, tier1, taken_ticket, make_ticket, query
):
    make_ticket(carol, "Nobody has it yet", team=tier1)

    response = page(client, alice, query)

    asked = response.context["asked"]
    assert (asked.view.code, asked.sort, asked.filters) == ("mine", "due", {})
    assert response.context["chips"] == []
    assert numbers(response) == [taken_ticket.number]


def test_the_next_page_goes_on_where_this_one_ended(client, alice, carol, tier1, make_ticket, now):
    for n in range(27):
        make_ticket(carol, f"Ticket {n}", at=now - timedelta(minutes=n), team=tier1)

    first = page(client, alice, "?view=team")
    second = client.get(first.context["next_url"])

    assert len(numbers(first)) == 25
    assert len(numbers(second)) == 2
    assert not set(numbers(first)) & set(numbers(second))


def test_an_empty_view_says_what_to_do(client, alice):
    assert "Nothing is yours right now" in page(client, alice, "?view=mine").content.decode()


def test_search_finds_words_and_a_number_leads_there(client, alice, taken_ticket):
    client.force_login(alice)

    words = client.get(reverse("desk:search"), {"q": "printer fire"})
    number = client.get(reverse("desk:search"), {"q": f"#{taken_ticket.number}"})
    nothing = client.get(reverse("desk:search"), {"q": "\x00 zebra"})

    assert "The <mark>printer</mark> is on <mark>fire</mark>" in words.content.decode()
    assert number.headers["Location"] == reverse("desk:ticket", args=[taken_ticket.number])
    assert "Nothing found" in nothing.content.decode()
