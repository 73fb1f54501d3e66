"""What will probably be late, as those who lead see it (T13, S6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.business_hours import ROUND_THE_CLOCK
from reports.forecast import loading
from tickets.models import Clock, Ticket

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _always_at_work(monkeypatch):
    """Whatever day it is when the tests run, the teams work."""
    monkeypatch.setattr(loading, "hours_of_teams", lambda _at: {None: ROUND_THE_CLOCK})


@pytest.fixture
def seen(client, sara):
    client.force_login(sara)
    return lambda query="": client.get(reverse("desk:forecast") + query)


@pytest.fixture
def past(carol, tier1, now):
    """Waits of the team that were met, each after so many hours."""

    def made(hours: float, times: int = 30, team=tier1) -> None:
        for n in range(times):
            ticket = Ticket.objects.create(
                requester=carol,
                subject="Old",
                channel="email",
                team=team,
                status="closed",
                opened_at=now - 20 * DAY,
                closed_at=now - DAY,
            )
            stop = now - 20 * DAY + hours * (1 + n / 100) * HOUR
            Clock.objects.create(
                ticket=ticket, metric="first_response", target_seconds=86_400, started_at=now - 20 * DAY,
                terms_at=now - 20 * DAY, due_at=now - 19 * DAY, stopped_at=stop, team=team,
            )  # fmt: skip

    return made


def due(ticket: Ticket, at) -> None:
    Clock.objects.filter(ticket=ticket, metric="first_response").update(due_at=at)
    Clock.objects.exclude(metric="first_response").update(due_at=None, target_seconds=None)


def test_shows_chance_and_reason_of_what_will_be_late__S6(seen, printer_ticket, past, now, tier1):
    past(200)  # they took more than a week
    due(printer_ticket, now + 2 * HOUR)

    html = seen().content.decode()

    assert "The printer is on fire" in html
    assert "99 %" in html
    assert "nearly certain" in html
    assert tier1.name in html


def test_what_is_met_long_before_is_only_counted(seen, printer_ticket, past, now):
    past(0.5)
    due(printer_ticket, now + 9 * DAY)
    Clock.objects.filter(ticket=printer_ticket).update(started_at=now)

    html = seen().content.decode()

    assert "The printer is on fire" not in html
    assert "1 will probably be met" in html


def test_says_that_too_few_are_known(seen, printer_ticket, now):
    due(printer_ticket, now + 30 * DAY)

    assert "nobody can tell yet" in seen().content.decode()


def test_links_to_what_is_late_already_and_says_what_stands_still(seen, printer_ticket, taken_ticket, now):
    due(printer_ticket, now - HOUR)
    Clock.objects.filter(ticket=taken_ticket, metric="resolution").update(target_seconds=60, due_at=None, paused_at=now)

    html = seen().content.decode()

    assert "1 ticket is late already" in html
    assert "1 stands still" in html


def test_nothing_open_says_what_will_stand_here(seen):
    assert "Nothing is open" in seen().content.decode()


def test_a_supervisor_sees_only_their_teams__T13(client, sven, printer_ticket, past, now):
    past(200)
    due(printer_ticket, now + HOUR)
    client.force_login(sven)

    assert "The printer is on fire" not in client.get(reverse("desk:forecast")).content.decode()


def test_ones_own_case_is_a_colleagues_matter__T13(seen, sara, printer_ticket, past, now, carol):
    past(200)
    due(printer_ticket, now + HOUR)
    carol.user = sara
    carol.save(update_fields=["user"])

    assert "The printer is on fire" not in seen().content.decode()


@pytest.mark.parametrize("query", ["?team=999999", "?team=x", "?team=²", "?team=9999999999999999999"])
def test_a_team_that_is_none_breaks_nothing(seen, printer_ticket, query):
    assert seen(query).status_code == 200


def test_costs_the_same_for_any_number__R7(seen, printer_ticket, make_ticket, carol, tier1, alice, past, now):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert seen().status_code == 200
        return len(queries)

    past(200)
    due(printer_ticket, now + HOUR)
    seen()  # versions of calendars are read once in a process
    few = cost()
    for n in range(8):
        make_ticket(carol, f"Another {n}", team=tier1, assignee=alice if n % 2 else None)
    Clock.objects.filter(metric="first_response", stopped_at=None).update(due_at=now + HOUR)

    assert cost() == few
