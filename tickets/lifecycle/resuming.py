"""The end of a wait: taken up again, at its promised time, by the customer, or with the case (H3)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from events.models import Event
from tickets import clocks
from tickets.lifecycle import escalating
from tickets.lifecycle._ground import change, copy_back, locked, moment, tell
from tickets.models import ClockPause, Contact, Entry, EscalationReason, Hold, Status, Ticket
from tickets.policy import holding as policy

Outcome = Hold.Outcome


@transaction.atomic
def resume(ticket: Ticket, *, by: User, at: datetime | None = None) -> Hold:
    """Take the ticket up again: before its time it is no broken hold, past its time H3 decides what it was.

    Back on the line in the live contact of the hold counts as kept.
    """
    given, ticket, now = ticket, locked(ticket), moment(at)
    policy.may_resume(by, ticket).demand()
    running = running_hold(ticket)
    spoken = was_contacted(running, now) or (running.contact is not None and running.contact.is_live)
    end(ticket, running, Outcome.KEPT if spoken else Outcome.RESUMED, by=by, at=now, status=Status.OPEN)
    clocks.refresh_queue(ticket)
    tell(
        ticket, "resumed", by=by, at=now, hold=running, outcome=str(running.outcome), until=running.until,
        contact=running.contact if running.contact and running.contact.is_live else None,
    )  # fmt: skip
    _escalate_if_broken(ticket, running, at=now)
    copy_back(ticket, given)
    return running


@transaction.atomic
def end_due_hold(hold_id: int, at: datetime) -> bool:
    """At its promised time the ticket is ``open`` again by itself, first in the agent's list; kept or broken (H3).

    False when the hold is not due or has ended: it may be called twice. However late it is called, the hold ends, and
    the clock runs on, at the promised time. A broken hold is escalated by the desk (E1).
    """
    ticket_id = Hold.objects.filter(pk=hold_id).values_list("ticket_id", flat=True).first()
    if ticket_id is None:
        return False
    ticket = locked(ticket_id)
    due = Hold.objects.select_for_update(of=("self",)).filter(pk=hold_id, ended_at=None, until__lte=at).first()
    if due is None:
        return False
    end(ticket, due, Outcome.BROKEN, by=None, at=at, status=Status.OPEN)
    clocks.refresh_queue(ticket, returned=True)
    tell(
        ticket, "hold_ended", by=None, at=due.until, hold=due, outcome=str(due.outcome), until=due.until,
        agent=ticket.assignee_id, seconds_late=int((at - due.until).total_seconds()),
    )  # fmt: skip
    _escalate_if_broken(ticket, due, at=at)
    return True


# --- Called by other verbs, under the ticket's lock; their event tells of it ----


def end_hold_by_customer(ticket: Ticket, at: datetime, entry: Entry | None = None) -> Hold | None:
    """The customer wrote first: the hold ends outside the rate, the ticket is ``open`` (fine print of H).

    The caller starts the response clock. Past its time it is what it was by then, kept or broken (H3).
    """
    ended = _end_quietly(ticket, Outcome.ENDED_BY_CUSTOMER, by=None, at=at, status=Status.OPEN)
    if ended is not None:
        _escalate_if_broken(ticket, ended, at=at)
    return ended


def end_hold_untold(ticket: Ticket, entry: Entry, *, at: datetime) -> Hold | None:
    """The announcement was taken back, failed or bounced: they do not know that they wait, so they do not (H1)."""
    if not Hold.objects.filter(ticket=ticket, announcement=entry, ended_at=None).exists():
        return None
    ended = _end_quietly(ticket, Outcome.RESUMED, by=None, at=at, status=Status.OPEN)
    if ended is not None:
        _escalate_if_broken(ticket, ended, at=at)
    return ended


def end_hold_on_resolve(ticket: Ticket, *, by: User | None, at: datetime) -> Hold | None:
    """Resolving ends a hold (T12); the caller sets the state."""
    return _end_quietly(ticket, Outcome.RESOLVED, by=by, at=at, status=None)


def inherit_hold(ticket: Ticket, *, by: User) -> Hold | None:
    """A running hold stays, and whoever accepts the transfer answers for it (fine print of X)."""
    running = policy.running(ticket)
    if running is not None:
        running.inherited_by = by
        running.save(update_fields=["inherited_by"])
    return running


# --- What was promised, and whether it was kept ----------------------------------


def was_contacted(hold: Hold, by_then: datetime) -> bool:
    """H3: a person of the desk spoke with or wrote to the customer after the announcement, at ``by_then`` or before.

    The announcement itself, automatic messages, notes, voicemails and replies that were taken back do not count.
    """
    span = Q(happened_at__gt=hold.placed_at, happened_at__lte=min(by_then, hold.until))
    written = Entry.objects.public().filter(span, ticket=hold.ticket_id, is_automatic=False, author__isnull=False)
    if written.exclude(pk__in=[hold.announcement_id or 0, *_withdrawn(hold.ticket_id)]).exists():
        return True
    spoken = Contact.objects.filter(span, tickets=hold.ticket_id, outcome=Contact.Outcome.TALKED)
    return spoken.filter(handled_by__isnull=False).exists()


def _withdrawn(ticket_id: int) -> list[int]:
    """Entries that failed or bounced: they stay in the story, but never reached the customer."""
    told = Event.objects.filter(subject_kind="ticket", subject_id=ticket_id, kind="ticket.reply_withdrawn")
    return list(told.values_list("data__entry", flat=True))


# --- Writing -------------------------------------------------------------------


def running_hold(ticket: Ticket) -> Hold:
    """The one that runs, locked."""
    return Hold.objects.select_for_update(of=("self",)).select_related("contact").get(ticket=ticket, ended_at=None)


def end(ticket: Ticket, ending: Hold, outcome: str, *, by: User | None, at: datetime, status: str | None) -> None:
    """Close the row and let the clock run on, at the promised time when that has passed (H3); move to ``status``."""
    if at >= ending.until:
        outcome = Outcome.KEPT if was_contacted(ending, ending.until) else Outcome.BROKEN
    ended_at = min(at, ending.until)
    ending.ended_at, ending.ended_by, ending.outcome = ended_at, by, outcome
    ending.save(update_fields=["ended_at", "ended_by", "outcome"])
    if ending.pauses_resolution:
        clocks.unpause(ticket, cause=ClockPause.Cause.HOLD, at=ended_at)
    if status is not None and ticket.status == Status.ON_HOLD:
        change(ticket, status=status)


def _end_quietly(ticket: Ticket, outcome: str, *, by: User | None, at: datetime, status: str | None) -> Hold | None:
    ending = Hold.objects.select_for_update(of=("self",)).filter(ticket=ticket, ended_at=None).first()
    if ending is not None:
        end(ticket, ending, outcome, by=by, at=at, status=status)
    return ending


def _escalate_if_broken(ticket: Ticket, ended: Hold, *, at: datetime) -> None:
    """E1: a broken hold is the supervisor's to know."""
    if ended.outcome == Outcome.BROKEN and ticket.is_active and not ticket.is_trouble:
        escalating.escalate(ticket, by=None, reason=EscalationReason.Reason.HOLD_BROKEN, at=at)
        copy_back(locked(ticket), ticket)
