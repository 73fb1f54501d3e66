"""Who is told when: a day played at chosen times, and choices in one line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import User
from customers.models import Person
from events import dispatch
from notifications import delivering, sending
from notifications.models import Notice, NoticeChoice, OutgoingMail
from staff.models import Team
from tickets import enforcement, lifecycle
from tickets.models import Channel, Ticket

EVERY_DAY = list(range(7))


@pytest.fixture
def choose(db: None) -> Callable[..., NoticeChoice]:
    """``choose(alice, "all", quiet=("22:00", "07:00"), days=[0, 1])``; without a rule being asked."""

    def make(
        user: User,
        by_mail: str = "all",
        *,
        quiet: tuple[str, str] | None = None,
        days: list[int] = EVERY_DAY,
        **more: Any,
    ) -> NoticeChoice:
        since, until = (time.fromisoformat(one) for one in quiet) if quiet else (None, None)
        values = {
            "by_mail": by_mail,
            "quiet_from": since,
            "quiet_to": until,
            "quiet_days": days if quiet else [],
            **more,
        }
        return NoticeChoice.objects.update_or_create(user=user, defaults=values)[0]

    return make


@pytest.fixture
def play(db: None) -> Callable[[datetime], None]:
    """Everything that workers do at this moment: what falls due, who is told, what is written and sent."""

    def pass_at(moment: datetime) -> None:
        with time_machine.travel(moment, tick=False):
            enforcement.enforce()
            dispatch.sweep()
            delivering.deliver_due()
            sending.send_due()

    return pass_at


@pytest.fixture
def told(db: None) -> Callable[[str], list[str]]:
    """The names of those who have a notice of this kind, in order."""

    def names(kind: str) -> list[str]:
        return sorted(Notice.objects.filter(kind=kind).values_list("user__name", flat=True))

    return names


@pytest.fixture
def mails(db: None) -> Callable[..., list[OutgoingMail]]:
    """The mails of notices to somebody (or to all), in the order in which they were written."""

    def found(user: User | None = None) -> list[OutgoingMail]:
        rows = OutgoingMail.objects.filter(template="staff/notices").order_by("pk")
        return list(rows.filter(user=user) if user else rows)

    return found


@pytest.fixture
def ticket(make_ticket: Callable[..., Ticket], carol: Person, tier1: Team, alice: User, monday: datetime) -> Ticket:
    """Carol's burning printer, with Alice since an hour before Monday's opening."""
    ticket = make_ticket(carol, "The printer is on fire", at=monday - timedelta(hours=1), team=tier1)
    Ticket.objects.filter(pk=ticket.pk).update(assignee=alice, status="open")
    return ticket


@pytest.fixture
def writes(db: None) -> Callable[..., None]:
    """``writes(ticket, at)``: the customer writes, and the desk reacts."""

    def write(ticket: Ticket, moment: datetime, text: str = "It burns.") -> None:
        with time_machine.travel(moment, tick=False):
            lifecycle.receive(ticket, person=ticket.requester, text=text, channel=Channel.EMAIL)
            dispatch.sweep()

    return write


@pytest.fixture
def deliver(db: None) -> Callable[[datetime], int]:
    """``deliver(at)``: write what is due."""

    def run(moment: datetime) -> int:
        with time_machine.travel(moment, tick=False):
            return delivering.deliver_due()

    return run
