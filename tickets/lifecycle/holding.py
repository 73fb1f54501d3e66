"""Letting a customer wait, with their knowledge and until a promised time (H1-H7)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Malformed, Refused
from events.models import Approval
from tickets import clocks
from tickets.lifecycle._ground import change, copy_back, locked, moment, tell
from tickets.lifecycle._hold_terms import Terms, agreed_terms, announcement, contact_with
from tickets.lifecycle._parts import belongs_to
from tickets.lifecycle.approving import demand_approval
from tickets.lifecycle.conversation import write_public
from tickets.lifecycle.resuming import end, running_hold
from tickets.models import (
    ClockPause,
    Consent,
    ConsentRefusal,
    Contact,
    Entry,
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
    old = running_hold(ticket)
    if now >= old.until:
        raise Refused(_("The promised time has passed: take the ticket up again first."), code="hold_over", rule="H3")
    terms = agreed_terms(ticket, contact, reason, consent, consent_entry, until, text, named_supervisor, now)
    if until <= old.until:
        raise Refused(
            _("A longer hold ends later than the one that runs."), code="hold_not_longer", rule="H4", field="until"
        )
    approval = _approval(ticket, terms, by=by, at=now)
    end(ticket, old, Outcome.EXTENDED, by=by, at=now, status=None)
    placed = _place(ticket, terms, by=by, at=now, approval=approval, extends=old)
    _tell_placed(ticket, "hold_extended", placed, terms, by=by, at=now)
    copy_back(ticket, given)
    return placed


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


# --- Writing -------------------------------------------------------------------


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
