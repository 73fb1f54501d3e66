"""What is due: one small indexed query per kind of row, merged in the order of the due times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from events.models import Approval
from tickets.enforcement import acts
from tickets.models import Clock, Closure, Escalation, FollowUp, Hold, Promise, Transfer


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of row that falls due: where its time stands, which rows wait, and what is done with one of them."""

    name: str
    time: str
    rows: Callable[[], QuerySet[Any]]
    act: Callable[[int, datetime], Mapping[str, int]]
    ticket: str = "ticket_id"


@dataclass(frozen=True, slots=True)
class Due:
    """One row that is due."""

    due_at: datetime
    pk: int
    ticket_id: int
    job: Job


JOBS = (
    Job("hold", "until", lambda: Hold.objects.filter(ended_at=None), acts.end_hold),
    Job(
        "clock",
        "next_at",
        lambda: Clock.objects.filter(stopped_at=None, cancelled_at=None, next_at__isnull=False),
        acts.look_at_clock,
    ),
    Job(
        "transfer",
        "accept_by",
        lambda: Transfer.objects.filter(status=Transfer.Status.WAITING),
        acts.return_transfer,
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
    Job("promise", "break_at", lambda: Promise.objects.filter(status=Promise.Status.OPEN), acts.break_promise),
    Job("follow_up", "due_at", lambda: _follow_ups_to_tell(), acts.tell_follow_up),
    Job("closure", "silence_at", lambda: _silent_closures(), acts.close_silent),
    Job("approval", "confirm_by", lambda: _named_approvals(), acts.tell_unconfirmed, ticket="subject_id"),
)


def find(at: datetime, limit: int, passed_over: Mapping[str, set[int]]) -> list[Due]:
    """At most ``limit`` rows of each kind that are due at ``at``, oldest first, without those passed over."""
    found: list[Due] = []
    for job in JOBS:
        rows = job.rows().filter(**{f"{job.time}__lte": at})
        if skipped := passed_over.get(job.name):
            rows = rows.exclude(pk__in=skipped)
        columns = rows.order_by(job.time, "pk").values_list(job.time, "pk", job.ticket)
        found += [Due(due_at, pk, ticket_id, job) for due_at, pk, ticket_id in columns[:limit]]
    return sorted(found, key=lambda due: (due.due_at, JOBS.index(due.job), due.pk))


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
