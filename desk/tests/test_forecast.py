"""What will probably be late, as those who lead see it (T13, S6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from accounts.models import Role, RoleGrant
from common.business_hours import ROUND_THE_CLOCK
from desk.forecast import page
from desk.forecast.page import NO_TEAM
from reports.forecast import Outlook, Wait, loading
from reports.forecast.words import why
from staff.models import StaffProfile
from tickets.models import Clock, Ticket

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


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


def test_a_row_leads_to_the_form_that_gives_it_to_somebody__X(client, seen, mia, printer_ticket, past, now):
    past(200)
    due(printer_ticket, now + 2 * HOUR)
    form = reverse("desk:assign", args=[printer_ticket.number])

    assert f'href="{form}?next=%2Fescalations%2Fforecast%2F"' in seen().content.decode()
    client.force_login(mia)  # who manages reads it, and assigns nothing
    assert form not in client.get(reverse("desk:forecast")).content.decode()


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


def test_a_supervisor_of_one_team_sees_what_no_team_has__X_T13(client, sven, make_ticket, carol, past, now):
    past(200, team=None)
    due(make_ticket(carol, "Routed to nobody"), now + HOUR)
    client.force_login(sven)

    assert "Routed to nobody" in client.get(reverse("desk:forecast")).content.decode()

    StaffProfile.objects.filter(user=sven).update(provider=StaffProfile.Provider.THIRD_PARTY)
    assert "Routed to nobody" not in client.get(reverse("desk:forecast")).content.decode()


@pytest.mark.parametrize("query", ["?team=999999", "?team=x", "?team=²", "?team=9999999999999999999"])
def test_a_team_that_is_none_breaks_nothing(seen, printer_ticket, query):
    assert seen(query).status_code == 200


def test_tickets_without_a_team_are_shown_beyond_the_first_ones__S6(seen, make_ticket, carol, sara, past, now):
    RoleGrant.objects.create(user=sara, role=Role.MANAGER)
    past(200, team=None)
    for n in range(13):
        due(make_ticket(carol, f"Nobody's {n}"), now + 2 * HOUR)

    first, more = seen().content.decode(), seen(f"?team={NO_TEAM}").content.decode()

    assert (first.count('class="todo"'), more.count('class="todo"')) == (10, 13)
    assert '<a class="link" href="?team=0">Show 3 more</a>' in first
    assert "Without a team" in more
    assert "Show all teams" in more


def test_a_team_chosen_shows_no_ticket_without_one(seen, make_ticket, printer_ticket, carol, sara, past, now, tier1):
    RoleGrant.objects.create(user=sara, role=Role.MANAGER)
    past(200)
    due(make_ticket(carol, "Nobody's"), now + 2 * HOUR)
    due(printer_ticket, now + 2 * HOUR)

    assert "Nobody's" not in (chosen := unescape(seen(f"?team={tier1.pk}").content.decode()))
    assert "The printer is on fire" in chosen
    assert "The printer is on fire" not in (without := unescape(seen("?team=0").content.decode()))
    assert "Without a team" in without


@pytest.mark.parametrize("hours", [-1, 2, None])
def test_a_ticket_that_changes_team_meanwhile_counts_where_it_is_now(
    seen, sara, printer_ticket, past, now, billing, monkeypatch, hours
):
    RoleGrant.objects.create(user=sara, role=Role.MANAGER)
    past(200)
    due(printer_ticket, now + hours * HOUR if hours else None)
    waits_now = page.waits_now

    def moves(at):
        waits = waits_now(at)
        Ticket.objects.filter(pk=printer_ticket.pk).update(team=billing)
        return waits

    monkeypatch.setattr(page, "waits_now", moves)
    html = seen().content.decode()

    assert billing.name in html
    assert {-1: "1 ticket is late already", 2: "The printer is on fire", None: "1 stands still"}[hours] in html


@pytest.mark.parametrize(("per_hour", "written"), [(1.26, "1,3"), (2.0, "2"), (0.12, "1,2"), (40.4, "40")])
def test_numbers_of_the_reasons_are_written_as_the_language_does(per_hour, written):
    wait = Wait(1, 1, "resolution", None, "question", 2, 60, NOON, due_at=NOON)
    one = Outlook(wait, 0.9, None, 3600.0, 1, per_hour, 2.26, 50, "desk", is_answered=False)

    with override("de"):
        queue, pace = why(one)

    assert f" {written} " in queue
    assert " 2,3 " in pace


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
