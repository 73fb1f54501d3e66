"""We think it is met, and the end of a ticket: resolve, reopen, close (T3, T4, T12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Malformed, Refused
from events import values
from tickets import clocks
from tickets.lifecycle import conversation, following, promising, resuming, stepping_in
from tickets.lifecycle._ground import change, copy_back, locked, moment, tell
from tickets.lifecycle._reopening import reopen_locked
from tickets.models import (
    Closure,
    ClosureCause,
    ComplaintStep,
    Contact,
    Entry,
    Escalation,
    Promise,
    Status,
    Ticket,
)
from tickets.policy import closing as policy
from tickets.policy import talking
from tickets.policy.complaints import steps_taken
from tickets.values import CLOSURE_SILENCE_SECONDS

KEPT, RELEASED, OUTLIVE = "kept", "released", "outlive"


@transaction.atomic
def resolve(
    ticket: Ticket,
    *,
    by: User,
    text: str = "",
    html: str = "",
    contact: Contact | None = None,
    promises: Mapping[int, str] | None = None,
    files: Iterable[File[Any]] = (),
    seen: int | None = None,
    at: datetime | None = None,
) -> Closure:
    """We think it is met: ends a hold, settles every open promise, asks the customer (T4, T12).

    ``promises`` says of each open promise by id: ``kept``, ``released`` by the customer, or to ``outlive`` the ticket.
    ``text`` goes to the customer as a reply, with T10's check by ``seen``.
    """
    given, ticket, now = ticket, locked(ticket), moment(at)
    policy.may_resolve(by, ticket).demand()
    talking.unseen_by(by, ticket, seen).demand()
    files = list(files)
    entry: Entry | None = None
    if text or html or files:
        entry = conversation.reply(ticket, by=by, text=text, html=html, contact=contact, files=files, seen=seen, at=now)
    _settle_promises(ticket, by=by, answers=promises or {}, contact=contact, at=now)
    ticket = locked(ticket)
    escalation = _end_what_runs(ticket, by=by, at=now)

    told: dict[str, Any] = {"from": str(ticket.status)}
    change(
        ticket,
        status=Status.RESOLVED,
        resolved_at=now,
        resolved_by=by,
        assignee_id=ticket.assignee_id or by.pk,
        first_agent_id=ticket.first_agent_id or by.pk,
    )
    _note_step(ticket, by=by, at=now)
    clocks.resolve(ticket, at=now, by=by)
    duty = following.follow_up_on_resolve(ticket, at=now)
    closure = Closure.objects.create(
        ticket=ticket,
        asked_at=now,
        asked_by=by,
        silence_at=now + timedelta(seconds=values.get(CLOSURE_SILENCE_SECONDS)),
    )
    tell(
        ticket, "resolved", by=by, at=now, contact=contact,
        closure=closure, entry=entry, escalation=escalation, follow_up=duty, **told,
    )  # fmt: skip
    copy_back(ticket, given)
    return closure


def _end_what_runs(ticket: Ticket, *, by: User, at: datetime) -> Escalation | None:
    """A hold and an escalation end with the need; the escalation that did."""
    if ticket.status == Status.ON_HOLD:
        resuming.end_hold_on_resolve(ticket, by=by, at=at)
    escalation = ticket.escalations.filter(status__in=Escalation.OPEN).first()
    if escalation is not None:
        stepping_in.resolve_escalation(escalation, by=by, at=at)
    return escalation


def _settle_promises(
    ticket: Ticket, *, by: User, answers: Mapping[int, str], contact: Contact | None, at: datetime
) -> None:
    """T12: kept, released or to outlive the ticket; a promise that nobody answered for stops the resolving."""
    answers = {int(pk): answer for pk, answer in answers.items()}
    unknown = set(answers) - set(ticket.promises.values_list("pk", flat=True))
    if unknown or not set(answers.values()) <= {KEPT, RELEASED, OUTLIVE}:
        raise Malformed(
            _("Say of each promise: kept, released, or to outlive the ticket."), code="no_such_answer", field="promises"
        )
    still_open = policy.open_promises(ticket)
    if any(promise.pk not in answers for promise in still_open):
        raise Refused(
            _("What was promised? Say of each open promise: kept, released by the customer, or to outlive the ticket."),
            code="promises_open",
            rule="T12",
            field="promises",
        )
    for promise in still_open:
        answer = answers[promise.pk]
        if answer == KEPT:
            promising.keep_promise(promise, by=by, contact=contact, at=at)
        elif answer == RELEASED:
            promising.release_promise(promise, by=by, contact=contact, at=at)
        else:
            promise.outlives_ticket = True
            promise.save(update_fields=["outlives_ticket"])


def _note_step(ticket: Ticket, *, by: User, at: datetime) -> None:
    """Resolving a complaint is its third step, where the agent did not take it before (T5)."""
    if ticket.is_complaint and ComplaintStep.Step.RESOLVED not in steps_taken(ticket):
        ComplaintStep.objects.create(ticket=ticket, step=ComplaintStep.Step.RESOLVED, taken_by=by, taken_at=at)


@transaction.atomic
def reopen(ticket: Ticket, *, by: User, why: str = "", at: datetime | None = None) -> Ticket:
    """Resolved too soon: ours to act again, with the same agent (T3). ``why`` becomes an internal note."""
    given, ticket, now = ticket, locked(ticket), moment(at)
    policy.may_reopen(by, ticket).demand()
    reopen_locked(ticket, at=now, by=by)
    entry = conversation.add_note(ticket, by=by, text=why, at=now) if why.strip() else None
    ticket = locked(ticket)
    tell(ticket, "reopened", by=by, at=now, assignee=ticket.assignee_id, entry=entry, count=ticket.reopen_count)
    copy_back(ticket, given)
    return given


@transaction.atomic
def close(ticket: Ticket, *, by: User | None, cause: str, at: datetime | None = None) -> Ticket:
    """The end without the customer's answer: spam, or a silence whose time is over (T4)."""
    given, ticket, now = ticket, locked(ticket), moment(at)
    if cause not in ClosureCause.values:
        raise Malformed(_("There is no such cause."), code="no_such_cause", field="cause")
    policy.may_close(by, ticket, cause, now).demand()
    answer = Closure.Answer.SILENCE if cause == ClosureCause.NO_ANSWER else Closure.Answer.WITHDRAWN
    closure = ticket.closures.filter(answer=Closure.Answer.WAITING).first()
    if closure is not None:
        closure.answer, closure.answered_at = answer, now
        closure.save(update_fields=["answer", "answered_at"])
    if ticket.status != Status.RESOLVED:
        clocks.cancel(ticket, at=now)
    end(ticket, cause=cause, at=now)
    tell(ticket, "closed", by=by, at=now, cause=cause, closure=closure)
    copy_back(ticket, given)
    return given


@transaction.atomic
def close_silent(closure_id: int, at: datetime) -> bool:
    """The customer did not answer in time (T4). Re-checked under the lock; False when there is nothing to close now."""
    ticket_id = Closure.objects.values_list("ticket_id", flat=True).get(pk=closure_id)
    ticket = locked(ticket_id)
    closure = Closure.objects.get(pk=closure_id)
    if closure.answer != Closure.Answer.WAITING or not policy.may_close(None, ticket, ClosureCause.NO_ANSWER, at):
        return False
    close(ticket, by=None, cause=ClosureCause.NO_ANSWER, at=at)
    return True


def end(ticket: Ticket, *, cause: str, at: datetime) -> list[Promise]:
    """A locked ticket becomes ``closed``; what was promised and not kept until now is broken (T8). Writes no event."""
    broken = promising.break_promises_at_closure(ticket, at=at)
    change(ticket, status=Status.CLOSED, closed_at=at, closure_cause=cause)
    return broken
