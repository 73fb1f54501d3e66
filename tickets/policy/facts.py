"""What runs on a ticket right now, in one query, so that a page may ask every policy for every button."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
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
    sql, params = _question()
    with connection.cursor() as cursor:
        cursor.execute(sql, [ticket.pk if value == _ANY else value for value in params])
        row = cursor.fetchone()
    if row is None:
        raise Ticket.DoesNotExist
    values: dict[str, Any] = dict(zip(_NAMES, row, strict=True))
    return Facts(**{**values, "steps": frozenset(values["steps"] or ())})


_NAMES = tuple(field.name for field in fields(Facts))
_ANY = -1


@cache
def _question() -> tuple[str, tuple[Any, ...]]:
    """The query with ``_ANY`` for the ticket, written once: that costs Django more than the server needs to answer."""
    mine = {"ticket": OuterRef("pk")}
    escalations = Escalation.objects.filter(**mine, status__in=Escalation.OPEN)
    waiting = Approval.objects.filter(subject_kind="ticket", subject_id=OuterRef("pk"), answer=Approval.Answer.WAITING)
    asked = {
        "hold_runs": Exists(Hold.objects.filter(**mine, ended_at=None)),
        "transfer_waits": Exists(Transfer.objects.filter(**mine, status=Transfer.Status.WAITING)),
        "approval_waits": Exists(waiting),
        "promise_open": Exists(Promise.objects.filter(**mine, status=Promise.Status.OPEN)),
        "follow_up_due": Exists(FollowUp.objects.filter(**mine, status=FollowUp.Status.DUE)),
        "escalation_open": Exists(escalations),
        "escalation_owner_id": Subquery(escalations.values("owner_id")[:1]),
        "escalation_waits_for_id": Subquery(escalations.values("waits_for_id")[:1]),
        "steps": ArraySubquery(ComplaintStep.objects.filter(**mine, dropped_at=None).values("step")),
    }
    rows = Ticket.objects.filter(pk=_ANY).order_by().annotate(**asked).values_list(*_NAMES)
    return rows.query.sql_with_params()


def merged_with(ticket: Ticket | int) -> QuerySet[Ticket, Any]:
    """The ids of a case: its ticket and those merged into it, whose holds and transfers count with its own."""
    pk = ticket if isinstance(ticket, int) else ticket.pk
    absorbed = Q(merges_out__target=pk, merges_out__undone_at=None)
    return Ticket.objects.filter(Q(pk=pk) | absorbed).values("pk")
