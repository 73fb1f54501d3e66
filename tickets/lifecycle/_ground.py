"""What every verb stands on: the lock, the change, the record. Nothing outside this package assigns a state."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F, Model
from django.utils import timezone

from accounts.models import User
from customers.models import Person
from events.models import Event
from events.recording import Draft, record
from tickets.models import Contact, Ticket

Actor = User | Person | None
"""Staff, the customer, or the desk itself."""


def moment(at: datetime | None) -> datetime:
    """When it happened: ``at``, or now."""
    return at or timezone.now()


def moment_on(ticket: Ticket, at: datetime | None) -> datetime:
    """When it happened on this locked ticket: ``at``, or now.

    Now is never before the customer's last word, though the machine's clock was set back: it would answer nothing (S3).
    """
    return at or max(timezone.now(), ticket.last_customer_at or ticket.opened_at)


def locked(ticket: Ticket | int) -> Ticket:
    """The ticket's row, freshly read and locked until the transaction ends. Every verb starts here."""
    pk = ticket if isinstance(ticket, int) else ticket.pk
    return Ticket.objects.select_for_update(of=("self",)).get(pk=pk)


def locked_many(tickets: Iterable[Ticket | int]) -> dict[int, Ticket]:
    """Several tickets locked in the order of their keys, so that two acts never wait for each other."""
    pks = sorted({ticket if isinstance(ticket, int) else ticket.pk for ticket in tickets})
    rows = Ticket.objects.select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk")
    return {ticket.pk: ticket for ticket in rows}


def change(ticket: Ticket, **fields: Any) -> None:
    """Write these fields of a locked ticket and count its version (T10)."""
    for name, value in fields.items():
        setattr(ticket, name, value)
    ticket.version += 1
    ticket.updated_at = timezone.now()
    ticket.save(update_fields=[*fields, "version", "updated_at"])


def change_many(tickets: Iterable[Ticket]) -> None:
    """Count the version of each of these locked tickets (T10)."""
    changed = list(tickets)
    if changed:
        now = timezone.now()
        Ticket.objects.filter(pk__in=[ticket.pk for ticket in changed]).update(version=F("version") + 1, updated_at=now)
        for ticket in changed:
            ticket.version, ticket.updated_at = ticket.version + 1, now


def tell(
    ticket: Ticket,
    kind: str,
    /,
    *,
    by: Actor,
    at: datetime,
    contact: Contact | None = None,
    on_behalf_of: Model | None = None,
    **data: Any,
) -> Event:
    """Record the one event of a verb; an imported ticket's later life is live."""
    return record(ticket, f"ticket.{kind}", by=by, at=at, contact=contact, on_behalf_of=on_behalf_of, **data)


def draft(ticket: Ticket, kind: str, /, *, by: Actor, at: datetime, **data: Any) -> Draft:
    """What ``tell`` would record, to be written together with others (``events.recording.record_many``)."""
    return Draft(ticket, f"ticket.{kind}", by=by, at=at, data=data)


def moved(before: str, now: str) -> dict[str, Any]:
    """``from`` and ``to`` of an event's data; the first is a word that Python keeps for itself."""
    return {"from": before, "to": now}


def copy_back(source: Ticket, onto: Ticket | int) -> None:
    """Give the caller's instance the state that was written, so that it need not be read again."""
    if isinstance(onto, Ticket) and onto is not source:
        for field in source._meta.concrete_fields:
            if not field.generated:
                onto.__dict__[field.attname] = source.__dict__.get(field.attname)
        onto._state.fields_cache.clear()
