"""Mails as rows: written with what they tell of, sent later, shown on the ticket and in the outbox."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import formataddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

from common import kept
from common.languages import speak
from common.text import clean_line
from customers.models import Person
from events import dispatch
from events.models import Event
from notifications import rendering
from notifications.models import OutgoingMail
from staff.models import Brand
from tickets.models import Entry, Participant, Ticket

SUBJECT_LIMIT = 300
SEND_TASK = "notifications.tasks.send_mail"


def domain() -> str:
    """The host that our Message-IDs name."""
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"


def brand_of(ticket: Ticket | None) -> Brand | None:
    """The face that the customer sees: the ticket's, its team's, the default."""
    return own_brand_of(ticket) or usual_brand()


def own_brand_of(ticket: Ticket | None) -> Brand | None:
    """The ticket's, or its team's; None for the default one."""
    if ticket is not None and ticket.brand_id:
        return ticket.brand
    return ticket.team.brand if ticket is not None and ticket.team is not None else None


def usual_brand() -> Brand | None:
    """The face where no other is named: one query."""
    return Brand.objects.filter(is_default=True).first()


def sender_of(brand: Brand | None) -> str:
    """``Name <address>`` of the brand, else of the desk (RFC 5322 mailbox)."""
    if brand is None or not brand.sender_address:
        return settings.DEFAULT_FROM_EMAIL
    return formataddr((brand.sender_name or brand.name, brand.sender_address))


def customers_of(tickets: Iterable[Ticket]) -> dict[int, list[Person]]:
    """Who a public message goes to, by ticket: the requester, and those in copy; with their addresses, two queries."""
    rows = {ticket.pk: ticket for ticket in tickets}
    copied = Participant.objects.filter(
        ticket__in=rows, role__in=[Participant.Role.CC, Participant.Role.ON_BEHALF_OF]
    ).order_by("person")
    found = {pk: {ticket.requester_id: ticket.requester} for pk, ticket in rows.items()}
    for one in copied.select_related("person"):
        found[one.ticket_id].setdefault(one.person_id, one.person)
    prefetch_related_objects([person for people in found.values() for person in people.values()], "addresses")
    return {pk: list(people.values()) for pk, people in found.items()}


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one customer for one event, before it is put into words; ``context`` is for its template."""

    event: Event
    template: str
    person: Person
    ticket: Ticket
    entry: Entry | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    automatic: bool = False
    wait_seconds: int = 0


def queue_to_person(
    event: Event, template: str, *, person: Person, ticket: Ticket, wait_seconds: int = 0, **more: Any
) -> OutgoingMail | None:
    """One mail to one customer (``Letter``) in their language; None where they have no address. Twice is once."""
    address = person.main_address
    if address is None:
        return None
    letter = Letter(event, template, person, ticket, wait_seconds=wait_seconds, **more)
    return queue(
        event=event, template=template, recipient=address.address, wait_seconds=wait_seconds,
        **_written(letter, brand_of(ticket)),
    )  # fmt: skip


def queue_letters(letters: Iterable[Letter]) -> None:
    """As ``queue_to_person`` each; a query for what is there already, one to write, whatever their number."""
    addressed = [(one, address.address) for one in letters if (address := one.person.main_address) is not None]
    keys = ("event_id", "recipient", "template")
    there = set(OutgoingMail.objects.filter(event__in={one.event.pk for one, _to in addressed}).values_list(*keys))
    usual = usual_brand() if any(own_brand_of(one.ticket) is None for one, _to in addressed) else None
    new = {}
    for one, to in addressed:
        key = one.event.pk, to, one.template
        if key not in there and key not in new:
            said = _written(one, own_brand_of(one.ticket) or usual)
            times = _times(timezone.now(), one.wait_seconds)
            new[key] = OutgoingMail(event=one.event, template=one.template, recipient=to, **said, **times)
    kept.insert(list(new.values()))
    for mail in new.values():
        if mail.next_attempt_at <= mail.created_at:
            _hurry(mail)


def _written(letter: Letter, brand: Brand | None) -> dict[str, Any]:
    """The columns of its mail."""
    person, ticket = letter.person, letter.ticket
    full = {
        "ticket": ticket,
        "person": person,
        "entry": letter.entry,
        "zone": person.time_zone or settings.TIME_ZONE,
        **letter.context,
    }
    mail = rendering.render(letter.template, speak(person.language), brand, full)
    return {
        "person": person,
        "ticket": ticket,
        "entry": letter.entry,
        "sender": sender_of(brand),
        "subject": clean_line(mail.subject, 10_000)[:SUBJECT_LIMIT],
        "text": mail.text,
        "html": mail.html,
        "headers": _headers(ticket, automatic=letter.automatic),
    }


def _headers(ticket: Ticket, *, automatic: bool) -> dict[str, str]:
    """RFC 5322 threading by the ticket; RFC 3834 marks what no person wrote, so that no machine answers it."""
    root = f"<ticket-{ticket.public_id}@{domain()}>"
    headers = {"References": root, "In-Reply-To": root, "X-Helpdesk-Ticket": str(ticket.number)}
    if automatic:
        headers |= {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    return headers


def queue(
    *,
    event: Event | None,
    template: str,
    recipient: str,
    wait_seconds: int = 0,
    at: datetime | None = None,
    **fields: Any,
) -> OutgoingMail:
    """Write the row inside the caller's transaction and ask a worker to send it after the commit."""
    values = {**fields, **_times(at or timezone.now(), wait_seconds)}
    if event is None:
        mail = OutgoingMail.objects.create(event=None, template=template, recipient=recipient, **values)
    else:
        mail, _made = OutgoingMail.objects.get_or_create(
            event=event, recipient=recipient, template=template, defaults=values
        )
    if not wait_seconds:
        _hurry(mail)
    return mail


def _times(now: datetime, wait_seconds: int) -> dict[str, Any]:
    """The columns of a new mail that leaves in so many seconds."""
    return {
        "message_id": f"<{uuid.uuid4()}@{domain()}>",
        "created_at": now,
        "next_attempt_at": now + timedelta(seconds=wait_seconds),
    }


def _hurry(mail: OutgoingMail) -> None:
    transaction.on_commit(lambda: dispatch.hurry_task(SEND_TASK, mail.pk))


def cancel_for(entry: Entry) -> int:
    """Hold back what has not left yet; return how many mails that were."""
    return OutgoingMail.objects.filter(entry=entry, status=OutgoingMail.Status.QUEUED).update(
        status=OutgoingMail.Status.CANCELLED
    )
