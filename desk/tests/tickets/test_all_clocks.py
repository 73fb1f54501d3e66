"""All clocks of a ticket: those that have ended are reached from its page, each with what became of it (S5, S7)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tickets import lifecycle
from tickets.models import Clock

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def path(client, alice, taken_ticket):
    client.force_login(alice)
    return reverse("desk:all_clocks", args=[taken_ticket.number])


@pytest.fixture
def ended(taken_ticket, now):
    def make(stopped, **fields) -> Clock:
        start = fields.pop("started_at", now - 2 * DAY)
        return Clock.objects.create(
            ticket=taken_ticket, metric="next_response", target_seconds=86_400, started_at=start, terms_at=start,
            due_at=start + DAY, stopped_at=stopped, **fields,
        )  # fmt: skip

    return make


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_tickets_page_leads_to_them_and_they_to_their_story(client, taken_ticket, path, ended, now):
    clock = ended(now - DAY - HOUR)
    assert f'href="{path}"' in client.get(reverse("desk:ticket", args=[taken_ticket.number])).content.decode()

    story = reverse("desk:clock", args=[taken_ticket.number, clock.pk])
    assert f'href="{story}"' in client.get(path).content.decode()
    assert f'href="{path}"' in client.get(story).content.decode()


def test_says_what_was_kept_with_how_much_to_spare(client, path, ended, now):
    ended(now - DAY - HOUR)

    assert re.search(r"1 h to spare · No policy\s+Kept", text(client.get(path)))


def test_says_what_was_broken_and_by_how_much__S5(client, path, ended, now):
    ended(now - DAY + 3 * HOUR, breached_at=now - DAY)

    assert re.search(r"3 h late · No policy\s+Broken", text(client.get(path)))


def test_what_fell_away_is_not_counted(client, path, ended, now):
    ended(None, cancelled_at=now - DAY)

    assert "Not counted" in text(client.get(path))


def test_a_solution_is_kept_so_far_until_the_ticket_closes(client, alice, path, taken_ticket):
    lifecycle.reply(taken_ticket, by=alice, text="Use the extinguisher.")
    lifecycle.resolve(taken_ticket, by=alice)

    assert "Kept so far" in text(client.get(path))


def test_a_clock_that_runs_stays_on_the_page_however_many_ended_since(client, taken_ticket, path, ended, now):
    Clock.objects.filter(ticket=taken_ticket, metric="resolution").update(started_at=now - 9 * DAY)
    for n in range(9):
        ended(now + HOUR, started_at=now + n * timedelta(minutes=1))

    page = client.get(reverse("desk:ticket", args=[taken_ticket.number]))

    assert "resolution" in [clock["row"].metric for clock in page.context["clocks"]]


def test_costs_the_same_for_any_number__R7(client, path, ended, now):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    ended(now - DAY)
    few = (cost(), cost())[1]
    for n in range(8):
        ended(now - DAY, started_at=now - 2 * DAY - n * HOUR)

    assert cost() == few
