"""One answer per key: a double click, a lost connection or a program that tries again changes nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from common.errors import Malformed
from events.models import IdempotentAnswer

LONGEST_KEY = 80
KEPT_FOR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door answered: an HTTP status, where to go, and a body for programs."""

    status: int = 200
    location: str = ""
    body: str = ""

    @property
    def is_final(self) -> bool:
        """A refused or broken request may be sent again with the same key once it is mended."""
        return self.status < 400


class _NotDone(Exception):
    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def once(scope: str, key: str, work: Callable[[], Answer]) -> Answer:
    """Do ``work`` unless ``key`` was used in ``scope`` (who and what for: ``"reply:user 7"``); else give its answer.

    The answer is stored in the transaction of the work; one that is not final leaves nothing behind. A second caller
    waits for the first: if that one fails, the second does the work. Without a key the work is done each time. A key
    over 80 characters is ``Malformed``.
    """
    if not key:
        return work()
    if len(key) > LONGEST_KEY or "\x00" in key:
        raise Malformed("An idempotency key has at most 80 characters.", code="bad_key", field="idempotency_key")
    try:
        with transaction.atomic():
            mine = _claim(scope[:120], key)
            if mine is None:
                stored = IdempotentAnswer.objects.get(scope=scope[:120], key=key)
                return Answer(stored.status or 200, stored.location, stored.body)
            answer = work()
            if not answer.is_final:
                raise _NotDone(answer)
            IdempotentAnswer.objects.filter(pk=mine).update(
                status=answer.status, location=answer.location, body=answer.body
            )
            return answer
    except _NotDone as refused:
        return refused.answer


def _claim(scope: str, key: str) -> int | None:
    """The row's id when it is ours; None when somebody answered under this key. Waits while somebody is about to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_idempotentanswer (scope, key, created_at, location, body) VALUES (%s, %s, %s, '', '') "
            "ON CONFLICT (scope, key) DO NOTHING RETURNING id",
            [scope, key, timezone.now()],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def forget(*, at: datetime | None = None) -> int:
    """Drop answers that nobody will ask for again; returns how many."""
    before = (at or timezone.now()) - KEPT_FOR
    return IdempotentAnswer.objects.filter(created_at__lt=before).delete()[0]
