"""A supervisor's home: what is late, what will be late at the present pace, and what nobody has (S4, S6, T13)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import User
from common.business_hours import ROUND_THE_CLOCK
from desk.home.day import day_of
from reports.forecast import loading
from staff.models import StaffProfile
from tickets import lifecycle
from tickets.models import Clock, Ticket

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def past(carol, tier1, now):
    """Thirty first answers of the team that took a day and more."""
    day = timedelta(days=1)
    for n in range(30):
        ticket = Ticket.objects.create(
            requester=carol, subject="Old", channel="email", team=tier1, status="closed", opened_at=now - 20 * day,
            closed_at=now - day,
        )  # fmt: skip
        start = now - 20 * day
        Clock.objects.create(
            ticket=ticket, metric="first_response", target_seconds=86_400, started_at=start, terms_at=start,
            due_at=start + day, stopped_at=start + 9 * day + n * HOUR, team=tier1,
        )  # fmt: skip


@pytest.fixture
def _always_at_work(monkeypatch):
    monkeypatch.setattr(loading, "hours_of_teams", lambda _at: {None: ROUND_THE_CLOCK})


def test_a_supervisor_sees_what_is_late_what_will_be_and_what_nobody_has__S4(
    client, sara, alice, carol, tier1, billing, make_ticket, taken_ticket, past, _always_at_work, now
):
    free = make_ticket(carol, "Nobody has it", team=tier1)
    make_ticket(carol, "Of others", team=billing)
    late = make_ticket(carol, "Late and free", team=tier1)
    Clock.objects.all().filter(ticket=free).update(due_at=now + 90 * 24 * HOUR)
    Clock.objects.filter(ticket=late, metric="first_response").update(due_at=now - HOUR)
    Clock.objects.filter(ticket=taken_ticket, metric="first_response").update(due_at=now + HOUR)

    board = day_of(sara, now).board

    assert [(one.ticket, bool(one.helpers)) for one in board.late] == [(late, True)]
    assert [(one.ticket, bool(one.helpers)) for one in board.at_risk] == [(taken_ticket, False)]
    assert [one.ticket for one in board.free] == [free]
    assert {load.user for load in board.free[0].helpers} >= {alice}
    assert day_of(alice, now).board is None

    client.force_login(sara)
    answer = client.post(reverse("desk:assign", args=[free.number]), {"to": alice.pk, "next": "/today/"})
    free.refresh_from_db()
    assert (answer["Location"], free.assignee) == ("/today/", alice)
    elsewhere = client.post(reverse("desk:assign", args=[late.number]), {"to": alice.pk, "next": "//evil.example/"})
    assert elsewhere["Location"] == reverse("desk:ticket", args=[late.number])


def test_what_no_team_has_is_found_by_its_supervisors_and_counted_where_it_is_listed__X_T13(
    client, alice, sven, carol, tier1, billing, make_ticket, now
):
    waiting = [
        make_ticket(carol, "Routed to nobody"),
        make_ticket(carol, "Late and routed to nobody"),
        make_ticket(carol, "Of their team", team=billing),
    ]
    make_ticket(carol, "Of others", team=tier1)
    make_ticket(carol, "In work", team=billing, assignee=alice)
    Clock.objects.filter(ticket=waiting[1]).update(due_at=now - HOUR)
    client.force_login(sven)

    day = day_of(sven, now)

    listed = [one.ticket for one in (*day.board.late, *day.board.free) if one.ticket.assignee is None]
    assert sorted(listed, key=lambda one: one.pk) == waiting
    assert "3 tickets wait for somebody." in client.get(reverse("desk:home")).content.decode()

    StaffProfile.objects.filter(user=sven).update(provider=StaffProfile.Provider.THIRD_PARTY)
    day = day_of(User.objects.get(pk=sven.pk), now)
    assert ([one.ticket.subject for one in day.board.free], day.waiting) == (["Of their team"], 1)


def test_what_nobody_has_and_is_escalated_is_one_row(alice, sara, printer_ticket, now):
    assert [one.ticket for one in day_of(sara, now).board.free] == [printer_ticket]

    lifecycle.escalate(printer_ticket, by=alice, reason="limit")

    day = day_of(sara, now)
    assert (len(day.stepping_in), day.board.free) == (1, [])


def test_what_is_late_and_escalated_is_one_row(alice, sara, taken_ticket, now):
    Clock.objects.filter(ticket=taken_ticket).update(due_at=now - HOUR)
    assert [one.ticket for one in day_of(sara, now).board.late] == [taken_ticket]

    lifecycle.escalate(taken_ticket, by=alice, reason="limit")

    day = day_of(sara, now)
    assert (len(day.stepping_in), day.board.late) == (1, [])


def test_the_chance_and_the_reason_stand_beside_what_will_be_late__S6(
    client, sara, taken_ticket, past, _always_at_work, now
):
    Clock.objects.filter(ticket=taken_ticket, metric="first_response").update(due_at=now + HOUR)
    client.force_login(sara)

    page = client.get(reverse("desk:home")).content.decode()

    assert "99 %, nearly certain" in page
    assert "Nothing is due before it" in page
    assert "Late already" not in page


def test_where_little_is_known_the_time_used_is_told(client, sara, taken_ticket, _always_at_work, now):
    Clock.objects.filter(ticket=taken_ticket, metric="first_response").update(due_at=now + HOUR)
    client.force_login(sara)
    assert "No clock of your teams has used three quarters of its time." in client.get("/today/").content.decode()

    Clock.objects.filter(ticket=taken_ticket, metric="first_response").update(warned_90_at=now)
    page = client.get(reverse("desk:home")).content.decode()

    assert "90 % of its time is used. Too few like it are finished to say more." in page


def test_the_forecast_of_the_last_minute_shows_nothing_that_was_answered_since__S6(
    client, sara, alice, taken_ticket, past, _always_at_work, now, monkeypatch
):
    Clock.objects.filter(ticket=taken_ticket, metric="first_response").update(due_at=now + HOUR)
    Clock.objects.filter(ticket=taken_ticket, metric="resolution").update(due_at=now + 900 * HOUR)
    first = day_of(sara, now).board
    reckoned = []
    monkeypatch.setattr("reports.forecast.lately.waits_now", lambda at: reckoned.append(at) or [])

    lifecycle.reply(taken_ticket, by=alice, text="Use the extinguisher.")
    second = day_of(sara, now + timedelta(seconds=59)).board

    assert ([one.ticket for one in first.at_risk], second.at_risk) == ([taken_ticket], [])
    assert reckoned == []
    day_of(sara, now + timedelta(seconds=61))
    assert len(reckoned) == 1
