"""What the tests of closing ask for: counting events, and two people who act at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from common.errors import Refused
from customers.models import Person
from events.models import Event
from staff.models import Team
from tickets.lifecycle import closing
from tickets.models import Closure, Status, Ticket


@pytest.fixture
def told() -> Callable[..., list[str]]:
    """Kinds of the events about a ticket, in order; ``told(ticket, "resolved")`` only those of one verb."""

    def kinds(ticket: Ticket, kind: str = "") -> list[str]:
        rows = Event.objects.filter(subject_kind="ticket", subject_id=ticket.pk).order_by("subject_seq")
        found = [name.removeprefix("ticket.") for name in rows.values_list("kind", flat=True)]
        return [name for name in found if kind in ("", name)]

    return kinds


@pytest.fixture
def refused(told: Callable[..., list[str]]) -> Callable[..., Refused]:
    """The act is refused with that code and rule, and nothing was written."""

    def check(act: Callable[[], Any], *tickets: Ticket, code: str, rule: str | None = None) -> Refused:
        before = [(told(ticket), row(ticket)) for ticket in tickets]
        with pytest.raises(Refused) as caught:
            act()
        assert caught.value.code == code
        if rule is not None:
            assert caught.value.rule == rule
        assert [(told(ticket), row(ticket)) for ticket in tickets] == before
        return caught.value

    return check


def row(ticket: Ticket) -> dict[str, Any]:
    """The ticket's columns as stored."""
    return Ticket.objects.filter(pk=ticket.pk).values().get()


@pytest.fixture
def resolved(taken_ticket: Ticket, alice: User, now: datetime) -> Closure:
    """Alice resolved carol's ticket just now."""
    return closing.resolve(taken_ticket, by=alice, at=now)


@pytest.fixture
def at_once() -> Callable[..., list[Any]]:
    """Run acts in threads of their own that start together; what each returned or raised, in the same order."""

    def run(*acts: Callable[[], Any]) -> list[Any]:
        start = threading.Barrier(len(acts))
        results: list[Any] = [None] * len(acts)

        def one(index: int, act: Callable[[], Any]) -> None:
            try:
                start.wait(timeout=60)
                results[index] = act()
            except Exception as error:
                results[index] = error
            finally:
                connection.close()

        threads = [threading.Thread(target=one, args=pair) for pair in enumerate(acts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=120)
        return results

    return run


@pytest.fixture
def target(taken_ticket: Ticket) -> Ticket:
    """Carol's, ten minutes old, alice's."""
    return taken_ticket


@pytest.fixture
def source(make_ticket: Callable[..., Ticket], oscar: Person, tier1: Team, bob: User, now: datetime) -> Ticket:
    """Oscar's, an hour old, bob's: unanswered for longer than the target."""
    ticket = make_ticket(oscar, "Smoke in the office", at=now - timedelta(hours=1), team=tier1)
    ticket.assignee, ticket.first_agent, ticket.status = bob, bob, Status.OPEN
    ticket.save(update_fields=["assignee", "first_agent", "status"])
    return ticket
