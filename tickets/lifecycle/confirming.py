"""Closure comes from the customer's end: solved, not solved, and taking the answer back (T4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import Malformed, Refused
from common.text import clean_text, snippet
from customers.models import Person
from events import values
from tickets.lifecycle import _snapshots, conversation, following, stepping_in
from tickets.lifecycle._ground import Actor, change, copy_back, locked, moment, tell
from tickets.lifecycle._parts import PREVIEW_LIMIT
from tickets.lifecycle._reopening import escalate_if_again, reopen_locked
from tickets.lifecycle.closing import end
from tickets.models import (
    Channel,
    Closure,
    ClosureCause,
    ComplaintStep,
    Contact,
    Entry,
    Escalation,
    FollowUp,
    Promise,
    Status,
    Ticket,
)
from tickets.policy import closing as policy
from tickets.values import CLOSURE_UNDO_SECONDS

Answer = Closure.Answer


@transaction.atomic
def confirm(
    ticket: Ticket,
    *,
    by: Actor,
    solved: bool,
    via: str,
    why: str = "",
    contact: Contact | None = None,
    at: datetime | None = None,
) -> Closure:
    """The customer's answer: solved closes; not solved reopens with the same agent, the second time escalates (T4).

    ``by`` is the customer (link, portal, message) or who of staff heard it (phone, in person). The same answer twice
    changes nothing; another answer is refused until the first is taken back.
    """
    given, ticket, now = ticket, locked(ticket), moment(at)
    if via not in Closure.Via.values:
        raise Malformed(_("There is no such way to answer."), code="no_such_way", field="via")
    policy.may_confirm(by, ticket, via).demand()
    why = clean_text(why, 20_000, field="why")
    closure = ticket.closures.filter(answer=Answer.WAITING).first()
    if closure is None or ticket.status != Status.RESOLVED:
        return _answered_before(ticket, solved)

    closure.before = {
        "ticket": _snapshots.state_of(ticket),
        "clocks": _snapshots.clocks_of(ticket),
        "follow_ups": [_snapshots.row_of(duty) for duty in ticket.follow_ups.filter(status__in=following.OPEN)],
        "steps": sorted(ticket.complaint_steps.filter(dropped_at=None).values_list("pk", flat=True)),
        "silence_at": closure.silence_at.isoformat() if closure.silence_at else None,
    }
    closure.answer = Answer.SOLVED if solved else Answer.NOT_SOLVED
    closure.via, closure.why, closure.answered_at = via, why, now
    closure.answered_by = by if isinstance(by, Person) else (contact.person if contact else ticket.requester)
    closure.recorded_by = None if isinstance(by, Person) else by
    closure.undo_until = now + timedelta(seconds=values.get(CLOSURE_UNDO_SECONDS))
    closure.save(
        update_fields=["before", "answer", "via", "why", "answered_at", "answered_by", "recorded_by", "undo_until"]
    )
    done = _solved if solved else _not_solved
    closure.before |= done(ticket, closure, by=by, contact=contact, at=now)
    closure.before["event_seq"] = locked(ticket).event_seq
    closure.save(update_fields=["before"])
    copy_back(locked(ticket), given)
    return closure


def _answered_before(ticket: Ticket, solved: bool) -> Closure:
    last = ticket.closures.order_by("-asked_at", "-pk").first()
    if last is None:
        raise Refused(_("We have not asked yet whether this is solved."), code="not_asked", rule="T4")
    if last.answer == (Answer.SOLVED if solved else Answer.NOT_SOLVED):
        return last
    if last.answer in (Answer.SOLVED, Answer.NOT_SOLVED):
        raise Refused(
            _("This was answered otherwise already. Take that answer back first."), code="already_answered", rule="T4"
        )
    if last.answer == Answer.SILENCE:
        raise Refused(
            _("This ticket was closed because no answer came. Write to us, and we open a follow-up."),
            code="closed_by_silence",
            rule="T4",
        )
    raise Refused(_("We are working on this again and ask you later."), code="no_longer_asked", rule="T4")


def _solved(ticket: Ticket, closure: Closure, *, by: Actor, contact: Contact | None, at: datetime) -> dict[str, Any]:
    by_phone = closure.via in policy.BY_STAFF
    cause = ClosureCause.CONFIRMED_BY_PHONE if by_phone else ClosureCause.CONFIRMED
    broken = end(ticket, cause=cause, at=at)
    following.follow_up_on_confirm(ticket, at=at)
    tell(
        ticket,
        "confirmed",
        by=by,
        at=at,
        contact=contact,
        on_behalf_of=closure.answered_by if by_phone else None,
        closure=closure,
        via=closure.via,
        undo_until=closure.undo_until,
    )
    return {"promises_broken": [promise.pk for promise in broken]}


def _not_solved(
    ticket: Ticket, closure: Closure, *, by: Actor, contact: Contact | None, at: datetime
) -> dict[str, Any]:
    reopen_locked(ticket, at=at, by=by)
    change(ticket, refused_count=ticket.refused_count + 1)
    tell(
        ticket,
        "refused",
        by=by,
        at=at,
        contact=contact,
        on_behalf_of=closure.answered_by if closure.recorded_by_id else None,
        closure=closure,
        via=closure.via,
        assignee=ticket.assignee_id,
        count=ticket.refused_count,
    )
    said: Entry | None = None
    if closure.why and isinstance(by, Person):
        said = conversation.receive(ticket, person=by, text=closure.why, channel=Channel.WEB, at=at)
    open_before = set(ticket.escalations.filter(status__in=Escalation.OPEN).values_list("pk", flat=True))
    raised = escalate_if_again(locked(ticket), at=at)
    return {
        "entry": said.pk if said else None,
        "escalation": raised.pk if raised and raised.pk not in open_before else None,
    }


@transaction.atomic
def undo_confirmation(closure: Closure, *, by: Actor, at: datetime | None = None) -> Closure:
    """Within an hour the answer can be taken back: everything is as it was before it, and we ask again (T4)."""
    now = moment(at)
    ticket = locked(closure.ticket_id)
    closure = Closure.objects.get(pk=closure.pk)
    closure.ticket = ticket
    policy.may_undo(by, closure).demand()
    if closure.answer == Answer.WAITING and closure.undone_at is not None:
        return closure
    _may_still_undo(ticket, closure, now)

    before, was = closure.before, closure.answer
    change(ticket, **_snapshots.fields_from(before["ticket"]))
    _give_back_parts(ticket, before, now)
    closure.answer, closure.via, closure.why = Answer.WAITING, "", ""
    closure.answered_at = closure.answered_by = closure.recorded_by = closure.undo_until = None
    closure.silence_at = datetime.fromisoformat(before["silence_at"]) if before["silence_at"] else None
    closure.undone_at, closure.before = now, {}
    closure.save(
        update_fields=[
            "answer", "via", "why", "answered_at", "answered_by", "recorded_by", "undo_until", "silence_at",
            "undone_at", "before",
        ]
    )  # fmt: skip
    tell(ticket, "confirmation_undone", by=by, at=now, closure=closure, answer=was)
    return closure


def _may_still_undo(ticket: Ticket, closure: Closure, now: datetime) -> None:
    if closure.answer not in (Answer.SOLVED, Answer.NOT_SOLVED):
        raise Refused(_("There is no answer to take back."), code="not_answered", rule="T4")
    if closure.undo_until is None or now > closure.undo_until:
        raise Refused(
            _("The time to take the answer back is over. Write to us, and we go on."), code="too_late", rule="T4"
        )
    stands = closure.answer == Answer.SOLVED or ticket.event_seq == closure.before.get("event_seq")
    if ticket.status != (Status.CLOSED if closure.answer == Answer.SOLVED else Status.OPEN) or not stands:
        raise Refused(
            _("We have begun to work on this again. Write to us if there is nothing left to do."),
            code="moved_on",
            rule="T4",
        )


def _give_back_parts(ticket: Ticket, before: dict[str, Any], now: datetime) -> None:
    """Clocks, follow-up, complaint steps and promises as the answer found them; what it set off ends."""
    _snapshots.give_back_clocks(ticket, before["clocks"], at=now)
    for row in before["follow_ups"]:
        values_before = {f.attname: f.to_python(row[f.attname]) for f in FollowUp._meta.concrete_fields}
        FollowUp.objects.filter(pk=row["id"]).update(**values_before)
    ComplaintStep.objects.filter(pk__in=before["steps"]).update(dropped_at=None)
    Promise.objects.filter(pk__in=before.get("promises_broken", [])).update(
        status=Promise.Status.OPEN, settled_at=None, settled_by=None
    )
    if before.get("entry"):
        Entry.objects.filter(pk=before["entry"]).update(undone_at=now)
        last = ticket.entries.public().filter(is_automatic=False).last()
        change(ticket, preview=snippet(last.text, PREVIEW_LIMIT) if last else "")
    if before.get("escalation"):
        _end_escalation(before["escalation"], now)


def _end_escalation(escalation_id: int, now: datetime) -> None:
    escalation = Escalation.objects.select_related("promise").get(pk=escalation_id)
    stepping_in.resolve_escalation(escalation, by=None, at=now)
    if escalation.promise is not None and escalation.promise.status == Promise.Status.OPEN:
        promise = escalation.promise
        promise.status, promise.settled_at = Promise.Status.RELEASED, now
        promise.save(update_fields=["status", "settled_at"])
