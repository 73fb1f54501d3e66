"""Writing events."""

from __future__ import annotations

import re
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from accounts.models import User
from common import kept
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
    _in_a_transaction()
    draft = Draft(
        subject, kind, by=by, at=at, contact=contact, on_behalf_of=on_behalf_of, origin=origin,
        correlation=correlation, data=data,
    )  # fmt: skip
    event = _event(draft, _next_seq(subject))
    kept.insert([event])
    if origin == Event.Origin.LIVE:
        owed = [Delivery(event=event, reaction=label) for label in reactions_to(kind)]
        kept.insert(owed)
        _carry_out([event], [delivery.pk for delivery in owed])
    return event


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that is to be written with others: what ``record`` takes."""

    subject: models.Model
    kind: str
    by: User | models.Model | None
    at: datetime
    contact: models.Model | None = None
    on_behalf_of: models.Model | None = None
    origin: str = Event.Origin.LIVE
    correlation: uuid.UUID | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


def record_many(drafts: Sequence[Draft]) -> list[Event]:
    """Write these events, those of one subject in the order given; as ``record`` one by one, in a few statements.

    The caller holds the lock of every subject; all are of one model that counts its events (``event_seq``).
    """
    if not drafts:
        return []
    _in_a_transaction()
    places = _next_seqs([draft.subject for draft in drafts])
    events = [_event(*one) for one in zip(drafts, places, strict=True)]
    kept.insert(events)
    live = [event for event in events if event.origin == Event.Origin.LIVE]
    owed = [Delivery(event=event, reaction=label) for event in live for label in reactions_to(event.kind)]
    kept.insert(owed)
    _carry_out(live, [delivery.pk for delivery in owed])
    return events


def _in_a_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Record an event inside the transaction of the change that it tells of.")


def _event(draft: Draft, seq: int) -> Event:
    return Event(
        kind=draft.kind,
        subject_kind=str(draft.subject._meta.model_name),
        subject_id=draft.subject.pk,
        subject_seq=seq,
        **_who(draft.by),
        on_behalf_of_person_id=draft.on_behalf_of.pk if draft.on_behalf_of else None,
        origin=draft.origin,
        contact_id=draft.contact.pk if draft.contact else None,
        happened_at=draft.at,
        recorded_at=timezone.now(),
        correlation_id=draft.correlation or uuid.uuid4(),
        data={key: _plain(value) for key, value in draft.data.items()},
    )


def _carry_out(events: Sequence[Event], owed: Sequence[int]) -> None:
    """After the commit: whoever looks is told, and a worker runs what is owed."""

    def after_commit() -> None:
        for event in events:
            announcing.announce(event)
        for first in range(0, len(owed), dispatch.TOGETHER):
            dispatch.hurry(owed[first : first + dispatch.TOGETHER])

    transaction.on_commit(after_commit)


def _next_seqs(subjects: Sequence[models.Model]) -> list[int]:
    """The next place of each, in the order given; all of a subject's places are taken at once."""
    asked: dict[int, int] = defaultdict(int)
    nth = []
    for subject in subjects:
        asked[subject.pk] += 1
        nth.append(asked[subject.pk])
    table = connection.ops.quote_name(subjects[0]._meta.db_table)
    statement = f"""
        UPDATE {table} AS subject SET event_seq = subject.event_seq + more.many
        FROM unnest(%s::bigint[], %s::int[]) AS more (id, many) WHERE subject.id = more.id
        RETURNING subject.id, subject.event_seq
    """  # noqa: S608 - the table is a model's own, the values stand apart
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(asked), list(asked.values())])
        last = dict(cursor.fetchall())
    for subject in subjects:
        subject.event_seq = last[subject.pk]  # type: ignore[attr-defined]
    return [last[subject.pk] - asked[subject.pk] + place for subject, place in zip(subjects, nth, strict=True)]


def _next_seq(subject: models.Model) -> int:
    if hasattr(subject, "event_seq"):
        table = connection.ops.quote_name(subject._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET event_seq = event_seq + 1 WHERE id = %s RETURNING event_seq",  # noqa: S608 - a model's
                [subject.pk],
            )
            [subject.event_seq] = cursor.fetchone()
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
