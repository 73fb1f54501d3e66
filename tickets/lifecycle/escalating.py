"""Asking somebody more senior, or who knows better, to step in (E1-E5, E9)."""

from __future__ import annotations

from datetime import datetime, timedelta

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
from tickets import clocks
from tickets.lifecycle._ground import Actor, change, locked, moment, tell
from tickets.models import Entry, Escalation, EscalationReason, Promise, Status, Ticket
from tickets.policy import escalating as policy
from tickets.values import ESCALATION_ANSWER_SECONDS, ESCALATION_CLIMB_SECONDS

TOP_LEVEL = 3
REMIND_AT_THE_TOP = timedelta(hours=1)
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
    waits_for = _first(ticket, target, skip=_pk(by), at=now)
    is_threat = reason in EscalationReason.THREATS
    raised = Escalation(
        ticket=ticket,
        kind=kind,
        waits_for=waits_for,
        target_team=target,
        raised_by=by if isinstance(by, User) else None,
        raised_at=now,
        is_threat=is_threat,
        assignee_before=ticket.assignee,
    )
    raised.climbs_at = _climbs_at(raised, now)
    entry = None
    if reason not in SILENT:
        raised.promise = _promise(ticket, owner=waits_for, made_by=raised.raised_by, due_at=answer_by, at=now)
        entry = _tell_customer(ticket, raised.promise, at=now)
    raised.save(force_insert=True)
    _add_reason(raised, by=by, reason=reason, note=words, at=now)
    change(ticket)
    tell(
        ticket,
        "escalated",
        by=by,
        at=now,
        escalation=raised,
        reason=reason,
        kind=kind,
        level=raised.level,
        waits_for=waits_for,
        promise=raised.promise,
        entry=entry,
        told=[] if waits_for else [user.pk for user in chain(target or ticket.team)],
    )
    return raised


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
            running.climbs_at = min(filter(None, (running.climbs_at, _climbs_at(running, at))))
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


def _climbs_at(escalation: Escalation, at: datetime) -> datetime:
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
    person = ticket.requester
    if promise is None:
        words = _(
            "Dear %(name)s,\n\nsomebody more senior is stepping in on your request #%(number)s and will write to you."
        )
    else:
        words = _(
            "Dear %(name)s,\n\nsomebody more senior is stepping in on your request #%(number)s. "
            "You hear back from us by %(when)s at the latest."
        )
    text = words % {
        "name": person.greeting_name,
        "number": ticket.number,
        "when": format_when(promise.due_at, person.time_zone or "UTC") if promise else "",
    }
    return Entry.objects.create(
        ticket=ticket,
        kind=Entry.Kind.AUTOMATIC,
        visibility=Entry.Visibility.PUBLIC,
        text=text,
        is_automatic=True,
        happened_at=at,
    )


def _locked_escalation(escalation: Escalation | int) -> tuple[Ticket, Escalation]:
    pk = escalation if isinstance(escalation, int) else escalation.pk
    ticket = locked(Escalation.objects.values_list("ticket_id", flat=True).get(pk=pk))
    fresh = Escalation.objects.select_related("promise", "target_team", "raised_by", "assignee_before").get(pk=pk)
    fresh.ticket = ticket
    return ticket, fresh


def _hand_promise(escalation: Escalation, owner: User | None) -> None:
    promise = escalation.promise
    if promise is not None and owner is not None and promise.status == Promise.Status.OPEN:
        promise.owner = owner
        promise.save(update_fields=["owner"])


@transaction.atomic
def take_escalation(escalation: Escalation, *, by: User, at: datetime | None = None) -> Escalation:
    """Step in: the ticket and the promise to the customer become the supervisor's (E3)."""
    now = moment(at)
    ticket, escalation = _locked_escalation(escalation)
    policy.may_take_escalation(by, escalation).demand()
    if escalation.owner_id == by.pk:
        return escalation
    if escalation.status == Escalation.Status.TAKEN:
        raise Refused(
            _("%(name)s took this escalation already.") % {"name": escalation.owner}, code="taken_already", rule="E3"
        )
    before = ticket.assignee_id
    escalation.status = Escalation.Status.TAKEN
    escalation.owner = by
    escalation.taken_at = now
    escalation.climbs_at = None
    escalation.assignee_before = ticket.assignee
    escalation.save(update_fields=["status", "owner", "taken_at", "climbs_at", "assignee_before"])
    _hand_promise(escalation, by)
    _give_ticket(ticket, by)
    tell(ticket, "escalation_taken", by=by, at=now, escalation=escalation, from_agent=before, level=escalation.level)
    return escalation


def _give_ticket(ticket: Ticket, to: User | None, team: Team | None = None) -> None:
    fields: dict[str, object] = {"assignee": to}
    if team is not None and team.pk != ticket.team_id:
        fields["team"] = team
    if ticket.status == Status.NEW and to is not None:
        fields["status"] = Status.OPEN
    change(ticket, **fields)
    clocks.refresh_queue(ticket)


def _settle(escalation: Escalation, status: str, *, by: User | None, guidance: str, at: datetime) -> None:
    escalation.status = status
    escalation.ended_at = at
    escalation.ended_by = by
    escalation.owner = escalation.owner or by
    escalation.guidance = guidance
    escalation.climbs_at = None
    escalation.save(update_fields=["status", "ended_at", "ended_by", "owner", "guidance", "climbs_at"])


def _needed(text: str, message: str, field: str) -> str:
    words = clean_text(text, NOTE_LIMIT)
    if not words:
        raise Refused(message, code=f"{field}_missing", rule="E3", field=field)
    return words


def _note(ticket: Ticket, by: User, words: str, at: datetime) -> Entry:
    return Entry.objects.create(
        ticket=ticket,
        kind=Entry.Kind.NOTE,
        visibility=Entry.Visibility.INTERNAL,
        author=by,
        author_name=by.name,
        text=words,
        happened_at=at,
    )


def _agent_to_return_to(escalation: Escalation) -> User | None:
    for agent in (escalation.assignee_before, escalation.raised_by):
        if agent is not None and agent.is_active:
            return agent
    return None


@transaction.atomic
def coach_escalation(escalation: Escalation, *, by: User, guidance: str, at: datetime | None = None) -> Escalation:
    """Say how to go on, and give the ticket back to the agent, who now owes the customer the answer (E3)."""
    now = moment(at)
    ticket, escalation = _locked_escalation(escalation)
    policy.may_settle_escalation(by, escalation).demand()
    words = _needed(guidance, _("Write what the agent should do: that is the coaching."), "guidance")
    agent = _agent_to_return_to(escalation)
    _settle(escalation, Escalation.Status.COACHED, by=by, guidance=words, at=now)
    entry = _note(ticket, by, words, now)
    _hand_promise(escalation, agent)
    _give_ticket(ticket, agent)
    tell(ticket, "escalation_coached", by=by, at=now, escalation=escalation, to_agent=agent, entry=entry)
    return escalation


@transaction.atomic
def assign_escalation(
    escalation: Escalation, *, by: User, to: User, guidance: str = "", at: datetime | None = None
) -> Escalation:
    """Give the ticket, and the promise to the customer, to an expert (E3)."""
    now = moment(at)
    ticket, escalation = _locked_escalation(escalation)
    policy.may_settle_escalation(by, escalation).demand()
    team = _team_of_expert(ticket, escalation, to)
    words = clean_text(guidance, NOTE_LIMIT)
    _settle(escalation, Escalation.Status.ASSIGNED, by=by, guidance=words, at=now)
    entry = _note(ticket, by, words, now) if words else None
    _hand_promise(escalation, to)
    _give_ticket(ticket, to, team)
    tell(ticket, "escalation_assigned", by=by, at=now, escalation=escalation, to_agent=to, to_team=team, entry=entry)
    return escalation


def _team_of_expert(ticket: Ticket, escalation: Escalation, expert: User) -> Team:
    """The ticket's own team where the expert is in it, else the team asked for, else the expert's first."""
    teams = list(Team.objects.filter(memberships__user=expert, is_active=True).order_by("pk"))
    if not expert.is_active or not teams:
        raise Refused(
            _("An expert is a member of a team who still works here. Choose another."),
            code="expert_unknown",
            rule="E3",
            field="to",
        )
    wanted = (ticket.team_id, escalation.target_team_id)
    return min(teams, key=lambda team: wanted.index(team.pk) if team.pk in wanted else len(wanted))


@transaction.atomic
def decline_escalation(escalation: Escalation, *, by: User, why: str, at: datetime | None = None) -> Escalation:
    """Leave the case where it is, with the reason; the agent keeps the promise to the customer (E3)."""
    now = moment(at)
    ticket, escalation = _locked_escalation(escalation)
    policy.may_settle_escalation(by, escalation).demand()
    words = _needed(why, _("Say why you decline, so that the agent can go on."), "why")
    was_taken = escalation.status == Escalation.Status.TAKEN
    agent = _agent_to_return_to(escalation)
    _settle(escalation, Escalation.Status.DECLINED, by=by, guidance=words, at=now)
    entry = _note(ticket, by, words, now)
    _hand_promise(escalation, agent)
    if was_taken:
        _give_ticket(ticket, agent)
    else:
        change(ticket)
    tell(ticket, "escalation_declined", by=by, at=now, escalation=escalation, to_agent=agent, entry=entry)
    return escalation


@transaction.atomic
def climb_escalation(escalation_id: int, *, at: datetime) -> bool:
    """Nobody took it in its time: one level up; at the top it stays and reminds hourly (E4)."""
    ticket, escalation = _locked_escalation(escalation_id)
    due = escalation.climbs_at
    if escalation.status != Escalation.Status.WAITING or due is None or due > at:
        return False
    skip = tuple(pk for pk in (escalation.raised_by_id, escalation.waits_for_id) if pk)
    waits_before = escalation.waits_for_id
    at_the_top = escalation.level >= TOP_LEVEL
    if at_the_top:
        escalation.climbs_at = at + REMIND_AT_THE_TOP
    else:
        escalation.level += 1
        higher = supervisors_of(escalation.target_team or ticket.team, at=at, skip=skip)
        escalation.waits_for = _above(higher, escalation) or escalation.waits_for
        escalation.climbs_at = _climbs_at(escalation, at)
        _hand_promise(escalation, escalation.waits_for)
    escalation.save(update_fields=["level", "waits_for", "climbs_at"])
    change(ticket)
    tell(
        ticket,
        "escalation_reminded" if at_the_top else "escalation_climbed",
        by=None,
        at=due,
        escalation=escalation,
        level=escalation.level,
        from_supervisor=waits_before,
        waits_for=escalation.waits_for_id,
        told=[user.pk for user in chain(escalation.target_team or ticket.team)],
    )
    return True


def _above(available: list[User], escalation: Escalation) -> User | None:
    """The next of the chain who was not asked at a lower level, as the escalation's events tell."""
    order = [user.pk for user in chain(escalation.target_team or escalation.ticket.team)]
    current = escalation.waits_for_id
    floor = order.index(current) if current in order else -1
    later = [user for user in available if user.pk in order and order.index(user.pk) > floor]
    return later[0] if later else (available[-1] if available else None)


def resolve_escalation(escalation: Escalation, *, by: User | None, at: datetime) -> None:
    """End an open escalation inside the resolving of its ticket (fine print of E); the caller holds the lock."""
    _settle(escalation, Escalation.Status.RESOLVED, by=by, guidance=escalation.guidance, at=at)
