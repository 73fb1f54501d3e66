"""The response clocks: started by the customer's earliest unanswered message, stopped by a person's answer (S3)."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from customers.models import Person
from sla.models import Metric
from tickets.clocks.informing import informed
from tickets.clocks.reckoning import RESPONSES, begin, drawn_up, halt, recount, running, stop, store
from tickets.models import Clock, Entry, Ticket
from tickets.queue import place_in_queue, refresh_queue


def first_clocks(ticket: Ticket, *, at: datetime, live: bool = False, by: User | Person | None = None) -> list[Clock]:
    """The clocks that start with the words that open this ticket; neither is stored yet: one query.

    The ticket gets the place in the queue and the times that these give it, so that its row is written once. The caller
    stores the ticket and the words, then these (``start_first``). Live, ``by`` answers at once.
    """
    ticket.last_customer_at = at
    if live:
        clocks = drawn_up(ticket, [Metric.RESOLUTION, Metric.FIRST_RESPONSE, Metric.KEEP_INFORMED], at=at)
        clocks = [clock for clock in clocks if clock.metric != Metric.KEEP_INFORMED or clock.target_seconds is not None]
        clocks[1].is_live = True
        halt(clocks[1], ticket, at=at, by=by)
        ticket.last_staff_at = at
    else:
        clocks = drawn_up(ticket, [Metric.RESOLUTION, Metric.FIRST_RESPONSE], at=at)
        ticket.unanswered_since = at
    place_in_queue(ticket, clocks)
    return clocks


def start_first(clocks: list[Clock], ticket: Ticket, entry: Entry) -> None:
    """The ticket and its first words are stored: these start with them, and a live one stops with them."""
    for clock in clocks:
        if clock.stopped_at is not None:
            clock.stopped_by = entry
    store(clocks, ticket, entry)


def start_on_message(ticket: Ticket, entry: Entry, *, at: datetime, live: bool = False) -> None:
    """The customer wrote or spoke: start what must start. A machine's message starts nothing (T3).

    Live, the customer is answered in the same breath: the first response is met at once. In writing the earliest
    unanswered message sets the clock, however late it was recorded (a letter counts from its receipt).
    """
    if entry.is_automatic:
        return
    counted = list(Clock.objects.filter(ticket=ticket, cancelled_at=None))
    known = {clock.metric for clock in counted}
    waiting = next((clock for clock in counted if clock.metric in RESPONSES and clock.is_running), None)
    metrics = [] if Metric.RESOLUTION in known else [Metric.RESOLUTION]
    if Metric.FIRST_RESPONSE not in known:
        metrics.append(Metric.FIRST_RESPONSE)
    elif not live and waiting is None:
        metrics.append(Metric.NEXT_RESPONSE)
    started = {clock.metric: clock for clock in begin(ticket, metrics, at=at, entry=entry)}

    ticket.last_customer_at = max(ticket.last_customer_at or at, at)
    if live:
        _answer_at_once(started.get(Metric.FIRST_RESPONSE), ticket, entry, at=at)
    else:
        if waiting is not None and at < waiting.started_at:
            count_from(waiting, ticket, at=at, entry=entry)
        ticket.unanswered_since = min(ticket.unanswered_since or at, at)
    refresh_queue(ticket, also=("last_customer_at", "last_staff_at", "unanswered_since"))


def count_from(clock: Clock, ticket: Ticket, *, at: datetime, entry: Entry | None) -> None:
    """Another message sets the clock, an earlier one that turned up unanswered: it counts from there."""
    clock.started_at, clock.started_by = at, entry
    recount(clock, ticket)
    clock.save(update_fields=["started_at", "started_by", "hours", "due_at", "next_at"])


def _answer_at_once(first: Clock | None, ticket: Ticket, entry: Entry, *, at: datetime) -> None:
    if first is not None:
        first.is_live = True
        first.save(update_fields=["is_live"])
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


def inform(ticket: Ticket, entry: Entry, *, at: datetime, by: User) -> None:
    """The usual words of an act went out: the customer is kept informed (S8), what they asked stays unanswered (S3)."""
    informed(ticket, entry, running(ticket), at=at, by=by)
    refresh_queue(ticket)


def _answer(ticket: Ticket, entry: Entry | None, *, at: datetime, by: User | Person | None) -> None:
    """An answer given before the question came (a call logged late) is no answer to it."""
    counting = running(ticket)
    for clock in counting.values():
        if clock.metric in RESPONSES and clock.started_at <= at:
            stop(clock, ticket, at=at, by=by, entry=entry)
    informed(ticket, entry, counting, at=at, by=by)
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
