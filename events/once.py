"""A double click or a lost connection changes nothing twice: the second request gets the first one's answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from events.models import IdempotentAnswer

LONGEST_KEY = 80


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: an HTTP status, where to go next, the body. ``is_final``: the act was done."""

    status: int
    location: str = ""
    body: str = ""

    @property
    def is_final(self) -> bool:
        """A refused or broken request may be sent again with the same key once it is mended."""
        return self.status < 400


class _NotDone(Exception):
    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def once(scope: str, key: str, act: Callable[[], Answer]) -> Answer:
    """Run ``act`` once per ``scope`` (who does what) and ``key``; a second call waits and gets the first one's answer.

    ``act`` and the note that it is done are one transaction; an answer that is not final leaves nothing behind.
    """
    if not key or len(key) > LONGEST_KEY:
        return act()
    try:
        with transaction.atomic():
            row, is_mine = IdempotentAnswer.objects.get_or_create(scope=scope[:120], key=key)
            if not is_mine:
                return Answer(row.status or 200, row.location, row.body)
            answer = act()
            if not answer.is_final:
                raise _NotDone(answer)
            row.status, row.location, row.body = answer.status, answer.location, answer.body
            row.save(update_fields=["status", "location", "body"])
            return answer
    except _NotDone as refused:
        return refused.answer
