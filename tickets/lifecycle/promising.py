"""Promises to customers: made, kept, renewed, released, broken (T8)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Malformed, Refused
from common.text import clean_line
from customers.models import Person
from events.values import many
from staff import hours
from tickets.lifecycle._ground import Actor, change, copy_back, locked, moment, tell
from tickets.models import Contact, Promise, Ticket
from tickets.policy import promising as policy
from tickets.values import PROMISE_LONGEST_DAYS, PROMISE_REMINDER_SECONDS

TEXT_LIMIT = 300


@transaction.atomic
def promise(
    ticket: Ticket,
    *,
    by: User | None,
    kind: str,
    due_at: datetime,
    text: str = "",
    contact: Contact | None = None,
    owner: User | None = None,
    at: datetime | None = None,
) -> Promise:
    """Promise the customer something by ``due_at``; ``owner`` (else ``by``) keeps it and is reminded before (T8).

    ``by`` None is the desk itself, which names an owner. The text is at most 300 characters.
    """
    given, ticket, now = ticket, locked(ticket), moment(at)
    policy.may_promise(by, ticket).demand()
    owner = owner or by
    policy.may_own_promise(owner, ticket).demand()
    assert owner is not None  # the policy said so
    if kind not in Promise.Kind.values:
        raise Malformed(_("Say what was promised."), code="kind_unknown", rule="T8", field="kind")
    text = clean_line(text, TEXT_LIMIT, field="text")

    made = _make(ticket, by=by, owner=owner, kind=kind, due_at=due_at, text=text, contact=contact, at=now)
    change(ticket)
    tell(
        ticket, "promised", by=by, at=now, contact=contact, promise=made, promise_kind=str(kind), due_at=due_at,
        owner=owner,
    )  # fmt: skip
    copy_back(ticket, given)
    return made


@transaction.atomic
def keep_promise(promise: Promise, *, by: User, contact: Contact | None = None, at: datetime | None = None) -> Promise:
    """It was done: *kept* by its time, *late* after it; one working day after it is too late (T8)."""
    ticket, row = _locked(promise)
    now = moment(at)
    policy.may_settle(by, row, ticket).demand()
    if now >= row.break_at:
        raise Refused(
            _("This promise is broken: it was not kept one working day after its time."),
            code="promise_broken",
            rule="T8",
        )
    _settle(row, Promise.Status.KEPT if now <= row.due_at else Promise.Status.LATE, by=by, at=now)
    change(ticket)
    _tell(ticket, "promise_kept", row, by=by, at=now, contact=contact)
    return row


@transaction.atomic
def renew_promise(
    promise: Promise, *, by: User, due_at: datetime, contact: Contact | None = None, at: datetime | None = None
) -> Promise:
    """A new time, agreed with the customer before the old one: the old promise is neither kept nor broken (T8)."""
    ticket, row = _locked(promise)
    now = moment(at)
    policy.may_renew(by, row, ticket, contact=contact, at=now).demand()

    renewed = _make(
        ticket, by=by, owner=row.owner, kind=row.kind, due_at=due_at, text=row.text, contact=contact, at=now, renews=row
    )  # fmt: skip
    _settle(row, Promise.Status.RENEWED, by=by, at=now)
    change(ticket)
    tell(
        ticket, "promise_renewed", by=by, at=now, contact=contact, promise=renewed, renews=row, due_at=due_at,
        due_before=row.due_at, owner=row.owner_id,
    )  # fmt: skip
    return renewed


@transaction.atomic
def release_promise(
    promise: Promise, *, by: User | Person, contact: Contact | None = None, at: datetime | None = None
) -> Promise:
    """The customer needs it no longer: they say so themselves, or staff name the contact in which they did (T8).

    Without a contact, a message of theirs since the promise was made counts.
    """
    ticket, row = _locked(promise)
    now = moment(at)
    policy.may_release(by, row, ticket, contact=contact).demand()
    _settle(row, Promise.Status.RELEASED, by=by, at=now)
    change(ticket)
    _tell(ticket, "promise_released", row, by=by, at=now, contact=contact)
    return row


@transaction.atomic
def take_promise(promise: Promise, *, by: User, at: datetime | None = None) -> Promise:
    """A colleague takes a promise over; until then it stays with who made it (X6)."""
    ticket, row = _locked(promise)
    now = moment(at)
    policy.may_settle(by, row, ticket).demand()
    policy.may_own_promise(by, ticket).demand()
    if row.owner_id == by.pk:
        raise Refused(_("This promise is yours already."), code="already_yours", rule="X6")
    before = row.owner_id
    row.owner, row.reminded_at = by, None
    row.save(update_fields=["owner", "reminded_at"])
    change(ticket)
    tell(ticket, "promise_taken", by=by, at=now, promise=row, owner=by, owner_before=before, due_at=row.due_at)
    return row


@transaction.atomic
def break_promise(promise: Promise, *, by: User | None = None, at: datetime | None = None) -> Promise:
    """Not kept one working day after its time, or at closure: broken (T8). Settled as of that moment, however late."""
    ticket, row = _locked(promise)
    now = moment(at)
    policy.may_break(by, row, ticket, at=now).demand()
    _break(ticket, row, by=by, at=min(now, row.break_at))
    change(ticket)
    return row


@transaction.atomic
def break_due_promise(promise_id: int, at: datetime) -> bool:
    """Break a promise whose last hour has passed; False when there is nothing to break, so it may be called twice."""
    due = Promise.objects.filter(pk=promise_id, status=Promise.Status.OPEN, break_at__lte=at)
    row = due.first()
    if row is None:
        return False
    ticket, row = _locked(row)
    if row.status != Promise.Status.OPEN or row.break_at > at:
        return False
    _break(ticket, row, by=None, at=row.break_at)
    change(ticket)
    return True


def break_promises_at_closure(ticket: Ticket, *, at: datetime) -> list[Promise]:
    """What is open at closure is broken, unless it was said to outlive the ticket (T8, T12). ``ticket`` is locked."""
    rows = Promise.objects.select_for_update(of=("self",)).filter(
        ticket=ticket, status=Promise.Status.OPEN, outlives_ticket=False
    )
    broken = list(rows.order_by("pk"))
    for row in broken:
        _break(ticket, row, by=None, at=at)
    return broken


def open_promises(ticket: Ticket) -> list[Promise]:
    """What resolving asks about (T12), the first due first."""
    return list(ticket.promises.filter(status=Promise.Status.OPEN).select_related("owner").order_by("due_at", "pk"))


def _make(
    ticket: Ticket,
    *,
    by: User | None,
    owner: User,
    kind: str,
    due_at: datetime,
    text: str,
    contact: Contact | None,
    at: datetime,
    renews: Promise | None = None,
) -> Promise:
    limits = many(PROMISE_LONGEST_DAYS, PROMISE_REMINDER_SECONDS)
    if due_at.tzinfo is None:
        raise Malformed(_("Give the time with its zone."), code="bad_time", rule="T8", field="due_at")
    if due_at <= at:
        raise Refused(_("A promise is for the future."), code="promise_in_the_past", rule="T8", field="due_at")
    if due_at > at + timedelta(days=limits[PROMISE_LONGEST_DAYS]):
        raise Refused(
            _("Promise nothing further away than %(days)d days.") % {"days": limits[PROMISE_LONGEST_DAYS]},
            code="promise_too_far",
            rule="T8",
            field="due_at",
        )
    return Promise.objects.create(
        ticket=ticket,
        contact=contact,
        kind=kind,
        text=text,
        made_by=by,
        owner=owner,
        made_at=at,
        due_at=due_at,
        remind_at=remind_at(at, due_at, limits[PROMISE_REMINDER_SECONDS]),
        break_at=hours.for_team(ticket.team).add_working_days(due_at, 1),
        renews=renews,
    )


def remind_at(made_at: datetime, due_at: datetime, lead_seconds: int) -> datetime:
    """The lead before it is due; a promise that is shorter than twice the lead reminds half-way."""
    return max(due_at - timedelta(seconds=lead_seconds), made_at + (due_at - made_at) / 2)


def _locked(promise: Promise) -> tuple[Ticket, Promise]:
    """Its ticket and itself, freshly read; the ticket is locked first, as by every verb."""
    ticket_id = promise.ticket_id
    while True:
        ticket = locked(ticket_id)
        row = Promise.objects.select_for_update(of=("self",)).select_related("owner").get(pk=promise.pk)
        if row.ticket_id == ticket.pk:
            return ticket, row
        ticket_id = row.ticket_id  # it moved in a merge (T11)


def _settle(row: Promise, status: Promise.Status, *, by: Actor, at: datetime) -> None:
    row.status, row.settled_at = status, at
    row.settled_by = by if isinstance(by, User) else None
    row.save(update_fields=["status", "settled_at", "settled_by"])


def _break(ticket: Ticket, row: Promise, *, by: User | None, at: datetime) -> None:
    _settle(row, Promise.Status.BROKEN, by=by, at=at)
    _tell(ticket, "promise_broken", row, by=by, at=at)


def _tell(ticket: Ticket, kind: str, row: Promise, *, by: Actor, at: datetime, contact: Contact | None = None) -> None:
    tell(
        ticket, kind, by=by, at=at, contact=contact, promise=row, status=str(row.status), owner=row.owner_id,
        due_at=row.due_at,
    )  # fmt: skip
