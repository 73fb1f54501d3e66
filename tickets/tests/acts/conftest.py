"""Carol's ticket of Monday morning, which is alice's, and the contacts in which acts are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from common.errors import Refused
from customers.models import Person
from events.models import Approval, Event
from staff.models import Team
from tickets.models import (
    Channel,
    Clock,
    ClockPause,
    ConsentRefusal,
    Contact,
    Entry,
    Escalation,
    Hold,
    Promise,
    Status,
    Ticket,
)

TABLES = (Ticket, Contact, Entry, Hold, ConsentRefusal, Promise, Approval, Escalation, Clock, ClockPause, Event)


@pytest.fixture
def ticket(make_ticket: Callable[..., Ticket], carol: Person, alice: User, tier1: Team, monday: datetime) -> Ticket:
    return make_ticket(
        carol, "The printer is on fire", at=monday - timedelta(minutes=10), team=tier1, status=Status.OPEN,
        assignee=alice, first_agent=alice,
    )  # fmt: skip


@pytest.fixture
def phone(
    make_contact: Callable[..., Contact], carol: Person, alice: User, ticket: Ticket, monday: datetime
) -> Contact:
    """Alice and carol are on the phone."""
    return make_contact(carol, channel=Channel.PHONE, handled_by=alice, at=monday, tickets=[ticket])


@pytest.fixture
def says(ticket: Ticket, carol: Person) -> Callable[..., Entry]:
    """``says("Please wait until Friday.", at=monday)``: a message of carol that is there, without a verb."""

    def say(text: str, *, at: datetime, **fields: Any) -> Entry:
        row = {"kind": Entry.Kind.MESSAGE, "visibility": Entry.Visibility.PUBLIC, "author_person": carol, **fields}
        return Entry.objects.create(ticket=ticket, text=text, happened_at=at, recorded_at=at, **row)

    return say


@pytest.fixture
def told(ticket: Ticket) -> Callable[[], list[str]]:
    """The kinds of the ticket's events, in order."""
    return lambda: list(
        Event.objects.filter(subject_kind="ticket", subject_id=ticket.pk)
        .order_by("subject_seq")
        .values_list("kind", flat=True)
    )


@pytest.fixture
def refused() -> Callable[[str, str], AbstractContextManager[None]]:
    """``with refused("hold_too_long", "H2"): ...``: a rule says no, and nothing at all was written."""

    @contextmanager
    def refusing(code: str, rule: str = "") -> Iterator[None]:
        before = _everything()
        with pytest.raises(Refused) as caught:
            yield
        assert caught.value.code == code
        if rule:
            assert caught.value.rule == rule
        assert _everything() == before

    return refusing


def _everything() -> list[Any]:
    return [sorted(table.objects.values_list(), key=lambda row: row[0]) for table in TABLES]
