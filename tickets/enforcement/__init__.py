"""Workers enforce what falls due by the clock (S4, H3, X3, X5, E4, T4, T8): never twice, never lost.

What is due are rows with an index on their time, so a pass costs by what is due and not by what exists. Each row is
done in a short transaction of its own, under its ticket's lock, after looking again; a row that fails is logged and
stops no other. Whatever was missed is caught up with: events tell when a thing was due (``happened_at``) and when it
was written (``recorded_at``).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from common import faults
from tickets.enforcement.due import Due, find
from tickets.models import Ticket

log = logging.getLogger(__name__)

COUNTS = (
    "warned", "breached", "escalated", "holds_ended", "transfers_returned", "promises_broken", "closed",
    "escalations_climbed", "promises_reminded", "follow_ups_due", "approvals_unconfirmed", "failed",
)  # fmt: skip
BATCH = 200
"""Rows of one kind that are looked up at once."""


@dataclass
class _Pass:
    """One pass: what it did so far, and what failed and waits for the next one."""

    at: datetime
    done: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    late_seconds_max: int = 0
    passed_over: dict[str, set[int]] = field(default_factory=dict)


def enforce(*, at: datetime | None = None, limit: int | None = None) -> dict[str, int]:
    """Do all that is due at ``at`` (now), oldest first, and count it; ``late_seconds_max``: the latest one's.

    What an act makes due in turn (a hold that ends lets a clock run out) is done in the same pass. ``limit`` stops
    after about that many rows; the next pass goes on. Any number of workers may do this at once.
    """
    run = _Pass(at or timezone.now())
    seen = 0
    while due := find(run.at, BATCH, run.passed_over):
        for row in due:
            _attempt(run, row)
        seen += len(due)
        if limit is not None and seen >= limit:
            break
    return {**run.done, "late_seconds_max": run.late_seconds_max}


def _attempt(run: _Pass, row: Due) -> None:
    """One row in its own transaction; it is looked at once in a pass, unless something else makes it due again."""
    did: Mapping[str, int] = {}
    try:
        with transaction.atomic():
            if _lock(row.ticket_id):
                did = row.job.act(row.pk, run.at)
                faults.point(f"before_commit:enforce.{row.job.name}")
        faults.point(f"after_commit:enforce.{row.job.name}")
    except Exception:
        log.exception("%s %s, due at %s, could not be enforced.", row.job.name, row.pk, row.due_at)
        run.done["failed"] += 1
    if not any(did.values()):
        run.passed_over.setdefault(row.job.name, set()).add(row.pk)
        return
    for name, count in did.items():
        run.done[name] += count
    run.late_seconds_max = max(run.late_seconds_max, int((run.at - row.due_at).total_seconds()))


def _lock(ticket_id: int) -> bool:
    """Take the ticket; False while another worker, or a person's act, has it: the next pass looks again."""
    rows = Ticket.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=ticket_id)
    return rows.values_list("pk", flat=True).first() is not None
