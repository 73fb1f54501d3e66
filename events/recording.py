"""Writing events."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from events import announcing, dispatch
from events.models import Delivery, Event
from events.reactions import reactions_to

CODE = re.compile(r"[A-Za-z0-9_.:/+-]{0,80}")
"""What a text in an event's data looks like: a code, a time, an id; no blank, no address, no other script."""


def record(
    subject: models.Model,
    kind: str,
    /,
    *,
    by: User | models.Model | None,
    at: datetime,
    contact: models.Model | None = None,
    on_behalf_of: models.Model | None = None,
    origin: str = Event.Origin.LIVE,
    correlation: uuid.UUID | None = None,
    **data: Any,
) -> Event:
    """Write one event about ``subject`` inside the caller's transaction; deliveries run after its commit.

    The caller holds the subject's row lock: ``subject_seq`` has no gaps. ``by`` is a user (staff), a person (customer)
    or None (the desk itself). ``at`` is when it happened (aware). ``data`` may hold ids, codes, numbers and times only.
    Imported events (``origin``) owe no reaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Record an event inside the transaction of the change that it tells of.")
    event = Event.objects.create(
        kind=kind,
        subject_kind=str(subject._meta.model_name),
        subject_id=subject.pk,
        subject_seq=_next_seq(subject),
        **_who(by),
        on_behalf_of_person_id=on_behalf_of.pk if on_behalf_of else None,
        origin=origin,
        contact_id=contact.pk if contact else None,
        happened_at=at,
        recorded_at=timezone.now(),
        correlation_id=correlation or uuid.uuid4(),
        data={key: _plain(value) for key, value in data.items()},
    )
    if origin == Event.Origin.LIVE:
        _owe(event, reactions_to(kind))
        transaction.on_commit(lambda: announcing.announce(event))
    return event


def _owe(event: Event, owed: Iterable[str]) -> None:
    deliveries = Delivery.objects.bulk_create(Delivery(event=event, reaction=label) for label in owed)
    if deliveries:
        ids = [delivery.pk for delivery in deliveries]
        transaction.on_commit(lambda: dispatch.hurry(ids))


def _next_seq(subject: models.Model) -> int:
    if hasattr(subject, "event_seq"):
        type(subject)._base_manager.filter(pk=subject.pk).update(event_seq=models.F("event_seq") + 1)
        subject.event_seq += 1
        return int(subject.event_seq)
    last = Event.objects.filter(subject_kind=subject._meta.model_name, subject_id=subject.pk).aggregate(
        last=models.Max("subject_seq")
    )["last"]
    return (last or 0) + 1


def _who(by: User | models.Model | None) -> dict[str, Any]:
    if by is None:
        return {"actor_kind": Event.ActorKind.SYSTEM}
    if isinstance(by, User):
        return {"actor_kind": Event.ActorKind.STAFF, "actor": by}
    return {"actor_kind": Event.ActorKind.CUSTOMER, "actor_person_id": by.pk}


def _plain(value: Any) -> Any:
    """Ids, codes and times as JSON; a model instance becomes its id."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, str):
        if not CODE.fullmatch(value):
            raise ValueError("An event holds ids, codes and times, never words that people wrote (T6).")
        return str(value)
    if isinstance(value, (int, float, bool)) or value is None:
        return value
    raise TypeError(f"An event holds ids, codes and times, not {type(value).__name__}.")
