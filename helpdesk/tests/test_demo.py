"""The demo's stories: nothing of them lies in the future."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import User
from helpdesk.demo import stories
from tickets import lifecycle
from tickets.models import Closure, Ticket


@pytest.mark.parametrize(("days", "status"), [(1, "resolved"), (30, "closed")])
def test_silence_closes_only_what_has_been_silent_for_long_enough(
    monkeypatch: pytest.MonkeyPatch, taken_ticket: Ticket, alice: User, now: datetime, days: int, status: str
) -> None:
    def resolved(_case: Any) -> Closure:
        lifecycle.resolve(taken_ticket, by=alice, text="It is out.", at=now)
        return Closure.objects.get(ticket=taken_ticket)

    monkeypatch.setattr(stories, "resolved", resolved)

    stories.silent(SimpleNamespace(end=now + timedelta(days=days)))  # type: ignore[arg-type]

    taken_ticket.refresh_from_db()
    assert taken_ticket.status == status
