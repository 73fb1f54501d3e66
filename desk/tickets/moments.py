"""Ready moments to pick from, for holds and promises: on the reader's clock, and on the customer's where it differs."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from common.business_hours import ROUND_THE_CLOCK, BusinessHours, NeverOpen
from common.clock import in_zone
from common.durations import spoken
from common.errors import Malformed
from desk.tickets.forms.base import when_for_both
from staff.hours import for_team
from tickets.models import Channel, Contact, Ticket

Ready = list[tuple[datetime, str]]
MINUTES = {Channel.PHONE: (1, 2, 3, 5, 10), Channel.IN_PERSON: (5, 10, 15, 30), Channel.CHAT: (2, 5, 10, 30)}
MORNING, EVENING = 10, 16
SOON = (timedelta(minutes=30), timedelta(hours=2))
MOST = 5
"""Ready times of a promise: more are not read."""


def for_hold(ticket: Ticket, contact: Contact | None, *, now: datetime, longest: datetime) -> Ready:
    """Minutes in a live contact, hours and working days in writing; nothing beyond the longest hold (H2)."""
    zone = ticket.requester.time_zone
    if contact is not None and contact.is_live:
        spans = [timedelta(minutes=minutes) for minutes in MINUTES[Channel(contact.channel)]]
        return [(now + span, _span(now + span, span, zone)) for span in spans if now + span <= longest]
    ready = [at for at in (now + timedelta(hours=2), *_mornings(now, zone, 2)) if at < longest]
    return [(at, when_for_both(at, zone)) for at in [*ready, longest]]


def for_promise(ticket: Ticket, *, now: datetime) -> Ready:
    """Ready times of a promise for the customer of this ticket, in which its team works."""
    return for_promise_in(ticket.requester.time_zone, now=now, hours=for_team(ticket.team))


def for_promise_in(zone: str, *, now: datetime, hours: BusinessHours = ROUND_THE_CLOCK) -> Ready:
    """Soon, this afternoon, and the next two mornings on the customer's clock: nothing while ``hours`` are closed, as
    nobody would be there to keep it."""
    try:
        soon = [(hours.add(now, span.total_seconds()), span) for span in SOON]
    except NeverOpen:  # as clocks do: round the clock
        return for_promise_in(zone, now=now)
    ready = {at: _span(at, span, zone) if at == now + span else when_for_both(at, zone) for at, span in soon}
    for at in (*_evening(now, zone), *_mornings(now, zone, 5)):
        if hours.is_open(at):
            ready.setdefault(at, when_for_both(at, zone))
    return sorted(ready.items())[:MOST]


def _span(at: datetime, span: timedelta, zone: str) -> str:
    return when_for_both(at, zone, spoken(span.total_seconds()))


def _local(now: datetime, zone: str) -> datetime:
    try:
        return in_zone(now, zone or timezone.get_current_timezone_name())
    except Malformed:
        return now


def _evening(now: datetime, zone: str) -> list[datetime]:
    local = _local(now, zone)
    return [local.replace(hour=EVENING, minute=0, second=0, microsecond=0)] if local.hour < EVENING - 2 else []


def _mornings(now: datetime, zone: str, many: int) -> list[datetime]:
    """The next mornings that are no weekend."""
    local, found = _local(now, zone), []
    for days in range(1, 8):
        day = (local + timedelta(days=days)).replace(hour=MORNING, minute=0, second=0, microsecond=0)
        if day.weekday() < 5:
            found.append(day)
    return found[:many]


def longest_in_words(longest: datetime, now: datetime) -> str:
    """How long a hold may take here."""
    return _("Longest here: %(span)s.") % {"span": spoken((longest - now).total_seconds())}
