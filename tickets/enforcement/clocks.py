"""What enforcement does with clocks (S4): warn the owner, warn the supervisor, record the breach and escalate it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Max

from common import kept
from events.recording import Draft, record_many
from sla.models import Metric
from tickets import clocks
from tickets.lifecycle import escalating
from tickets.lifecycle._ground import draft
from tickets.models import Clock, EscalationReason, Ticket

Did = Mapping[str, int]
SEEN_TO = ("warned_75_at", "warned_90_at", "breached_at", "breach_recorded_at", "next_at")


def look_at_clocks(clock_ids: Sequence[int], at: datetime) -> dict[int, Did]:
    """Each clock is of another ticket, and all of these are locked; each step is done once, however often this is.

    After an outage in which the due time passed as well, the warnings are written down at their times with
    ``overtaken``, so that the story is whole and nobody is told of them; they do not count as warned.
    """
    rows = Clock.objects.filter(pk__in=clock_ids).prefetch_related("pauses").order_by("pk")
    rows = rows.select_related("ticket__team", "ticket__requester", "ticket__assignee")
    due = [clock for clock in rows if _is_due(clock, at)]
    usual = clocks.warning_percents()
    did: dict[int, Did] = {}
    drafts: list[Draft] = []
    for clock in due:
        if clock.ticket.is_trouble or not clock.ticket.is_enforced:
            clock.next_at = None
        else:
            did[clock.pk], told = _see_to(clock, clock.ticket, clocks.percents_of(clock, usual), at)
            drafts += told
    record_many(drafts)
    kept.update_many(due, *SEEN_TO)
    escalated = _escalate([clock for clock in due if clock.pk in did and clock.breached_at is not None], at)
    return {pk: {**counts, "escalated": int(pk in escalated)} for pk, counts in did.items()}


def _is_due(clock: Clock, at: datetime) -> bool:
    return clock.is_running and clock.next_at is not None and clock.next_at <= at


def _see_to(clock: Clock, ticket: Ticket, percents: tuple[int, int], at: datetime) -> tuple[Did, list[Draft]]:
    """Mark on the clock what its time has come for; what is to be told of it."""
    moments = clocks.points(clock, percents)
    told: list[Draft] = []
    warned = breached = 0
    if clock.breached_at is None:
        is_over = moments.due is not None and moments.due <= at
        told = _warn(clock, ticket, moments, percents, at=at, is_over=is_over)
        warned = 0 if is_over else len(told)
        if is_over:
            told.append(clocks.breach(clock, ticket, at=at))
            breached = 1
    clock.next_at = clocks.next_look(clock, moments)
    return {"warned": warned, "breached": breached}, told


def _warn(
    clock: Clock, ticket: Ticket, moments: clocks.Points, percents: tuple[int, int], *, at: datetime, is_over: bool
) -> list[Draft]:
    told = []
    if moments.owner and moments.owner <= at and not (clock.warned_75_at or clock.warned_90_at):
        clock.warned_75_at = moments.owner
        told.append(_warning(clock, ticket, "owner", percents[0], due=moments.owner, at=at, overtaken=is_over))
    if moments.supervisor and moments.supervisor <= at and not clock.warned_90_at:
        clock.warned_90_at = moments.supervisor
        told.append(
            _warning(clock, ticket, "supervisor", percents[1], due=moments.supervisor, at=at, overtaken=is_over)
        )
    return told


def _warning(
    clock: Clock, ticket: Ticket, whom: str, percent: int, *, due: datetime, at: datetime, overtaken: bool
) -> Draft:
    return draft(
        ticket, "sla_warned", by=None, at=due, clock=clock, metric=clock.metric, whom=whom, percent=percent,
        due_at=clock.due_at, late_seconds=late(at - due), overtaken=overtaken,
    )  # fmt: skip


def _escalate(breached: Sequence[Clock], at: datetime) -> set[int]:
    """The clocks whose breach went to the supervisor now: once each, unless their ticket can be escalated no more.

    A transfer that nobody accepted comes back to a supervisor by itself (X3).
    """
    breached = [clock for clock in breached if clock.metric != Metric.TRANSFER]
    if not breached:
        return set()
    known = dict(
        EscalationReason.objects.filter(
            escalation__ticket__in=[clock.ticket_id for clock in breached],
            reason=EscalationReason.Reason.SLA_BREACH,
        )
        .values("escalation__ticket")
        .annotate(last=Max("raised_at"))
        .values_list("escalation__ticket", "last")
    )
    new = [
        clock for clock in breached
        if clock.ticket_id not in known or clock.breached_at is None or known[clock.ticket_id] < clock.breached_at
    ]  # fmt: skip
    escalated = escalating.escalate_breached([clock.ticket for clock in new], at=at)
    return {clock.pk for clock in new if clock.ticket_id in escalated}


def late(span: timedelta) -> int:
    """Whole seconds by which something is late; 0 where the machine's clock went back."""
    return max(int(span.total_seconds()), 0)
