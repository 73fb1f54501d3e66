"""What the tests of clocks say again and again, in one word each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from tickets import clocks
from tickets.models import Clock, Entry, Ticket

HOUR = timedelta(hours=1)


@pytest.fixture
def ticket(make_ticket: Callable[..., Ticket], carol: Any, tier1: Any, monday: datetime) -> Ticket:
    """Carol's mail of Monday 09:00 under the default policy: an answer within 24 hours, resolved within five days."""
    return make_ticket(carol, "The printer is on fire", at=monday, team=tier1)


@pytest.fixture
def write(carol: Any) -> Callable[..., Entry]:
    """Carol writes: the entry and its clocks, as ``receive`` does."""

    def _write(ticket: Ticket, at: datetime, **fields: Any) -> Entry:
        entry = Entry.objects.create(
            ticket=ticket, kind=Entry.Kind.MESSAGE, visibility=Entry.Visibility.PUBLIC, author_person=carol,
            happened_at=at, **fields,
        )  # fmt: skip
        clocks.start_on_message(ticket, entry, at=at)
        return entry

    return _write


@pytest.fixture
def answer(alice: User) -> Callable[..., Entry]:
    """Alice answers: the entry and its clocks, as ``reply`` does."""

    def _answer(ticket: Ticket, at: datetime, by: User | None = None, **fields: Any) -> Entry:
        fields = {"kind": Entry.Kind.REPLY, "visibility": Entry.Visibility.PUBLIC, **fields}
        entry = Entry.objects.create(ticket=ticket, author=by or alice, happened_at=at, **fields)
        clocks.stop_on_answer(ticket, entry, at=at, by=by or alice)
        return entry

    return _answer


@pytest.fixture
def clock() -> Callable[[Ticket, str], Clock]:
    """The newest counted clock of a metric: ``clock(ticket, "first_response")``."""

    def _clock(ticket: Ticket, metric: str) -> Clock:
        return Clock.objects.filter(ticket=ticket, metric=metric, cancelled_at=None).order_by("-started_at", "-pk")[0]

    return _clock
