"""Running what an event owes. The rows are the truth; the queue is only a hurry (ARCHITECTURE, the one picture, 4)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from common import faults
from events import announcing
from events.models import Delivery, Event
from events.reactions import ReactionToMany, is_in_bulk, reactions_to

log = logging.getLogger(__name__)

RETRY_AFTER = (10, 30, 120, 600, 3600)
"""Seconds to wait after the first, second, … failed attempt; the last repeats."""

TOGETHER = 50
"""Deliveries of many events that one worker does at once; the others of them may go to another."""

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
        try:
            with transaction.atomic():
                _react([delivery])
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


def run_many(delivery_ids: Sequence[int], *, at: datetime | None = None) -> int:
    """Run these; return how many ran to their end here. As ``run`` one by one, where a reaction takes no more.

    Those of one reaction that takes many are done together, in one transaction: where it fails, each is run alone.
    """
    waiting = Delivery.objects.filter(pk__in=delivery_ids, done_at=None).order_by("due_at", "pk")
    ran = 0
    for pks in _groups(waiting.values_list("pk", "reaction")):
        try:
            ran += _run_together(pks, at or timezone.now()) if len(pks) > 1 else run(pks[0], at=at)
        except _Apart:
            ran += sum(run(pk, at=at) for pk in pks)
    return ran


def _groups(waiting: Iterable[tuple[int, str]]) -> Iterator[list[int]]:
    """What is done together. What is done alone keeps its place, so that mails to one reader stay in their order."""
    together: dict[str, list[int]] = {}
    for pk, label in waiting:
        if is_in_bulk(label):
            together.setdefault(label, []).append(pk)
        else:
            yield from together.values()
            together = {}
            yield [pk]
    yield from together.values()


class _Apart(Exception):
    """What was to be done together could not be, and is undone."""


def _run_together(pks: Sequence[int], at: datetime) -> int:
    """These deliveries of one reaction in one transaction. Raises ``_Apart`` where it fails."""
    with transaction.atomic():
        rows = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).select_related("event")
        deliveries = list(rows.filter(pk__in=pks, done_at=None).order_by("due_at", "pk"))
        if not deliveries:
            return 0
        label = deliveries[0].reaction
        try:
            with transaction.atomic():
                _react(deliveries)
        except Exception as error:
            log.warning("Reaction %s to %d events failed; now one by one.", label, len(deliveries), exc_info=True)
            raise _Apart from error
        done = Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries])
        done.update(attempts=F("attempts") + 1, done_at=at, error="")
        faults.point(f"before_commit:{label}")
    faults.point(f"after_commit:{label}")
    return len(deliveries)


def _react(deliveries: Sequence[Delivery]) -> None:
    """Do for the events of these deliveries, all of one reaction, what they owe."""
    label = deliveries[0].reaction
    by_function: dict[ReactionToMany, list[Event]] = {}
    for delivery in deliveries:
        function = reactions_to(delivery.event.kind).get(label)
        if function is None:
            raise LookupError(f"No reaction is called {label}.")
        by_function.setdefault(function, []).append(delivery.event)
    for function, events in by_function.items():
        function(events)


def sweep(*, at: datetime | None = None, limit: int = 1000, seconds: float | None = None) -> int:
    """Run what is due and not done, oldest first; return how many ran. What another worker holds is passed over.

    After ``seconds`` the rest is left for the next sweep.
    """
    now, until = at or timezone.now(), None if seconds is None else time.monotonic() + seconds
    due = Delivery.objects.filter(done_at=None, due_at__lte=now).order_by("due_at", "pk").values_list("pk", flat=True)
    ran, waiting = 0, list(due[:limit])
    for first in range(0, len(waiting), TOGETHER):
        if until is not None and time.monotonic() >= until:
            break
        ran += run_many(waiting[first : first + TOGETHER], at=at)
    return ran
