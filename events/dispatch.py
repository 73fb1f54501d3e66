"""Running what an event owes. The rows are the truth; the queue is only a hurry (ARCHITECTURE, the one picture, 4)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from common import faults
from events import announcing
from events.models import Delivery
from events.reactions import reactions_to

log = logging.getLogger(__name__)

RETRY_AFTER = (10, 30, 120, 600, 3600)
"""Seconds to wait after the first, second, … failed attempt; the last repeats."""

_dispatcher: Callable[[Sequence[int]], None] | None = None
_task_sender: Callable[[str, int], None] | None = None
_silent = 0
_counting = threading.Lock()


def set_dispatcher(dispatcher: Callable[[Sequence[int]], None] | None) -> None:
    """``helpdesk`` names who carries delivery ids to a worker; it must return at once and never raise for long."""
    global _dispatcher
    _dispatcher = dispatcher


@contextmanager
def silenced() -> Iterator[None]:
    """Hurry nothing inside: for loading, whose deliveries the sweep takes or nobody needs. Threads may overlap."""
    global _silent
    with _counting:
        _silent += 1
    try:
        with announcing.silenced():
            yield
    finally:
        with _counting:
            _silent -= 1


def set_task_sender(sender: Callable[[str, int], None] | None) -> None:
    """``helpdesk`` names who asks a worker to run one task of a higher app by its name."""
    global _task_sender
    _task_sender = sender


def hurry_task(name: str, pk: int) -> None:
    """Ask a worker to run task ``name`` for one row now; the row waits for the next sweep if the queue is gone."""
    if _task_sender is None or _silent:
        return
    try:
        _task_sender(name, pk)
    except Exception:
        log.warning("The queue did not take %s; the next sweep will.", name, exc_info=True)


def hurry(delivery_ids: Sequence[int]) -> None:
    """Ask a worker to run these now. Lost requests are found by ``sweep``."""
    if _dispatcher is None or _silent:
        return
    try:
        _dispatcher(delivery_ids)
    except Exception:
        log.warning("The queue took no deliveries; the sweep will.", exc_info=True)


def run(delivery_id: int, *, at: datetime | None = None) -> bool:
    """Run one delivery unless it is done or another worker is at it; tell whether it ran to its end here.

    A reaction that fails is rolled back, noted and tried again later; it never stops the others.
    """
    now = at or timezone.now()
    with transaction.atomic():
        delivery = (
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("event")
            .filter(pk=delivery_id, done_at=None)
            .first()
        )
        if delivery is None:
            return False
        function = reactions_to(delivery.event.kind).get(delivery.reaction)
        try:
            with transaction.atomic():
                if function is None:
                    raise LookupError(f"No reaction is called {delivery.reaction}.")
                function(delivery.event)
        except Exception as error:
            log.exception("Reaction %s to event %s failed.", delivery.reaction, delivery.event_id)
            wait = RETRY_AFTER[min(delivery.attempts, len(RETRY_AFTER) - 1)]
            delivery.attempts += 1
            delivery.due_at = now + timedelta(seconds=wait)
            delivery.error = f"{type(error).__name__}: {error}"[:2000]
            delivery.save(update_fields=["attempts", "due_at", "error"])
            return False
        delivery.attempts += 1
        delivery.done_at = now
        delivery.error = ""
        delivery.save(update_fields=["attempts", "done_at", "error"])
        faults.point(f"before_commit:{delivery.reaction}")
    faults.point(f"after_commit:{delivery.reaction}")
    return True


def sweep(*, at: datetime | None = None, limit: int = 1000, seconds: float | None = None) -> int:
    """Run what is due and not done, oldest first; return how many ran. What another worker holds is passed over.

    After ``seconds`` the rest is left for the next sweep.
    """
    now, until = at or timezone.now(), None if seconds is None else time.monotonic() + seconds
    due = Delivery.objects.filter(done_at=None, due_at__lte=now).order_by("due_at", "pk").values_list("pk", flat=True)
    ran = 0
    for pk in list(due[:limit]):
        if until is not None and time.monotonic() >= until:
            break
        ran += run(pk, at=at)
    return ran
