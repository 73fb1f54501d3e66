"""What the state of a request is told from, loaded for a whole list at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from customers.models import Person
from tickets.models import (
    Clock,
    Closure,
    Escalation,
    Hold,
    Participant,
    Promise,
    Status,
    Ticket,
    TicketMerge,
    Transfer,
)

RESPONSES = (Clock.Metric.FIRST_RESPONSE, Clock.Metric.NEXT_RESPONSE)


@dataclass(frozen=True, slots=True)
class Facts:
    """What runs on a request now, and who looks after it."""

    hold: Hold | None = None
    answer_by: Clock | None = None
    closure: Closure | None = None
    promises: tuple[Promise, ...] = ()
    escalation: Escalation | None = None
    transfer: Transfer | None = None
    merged_into: Ticket | None = None


def waiting_first(queryset: QuerySet[Ticket], person: Person | None) -> QuerySet[Ticket]:
    """Those where this customer's word is missing; a colleague's wait for the colleague (T4, T13)."""
    if person is None:
        return queryset.none()
    known = {person.pk, person.merged_into_id or person.pk}
    for_them = Participant.objects.filter(role=Participant.Role.ON_BEHALF_OF, person_id__in=known).values("ticket_id")
    theirs = Q(requester_id__in=known) | Q(requester__merged_into_id__in=known) | Q(pk__in=for_them)
    return queryset.filter(theirs, status__in=(Status.PENDING, Status.RESOLVED))


def with_facts(queryset: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """The same requests, ready for ``facts_of``: seven queries, however many there are."""
    running = Clock.objects.filter(stopped_at=None, cancelled_at=None, metric__in=RESPONSES, due_at__isnull=False)
    parts: dict[str, QuerySet[Any]] = {
        "holds": Hold.objects.filter(ended_at=None).select_related("reason", "contact"),
        "clocks": running.order_by("due_at"),
        "closures": Closure.objects.order_by("-asked_at", "-pk"),
        "promises": Promise.objects.filter(status=Promise.Status.OPEN).select_related("owner"),
        "escalations": Escalation.objects.filter(status__in=Escalation.OPEN).select_related("owner", "promise"),
        "transfers": Transfer.objects.filter(status=Transfer.Status.WAITING).select_related("to_team", "contact"),
        "merges_out": TicketMerge.objects.filter(undone_at=None).select_related("target"),
    }
    loads = (Prefetch(name, rows, to_attr=f"told_{name}") for name, rows in parts.items())
    return queryset.select_related("assignee", "requester").prefetch_related(*loads)


def facts_of(ticket: Ticket) -> Facts:
    """The facts of a request that ``with_facts`` loaded."""

    def many(name: str) -> list[Any]:
        return list(getattr(ticket, f"told_{name}"))

    def first(name: str) -> Any:
        return next(iter(many(name)), None)

    merge = first("merges_out")
    return Facts(
        hold=first("holds"),
        answer_by=first("clocks"),
        closure=first("closures"),
        promises=tuple(many("promises")),
        escalation=first("escalations"),
        transfer=first("transfers"),
        merged_into=merge.target if merge else None,
    )
