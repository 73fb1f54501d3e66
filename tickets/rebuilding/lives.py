"""What is known of a ticket while its life is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from events.models import Event
from tickets.models import Status, Ticket
from tickets.rebuilding.undoing import Answer, Kept, LivingClocks

Row = dict[str, Any]
BROUGHT = ("unanswered_since", "last_customer_at", "last_staff_at")
STATE = ("status", "team_id", "assignee_id", *BROUGHT)


@dataclass(slots=True)
class Waiting:
    """A hold that runs."""

    until: datetime
    pauses: bool
    announcement: int | None


@dataclass(slots=True)
class Merge:
    """What stood before another ticket was merged into this one; ``after``: what this one was made by it."""

    seq: int
    source: Row
    target: Row
    source_clocks: list[Kept]
    target_clocks: list[Kept]
    entries: set[int]
    after: Row = field(default_factory=dict)


@dataclass(slots=True)
class Life:
    """A ticket as its events tell of it so far. ``unplaced`` are breaches and warnings of no clock."""

    clocks: LivingClocks
    row: Row
    hold: Waiting | None = None
    entries: set[int] = field(default_factory=set)
    answers: dict[int, Answer] = field(default_factory=dict)
    kept: dict[str, list[Kept]] = field(default_factory=dict)
    closures: dict[int, tuple[Row, list[Kept]]] = field(default_factory=dict)
    merges: dict[int, Merge] = field(default_factory=dict)
    early: list[Event] = field(default_factory=list)
    unplaced: list[Event] = field(default_factory=list)

    def state(self) -> Row:
        """The ticket's own fields that merging and confirming move."""
        return {name: self.row[name] for name in STATE}

    def hand_over(self, entries: set[int], to: Life) -> None:
        """These entries, and the answers among them, stand on another ticket from now on."""
        for entry in entries & self.entries:
            self.entries.discard(entry)
            to.entries.add(entry)
            if entry in self.answers:
                to.answers[entry] = self.answers.pop(entry)


def born(ticket: Ticket) -> Row:
    """A ticket before its first event. What no event changes, and old ones do not tell, stands on its row."""
    return {
        "id": ticket.pk, "status": Status.NEW, "team_id": None, "assignee_id": None, "priority": ticket.priority,
        "type": ticket.type, "channel": ticket.channel, "customer_type": ticket.customer_type,
        "organisation_id": ticket.organisation_id, "department_id": ticket.department_id, "plan_id": ticket.plan_id,
        "is_enforced": ticket.is_enforced, "last_customer_at": None, "last_staff_at": None, "unanswered_since": None,
    }  # fmt: skip
