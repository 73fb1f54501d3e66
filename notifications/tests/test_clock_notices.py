"""Who hears of a clock: the owner, then the supervisor, then both; nobody of what an outage overtook (S4)."""

from datetime import timedelta

import pytest
import time_machine

from events import dispatch
from notifications.models import Notice
from tickets import enforcement
from tickets.models import Ticket

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def ticket(make_ticket, carol, tier1, alice, sara, monday):
    ticket = make_ticket(carol, at=monday, team=tier1)
    Ticket.objects.filter(pk=ticket.pk).update(assignee=alice, status="open")
    return ticket


def heard(at, kind):
    with time_machine.travel(at, tick=False):
        enforcement.enforce()
        dispatch.sweep()
    return sorted(Notice.objects.filter(kind=kind).values_list("user__name", flat=True))


def test_the_owner_then_the_supervisor_then_both__S4(ticket, monday):
    assert heard(monday + 18 * HOUR, "ticket.sla_warned") == ["Alice"]
    assert heard(monday + 22 * HOUR, "ticket.sla_warned") == ["Alice", "Sara"]
    assert heard(monday + DAY, "ticket.sla_breached") == ["Alice", "Sara"]


def test_nobody_owns_it_its_supervisor_is_warned__X(ticket, monday):
    Ticket.objects.filter(pk=ticket.pk).update(assignee=None)

    assert heard(monday + 18 * HOUR, "ticket.sla_warned") == ["Sara"]


def test_a_warning_that_was_overtaken_tells_nobody__S4(ticket, monday):
    assert heard(monday + 2 * DAY, "ticket.sla_warned") == []
    assert Notice.objects.filter(kind="ticket.sla_breached").count() == 2
