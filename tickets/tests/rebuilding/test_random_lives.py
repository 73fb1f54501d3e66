"""Whatever was done to tickets, their events tell their clocks (S7): no difference, after any sequence of verbs."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from staff.models import Calendar, CalendarSpan
from tickets.models import Clock, Ticket
from tickets.rebuilding import rebuild
from tickets.tests.rebuilding.acts import ACTS, Desk

HOUR = 3600
STEPS = st.tuples(
    st.integers(0, 1), st.integers(0, 10_000), st.sampled_from([0, 1, 20, 90, 400, 1500]),
)  # fmt: skip


@pytest.fixture
def desk(carol, alice, sara, bella, tier1, billing, make_policy, monday) -> Desk:
    """Promises that differ by priority, type and team, in three calendars."""
    short = Calendar.objects.create(name="Short days", time_zone="Europe/Rome")
    for day in range(5):
        CalendarSpan.objects.create(calendar=short, weekday=day, opens=time(9, 30), closes=time(12, 15))
        CalendarSpan.objects.create(calendar=short, weekday=day, opens=time(14), closes=time(17))
    usual = Calendar.objects.get(is_default=True)
    make_policy(
        "Urgent", priority=4, first_response=HOUR, next_response=HOUR, resolution=8 * HOUR, keep_informed=2 * HOUR
    )
    make_policy("Incidents", ticket_type="incident", calendar=short, first_response=2 * HOUR, resolution=None)
    make_policy(
        "Billing",
        team=billing,
        calendar=usual,
        next_response=3 * HOUR,
        resolution=20 * HOUR,
        pauses_on_pending=False,
        keep_informed=5 * HOUR,
        transfer=HOUR,
    )
    return Desk(sara, alice, bella, carol, tier1, billing, monday)


def assert_told_alike(done: list[str]) -> None:
    said: list[str] = []
    counts = rebuild(say=said.append)
    assert said == [], done
    assert counts.tickets == Ticket.objects.count()


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=st.lists(STEPS, min_size=4, max_size=14))
@pytest.mark.takes(12)
def test_the_events_tell_the_clocks_whatever_was_done__S7(desk: Desk, steps: list[Any]) -> None:
    with transaction.atomic():
        one = Desk(desk.sara, desk.alice, desk.bella, desk.carol, desk.tier1, desk.billing, desk.now)
        ACTS["open"](one, Ticket())
        for step in steps:
            one.do(*step)
        assert Clock.objects.exists()
        assert_told_alike(one.done)
        transaction.set_rollback(True)
