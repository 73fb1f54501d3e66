"""Who may say what a ticket is about, how urgent it is, and whether it is one at all."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import User
from common.verdict import ALLOWED, Verdict, no
from tickets.models import UNCLOSED, Status, Ticket
from tickets.policy.facts import facts
from tickets.policy.working import may_work, may_work_unclosed


def may_describe(user: User, ticket: Ticket) -> Verdict:
    """Priority, type, category, tags, subject: whoever may work on it, until it is closed."""
    return may_work_unclosed(user, ticket)


def may_set_aside(user: User, ticket: Ticket) -> Verdict:
    """Spam or trash: only where nobody waits for anything that was agreed on this ticket."""
    if not (verdict := may_work_unclosed(user, ticket)):
        return verdict
    if ticket.status == Status.ON_HOLD:
        return no(_("End the hold first."), code="hold_running", rule="H3")
    known = facts(ticket)
    if known.transfer_waits:
        return no(_("Take the transfer back first."), code="transfer_running", rule="X3")
    if known.escalation_open:
        return no(_("A supervisor first ends the escalation."), code="escalation_open", rule="E3")
    if known.promise_open:
        return no(_("Settle the open promises first."), code="promises_open", rule="T8")
    return ALLOWED


def may_mark_spam(user: User, ticket: Ticket) -> Verdict:
    """A message that is no need of any customer."""
    return may_set_aside(user, ticket)


def may_unmark_spam(user: User, ticket: Ticket) -> Verdict:
    """It was a need after all."""
    if not (verdict := may_work(user, ticket)):
        return verdict
    if not ticket.is_spam:
        return no(_("This ticket is not marked as spam."), code="not_spam")
    return _not_closed(ticket)


def may_trash(user: User, ticket: Ticket) -> Verdict:
    """Logged by mistake; a legal hold keeps everything (E6)."""
    if not (verdict := may_set_aside(user, ticket)):
        return verdict
    if ticket.legal_hold_since is not None:
        return no(_("A legal hold keeps this ticket."), code="legal_hold", rule="E6")
    return ALLOWED


def may_restore(user: User, ticket: Ticket) -> Verdict:
    """Out of the trash again."""
    if not (verdict := may_work(user, ticket)):
        return verdict
    if ticket.trashed_at is None:
        return no(_("This ticket is not in the trash."), code="not_trashed")
    return _not_closed(ticket)


def _not_closed(ticket: Ticket) -> Verdict:
    if ticket.status not in UNCLOSED:
        return no(_("This ticket is closed: open a new one."), code="closed", rule="T3")
    return ALLOWED
