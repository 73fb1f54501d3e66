"""Asking somebody more senior, or who knows better, to step in (E1-E5, E9)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.clock import format_when
from common.errors import Malformed, Refused
from common.text import clean_text
from customers.models import Person
from events import values
from staff import hours
from staff.access import chain, supervisors_of
from staff.models import Team
from tickets.lifecycle._ground import Actor, change, locked, moment, tell
from tickets.lifecycle._parts import speaking_to
from tickets.models import Entry, Escalation, EscalationReason, Promise, Ticket
from tickets.policy import escalating as policy
from tickets.values import ESCALATION_ANSWER_SECONDS, ESCALATION_CLIMB_SECONDS

NOTE_LIMIT = 5000
SILENT = (EscalationReason.Reason.SLA_RISK,)
"""Reasons that are ours alone: the customer is not told of them (E5)."""


@transaction.atomic
def escalate(
    ticket: Ticket,
    *,
    by: Actor,
    reason: str,
    kind: str = Escalation.Kind.HIERARCHICAL,
    note: str = "",
    to_team: Team | None = None,
    answer_by: datetime | None = None,
    at: datetime | None = None,
) -> Escalation:
    """Ask for somebody to step in; a further reason joins the open escalation (E1, E2).

    ``by`` None is the desk itself. The customer is told by when they hear back, ``answer_by`` or the setting (E5).
    """
    now = moment(at)
    ticket = locked(ticket)
    _allowed(ticket, by)
    if reason not in EscalationReason.Reason.values:
        raise Malformed(_("Choose why somebody should step in."), code="reason_unknown", rule="E1", field="reason")
    if kind == Escalation.Kind.FUNCTIONAL and to_team is None:
        raise Refused(_("Say which team has the expertise."), code="team_missing", rule="E2", field="to_team")
    words = clean_text(note, NOTE_LIMIT)
    running = ticket.escalations.filter(status__in=Escalation.OPEN).first()
    if running is not None:
        return _join(ticket, running, by=by, reason=reason, note=words, at=now)

    target = to_team if kind == Escalation.Kind.FUNCTIONAL else None
    raised, entry = _raise(ticket, by=by, reason=reason, kind=kind, target=target, answer_by=answer_by, at=now)
    _add_reason(raised, by=by, reason=reason, note=words, at=now)
    change(ticket)
    nobody_yet = raised.waits_for is None
    tell(
        ticket, "escalated", by=by, at=now,
        escalation=raised, reason=reason, kind=kind, level=raised.level, waits_for=raised.waits_for,
        promise=raised.promise, entry=entry,
        told=[user.pk for user in chain(target or ticket.team)] if nobody_yet else [],
    )  # fmt: skip
    return raised


def _raise(
    ticket: Ticket, *, by: Actor, reason: str, kind: str, target: Team | None, answer_by: datetime | None, at: datetime
) -> tuple[Escalation, Entry | None]:
    """A new escalation, and what tells the customer of it, unless its reason is ours alone (E5)."""
    raised = Escalation(
        ticket=ticket,
        kind=kind,
        waits_for=_first(ticket, target, skip=_pk(by), at=at),
        target_team=target,
        raised_by=by if isinstance(by, User) else None,
        raised_at=at,
        is_threat=reason in EscalationReason.THREATS,
        assignee_before=ticket.assignee,
    )
    raised.climbs_at = climbs_at(raised, at)
    entry = None
    if reason not in SILENT:
        raised.promise = _promise(ticket, owner=raised.waits_for, made_by=raised.raised_by, due_at=answer_by, at=at)
        entry = _tell_customer(ticket, raised.promise, at=at)
    raised.save(force_insert=True)
    return raised, entry


def _pk(by: Actor) -> int | None:
    return by.pk if isinstance(by, User) else None


def _allowed(ticket: Ticket, by: Actor) -> None:
    if isinstance(by, User):
        policy.may_escalate(by, ticket).demand()
        return
    policy.may_be_escalated(ticket).demand()
    if isinstance(by, Person):
        _once_per_day(ticket)


def _once_per_day(ticket: Ticket) -> None:
    asked = EscalationReason.objects.filter(
        escalation__ticket=ticket,
        reason=EscalationReason.Reason.SENIOR,
        raised_by=None,
        raised_at__gt=moment(None) - timedelta(days=1),
    )
    if asked.exists():
        raise Refused(
            _("You asked for this today already; a supervisor has it. You will hear from us."),
            code="asked_already",
            rule="E9",
        )


def _join(ticket: Ticket, running: Escalation, *, by: Actor, reason: str, note: str, at: datetime) -> Escalation:
    if by is None and running.reasons.filter(reason=reason, raised_by=None).exists():
        return running
    _add_reason(running, by=by, reason=reason, note=note, at=at)
    if reason in EscalationReason.THREATS and not running.is_threat:
        running.is_threat = True
        if running.status == Escalation.Status.WAITING:
            running.climbs_at = min(filter(None, (running.climbs_at, climbs_at(running, at))))
        running.save(update_fields=["is_threat", "climbs_at"])
    change(ticket)
    tell(ticket, "escalation_joined", by=by, at=at, escalation=running, reason=reason, owner=running.owner_id)
    return running


def _add_reason(escalation: Escalation, *, by: Actor, reason: str, note: str, at: datetime) -> None:
    EscalationReason.objects.create(
        escalation=escalation, reason=reason, note=note, raised_by=by if isinstance(by, User) else None, raised_at=at
    )


def _first(ticket: Ticket, target: Team | None, *, skip: int | None, at: datetime) -> User | None:
    found = supervisors_of(target or ticket.team, at=at, skip=(skip,) if skip else ())
    return found[0] if found else None


def climbs_at(escalation: Escalation, at: datetime) -> datetime:
    """E4: working time of the team, but threats run around the clock."""
    seconds = values.get(ESCALATION_CLIMB_SECONDS)
    if escalation.is_threat:
        return at + timedelta(seconds=seconds)
    return hours.for_team(escalation.target_team or escalation.ticket.team).add(at, seconds)


def _promise(
    ticket: Ticket, *, owner: User | None, made_by: User | None, due_at: datetime | None, at: datetime
) -> Promise | None:
    """E5: by when the customer hears back. It belongs to the first of the chain until somebody takes it."""
    keeper = owner or next(iter(chain(ticket.team)), None) or ticket.assignee
    if keeper is None:
        return None
    if due_at is not None and due_at <= at:
        raise Refused(
            _("The customer hears back in the future: choose a later time."),
            code="time_past",
            rule="E5",
            field="answer_by",
        )
    working = hours.for_team(ticket.team)
    due = due_at or working.add(at, values.get(ESCALATION_ANSWER_SECONDS))
    return Promise.objects.create(
        ticket=ticket,
        kind=Promise.Kind.ANSWER,
        text=_("Somebody more senior answers"),
        made_by=made_by,
        owner=keeper,
        made_at=at,
        due_at=due,
        remind_at=at + (due - at) * 3 / 4,
        break_at=hours.working_day_after(due, ticket.team.calendar if ticket.team else None),
    )


def _tell_customer(ticket: Ticket, promise: Promise | None, *, at: datetime) -> Entry:
    """In the customer's language and on their clock, whoever escalates."""
    person = ticket.requester
    with speaking_to(ticket):
        if promise is None:
            words = _(
                "Dear %(name)s,\n\nsomebody more senior is stepping in on your request #%(number)s "
                "and will write to you."
            )
        else:
            words = _(
                "Dear %(name)s,\n\nsomebody more senior is stepping in on your request #%(number)s. "
                "You hear back from us by %(when)s at the latest."
            )
        zone = person.time_zone or settings.TIME_ZONE
        text = words % {
            "name": person.greeting_name,
            "number": ticket.number,
            "when": format_when(promise.due_at, zone, with_zone=True) if promise else "",
        }
    return Entry.objects.create(
        ticket=ticket,
        kind=Entry.Kind.AUTOMATIC,
        visibility=Entry.Visibility.PUBLIC,
        text=text,
        is_automatic=True,
        happened_at=at,
    )
