"""How late enforcement is: what was done so far, kept in the database, and what is due now and not done.

The counts of rows are written in the transaction of the rows themselves, so that they tell exactly what stands there,
whichever workers died. The truth of the moment is the oldest row that is due: it needs no worker that tells it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.utils import timezone

from tickets.enforcement import due
from tickets.models import EnforcementPass, EnforcementTally

BOUNDS = (15, 30, 60, 120, 300, 900, 3600, 14_400, 86_400)
"""Seconds: upper ends of the buckets. Others may be added at the end alone: the counts of before keep their places."""

ADD = """
    INSERT INTO tickets_enforcementtally AS kept (job, rows, late_seconds, buckets, failures, last_done_at)
    SELECT job, rows, late_seconds, buckets::bigint[], 0, %s
    FROM unnest(%s::text[], %s::bigint[], %s::float[], %s::text[]) AS new (job, rows, late_seconds, buckets)
    ON CONFLICT (job) DO UPDATE SET
        rows = kept.rows + excluded.rows,
        late_seconds = kept.late_seconds + excluded.late_seconds,
        buckets = ARRAY(
            SELECT coalesce(one.before, 0) + coalesce(one.new, 0)
            FROM unnest(kept.buckets, excluded.buckets) WITH ORDINALITY AS one (before, new, place) ORDER BY place
        ),
        last_done_at = excluded.last_done_at
"""
FAIL = """
    INSERT INTO tickets_enforcementtally AS kept (job, rows, late_seconds, buckets, failures, last_failed_at)
    VALUES (%s, 0, 0, %s, 1, %s)
    ON CONFLICT (job) DO UPDATE SET failures = kept.failures + 1, last_failed_at = excluded.last_failed_at
"""
PASSED = """
    INSERT INTO tickets_enforcementpass AS kept (id, passes, last_ended_at, last_seconds, last_rows, last_failed)
    SELECT 1, 1, %s, %s, %s, %s FROM set_config('synchronous_commit', 'off', true)
    ON CONFLICT (id) DO UPDATE SET
        passes = kept.passes + 1, last_ended_at = excluded.last_ended_at, last_seconds = excluded.last_seconds,
        last_rows = excluded.last_rows, last_failed = excluded.last_failed
"""


@dataclass
class _Added:
    rows: int = 0
    late_seconds: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))


def seconds(due_at: datetime, at: datetime) -> float:
    """By how much something is late; 0 where the machine's clock went back."""
    return max((at - due_at).total_seconds(), 0.0)


def note(done: Iterable[tuple[str, float]]) -> None:
    """Count rows that were done: their kind, and how late each was in seconds; in the transaction that did them.

    Another worker that counts the same kind waits for this one's commit, so call it last.
    """
    added: dict[str, _Added] = {}
    for job, late in done:
        one = added.setdefault(job, _Added())
        one.rows += 1
        one.late_seconds += late
        one.buckets[bisect_left(BOUNDS, late)] += 1
    if not added:
        return
    jobs = sorted(added)  # always in this order: two workers never wait for each other
    columns: list[list[str] | list[int] | list[float]] = [
        jobs,
        [added[job].rows for job in jobs],
        [added[job].late_seconds for job in jobs],
        ["{" + ",".join(map(str, added[job].buckets)) + "}" for job in jobs],
    ]
    with connection.cursor() as cursor:
        cursor.execute(ADD, [timezone.now(), *columns])


def note_failure(job: str) -> None:
    """Count a row that could not be done; it is tried again."""
    with connection.cursor() as cursor:
        cursor.execute(FAIL, [job, [0] * (len(BOUNDS) + 1), timezone.now()])


def note_pass(*, seconds: float, rows: int, failed: int) -> None:
    """A pass has ended: how long it took, how many rows it did and how many it could not do.

    Nobody waits for the disk: a crash of the database may forget the last of these.
    """
    with connection.cursor() as cursor:
        cursor.execute(PASSED, [timezone.now(), seconds, rows, failed])


def tallies() -> list[EnforcementTally]:
    """What was done so far, by kind; a kind of which nothing was ever done has none."""
    return list(EnforcementTally.objects.order_by("job"))


def last_pass() -> EnforcementPass | None:
    """None before the first one."""
    return EnforcementPass.objects.first()


def waiting(at: datetime | None = None) -> dict[str, float]:
    """The truth of the moment: by how many seconds the oldest row of each kind that is due is late; 0 without one."""
    at = at or timezone.now()
    oldest = {row.job.name: seconds(row.due_at, at) for row in due.look(at, dict.fromkeys(_names(), 1))}
    return {name: oldest.get(name, 0.0) for name in _names()}


def _names() -> list[str]:
    return [job.name for job in due.JOBS]
