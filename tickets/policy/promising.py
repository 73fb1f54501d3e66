"""Who may promise something to a customer, and who may say what came of it (T8)."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.clock import format_when
from common.verdict import ALLOWED, Verdict, no
from customers.models import Person
from tickets.models import Contact, Entry, Participant, Promise, Status, Ticket
from tickets.policy.working import may_work, may_work_unclosed


def may_promise(user: User | None, ticket: Ticket) -> Verdict:
    """Staff who may work on a ticket that is not closed; None is the desk itself (E5)."""
    if user is not None:
        return may_work_unclosed(user, ticket)
    if ticket.status == Status.CLOSED:
        return no(_("This ticket is closed: open a follow-up ticket instead."), code="closed", rule="T3")
    return ALLOWED


def may_own_promise(user: User | None, ticket: Ticket) -> Verdict:
    """A promise is kept by staff; never by the customer it was made to."""
    if user is None:
        return no(_("Say who keeps the promise."), code="owner_missing", rule="T8", field="owner")
    if not (verdict := may_work(user, ticket)):
        return no(
            _("%(name)s cannot keep this promise: %(why)s") % {"name": user, "why": verdict.why},
            code="owner_not_possible",
            rule="T8",
            field="owner",
        )
    return ALLOWED


def may_settle(user: User | Person | None, promise: Promise, ticket: Ticket) -> Verdict:
    """Kept, renewed, taken over: by staff who may work on the ticket, once."""
    if promise.status != Promise.Status.OPEN:
        return no(
            _("This promise is settled: %(status)s.") % {"status": promise.get_status_display()},
            code="promise_settled",
            rule="T8",
        )
    if not isinstance(user, User):
        return no(_("Only staff of the desk do this."), code="not_staff", rule="T13")
    return may_work(user, ticket)


def may_break(user: User | None, promise: Promise, ticket: Ticket, *, at: datetime) -> Verdict:
    """One working day after it was due, or at closure unless it was to outlive the ticket; by the desk or by staff."""
    if promise.status != Promise.Status.OPEN:
        return no(_("This promise is settled."), code="promise_settled", rule="T8")
    if user is not None and not (verdict := may_work(user, ticket)):
        return verdict
    if at < promise.break_at and (ticket.status != Status.CLOSED or promise.outlives_ticket):
        return no(
            _("It can still be kept, late or not, until %(when)s.")
            % {"when": format_when(promise.break_at, timezone.get_current_timezone_name(), with_zone=True)},
            code="promise_not_broken",
            rule="T8",
        )
    return ALLOWED


def may_release(user: User | Person, promise: Promise, ticket: Ticket, *, contact: Contact | None) -> Verdict:
    """The customer releases us: by themselves, or staff who say in which contact or message they did."""
    if isinstance(user, Person):
        takes_part = user.pk == ticket.requester_id or Participant.objects.filter(ticket=ticket, person=user).exists()
        if not takes_part:
            return no(_("This promise was not made to you."), code="not_yours", rule="T8")
        settled = promise.status != Promise.Status.OPEN
        return no(_("This promise is settled."), code="promise_settled", rule="T8") if settled else ALLOWED
    if not (verdict := may_settle(user, promise, ticket)):
        return verdict
    if not customer_spoke(promise, ticket, contact):
        return no(
            _("Only the customer releases us from a promise: name the contact in which they did."),
            code="release_without_customer",
            rule="T8",
            field="contact",
        )
    return ALLOWED


def may_renew(user: User, promise: Promise, ticket: Ticket, *, contact: Contact | None, at: datetime) -> Verdict:
    """A new time is agreed with the customer before the old one has passed; else it is late or broken."""
    if not (verdict := may_settle(user, promise, ticket)):
        return verdict
    if at >= promise.due_at:
        return no(_("Its time has passed: keep it late, or make a new promise."), code="promise_overdue", rule="T8")
    if not customer_spoke(promise, ticket, contact):
        return no(
            _("A new time is agreed with the customer: name the contact in which they agreed."),
            code="not_agreed",
            rule="T8",
            field="contact",
        )
    return ALLOWED


def customer_spoke(promise: Promise, ticket: Ticket, contact: Contact | None) -> bool:
    """There was a contact with them, or a message of theirs, since the promise was made."""
    if contact is not None:
        return contact.tickets.filter(pk=ticket.pk).exists() or contact.person_id == ticket.requester_id
    return (
        Entry.objects.public()
        .filter(ticket=ticket, author_person__isnull=False, is_automatic=False, happened_at__gte=promise.made_at)
        .exists()
    )
