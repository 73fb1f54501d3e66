"""The response clocks: started by the customer's earliest unanswered message, stopped by a person's answer (S3)."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from customers.models import Person
from tickets.clocks.reckoning import RESPONSES, Metric, begin, reckon, running, stop
from tickets.models import Clock, Entry, Ticket
from tickets.queue import refresh_queue


def start_on_message(ticket: Ticket, entry: Entry, *, at: datetime, live: bool = False) -> None:
    """The customer wrote or spoke: start what must start. A machine's message starts nothing (T3).

    Live, the customer is answered in the same breath: the first response is met at once. In writing the earliest
    unanswered message sets the clock, however late it was recorded (a letter counts from its receipt).
    """
    if entry.is_automatic:
        return
    known = set(Clock.objects.filter(ticket=ticket, cancelled_at=None).values_list("metric", flat=True))
    if Metric.RESOLUTION not in known:
        begin(ticket, [Metric.RESOLUTION], at=at, entry=entry)
    ticket.last_customer_at = max(ticket.last_customer_at or at, at)
    if live:
        _answer_at_once(ticket, entry, at=at, is_first=Metric.FIRST_RESPONSE not in known)
    else:
        _await_answer(ticket, entry, at=at, is_first=Metric.FIRST_RESPONSE not in known)
    refresh_queue(ticket, also=("last_customer_at", "last_staff_at", "unanswered_since"))


def _await_answer(ticket: Ticket, entry: Entry, *, at: datetime, is_first: bool) -> None:
    waiting = next(iter(running(ticket, *RESPONSES).values()), None)
    if waiting is None:
        begin(ticket, [Metric.FIRST_RESPONSE if is_first else Metric.NEXT_RESPONSE], at=at, entry=entry)
    elif at < waiting.started_at:
        begin_earlier(waiting, ticket, at=at, entry=entry)
    ticket.unanswered_since = min(ticket.unanswered_since or at, at)


def begin_earlier(clock: Clock, ticket: Ticket, *, at: datetime, entry: Entry | None) -> None:
    """An earlier message turned up unanswered: the clock counts from it."""
    clock.started_at, clock.started_by = at, entry
    reckon(clock, ticket)
    clock.save(update_fields=["started_at", "started_by", "due_at", "next_at"])


def _answer_at_once(ticket: Ticket, entry: Entry, *, at: datetime, is_first: bool) -> None:
    if is_first:
        [clock] = begin(ticket, [Metric.FIRST_RESPONSE], at=at, entry=entry)
        clock.is_live = True
        clock.save(update_fields=["is_live"])
    handler = entry.author or (entry.contact.handled_by if entry.contact else None)
    _answer(ticket, entry, at=at, by=handler)


def stop_on_answer(ticket: Ticket, entry: Entry, *, at: datetime, by: User | Person | None, live: bool = False) -> None:
    """A person answered: stop the response clocks of what was asked before. A machine's answer stops nothing (S3).

    ``live`` answers count the same; a wait that began in writing stays a written one in the reports.
    """
    if entry.is_automatic:
        return
    _answer(ticket, entry, at=at, by=by)
    refresh_queue(ticket, returned=False, also=("last_staff_at", "unanswered_since"))


def _answer(ticket: Ticket, entry: Entry | None, *, at: datetime, by: User | Person | None) -> None:
    """An answer given before the question came (a call logged late) is no answer to it."""
    for clock in running(ticket, *RESPONSES).values():
        if clock.started_at <= at:
            stop(clock, ticket, at=at, by=by, entry=entry)
    ticket.last_staff_at = max(ticket.last_staff_at or at, at)
    if ticket.unanswered_since and ticket.unanswered_since <= at:
        ticket.unanswered_since = None


def stop_responses(ticket: Ticket, *, at: datetime, by: User | Person | None) -> None:
    """Resolving tells the customer, by a person's act, how the matter stands: nothing waits for an answer any more."""
    for clock in running(ticket, *RESPONSES).values():
        stop(clock, ticket, at=at, by=by, entry=None)
    ticket.unanswered_since = None


def latest_answer_at(ticket: Ticket) -> datetime | None:
    """By when the customer has an answer at the latest; None when nothing waits for one, or nothing was promised."""
    waiting = Clock.objects.filter(
        ticket=ticket, metric__in=RESPONSES, stopped_at=None, cancelled_at=None, due_at__isnull=False
    )
    return waiting.order_by("due_at").values_list("due_at", flat=True).first()
