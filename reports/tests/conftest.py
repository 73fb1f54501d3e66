"""Tickets and clocks with known times: what a report must say of them is reckoned by hand in the tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from customers.models import Person
from reports import periods
from reports.sla import Report, sla_report
from tickets.models import Clock, Ticket

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
LATER = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def october() -> periods.Period:
    return periods.parse("2026-10-01", "2026-11-01", "UTC")


@pytest.fixture
def opened(carol: Person) -> Callable[..., Ticket]:
    """A ticket of that moment with no clocks: ``opened(at, team=…)``."""

    def _opened(at: datetime = OCTOBER + 9 * HOUR, **fields: Any) -> Ticket:
        fields = {"requester": carol, "subject": "Broken", "channel": "email", "opened_at": at, **fields}
        return Ticket.objects.create(**fields)

    return _opened


@pytest.fixture
def measured(opened: Callable[..., Ticket]) -> Callable[..., Clock]:
    """A clock that took ``seconds`` (None: it runs), due in a day; of a ticket of its own unless one is given."""

    def _measured(
        seconds: int | None, *, ticket: Ticket | None = None, metric: str = "first_response", is_late: bool = False,
        target: int | None = 86_400, **fields: Any,
    ) -> Clock:  # fmt: skip
        ticket = ticket or opened()
        start = fields.pop("started_at", ticket.opened_at)
        due = start + timedelta(seconds=target) if target is not None else None
        stop = start + timedelta(seconds=seconds) if seconds is not None else None
        fields = {"due_at": due, "stopped_at": stop, "breached_at": due if is_late else None, **fields}
        if stop:
            fields = {"team": ticket.team, "agent": ticket.assignee, **fields}
        return Clock.objects.create(
            ticket=ticket, metric=metric, target_seconds=target, started_at=start, terms_at=start,
            elapsed_seconds=seconds, **fields,
        )  # fmt: skip

    return _measured


@pytest.fixture
def report(october: periods.Period) -> Callable[..., Report]:
    """The report on October 2026, as it stood a month later: ``report(by="agent", teams=…, at=…)``."""

    def _report(**options: Any) -> Report:
        return sla_report(options.pop("period", october), at=options.pop("at", LATER), **options)

    return _report
