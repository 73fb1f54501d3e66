"""Telling whoever looks, at once, that something changed. Only a hurry: the rows and their sequence are the truth."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from events.models import Event

log = logging.getLogger(__name__)

GROUP = "desk"
"""The one group of the channel layer that every process of the desk listens to."""

Announcer = Callable[[dict[str, Any]], None]
_announcer: Announcer | None = None
_silent = 0
_counting = threading.Lock()


def set_announcer(announcer: Announcer | None) -> None:
    """``helpdesk`` names who carries the news; it must return at once, whatever state the network is in."""
    global _announcer
    _announcer = announcer


@contextmanager
def silenced() -> Iterator[None]:
    """Announce nothing inside: for loading, at which nobody looks. Several threads may be inside at once."""
    global _silent
    with _counting:
        _silent += 1
    try:
        yield
    finally:
        with _counting:
            _silent -= 1


def announce(event: Event) -> None:
    """Say that this event was committed: its ids and codes, which hold no personal text (T6)."""
    if _announcer is None or _silent:
        return
    try:
        _announcer(
            {
                "id": event.pk,
                "kind": event.kind,
                "subject": event.subject_kind,
                "pk": event.subject_id,
                "seq": event.subject_seq,
                "actor": event.actor_id,
                "data": event.data,
            }
        )
    except Exception:
        log.warning("Event %s was not announced; whoever looks finds it at their next beat.", event.pk, exc_info=True)
