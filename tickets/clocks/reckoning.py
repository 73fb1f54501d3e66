"""What all clocks have in common: when one is due, when enforcement looks at it, how it starts, stops and breaches."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.models import User
from common import kept, timeline
from common.business_hours import BusinessHours, NeverOpen
from customers.models import Person
from events.models import Event
from events.recording import Draft, record_many
from sla import policies, warning
from sla.models import Metric, PolicyVersion
from sla.policies import Facts
from sla.rulebook import rulebook
from staff import hours
from tickets.models import Clock, Entry, Ticket, Transfer

log = logging.getLogger(__name__)

RESPONSES = (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE)
STATE = ("hours", "due_at", "next_at", "paused_at", "breached_at", "breach_recorded_at")
TERMS = ("policy", "policy_version", "hours", "terms_at", "terms_known_at", "promised_seconds", "target_seconds")
STOP = ("stopped_at", "stopped_by", "elapsed_seconds", "team", "agent")


@dataclass(frozen=True, slots=True)
class Points:
    """When a clock warns its owner, warns the supervisor, and is due; None while a pause keeps it from that."""

    owner: datetime | None
    supervisor: datetime | None
    due: datetime | None


def hours_of(clock: Clock) -> BusinessHours:
    """The working time a clock counts; without a calendar every second."""
    return hours.of_version(clock.hours_id)


def pauses_of(clock: Clock) -> list[timeline.Pause]:
    """When the clock stood still; a response clock, or one that is not stored yet, never did."""
    if clock.pk is None or clock.metric in RESPONSES:
        return []
    return [timeline.Pause(pause.started_at, pause.ended_at) for pause in clock.pauses.all()]


def warning_percents() -> tuple[int, int]:
    """At which part of its time a clock warns its owner and the supervisor: one query."""
    return warning.usual()


def percents_of(clock: Clock, usual: tuple[int, int] | None = None) -> tuple[int, int]:
    """At which part of its time this clock warns: its policy's percents, else the ``usual`` ones of the desk."""
    usual = usual or warning_percents()
    if clock.policy_version_id is None:
        return usual
    return warning.percents(policies.version(clock.policy_version_id), usual)


def points(
    clock: Clock, percents: tuple[int, int] | None = None, pauses: Sequence[timeline.Pause] | None = None
) -> Points:
    """The three moments that enforcement acts on, from the row and its ``pauses`` (those that are stored).

    ``percents``: the desk's own, as read before; the clock's policy may say others.
    """
    if clock.target_seconds is None:
        return Points(None, None, None)
    working, pauses = hours_of(clock), pauses_of(clock) if pauses is None else pauses
    found = [
        timeline.at_fraction(clock.started_at, clock.target_seconds, working, pauses, part / 100)
        for part in (*percents_of(clock, percents), 100)
    ]
    return Points(*found)


def reckon(
    clock: Clock, ticket: Ticket, *, not_before: datetime | None = None, percents: tuple[int, int] | None = None
) -> None:
    """Set ``due_at`` and ``next_at`` from the start, the target and the pauses; the caller saves.

    ``not_before``: a due time that was moved into the past by a change is enforced from the change on, not late.
    Hours that never reach the due time, because all that is left of a calendar has gone by, would keep tickets from
    being opened (T7): such a clock counts round the clock from then on, the strictest, and says so in the log.
    """
    try:
        at = points(clock, percents)
    except NeverOpen:
        log.warning(
            "Calendar version %s has too few hours left for %s of ticket %s: counted round the clock.",
            clock.hours_id, clock.metric, ticket.pk,
        )  # fmt: skip
        clock.hours = None
        at = points(clock, percents)
    clock.due_at = at.due
    clock.next_at = next_look(clock, at) if clock.is_running and ticket.is_enforced else None
    if clock.next_at and not_before:
        clock.next_at = max(clock.next_at, not_before)


def recount(clock: Clock, ticket: Ticket) -> None:
    """As ``reckon``; a breach that nobody has escalated yet is still looked at."""
    owed = clock.next_at if clock.breached_at else None
    reckon(clock, ticket)
    clock.next_at = clock.next_at or owed


def next_look(clock: Clock, at: Points) -> datetime | None:
    """The next moment that enforcement has not seen to; None when there is none, or while a pause keeps it away."""
    if clock.breached_at:
        return None
    waiting = (
        None if clock.warned_75_at or clock.warned_90_at else at.owner,
        None if clock.warned_90_at else at.supervisor,
        at.due,
    )
    return min((moment for moment in waiting if moment), default=None)


def facts_of(ticket: Ticket) -> Facts:
    """What a policy is picked by (S2)."""
    return Facts(
        customer_type=ticket.customer_type,
        channel=ticket.channel,
        ticket_type=ticket.type,
        priority=ticket.priority,
        organisation_id=ticket.organisation_id,
        department_id=ticket.department_id,
        plan_id=ticket.plan_id,
        team_id=ticket.team_id,
    )


def begin(
    ticket: Ticket,
    metrics: Sequence[str],
    *,
    at: datetime,
    entry: Entry | None,
) -> list[Clock]:
    """Start these clocks under the policy that fits now; two queries, none without ``metrics``."""
    return store(drawn_up(ticket, metrics, at=at) if metrics else [], ticket, entry)


def begin_if_promised(
    ticket: Ticket,
    metric: str,
    *,
    at: datetime,
    entry: Entry | None = None,
    facts: Facts | None = None,
    transfer: Transfer | None = None,
) -> Clock | None:
    """Start this clock where the policy that fits now sets a time for it.

    ``facts`` other than the ticket's own for a ``transfer``.
    """
    [clock] = drawn_up(ticket, [metric], at=at, facts=facts)
    if clock.target_seconds is None:
        return None
    clock.transfer = transfer
    return store([clock], ticket, entry)[0]


def drawn_up(ticket: Ticket, metrics: Sequence[str], *, at: datetime, facts: Facts | None = None) -> list[Clock]:
    """Clocks of this ticket, which need not be stored yet, that start at ``at`` and are not stored either: one query.

    ``facts`` other than the ticket's own tell which policy holds.
    """
    rules, facts = rulebook(), facts or facts_of(ticket)
    version = rules.policy_for(facts, at)
    counted = rules.hours_for(version, at)
    clocks = [promised(metric, version, counted, facts.priority, at=at) for metric in metrics]
    for clock in clocks:
        reckon(clock, ticket, percents=rules.percents)
    return clocks


def store(clocks: list[Clock], ticket: Ticket, entry: Entry | None) -> list[Clock]:
    """Write what was drawn up; ``entry`` started it."""
    for clock in clocks:
        clock.ticket, clock.started_by = ticket, entry
    kept.insert(clocks)
    return clocks


def promised(metric: str, version: PolicyVersion, counted: int | None, priority: int, *, at: datetime) -> Clock:
    """A clock that starts at ``at`` under these versions, of no ticket yet and not stored."""
    target = version.target_for(metric, priority)
    return Clock(
        metric=metric, policy_id=version.policy_id, policy_version_id=version.pk, hours_id=counted, terms_at=at,
        terms_known_at=max(timezone.now(), version.made_at), promised_seconds=target, target_seconds=target,
        started_at=at,
    )  # fmt: skip


def running(ticket: Ticket, *metrics: str) -> dict[str, Clock]:
    """The clocks of these metrics that are neither stopped nor cancelled, by metric."""
    rows = Clock.objects.filter(ticket=ticket, stopped_at=None, cancelled_at=None)
    return {clock.metric: clock for clock in (rows.filter(metric__in=metrics) if metrics else rows)}


def stop(clock: Clock, ticket: Ticket, *, at: datetime, by: User | Person | None, entry: Entry | None) -> None:
    """Stop a running clock; team and agent are kept as they are now. Too late: the breach stands (S5)."""
    halt(clock, ticket, at=at, by=by, entry=entry)
    clock.save(update_fields=[*STATE, *STOP])


def halt(clock: Clock, ticket: Ticket, *, at: datetime, by: User | Person | None, entry: Entry | None = None) -> None:
    """As ``stop``; the caller saves."""
    at = max(at, clock.started_at)
    note_breach(clock, ticket, at=at)
    clock.stopped_at, clock.stopped_by = at, entry
    clock.elapsed_seconds = int((at - clock.started_at).total_seconds()) - timeline.paused_seconds(
        clock.started_at, at, pauses_of(clock)
    )
    clock.team_id = ticket.team_id
    clock.agent_id = by.pk if isinstance(by, User) else ticket.assignee_id
    clock.next_at = None


def note_breach(clock: Clock, ticket: Ticket, *, at: datetime) -> None:
    """Record, once, that the due time passed before ``at`` although no pass of enforcement saw it; the caller saves.

    Nothing is escalated where the clock stops by that: whoever answers has it in hand.
    """
    if clock.breached_at is None and clock.due_at is not None and clock.due_at < at:
        record_breach(clock, ticket, at=at)


def record_breach(clock: Clock, ticket: Ticket, *, at: datetime) -> None:
    """The breach itself: at its due time, recorded now, told as an event; the caller saves."""
    record_many([breach(clock, ticket, at=at)])


def breach(clock: Clock, ticket: Ticket, *, at: datetime) -> Draft:
    """Mark the clock as breached at its due time; the event that tells of it. An imported one owes no reaction."""
    if clock.due_at is None:
        raise ValueError("only a clock with a due time can be breached")
    clock.breached_at, clock.breach_recorded_at = clock.due_at, timezone.now()
    return Draft(
        ticket,
        "ticket.sla_breached",
        by=None,
        at=clock.due_at,
        origin=Event.Origin.LIVE if ticket.is_enforced else Event.Origin.IMPORT,
        data={
            "clock": clock.pk,
            "metric": clock.metric,
            "policy": clock.policy_id,
            "late_seconds": max(int((at - clock.due_at).total_seconds()), 0),
        },
    )
