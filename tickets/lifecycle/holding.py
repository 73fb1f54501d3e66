"""Letting a customer wait, with their knowledge and until a promised time (H1-H7)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Malformed, Refused
from events.models import Approval, Event
from tickets import clocks
from tickets.lifecycle import escalating
from tickets.lifecycle._ground import change, copy_back, locked, moment, tell
from tickets.lifecycle._hold_terms import Terms, agreed_terms, announcement, contact_with
from tickets.lifecycle._parts import belongs_to
from tickets.lifecycle.approving import demand_approval
from tickets.lifecycle.conversation import write_public
from tickets.models import (
    ClockPause,
    Consent,
    ConsentRefusal,
    Contact,
    Entry,
    EscalationReason,
    Hold,
    HoldReason,
    Status,
    Ticket,
)
from tickets.policy import holding as policy

Outcome = Hold.Outcome


@transaction.atomic
def hold(
    ticket: Ticket,
    *,
    by: User,
    reason: HoldReason | str,
    consent: str,
    until: datetime,
    contact: Contact | None = None,
    text: str = "",
    consent_entry: Entry | None = None,
    named_supervisor: User | None = None,
    at: datetime | None = None,
) -> Hold:
    """Let the customer wait until ``until``: asked in a live contact, told in writing otherwise (H1, H2, H6).

    In writing they get a reply with reason and time, ``text`` or the usual words (H7); only a person's own ``text``, or
    agreeing to the wait that they asked for, answers them (S3). In a live contact ``text`` becomes an internal note.
    After the second hold H4 asks a supervisor. A ticket that nobody had becomes that of who places the hold, to whose
    list it comes back (H3).
    """
    given, ticket, now = ticket, locked(ticket), moment(at)
    policy.may_hold(by, ticket).demand()
    terms = agreed_terms(ticket, contact, reason, consent, consent_entry, until, text, named_supervisor, now)
    placed = _place(ticket, terms, by=by, at=now, approval=_approval(ticket, terms, by=by, at=now))
    _tell_placed(ticket, "held", placed, terms, by=by, at=now)
    copy_back(ticket, given)
    return placed


@transaction.atomic
def extend_hold(
    ticket: Ticket,
    *,
    by: User,
    reason: HoldReason | str,
    consent: str,
    until: datetime,
    contact: Contact | None = None,
    text: str = "",
    consent_entry: Entry | None = None,
    named_supervisor: User | None = None,
    at: datetime | None = None,
) -> Hold:
    """A longer hold is a new hold: the running one ends, a new one with new consent and a later time begins (H4)."""
    given, ticket, now = ticket, locked(ticket), moment(at)
    policy.may_extend_hold(by, ticket).demand()
    old = _running(ticket)
    if now >= old.until:
        raise Refused(_("The promised time has passed: take the ticket up again first."), code="hold_over", rule="H3")
    terms = agreed_terms(ticket, contact, reason, consent, consent_entry, until, text, named_supervisor, now)
    if until <= old.until:
        raise Refused(
            _("A longer hold ends later than the one that runs."), code="hold_not_longer", rule="H4", field="until"
        )
    approval = _approval(ticket, terms, by=by, at=now)
    _end(ticket, old, Outcome.EXTENDED, by=by, at=now, status=None)
    placed = _place(ticket, terms, by=by, at=now, approval=approval, extends=old)
    _tell_placed(ticket, "hold_extended", placed, terms, by=by, at=now)
    copy_back(ticket, given)
    return placed


@transaction.atomic
def resume(ticket: Ticket, *, by: User, at: datetime | None = None) -> Hold:
    """Take the ticket up again: before its time it is no broken hold, past its time H3 decides what it was.

    Back on the line in the live contact of the hold counts as kept.
    """
    given, ticket, now = ticket, locked(ticket), moment(at)
    policy.may_resume(by, ticket).demand()
    running = _running(ticket)
    spoken = was_contacted(running, now) or (running.contact is not None and running.contact.is_live)
    _end(ticket, running, Outcome.KEPT if spoken else Outcome.RESUMED, by=by, at=now, status=Status.OPEN)
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
    _end(ticket, due, Outcome.BROKEN, by=None, at=at, status=Status.OPEN)
    clocks.refresh_queue(ticket, returned=True)
    tell(
        ticket, "hold_ended", by=None, at=due.until, hold=due, outcome=str(due.outcome), until=due.until,
        agent=ticket.assignee_id, seconds_late=int((at - due.until).total_seconds()),
    )  # fmt: skip
    _escalate_if_broken(ticket, due, at=at)
    return True


@transaction.atomic
def refuse_consent(
    ticket: Ticket, *, by: User, act: str, contact: Contact | None = None, at: datetime | None = None
) -> ConsentRefusal:
    """The customer was asked for a hold or a transfer and said no; ``policy.holding.OFFERS`` is what is left (H5)."""
    given, ticket, now = ticket, locked(ticket), moment(at)
    policy.may_refuse_consent(by, ticket).demand()
    if act not in ConsentRefusal.Act.values:
        raise Malformed(_("Say what they refused: a hold or a transfer."), code="act_unknown", rule="H5", field="act")
    contact = contact_with(ticket, contact)
    refusal = ConsentRefusal.objects.create(ticket=ticket, contact=contact, act=act, asked_by=by, asked_at=now)
    change(ticket)
    tell(
        ticket, "consent_refused", by=by, at=now, contact=contact, refusal=refusal, act=str(act),
        offers=list(policy.OFFERS[act]),
    )  # fmt: skip
    copy_back(ticket, given)
    return refusal


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


def _running(ticket: Ticket) -> Hold:
    return Hold.objects.select_for_update(of=("self",)).select_related("contact").get(ticket=ticket, ended_at=None)


def _approval(ticket: Ticket, terms: Terms, *, by: User, at: datetime) -> Approval | None:
    """H4: after the second hold on one ticket a supervisor must approve."""
    if not policy.needs_approval(ticket):
        return None
    return demand_approval(
        ticket, by=by, rule="H4", act="hold", contact=terms.contact, named_supervisor=terms.named_supervisor, at=at
    )


def _place(
    ticket: Ticket, terms: Terms, *, by: User, at: datetime, approval: Approval | None, extends: Hold | None = None
) -> Hold:
    announced = _announce(ticket, terms, by=by, at=at)
    agreed = terms.consent in (Consent.GIVEN, Consent.WRITTEN)
    placed = Hold.objects.create(
        ticket=ticket,
        contact=terms.contact or (announced.contact if announced else None),
        placed_by=by,
        placed_at=at,
        reason=terms.reason,
        consent=terms.consent,
        consent_person_id=terms.agreed_by,
        consent_at=(terms.consent_entry.happened_at if terms.consent_entry else at) if agreed else None,
        consent_entry=terms.consent_entry,
        until=terms.until,
        announcement=announced,
        pauses_resolution=policy.stops_the_clock(terms.reason, live=terms.live, consent=terms.consent),
        extends=extends,
        approval=approval,
    )
    if ticket.status == Status.PENDING:
        clocks.unpause(ticket, cause=ClockPause.Cause.PENDING, at=at)
    change(
        ticket,
        status=Status.ON_HOLD,
        assignee_id=ticket.assignee_id or by.pk,
        first_agent_id=ticket.first_agent_id or by.pk,
    )
    if placed.pauses_resolution:
        clocks.pause(ticket, cause=ClockPause.Cause.HOLD, at=at, hold=placed)
    clocks.refresh_queue(ticket)
    return placed


def _announce(ticket: Ticket, terms: Terms, *, by: User, at: datetime) -> Entry | None:
    """H1: in writing the customer is told. In a live contact they heard it; what was typed is kept as a note."""
    if not terms.live:
        words = terms.text or announcement(ticket, terms.reason, terms.until)
        return write_public(ticket, by=by, text=words, answers=terms.answers, at=at)
    if terms.text:
        Entry.objects.create(
            ticket=ticket,
            contact=terms.contact,
            kind=Entry.Kind.NOTE,
            visibility=Entry.Visibility.INTERNAL,
            author=by,
            author_name=str(by)[:150],
            text=terms.text,
            happened_at=at,
        )
    return None


def _tell_placed(ticket: Ticket, kind: str, placed: Hold, terms: Terms, *, by: User, at: datetime) -> None:
    approval = placed.approval
    event = tell(
        ticket,
        kind,
        by=by,
        at=at,
        contact=placed.contact,
        hold=placed,
        reason=placed.reason.code,
        consent=placed.consent,
        until=placed.until,
        pauses=placed.pauses_resolution,
        extends=placed.extends_id,
        assignee=ticket.assignee_id,
        approval=approval,
        named=approval.named_id if approval else None,
        entry=placed.announcement_id,
        answers=terms.answers,
    )
    if placed.announcement is not None:
        belongs_to(placed.announcement, event)


def _end(ticket: Ticket, ending: Hold, outcome: str, *, by: User | None, at: datetime, status: str | None) -> None:
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
        _end(ticket, ending, outcome, by=by, at=at, status=status)
    return ending


def _escalate_if_broken(ticket: Ticket, ended: Hold, *, at: datetime) -> None:
    """E1: a broken hold is the supervisor's to know."""
    if ended.outcome == Outcome.BROKEN and ticket.is_active and not ticket.is_trouble:
        escalating.escalate(ticket, by=None, reason=EscalationReason.Reason.HOLD_BROKEN, at=at)
        copy_back(locked(ticket), ticket)
