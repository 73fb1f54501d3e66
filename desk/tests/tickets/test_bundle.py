"""The SQL of a page is written once in a process; the moment it is asked at is not part of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import User
from customers.models import Flag, Person
from desk.tickets import page, rows
from tickets.models import Ticket


def test_a_flag_is_shown_while_it_is_in_force_and_no_longer(
    printer_ticket: Ticket, carol: Person, alice: User, now: datetime
) -> None:
    until = now + timedelta(days=2)
    Flag.objects.create(
        person=carol, kind=Flag.Kind.VIP, reason="Nine years", set_by=alice, review_at=until, expires_at=until
    )
    shown = {}

    for day in (1, 3):
        at = now + timedelta(days=day)
        loaded = page.load(alice, printer_ticket.number, now=at)
        (row,) = rows.for_rows(Ticket.objects.filter(pk=printer_ticket.pk), at)
        shown[day] = ([flag.kind for flag in loaded["flags"]], row.flag_kinds)

    assert shown == {1: ([Flag.Kind.VIP], [Flag.Kind.VIP]), 3: ([], [])}
