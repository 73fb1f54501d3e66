"""What is due: one question to the database for all kinds of rows, and the taking of their tickets by one worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet

from common.kept import MOMENT, compiled_rows
from common.kept import at as with_moment
from events.models import Approval
from tickets.enforcement import acts
from tickets.models import Clock, Closure, Escalation, FollowUp, Hold, Promise, Transfer


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of row that falls due: where its time stands, which rows wait, and what is done with some of them.

    ``act`` gets keys of rows, each of another ticket, all of them locked, and the time; it looks again, and tells by
    row what it did, or nothing. ``in_bulk``: many rows cost it little more than one.
    """

    name: str
    time: str
    rows: Callable[[], QuerySet[Any]]
    act: acts.Act
    ticket: str = "ticket_id"
    in_bulk: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """One row that is due."""

    due_at: datetime
    pk: int
    ticket_id: int
    job: Job


JOBS = (
    Job("hold", "until", lambda: Hold.objects.filter(ended_at=None), acts.end_holds),
    Job(
        "clock",
        "next_at",
        lambda: Clock.objects.filter(stopped_at=None, cancelled_at=None, next_at__isnull=False),
        acts.look_at_clocks,
        in_bulk=True,
    ),
    Job(
        "transfer",
        "accept_by",
        lambda: Transfer.objects.filter(status=Transfer.Status.WAITING),
        acts.return_transfers,
    ),
    Job(
        "escalation",
        "climbs_at",
        lambda: Escalation.objects.filter(status=Escalation.Status.WAITING),
        acts.climb,
    ),
    Job(
        "reminder",
        "remind_at",
        lambda: Promise.objects.filter(status=Promise.Status.OPEN, reminded_at=None),
        acts.remind,
    ),
    Job("promise", "break_at", lambda: Promise.objects.filter(status=Promise.Status.OPEN), acts.break_promises),
    Job("follow_up", "due_at", lambda: _follow_ups_to_tell(), acts.tell_follow_ups),
    Job("closure", "silence_at", lambda: _silent_closures(), acts.close_silent),
    Job("approval", "confirm_by", lambda: _named_approvals(), acts.tell_unconfirmed, ticket="subject_id"),
)


def look(at: datetime, limits: Mapping[str, int]) -> list[Due]:
    """The oldest rows of each kind that are due at ``at``, so many of each by name, oldest first: one query."""
    parts, values = [], []
    for place, job in enumerate(JOBS):
        sql, params = _written(job)
        parts.append(f"(SELECT {place}, due.* FROM ({sql} LIMIT %s) AS due)")  # noqa: S608 - by Django, values apart
        values += [*with_moment(params, at), limits[job.name]]
    return _asked(" UNION ALL ".join(parts), values)


def of_tickets(tickets: Sequence[int], at: datetime) -> list[Due]:
    """All that is due on these tickets, in the order in which it fell due: one query."""
    parts, values = [], []
    for place, job in enumerate(JOBS):
        sql, params = _written(job)
        unordered = sql[: sql.rindex(" ORDER BY ")]
        parts.append(
            f"(SELECT {place}, due.* FROM ({unordered}) AS due (due_at, id, ticket) "  # noqa: S608 - the same
            "WHERE due.ticket = ANY(%s))"
        )
        values += [*with_moment(params, at), list(tickets)]
    return _asked(" UNION ALL ".join(parts), values)


def take(tickets: Iterable[int], limit: int) -> list[int]:
    """Lock the first ``limit`` of these tickets that nobody else holds, in this order; inside a transaction.

    What another worker, or a person's act, has taken is passed over, so workers share the work and wait for nobody.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ticket.id FROM unnest(%s::bigint[]) WITH ORDINALITY AS wanted (id, place) "
            "JOIN tickets_ticket AS ticket USING (id) ORDER BY wanted.place LIMIT %s FOR UPDATE OF ticket SKIP LOCKED",
            [list(dict.fromkeys(tickets)), limit],
        )
        return [pk for (pk,) in cursor.fetchall()]


def _asked(statement: str, values: Sequence[Any]) -> list[Due]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchall()
    found.sort(key=lambda row: (row[1], row[0], row[2]))
    return [Due(due_at, pk, ticket_id, JOBS[place]) for place, due_at, pk, ticket_id in found]


@cache
def _written(job: Job) -> tuple[str, tuple[Any, ...]]:
    """The rows that are due at ``MOMENT``, oldest first, as SQL: time, key, ticket."""
    rows = job.rows().filter(**{f"{job.time}__lte": MOMENT})
    return compiled_rows(rows.order_by(job.time, "pk").values_list(job.time, "pk", job.ticket))


def _follow_ups_to_tell() -> QuerySet[FollowUp]:
    """Due, and its owner was not told of this due time."""
    return FollowUp.objects.filter(Q(told_at=None) | Q(told_at__lt=F("due_at")), status=FollowUp.Status.DUE)


def _silent_closures() -> QuerySet[Closure]:
    """Silence does not close a ticket while its follow-up is due (X5)."""
    asking = FollowUp.objects.filter(status=FollowUp.Status.DUE).values("ticket")
    return Closure.objects.filter(answer=Closure.Answer.WAITING).exclude(ticket__in=asking)


def _named_approvals() -> QuerySet[Approval]:
    """A supervisor was named in a live contact and has not confirmed it."""
    return Approval.objects.filter(
        subject_kind="ticket",
        answer=Approval.Answer.GIVEN,
        named__isnull=False,
        confirmed_at=None,
        unconfirmed_at=None,
    )
