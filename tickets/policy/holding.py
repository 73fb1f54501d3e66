"""Who may let a customer wait, on what consent, and for how long (H1, H2, T3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from common.kept import Kept
from common.verdict import ALLOWED, Verdict, no
from events.values import many
from staff import hours
from tickets.models import ACTIVE, Channel, Consent, Contact, Entry, Hold, HoldReason, Ticket
from tickets.policy.facts import facts, merged_with
from tickets.policy.working import may_work_unclosed
from tickets.values import HOLD_LONGEST_DAYS, HOLD_LONGEST_DESK, HOLD_LONGEST_PHONE

HOLDS_WITHOUT_APPROVAL = 2
"""H4: what comes after the second hold on one ticket needs a supervisor."""

OFFERS = {"hold": ("resolve", "promise", "escalate"), "transfer": ("promise", "escalate")}
"""What is left when the customer said no (H5; fine print of X)."""


def may_hold(user: User, ticket: Ticket) -> Verdict:
    """On a ticket that is ours to act on, with no hold running and no transfer waiting (T3; fine print of X)."""
    if not (verdict := _may_place(user, ticket)):
        return verdict
    if facts(ticket).hold_runs:
        return no(_("The customer waits already: a longer hold is a new hold."), code="already_on_hold", rule="H4")
    return ALLOWED


def may_extend_hold(user: User, ticket: Ticket) -> Verdict:
    """A hold runs; the longer one is a new hold and needs all that a hold needs (H4)."""
    if not (verdict := _may_place(user, ticket)):
        return verdict
    if not facts(ticket).hold_runs:
        return no(_("No hold is running on this ticket."), code="not_on_hold", rule="H4")
    return ALLOWED


def may_resume(user: User, ticket: Ticket) -> Verdict:
    """Whoever may work on the ticket may take it up before its time."""
    if not (verdict := may_work_unclosed(user, ticket)):
        return verdict
    if not facts(ticket).hold_runs:
        return no(_("No hold is running on this ticket."), code="not_on_hold", rule="H3")
    return ALLOWED


def may_refuse_consent(user: User, ticket: Ticket) -> Verdict:
    """Whoever may work on a ticket that is still to be met records what its customer refused (H5)."""
    if not (verdict := may_work_unclosed(user, ticket)):
        return verdict
    if ticket.status not in ACTIVE:
        return no(_("This ticket is resolved; reopen it first."), code="resolved", rule="T3")
    return ALLOWED


def running(ticket: Ticket) -> Hold | None:
    """The hold that has not ended."""
    return ticket.holds.filter(ended_at=None).first()


def needs_approval(ticket: Ticket) -> bool:
    """H4: two holds were placed on this case before, also on tickets that were merged into it."""
    return len(_PLACED.rows(ticket.pk)) >= HOLDS_WITHOUT_APPROVAL


def _placed(ticket_id: int) -> QuerySet[Any, Any]:
    """As many holds of the case as make a difference."""
    rows = Hold.objects.filter(ticket__in=merged_with(ticket_id)).order_by()
    return rows.values_list("pk")[:HOLDS_WITHOUT_APPROVAL]


_PLACED = Kept(_placed)


def consent_suffices(ticket: Ticket, *, contact: Contact | None, consent: str, entry: Entry | None) -> Verdict:
    """H1: in a live contact they were asked and agreed; in writing they are told, or agreed in a message."""
    if consent == Consent.REFUSED:
        return no(
            _("The customer refused: solve it now, promise a call back, or escalate."),
            code="consent_refused",
            rule="H5",
            field="consent",
            offers=OFFERS["hold"],
        )
    if contact is not None and contact.is_live:
        if consent != Consent.GIVEN:
            return no(
                _("Ask the customer before you put them on hold."), code="consent_missing", rule="H1", field="consent"
            )
        return ALLOWED
    if consent == Consent.TOLD:
        return ALLOWED
    if consent != Consent.WRITTEN:
        return no(
            _("Nobody is on the line to agree: tell the customer in writing."),
            code="consent_not_live",
            rule="H1",
            field="consent",
        )
    if entry is None or not _is_their_word(entry, ticket):
        return no(
            _("Name the message in which the customer asked for the wait or agreed to it."),
            code="consent_entry_missing",
            rule="H6",
            field="consent_entry",
        )
    return ALLOWED


def stops_the_clock(reason: HoldReason, *, live: bool, consent: str) -> bool:
    """H6: the reason lies with the customer and they agreed; a notice alone never pauses."""
    agreed = consent == (Consent.GIVEN if live else Consent.WRITTEN)
    return agreed and reason.side == HoldReason.Side.CUSTOMER


def longest_hold(ticket: Ticket, contact: Contact | None, at: datetime) -> datetime:
    """H2: minutes on the phone, half an hour at a desk or in a chat, else working days of the ticket's team."""
    limits = many(HOLD_LONGEST_PHONE, HOLD_LONGEST_DESK, HOLD_LONGEST_DAYS)
    if contact is not None and contact.is_live:
        key = HOLD_LONGEST_PHONE if contact.channel == Channel.PHONE else HOLD_LONGEST_DESK
        return at + timedelta(seconds=limits[key])
    return hours.for_team(ticket.team).add_working_days(at, limits[HOLD_LONGEST_DAYS])


def _may_place(user: User, ticket: Ticket) -> Verdict:
    if not (verdict := may_work_unclosed(user, ticket)):
        return verdict
    if ticket.status not in ACTIVE:
        return no(_("This ticket is resolved: nobody waits for us."), code="resolved", rule="T3")
    if facts(ticket).transfer_waits:
        return no(_("It is being transferred: no new hold until that is settled."), code="transfer_running", rule="X3")
    return ALLOWED


def _is_their_word(entry: Entry, ticket: Ticket) -> bool:
    return (
        entry.ticket_id == ticket.pk
        and entry.author_person_id is not None
        and entry.visibility == Entry.Visibility.PUBLIC
        and not entry.is_automatic
        and entry.undone_at is None
    )
