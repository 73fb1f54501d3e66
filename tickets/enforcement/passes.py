"""A pass over all that is due, by any number of workers at once.

A worker takes a batch of tickets that nobody else holds (``FOR UPDATE … SKIP LOCKED``), looks again at all that is due
on them, and does it in one transaction, each ticket's rows in the order in which they fell due. A worker that dies
leaves nothing half done. A batch that fails is done row by row: the row that cannot be done is logged, stops no other,
and is tried again by the next pass. What was missed is caught up with: events tell when a thing was due
(``happened_at``) and when it was written (``recorded_at``).
"""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from common import faults
from tickets.enforcement import due, lateness
from tickets.enforcement.acts import NOTHING, Did
from tickets.enforcement.due import Due, Job

log = logging.getLogger(__name__)

COUNTS = (
    "warned", "breached", "escalated", "holds_ended", "transfers_returned", "promises_broken", "closed",
    "escalations_climbed", "promises_reminded", "follow_ups_due", "approvals_unconfirmed", "failed",
)  # fmt: skip
BATCH, FEW = 100, 20
"""Tickets that are done in one transaction: with rows that are done in bulk, and with others. A person who acts on one
of them waits that long, which is less than half a second."""
AHEAD = 1000
"""Rows of one kind that are looked up at once; what others hold is passed over, so ten workers find work."""

TOLD_WHY = 5
"""Failures of a pass whose whole reason is logged; where everything fails, it is one."""

Done = list[tuple[Due, Did]]


@dataclass
class _Pass:
    """One pass: what it did, and what it has looked at. A row comes again only when it is due at another time."""

    as_of: datetime | None = None
    until: float | None = None
    done: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    late_seconds_max: int = 0
    seen: set[Due] = field(default_factory=set)
    stuck: Counter[str] = field(default_factory=Counter)

    @property
    def at(self) -> datetime:
        """As of when it is enforced: the time that was given, else now."""
        return self.as_of or timezone.now()

    @property
    def is_over(self) -> bool:
        """Its time is up."""
        return self.until is not None and time.monotonic() >= self.until

    def count(self, done: Done, at: datetime) -> None:
        """What was committed."""
        for row, did in done:
            self.done.update(did)
            self.late_seconds_max = max(self.late_seconds_max, int(lateness.seconds(row.due_at, at)))
        self.rows += len(done)


def enforce(*, at: datetime | None = None) -> dict[str, int]:
    """Do all that is due at ``at`` (now), and count it; ``late_seconds_max``: how late the latest of it was.

    What an act makes due in turn (a hold that ends lets a clock run out) is done in the same pass.
    """
    run = _Pass(at)
    _sweep(run, None)
    return {**{name: run.done[name] for name in COUNTS}, "late_seconds_max": run.late_seconds_max}


def sweep(*, seconds: float, call_help: Callable[[int], None] | None = None) -> bool:
    """Enforce for so long at most; False when something that is due was left for the next pass.

    ``call_help`` is told, once, how many more batches there are when one worker should not do it all alone.
    """
    return _sweep(_Pass(until=time.monotonic() + seconds), call_help)


def _sweep(run: _Pass, call_help: Callable[[int], None] | None) -> bool:
    begun = time.monotonic()
    while found := _fresh(run):
        more = len({row.ticket_id for row in found}) // BATCH
        if call_help and more:
            call_help(more)
            call_help = None
        if run.is_over or not _batch(run, found):
            break
    lateness.note_pass(seconds=time.monotonic() - begun, rows=run.rows, failed=run.done["failed"])
    return not (found and run.is_over)


def _fresh(run: _Pass) -> list[Due]:
    """What is due and was not looked at in this pass; rows on which nothing could be done hide no other."""
    while True:
        rows = due.look(run.at, {job.name: AHEAD + run.stuck[job.name] for job in due.JOBS})
        fresh = [row for row in rows if row not in run.seen]
        stuck = Counter(row.job.name for row in rows if row in run.seen)
        if fresh or stuck <= run.stuck:
            return fresh
        run.stuck = stuck


def _batch(run: _Pass, found: Sequence[Due]) -> bool:
    """What is due on the next tickets that nobody holds, in one transaction; False when others hold all of them."""
    rows: list[Due] = []
    at = run.at
    try:
        with transaction.atomic():
            size = BATCH if all(row.job.in_bulk for row in found[:BATCH]) else min(FEW, BATCH)
            tickets = due.take((row.ticket_id for row in found), size)
            if not tickets:
                return False
            rows = [row for row in due.of_tickets(tickets, at) if row not in run.seen]
            done = _do(rows, at)
        _after_commit(done)
        run.count(done, at)
    except Exception:
        if not rows or _is_lost():
            raise
        log.warning("A batch of %d rows could not be enforced at once; now row by row.", len(rows), exc_info=True)
        _one_by_one(run, rows)
    run.seen.update(rows)
    return True


def _do(rows: Sequence[Due], at: datetime) -> Done:
    """Let each kind do its rows, and keep how late they were, in the caller's transaction."""
    done: Done = []
    for job, together in _turns(rows):
        did = job.act([row.pk for row in together], at)
        done += [(row, did[row.pk]) for row in together if any(did.get(row.pk, NOTHING).values())]
    for name in {row.job.name for row, _did in done}:
        faults.point(f"before_commit:enforce.{name}")
    lateness.note(((row.job.name, lateness.seconds(row.due_at, at)) for row, _did in done))
    return done


def _turns(rows: Sequence[Due]) -> Iterator[tuple[Job, list[Due]]]:
    """The first row of each ticket, then the second of each, and so on; in a turn those of one kind together."""
    nth: Counter[int] = Counter()
    turns: dict[int, dict[Job, list[Due]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        turns[nth[row.ticket_id]][row.job].append(row)
        nth[row.ticket_id] += 1
    for turn in sorted(turns):
        yield from turns[turn].items()


def _one_by_one(run: _Pass, rows: Iterable[Due]) -> None:
    """Each row in a transaction of its own, so that the one that cannot be done stands alone."""
    for row in rows:
        if run.is_over:
            return
        at = run.at
        try:
            with transaction.atomic():
                done = _do([row], at) if due.take([row.ticket_id], 1) else []
            _after_commit(done)
            run.count(done, at)
        except Exception:
            if _is_lost():
                raise
            run.done["failed"] += 1
            told_why = run.done["failed"] <= TOLD_WHY
            log.error("%s %s, due at %s, could not be enforced.", row.job.name, row.pk, row.due_at, exc_info=told_why)
            lateness.note_failure(row.job.name)


def _after_commit(done: Done) -> None:
    for name in {row.job.name for row, _did in done}:
        faults.point(f"after_commit:enforce.{name}")


def _is_lost() -> bool:
    """The database is gone, so no other row fares better: the next pass begins anew."""
    return not connection.in_atomic_block and not connection.is_usable()
