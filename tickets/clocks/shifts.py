"""What moves clocks from outside: another priority or policy, an answer that did not stand, merging, spam."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from common import timeline
from events.models import Event
from events.recording import record
from sla.models import Metric, PolicyVersion
from sla.rulebook import rulebook
from tickets.clocks.informing import not_informed
from tickets.clocks.reckoning import (
    RESPONSES,
    STATE,
    STOP,
    TERMS,
    begin,
    facts_of,
    hours_of,
    note_breach,
    pauses_of,
    reckon,
    running,
    stop,
    warning_percents,
)
from tickets.clocks.response import count_from
from tickets.models import Clock, Contact, DueChange, Entry, Ticket
from tickets.queue import refresh_queue

ANSWERS = (Entry.Kind.REPLY, Entry.Kind.CALL, Entry.Kind.VISIT, Entry.Kind.CHAT, Entry.Kind.LETTER)


def reprioritise(ticket: Ticket, *, at: datetime, cause: str = DueChange.Cause.PRIORITY) -> None:
    """Run on under the policy that fits now; a clock never restarts (X7), a breach stays (S5).

    Those policies and versions count that were known and held when the clock began, or was last moved by asking: what
    was decided since, even for times before, moves it only when asked.
    A shorter target leaves at least a quarter of itself from now on; the old due time is kept as a ``DueChange``. Call
    it after a change of priority (or of type, team …: ``cause=DueChange.Cause.POLICY``).
    """
    rules, facts = rulebook(), facts_of(ticket)
    for clock in running(ticket).values():
        if clock.metric != Metric.TRANSFER:  # that one counts for the team it was passed to
            known_at = clock.terms_known_at
            version = rules.policy_for(facts, clock.terms_at, known_at=known_at)
            counted = rules.hours_for(version, clock.terms_at, known_at=known_at)
            retarget(clock, ticket, version, counted, at=at, cause=cause, percents=rules.percents)
    refresh_queue(ticket)


def retarget(
    clock: Clock,
    ticket: Ticket,
    version: PolicyVersion,
    counted: int | None,
    *,
    at: datetime,
    cause: str,
    percents: tuple[int, int] | None = None,
) -> bool:
    """Let a running clock count under this version of a policy, with these hours; tell whether anything moved.

    A breach that no pass of enforcement has seen yet is left to the next one, which escalates it once (S4).
    """
    if is_under(clock, ticket, version, counted):
        return False
    is_owed = clock.breached_at is None or clock.next_at is not None
    note_breach(clock, ticket, at=at)
    change = put_under(clock, ticket, version, counted, at=at, cause=cause, percents=percents)
    if is_owed and clock.breached_at is not None and ticket.is_enforced:
        clock.next_at = at
    clock.save(update_fields=[*TERMS, *STATE])
    DueChange.objects.bulk_create([change])
    return True


def is_under(clock: Clock, ticket: Ticket, version: PolicyVersion, counted: int | None) -> bool:
    """Does it count under this version, with these hours and this promise, already?"""
    promised = version.target_for(clock.metric, ticket.priority)
    return (version.pk, counted, promised) == (clock.policy_version_id, clock.hours_id, clock.promised_seconds)


def put_under(
    clock: Clock,
    ticket: Ticket,
    version: PolicyVersion,
    counted: int | None,
    *,
    at: datetime,
    cause: str,
    percents: tuple[int, int] | None = None,
) -> DueChange:
    """The clock under this version, and how its due time moved; neither is saved. ``percents``: as for ``points``."""
    due_before, policy_before, before = clock.due_at, clock.policy_id, clock.target_seconds
    clock.policy_id, clock.policy_version_id, clock.hours_id = version.policy_id, version.pk, counted
    clock.promised_seconds = clock.target_seconds = version.target_for(clock.metric, ticket.priority)
    percents = percents or warning_percents()
    reckon(clock, ticket, not_before=at, percents=percents)
    if clock.target_seconds is not None and _came_nearer(clock, before, due_before):
        clock.target_seconds = _fair_target(clock, clock.target_seconds, at)
        reckon(clock, ticket, not_before=at, percents=percents)
    return DueChange(
        clock=clock, cause=cause, changed_at=at, due_before=due_before, due_after=clock.due_at,
        policy_before_id=policy_before,
    )  # fmt: skip


def _came_nearer(clock: Clock, target_before: int | None, due_before: datetime | None) -> bool:
    """A shorter target, a first one, or other hours in which the same target is over sooner."""
    if target_before is None or clock.target_seconds is None or clock.target_seconds < target_before:
        return True
    return due_before is not None and clock.due_at is not None and clock.due_at < due_before


def _fair_target(clock: Clock, target: int, at: datetime) -> int:
    """The target, or what has run plus a quarter of the target, if that is more."""
    elapsed = timeline.elapsed_seconds(clock.started_at, at, hours_of(clock), pauses_of(clock))
    return max(target, elapsed + -(-target // 4))


def cancel(ticket: Ticket, *, at: datetime) -> None:
    """Merged away, spam or trash: its running clocks are counted no more."""
    running_now = Clock.objects.filter(ticket=ticket, stopped_at=None, cancelled_at=None)
    running_now.update(cancelled_at=at, next_at=None)
    refresh_queue(ticket)


def run_on(clock: Clock, ticket: Ticket) -> None:
    """It was given back as it had stood, and counts again; what it was warned of since is not looked for twice."""
    reckon(clock, ticket)
    clock.save(update_fields=STATE)


def join_enforcement(ticket: Ticket, *, at: datetime) -> None:
    """An imported ticket joins enforcement (the caller has set ``is_enforced``): its clocks are looked at again."""
    for clock in running(ticket).values():
        reckon(clock, ticket, not_before=at)
        clock.save(update_fields=STATE)
    record(ticket, "ticket.enforcement_joined", by=None, at=at)


# --- An answer that did not stand -------------------------------------------


def reinstate(entry: Entry, *, at: datetime, ticket: Ticket | None = None) -> None:
    """The reply was undone, failed or bounced: what it had stopped runs again from its original start.

    Another answer that was given meanwhile takes its place. Pass the locked ``ticket`` so that the caller's copy knows.
    """
    ticket = ticket or entry.ticket
    stopped = Clock.objects.filter(ticket=ticket, stopped_by=entry, cancelled_at=None, metric__in=RESPONSES)
    for clock in stopped.order_by("started_at", "pk"):
        _run_again(clock, ticket, entry, at=at)
    not_informed(ticket, entry, at=at)
    ticket.last_staff_at = (
        _answers(ticket, entry).order_by("-happened_at").values_list("happened_at", flat=True).first()
    )
    starts = [clock.started_at for clock in running(ticket, *RESPONSES).values()]
    ticket.unanswered_since = min(starts, default=None)
    refresh_queue(ticket, also=("last_staff_at", "unanswered_since"))


def _run_again(clock: Clock, ticket: Ticket, entry: Entry, *, at: datetime) -> None:
    """The earliest unanswered message sets the clock: a later wait that began meanwhile is part of this one."""
    _cancel_later_waits(clock, at=at)
    clock.stopped_at = clock.stopped_by = clock.elapsed_seconds = clock.team = clock.agent = None
    reckon(clock, ticket)
    if clock.breached_at and ticket.is_enforced:
        clock.next_at = at
    clock.save(update_fields=[*STOP, *STATE])
    DueChange.objects.create(
        clock=clock, cause=DueChange.Cause.REINSTATED, changed_at=at, due_after=clock.due_at, policy_before=clock.policy
    )
    other = _answers(ticket, entry).filter(happened_at__gte=clock.started_at).order_by("happened_at", "pk").first()
    if other is not None:
        stop(clock, ticket, at=other.happened_at, by=other.author, entry=other)


def _cancel_later_waits(clock: Clock, *, at: datetime) -> None:
    others = Clock.objects.filter(ticket=clock.ticket_id, metric__in=RESPONSES, stopped_at=None, cancelled_at=None)
    others.exclude(pk=clock.pk).update(cancelled_at=at, next_at=None)


def _answers(ticket: Ticket, besides: Entry) -> QuerySet[Entry]:
    """What people of the desk answered and stands; nobody picked up, or it bounced: it was not said.

    The usual words of a hold or a transfer were no answer, and the event that sent them says so.
    """
    given = Entry.objects.filter(ticket=ticket, visibility=Entry.Visibility.PUBLIC, undone_at=None, is_automatic=False)
    told = Event.objects.filter(subject_kind="ticket", subject_id=ticket.pk, kind="ticket.reply_withdrawn")
    gone = [besides.pk, *told.values_list("data__entry", flat=True)]
    missed = Q(contact__outcome=Contact.Outcome.MISSED)
    usual = Entry.objects.filter(ticket=ticket, event__data__answers=False).order_by().values("pk")
    given = given.filter(kind__in=ANSWERS, author__isnull=False).exclude(pk__in=usual)
    return given.exclude(pk__in=gone).exclude(missed)


# --- Merging ----------------------------------------------------------------


def move(source: Ticket, target: Ticket, *, at: datetime) -> None:
    """T11: the earliest unanswered message of both sets the target's response clock; the source's clocks end."""
    waiting = min(running(source, *RESPONSES).values(), key=lambda clock: clock.started_at, default=None)
    if waiting is not None:
        _take_over(waiting, target)
    cancel(source, at=at)
    if source.unanswered_since:
        target.unanswered_since = min(target.unanswered_since or source.unanswered_since, source.unanswered_since)
    target.last_customer_at = max(
        (moment for moment in (source.last_customer_at, target.last_customer_at) if moment), default=None
    )
    refresh_queue(target, also=("unanswered_since", "last_customer_at"))


def _take_over(waiting: Clock, target: Ticket) -> None:
    own = next(iter(running(target, *RESPONSES).values()), None)
    if own is None:
        answered = Clock.objects.filter(ticket=target, metric=Metric.FIRST_RESPONSE, cancelled_at=None).exists()
        metric = Metric.NEXT_RESPONSE if answered else Metric.FIRST_RESPONSE
        begin(target, [metric], at=waiting.started_at, entry=waiting.started_by)
    elif waiting.started_at < own.started_at:
        count_from(own, target, at=waiting.started_at, entry=waiting.started_by)
