"""What a hold was agreed on: with whom, why, on which consent, until when; checked against H1 and H2."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.clock import format_when
from common.errors import Malformed, Refused
from common.text import clean_text
from tickets.lifecycle._parts import are_own_words, speaking_to
from tickets.models import Consent, Contact, Entry, Hold, HoldReason, Participant, Ticket
from tickets.policy import holding as policy

LONGEST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed with the customer, checked against H1 and H2."""

    contact: Contact | None
    reason: HoldReason
    consent: str
    consent_entry: Entry | None
    until: datetime
    text: str
    named_supervisor: User | None
    answers: bool

    @property
    def live(self) -> bool:
        """Made while one speaks with the customer; else the written rule applies, whatever the ticket's channel."""
        return self.contact is not None and self.contact.is_live

    @property
    def agreed_by(self) -> int | None:
        """Who consented: whoever is on the line, or who wrote the message; nobody when they were only told."""
        if self.live and self.contact is not None:
            return self.contact.person_id
        return self.consent_entry.author_person_id if self.consent_entry else None


def agreed_terms(
    ticket: Ticket,
    contact: Contact | None,
    reason: HoldReason | str,
    consent: str,
    consent_entry: Entry | None,
    until: datetime,
    text: str,
    named_supervisor: User | None,
    at: datetime,
) -> Terms:
    """The terms of a new hold, or the refusal of H1, H2, H4 or H5; writes nothing of the ticket."""
    if isinstance(reason, str):
        reason = HoldReason.objects.filter(code=reason).first() or HoldReason(is_active=False)
    if not reason.is_active:
        raise Malformed(_("Choose why the customer has to wait."), code="reason_unknown", rule="H2", field="reason")
    if consent not in Consent.values:
        raise Malformed(_("Say how the customer agreed."), code="consent_unknown", rule="H1", field="consent")
    contact = contact_with(ticket, contact)
    policy.consent_suffices(ticket, contact=contact, consent=consent, entry=consent_entry).demand()
    entry = consent_entry if consent == Consent.WRITTEN else None
    if entry is not None and Hold.objects.filter(consent_entry=entry).exists():
        raise Refused(
            _("That message agreed to an earlier hold: a new hold needs new consent."),
            code="consent_used",
            rule="H4",
            field="consent_entry",
        )
    _check_time(ticket, contact, until, at)
    words = clean_text(text, LONGEST_TEXT, field="text")
    live = contact is not None and contact.is_live
    is_answer = not live and _answers(ticket, entry, words, announcement(ticket, reason, until))
    return Terms(contact, reason, str(consent), entry, until, words, named_supervisor, is_answer)


def _check_time(ticket: Ticket, contact: Contact | None, until: datetime, at: datetime) -> None:
    if until.tzinfo is None:
        raise Malformed(_("Give the time with its zone."), code="bad_time", rule="H2", field="until")
    if until <= at:
        raise Refused(_("A hold ends in the future."), code="hold_in_the_past", rule="H2", field="until")
    longest = policy.longest_hold(ticket, contact, at)
    if until > longest:
        raise Refused(
            _("That is too long: a hold here ends by %(when)s at the latest.")
            % {"when": format_when(longest, timezone.get_current_timezone_name(), with_zone=True)},
            code="hold_too_long",
            rule="H2",
            field="until",
        )


def contact_with(ticket: Ticket, contact: Contact | None) -> Contact | None:
    """The contact as it is now (it may have ended), which must be with a customer of this ticket."""
    if contact is None:
        return None
    contact = Contact.objects.select_related("person").get(pk=contact.pk)
    if contact.tickets.filter(pk=ticket.pk).exists():
        return contact
    is_theirs = (
        contact.person_id == ticket.requester_id
        or Participant.objects.filter(ticket=ticket, person_id=contact.person_id).exists()
    )
    if not is_theirs:
        raise Refused(
            _("This contact was with somebody else: it says nothing about this ticket."),
            code="contact_of_another",
            rule="H1",
            field="contact",
        )
    contact.tickets.add(ticket)
    return contact


def _answers(ticket: Ticket, asked: Entry | None, words: str, usual: str) -> bool:
    """Does what is written to the customer answer them (S3)? Words of a person's own do.

    The usual ones do where all that they wrote since the last answer is the message that asks for the wait.
    """
    if asked is not None and asked.happened_at == ticket.unanswered_since == ticket.last_customer_at:
        return True
    return are_own_words(words, usual)


def announcement(ticket: Ticket, reason: HoldReason, until: datetime) -> str:
    """The pre-filled words of H7, in the customer's language, the time on the customer's clock."""
    person = ticket.requester
    with speaking_to(ticket):
        why = _(reason.say or reason.name)
        when = format_when(until, person.time_zone or settings.TIME_ZONE, with_zone=True)
        return _(
            "Dear %(name)s,\n\nyour request #%(number)s has to wait: %(why)s. "
            "You hear from us by %(when)s at the latest."
        ) % {"name": person.greeting_name, "number": ticket.number, "why": why, "when": when}
