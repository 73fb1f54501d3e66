"""Asking somebody more senior, or who knows better, to step in (E1-E5, E9)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from common import kept
from common.business_hours import BusinessHours
from common.clock import format_when
from common.errors import Malformed, Refused
from common.text import clean_text
from customers.models import Person
from events import values
from events.recording import Draft, record_many
from staff import hours
from staff.access import chains, on_duty, present
from staff.models import Calendar, Team
from tickets.lifecycle._ground import Actor, change, change_many, draft, locked, moment, tell
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
    running = _running([ticket]).first()
    if running is not None:
        return _join(ticket, running, by=by, reason=reason, note=words, at=now)

    target = to_team if kind == Escalation.Kind.FUNCTIONAL else None
    above = Above(now, [ticket.team, target])
    raised = _planned(ticket, above, by=by, reason=reason, kind=kind, target=target, note=words, answer_by=answer_by)
    _keep([raised])
    change(ticket)
    tell(ticket, "escalated", by=by, at=now, **_told(raised, above))
    return raised.escalation


def escalate_breached(tickets: Iterable[Ticket], *, at: datetime) -> set[int]:
    """What ``escalate`` does for the desk itself because of a breach, for many tickets in a few statements (S4).

    The tickets are locked, freshly read, with ``requester`` and ``team`` loaded. Returns the keys of those of which
    something was written: a closed one, or one whose open escalation has the reason already, is left as it is.
    """
    asked = [ticket for ticket in tickets if policy.may_be_escalated(ticket)]
    running = {one.ticket_id: one for one in _running(asked)}
    reason = EscalationReason.Reason.SLA_BREACH
    joined = [ticket for ticket in asked if ticket.pk in running and not _knows(running[ticket.pk], reason)]
    new = [ticket for ticket in asked if ticket.pk not in running]
    above = Above(at, [ticket.team for ticket in new])
    raised = [_planned(ticket, above, by=None, reason=reason, kind=Escalation.Kind.HIERARCHICAL) for ticket in new]
    kept.insert([_reason(running[one.pk], None, reason, "", at) for one in joined])
    _keep(raised)
    change_many([*joined, *(one.ticket for one in raised)])
    drafts = [draft(one.ticket, "escalated", by=None, at=at, **_told(one, above)) for one in raised]
    record_many([*drafts, *(_joined(ticket, running[ticket.pk], None, reason, at) for ticket in joined)])
    return {ticket.pk for ticket in joined} | {one.ticket.pk for one in raised}


def _running(tickets: Iterable[Ticket]) -> QuerySet[Escalation]:
    return Escalation.objects.filter(ticket__in=tickets, status__in=Escalation.OPEN).prefetch_related("reasons")


def _knows(running: Escalation, reason: str) -> bool:
    """The desk itself gave this reason already."""
    return any(one.reason == reason and one.raised_by_id is None for one in running.reasons.all())


class Above:
    """Who stands above a team and when it works, at one moment; asked once for all that is escalated together."""

    def __init__(self, at: datetime, teams: Iterable[Team | None]) -> None:
        self.at = at
        self.seconds = values.many(ESCALATION_CLIMB_SECONDS, ESCALATION_ANSWER_SECONDS)
        self._chains = chains(teams)
        self._calendars: dict[int | None, Calendar | None] = {}
        self._hours: dict[int | None, BusinessHours] = {}
        self._breaks: dict[tuple[int | None, datetime], datetime] = {}

    def chain(self, team: Team | None) -> list[User]:
        """Everybody above the team."""
        return self._chains[_key(team)]

    def first(self, team: Team | None, *, skip: int | None) -> User | None:
        """The nearest above the team who can be told now; where nobody can, the nearest who is not away or off."""
        available = [user for user in self._available[_key(team)] if user.pk != skip]
        return next((user for user in available if user.pk in self._on_duty), next(iter(available), None))

    @cached_property
    def _available(self) -> dict[int | None, list[User]]:
        return {key: present(people) for key, people in self._chains.items()}

    @cached_property
    def _on_duty(self) -> set[int]:
        everybody = {user.pk: user for people in self._available.values() for user in people}
        return {user.pk for user in on_duty(list(everybody.values()), self.at)}

    def later(self, team: Team | None, setting: str) -> datetime:
        """When the setting's working time of the team has passed from now on."""
        if _key(team) not in self._calendars:
            self._calendars[_key(team)] = hours.calendar_of(team)
        calendar = self._calendars[_key(team)]
        if _key(calendar) not in self._hours:
            self._hours[_key(calendar)] = hours.business_hours(calendar)
        return self._hours[_key(calendar)].add(self.at, self.seconds[setting])

    def broken_at(self, team: Team | None, due: datetime) -> datetime:
        """One working day after a promise of the team was due."""
        key = (team.calendar_id if team else None, due)
        if key not in self._breaks:
            self._breaks[key] = hours.working_day_after(due, team.calendar if team else None)
        return self._breaks[key]


def _key(row: Team | Calendar | None) -> int | None:
    return row.pk if row else None


@dataclass(frozen=True, slots=True)
class _Raised:
    """The rows of a new escalation, before they are written: the promise and what the customer reads may be missing."""

    ticket: Ticket
    escalation: Escalation
    reason: EscalationReason
    promise: Promise | None = None
    entry: Entry | None = None


def _planned(
    ticket: Ticket,
    above: Above,
    *,
    by: Actor,
    reason: str,
    kind: str,
    target: Team | None = None,
    note: str = "",
    answer_by: datetime | None = None,
) -> _Raised:
    """A new escalation, and what tells the customer of it, unless its reason is ours alone (E5)."""
    raised = Escalation(
        ticket=ticket,
        kind=kind,
        waits_for=above.first(target or ticket.team, skip=_pk(by)),
        target_team=target,
        raised_by=by if isinstance(by, User) else None,
        raised_at=above.at,
        is_threat=reason in EscalationReason.THREATS,
        assignee_before_id=ticket.assignee_id,
    )
    if raised.is_threat:
        raised.climbs_at = above.at + timedelta(seconds=above.seconds[ESCALATION_CLIMB_SECONDS])
    else:
        raised.climbs_at = above.later(target or ticket.team, ESCALATION_CLIMB_SECONDS)
    why = _reason(raised, by, reason, note, above.at)
    if reason in SILENT:
        return _Raised(ticket, raised, why)
    promise = _promise(ticket, above, owner=raised.waits_for, made_by=raised.raised_by, due_at=answer_by)
    return _Raised(ticket, raised, why, promise, _word_to_customer(ticket, promise, at=above.at))


def _keep(raised: Sequence[_Raised]) -> None:
    """Write the rows; each knows its key afterwards."""
    kept.insert([one.promise for one in raised if one.promise])
    for one in raised:
        one.escalation.promise = one.promise
    kept.insert([one.entry for one in raised if one.entry])
    kept.insert([one.escalation for one in raised])
    for one in raised:
        one.reason.escalation = one.escalation
    kept.insert([one.reason for one in raised])


def _told(raised: _Raised, above: Above) -> dict[str, Any]:
    """What the event says; where nobody is there, everybody in the chain is told."""
    new = raised.escalation
    everybody = above.chain(new.target_team or raised.ticket.team) if new.waits_for is None else []
    return {
        "escalation": new, "reason": raised.reason.reason, "kind": new.kind, "level": new.level,
        "waits_for": new.waits_for, "promise": raised.promise, "entry": raised.entry,
        "told": [user.pk for user in everybody],
    }  # fmt: skip


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
    if by is None and _knows(running, reason):
        return running
    _reason(running, by, reason, note, at).save(force_insert=True)
    if reason in EscalationReason.THREATS and not running.is_threat:
        running.is_threat = True
        if running.status == Escalation.Status.WAITING:
            running.climbs_at = min(filter(None, (running.climbs_at, climbs_at(running, at))))
        running.save(update_fields=["is_threat", "climbs_at"])
    change(ticket)
    record_many([_joined(ticket, running, by, reason, at)])
    return running


def _joined(ticket: Ticket, running: Escalation, by: Actor, reason: str, at: datetime) -> Draft:
    return draft(ticket, "escalation_joined", by=by, at=at, escalation=running, reason=reason, owner=running.owner_id)


def _reason(escalation: Escalation, by: Actor, reason: str, note: str, at: datetime) -> EscalationReason:
    return EscalationReason(
        escalation=escalation, reason=reason, note=note, raised_by=by if isinstance(by, User) else None, raised_at=at
    )


def climbs_at(escalation: Escalation, at: datetime) -> datetime:
    """E4: working time of the team, but threats run around the clock."""
    seconds = values.get(ESCALATION_CLIMB_SECONDS)
    if escalation.is_threat:
        return at + timedelta(seconds=seconds)
    return hours.for_team(escalation.target_team or escalation.ticket.team).add(at, seconds)


def _promise(
    ticket: Ticket, above: Above, *, owner: User | None, made_by: User | None, due_at: datetime | None
) -> Promise | None:
    """E5: by when the customer hears back. It belongs to the first of the chain until somebody takes it."""
    keeper = owner or next(iter(above.chain(ticket.team)), None) or ticket.assignee
    if keeper is None:
        return None
    at = above.at
    if due_at is not None and due_at <= at:
        raise Refused(
            _("The customer hears back in the future: choose a later time."),
            code="time_past",
            rule="E5",
            field="answer_by",
        )
    due = due_at or above.later(ticket.team, ESCALATION_ANSWER_SECONDS)
    return Promise(
        ticket=ticket,
        kind=Promise.Kind.ANSWER,
        text=_("Somebody more senior answers"),
        made_by=made_by,
        owner=keeper,
        made_at=at,
        due_at=due,
        remind_at=at + (due - at) * 3 / 4,
        break_at=above.broken_at(ticket.team, due),
    )


def _word_to_customer(ticket: Ticket, promise: Promise | None, *, at: datetime) -> Entry:
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
    return Entry(
        ticket=ticket,
        kind=Entry.Kind.AUTOMATIC,
        visibility=Entry.Visibility.PUBLIC,
        text=text,
        is_automatic=True,
        happened_at=at,
    )
