"""What runs on a ticket right now, in one query, so that a page may ask every policy for every button."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from events.models import Approval
from tickets.models import ComplaintStep, Escalation, FollowUp, Hold, Promise, Ticket, Transfer


@dataclass(frozen=True, slots=True)
class Facts:
    """What policies decide from, besides the ticket's own row. ``steps``: those of a complaint that stand (T5)."""

    hold_runs: bool
    transfer_waits: bool
    approval_waits: bool
    promise_open: bool
    follow_up_due: bool
    escalation_open: bool
    escalation_owner_id: int | None
    escalation_waits_for_id: int | None
    steps: frozenset[str]


def facts(ticket: Ticket) -> Facts:
    """Read once for as long as nothing happens to the ticket; verbs start from a freshly locked row and read anew."""
    seq, known = ticket.__dict__.get("_facts", (None, None))
    if isinstance(known, Facts) and seq == ticket.event_seq:
        return known
    found = _read(ticket)
    ticket.__dict__["_facts"] = (ticket.event_seq, found)
    return found


def _read(ticket: Ticket) -> Facts:
    mine = {"ticket": OuterRef("pk")}
    escalations = Escalation.objects.filter(**mine, status__in=Escalation.OPEN)
    steps = ComplaintStep.objects.filter(**mine, dropped_at=None)
    row = (
        Ticket.objects.filter(pk=ticket.pk)
        .values(
            hold_runs=Exists(Hold.objects.filter(**mine, ended_at=None)),
            transfer_waits=Exists(Transfer.objects.filter(**mine, status=Transfer.Status.WAITING)),
            approval_waits=Exists(
                Approval.objects.filter(
                    subject_kind="ticket", subject_id=OuterRef("pk"), answer=Approval.Answer.WAITING
                )
            ),
            promise_open=Exists(Promise.objects.filter(**mine, status=Promise.Status.OPEN)),
            follow_up_due=Exists(FollowUp.objects.filter(**mine, status=FollowUp.Status.DUE)),
            escalation_open=Exists(escalations),
            escalation_owner_id=Subquery(escalations.values("owner_id")[:1]),
            escalation_waits_for_id=Subquery(escalations.values("waits_for_id")[:1]),
            steps=ArraySubquery(steps.values("step")),
        )
        .get()
    )
    values: dict[str, Any] = {**row, "steps": frozenset(row["steps"] or ())}
    return Facts(**values)


def merged_with(ticket: Ticket) -> QuerySet[Ticket, Any]:
    """The ids of a case: its ticket and those merged into it, whose holds and transfers count with its own."""
    absorbed = Q(merges_out__target=ticket, merges_out__undone_at=None)
    return Ticket.objects.filter(Q(pk=ticket.pk) | absorbed).values("pk")
