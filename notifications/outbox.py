"""Mails as rows: written with what they tell of, sent later, shown on the ticket and in the outbox."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from email.utils import formataddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

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
    if ticket is not None and ticket.brand_id:
        return ticket.brand
    if ticket is not None and ticket.team is not None and ticket.team.brand_id:
        return ticket.team.brand
    return Brand.objects.filter(is_default=True).first()


def sender_of(brand: Brand | None) -> str:
    """``Name <address>`` of the brand, else of the desk (RFC 5322 mailbox)."""
    if brand is None or not brand.sender_address:
        return settings.DEFAULT_FROM_EMAIL
    return formataddr((brand.sender_name or brand.name, brand.sender_address))


def customers_of(ticket: Ticket) -> list[Person]:
    """Who a public message goes to: the requester, and those in copy."""
    copied = Person.objects.filter(
        participations__ticket=ticket, participations__role__in=[Participant.Role.CC, Participant.Role.ON_BEHALF_OF]
    )
    return [ticket.requester, *copied.exclude(pk=ticket.requester_id).order_by("pk")]


def queue_to_person(
    event: Event,
    template: str,
    *,
    person: Person,
    ticket: Ticket,
    entry: Entry | None = None,
    context: dict[str, Any] | None = None,
    automatic: bool = False,
    wait_seconds: int = 0,
) -> OutgoingMail | None:
    """One mail to one customer for one event, in their language; None where they have no address. Twice is once."""
    address = person.main_address
    if address is None:
        return None
    brand = brand_of(ticket)
    language = speak(person.language)
    full = {
        "ticket": ticket,
        "person": person,
        "entry": entry,
        "zone": person.time_zone or settings.TIME_ZONE,
        **(context or {}),
    }
    mail = rendering.render(template, language, brand, full)
    return queue(
        event=event,
        template=template,
        recipient=address.address,
        person=person,
        ticket=ticket,
        entry=entry,
        sender=sender_of(brand),
        subject=clean_line(mail.subject, 10_000)[:SUBJECT_LIMIT],
        text=mail.text,
        html=mail.html,
        headers=_headers(ticket, automatic=automatic),
        wait_seconds=wait_seconds,
    )


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
    now = at or timezone.now()
    values = {
        **fields,
        "message_id": f"<{uuid.uuid4()}@{domain()}>",
        "created_at": now,
        "next_attempt_at": now + timedelta(seconds=wait_seconds),
    }
    if event is None:
        mail = OutgoingMail.objects.create(event=None, template=template, recipient=recipient, **values)
    else:
        mail, _made = OutgoingMail.objects.get_or_create(
            event=event, recipient=recipient, template=template, defaults=values
        )
    if not wait_seconds:
        transaction.on_commit(lambda: dispatch.hurry_task(SEND_TASK, mail.pk))
    return mail


def cancel_for(entry: Entry) -> int:
    """Hold back what has not left yet; return how many mails that were."""
    return OutgoingMail.objects.filter(entry=entry, status=OutgoingMail.Status.QUEUED).update(
        status=OutgoingMail.Status.CANCELLED
    )
