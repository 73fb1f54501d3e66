"""Who may say that a ticket is met: staff ask, the customer answers (T4)."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.verdict import ALLOWED, Verdict, no
from customers.models import Person
from tickets.models import (
    Closure,
    ClosureCause,
    ComplaintStep,
    Participant,
    Promise,
    Status,
    Ticket,
)
from tickets.policy.complaints import steps_taken
from tickets.policy.facts import facts
from tickets.policy.working import may_work, may_work_unclosed

BY_STAFF = (Closure.Via.PHONE, Closure.Via.IN_PERSON)
"""Ways in which a member of staff hears the customer's answer and writes it down."""


def open_promises(ticket: Ticket) -> list[Promise]:
    """What resolving asks about (T12), soonest first; those agreed to outlive the ticket are settled."""
    return list(ticket.promises.filter(status=Promise.Status.OPEN, outlives_ticket=False).order_by("due_at", "pk"))


def may_resolve(user: User, ticket: Ticket) -> Verdict:
    """Refused while a transfer or an approval is open (T12), before a complaint was confirmed (T5), and to all but the
    owner of an open escalation (fine print of E)."""
    if not (verdict := may_work_unclosed(user, ticket)):
        return verdict
    if ticket.status == Status.RESOLVED:
        return no(_("This ticket is resolved already."), code="resolved", rule="T3")
    known = facts(ticket)
    if known.transfer_waits:
        return no(_("It is being transferred: take that back first."), code="transfer_running", rule="T12")
    if known.approval_waits:
        return no(_("A supervisor has not answered yet: wait for the approval."), code="approval_open", rule="T12")
    if ticket.is_complaint and ComplaintStep.Step.CONFIRMED not in steps_taken(ticket):
        return no(
            _("First say your understanding of the complaint back to the customer."), code="not_confirmed", rule="T5"
        )
    if known.escalation_open and known.escalation_owner_id != user.pk:
        who = User.objects.filter(pk=known.escalation_owner_id or known.escalation_waits_for_id or 0).first()
        named = _("It is escalated: %(name)s takes it and resolves it.") % {"name": who}
        message = named if who else _("It is escalated: take the escalation first.")
        return no(message, code="escalation_open", rule="E3")
    return ALLOWED


def may_reopen(user: User, ticket: Ticket) -> Verdict:
    """Staff reopen what is resolved; after ``closed`` there is a follow-up ticket (T3)."""
    if not (verdict := may_work_unclosed(user, ticket)):
        return verdict
    if ticket.status != Status.RESOLVED:
        return no(_("This ticket is open."), code="not_resolved", rule="T3")
    return ALLOWED


def may_close(user: User | None, ticket: Ticket, cause: str = ClosureCause.SPAM, at: datetime | None = None) -> Verdict:
    """A need is closed by the customer's answer or their silence, never by us alone (T4); spam is no need."""
    if user is not None and not (verdict := may_work(user, ticket)):
        return verdict
    if ticket.status == Status.CLOSED:
        return no(_("This ticket is closed already."), code="closed", rule="T3")
    if cause == ClosureCause.SPAM:
        return ALLOWED if ticket.is_spam else no(_("Mark it as spam first."), code="not_spam", rule="T4", field="cause")
    if cause == ClosureCause.IMPORTED and user is None:
        return ALLOWED
    if cause != ClosureCause.NO_ANSWER:
        return no(_("The customer's answer closes a ticket."), code="customer_decides", rule="T4", field="cause")
    asked = ticket.closures.filter(answer=Closure.Answer.WAITING).first()
    if ticket.status != Status.RESOLVED or asked is None:
        return no(_("Resolve it first: that asks the customer."), code="not_resolved", rule="T4")
    if asked.silence_at is None or asked.silence_at > (at or timezone.now()):
        return no(_("The customer still has time to answer."), code="too_early", rule="T4")
    return may_close_by_silence(ticket)


def may_close_by_silence(ticket: Ticket) -> Verdict:
    """Silence closes nothing while somebody still has to ask (X5) or to step in (E)."""
    if facts(ticket).follow_up_due:
        return no(_("The customer is still to be asked: a follow-up is due."), code="follow_up_due", rule="X5")
    if facts(ticket).escalation_open:
        return no(_("Somebody more senior is asked to step in."), code="escalation_open", rule="E3")
    return ALLOWED


def may_confirm(by: User | Person | None, ticket: Ticket, via: str) -> Verdict:
    """The customer answers by link, portal or message; on the phone and in person staff write the answer down."""
    if isinstance(by, Person):
        if via in BY_STAFF:
            return no(_("Our staff write down what was said."), code="wrong_way", rule="T4", field="via")
        return ALLOWED if is_customer_of(by, ticket) else _not_yours()
    if via not in BY_STAFF:
        return no(_("The customer answers this themselves."), code="wrong_way", rule="T4", field="via")
    return may_work(by, ticket)  # type: ignore[arg-type]


def may_undo(by: User | Person | None, closure: Closure) -> Verdict:
    """Who answered may take it back, or staff for them."""
    if isinstance(by, Person):
        return ALLOWED if is_customer_of(by, closure.ticket) else _not_yours()
    return may_work(by, closure.ticket)  # type: ignore[arg-type]


def is_customer_of(person: Person, ticket: Ticket) -> bool:
    """The requester, or the person on whose behalf they wrote; a merged record counts as who it became."""
    known = {person.pk, person.merged_into_id or person.pk}
    if known & {ticket.requester_id, ticket.requester.merged_into_id}:
        return True
    return ticket.participants.filter(role=Participant.Role.ON_BEHALF_OF, person_id__in=known).exists()


def _not_yours() -> Verdict:
    return no(_("Only the customer of this ticket answers this."), code="not_yours", rule="T13")
