"""The board on the wall: figures for all to see, and nothing of any customer (S6, T13)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from desk.wallboard.board import board
from tickets import lifecycle
from tickets.models import Clock, Hold, Ticket

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def wall(client, alice):
    client.force_login(alice)
    return lambda query="": client.get(reverse("desk:wallboard") + query)


@pytest.fixture
def figures(alice, now):
    return lambda **options: {tile.code: tile.many for tile in board(alice, now, **options).tiles}


def due(ticket: Ticket, at) -> None:
    Clock.objects.filter(ticket=ticket).update(due_at=None)
    Clock.objects.filter(ticket=ticket, metric="first_response").update(due_at=at)


def test_counts_what_waits_what_is_due_and_what_is_late__S6(figures, make_ticket, carol, taken_ticket, alice, now):
    due(make_ticket(carol, "Another"), now + HOUR / 2)
    due(taken_ticket, now - HOUR)
    lifecycle.escalate(taken_ticket, by=alice, reason="limit", kind="hierarchical", note="Too hot")

    assert figures() == {"unanswered": "2", "soon": "1", "overdue": "1", "holds": "0", "escalations": "1"}


def test_says_the_readers_zone_and_the_servers_time__S6(wall, alice):
    alice.time_zone = "Asia/Kolkata"
    alice.save(update_fields=["time_zone"])

    html = wall().content.decode()

    assert 'data-zone="Asia/Kolkata"' in html
    assert re.search(r'<body [^>]*data-server-time="\d{4}-\d\d-\d\dT[\d:.]+\+05:30"', html)
    assert re.search(r'data-at="\d{4}-\d\d-\d\dT', html)


def test_a_hold_that_nears_its_end_is_seen(figures, taken_ticket, alice, now, tomorrow):
    hold = lifecycle.hold(taken_ticket, by=alice, reason="customer_asked", consent="written", until=tomorrow,
                          consent_entry=taken_ticket.entries.first())  # fmt: skip
    assert figures()["holds"] == "0"

    Hold.objects.filter(pk=hold.pk).update(until=now + HOUR / 2, placed_at=now - HOUR)

    assert figures()["holds"] == "1"


def test_the_next_five_tick_by_their_first_clock(alice, make_ticket, carol, now):
    made = [make_ticket(carol, f"Case {n}") for n in range(7)]
    for place, ticket in enumerate(made):
        Clock.objects.filter(ticket=ticket).update(due_at=now + (place + 1) * HOUR)

    found = board(alice, now).next_due

    assert [one.number for one in found] == [ticket.number for ticket in made[:5]]


def test_promises_kept_today_stand_against_the_week_before(alice, taken_ticket, make_ticket, carol, now):
    Clock.objects.all().update(due_at=None, target_seconds=None)
    today, before = now - timedelta(minutes=1), now - 3 * DAY
    for n, (at, is_late) in enumerate([(now, False), (before, False), (before, False), (before, True)]):
        ticket = make_ticket(carol, f"Case {n}")
        Clock.objects.filter(ticket=ticket).update(due_at=None, target_seconds=None)
        Clock.objects.filter(ticket=ticket, metric="first_response").update(
            started_at=at - HOUR, stopped_at=at, target_seconds=60, due_at=at + HOUR,
            breached_at=at - HOUR / 2 if is_late else None,
        )  # fmt: skip

    found = board(alice, now)

    assert (found.today.kept, found.today.broken, found.today.percent) == (1, 0, 100)
    assert (found.week.kept, found.week.broken, found.week.percent) == (2, 1, 67)
    assert found.points == 33
    assert today < now


def test_one_team_or_all(figures, printer_ticket, make_ticket, carol, billing, tier1):
    make_ticket(carol, "A bill", team=billing)

    assert figures()["unanswered"] == "2"
    assert figures(team=billing.pk)["unanswered"] == "1"
    assert figures(team=999_999)["unanswered"] == "2"


def test_names_nobody_and_tells_no_subject(wall, printer_ticket, carol):
    html = wall().content.decode()

    assert f"#{printer_ticket.number}" in html
    assert carol.name not in html
    assert printer_ticket.subject not in html
    assert 'class="rail"' not in html


def test_a_restricted_team_is_not_on_the_wall_of_others__T13(wall, figures, make_ticket, carol, billing):
    make_ticket(carol, "Secret", team=billing)
    billing.is_restricted = True
    billing.save(update_fields=["is_restricted"])

    assert figures()["unanswered"] == "0"
    assert f'value="{billing.pk}"' not in wall().content.decode()


def test_what_changes_comes_by_itself(wall, printer_ticket):
    whole, part = wall().content.decode(), wall("?part").content.decode()

    parts = re.findall(r'data-part="(\w+)"', part)
    assert parts == re.findall(r'data-part="(\w+)"', whole)
    assert parts == ["figures", "unanswered", "soon", "overdue", "holds", "escalations", "next", "kept"]
    assert "<html" not in part
    assert 'data-wallboard="?part"' in whole


@pytest.mark.parametrize("query", ["?team=x", "?team=²", "?team=99999999999999999999", "?part&team=-1"])
def test_a_team_that_is_none_is_all(wall, query):
    assert wall(query).status_code == 200


def test_costs_the_same_for_any_number__R7(wall, printer_ticket, make_ticket, carol, alice, tier1):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert wall("?part").status_code == 200
        return len(queries)

    few = cost()
    for n in range(12):
        make_ticket(carol, f"Case {n}", team=tier1)

    assert cost() == few


def test_without_a_script_the_wall_loads_itself_again(wall):
    assert '<noscript><meta http-equiv="refresh" content="60"></noscript>' in wall().content.decode()
