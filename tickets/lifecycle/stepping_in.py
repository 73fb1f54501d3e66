"""Stepping in: what a supervisor or an expert does with an escalation; what becomes of it when nobody does (E3, E4)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Refused
from common.text import clean_text
from events.models import Event
from staff.access import chain, on_duty, present
from staff.models import Team
from tickets import clocks
from tickets.lifecycle._ground import change, locked, moment, tell
from tickets.lifecycle.escalating import NOTE_LIMIT, climbs_at
from tickets.models import DueChange, Entry, Escalation, Promise, Status, Ticket
from tickets.policy import escalating as policy
from tickets.policy.working import not_their_own

TOP_LEVEL = 3
REMIND_AT_THE_TOP = timedelta(hours=1)


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
    _give_ticket(ticket, by, at=now)
    tell(ticket, "escalation_taken", by=by, at=now, escalation=escalation, from_agent=before, level=escalation.level)
    return escalation


def _give_ticket(ticket: Ticket, to: User | None, team: Team | None = None, *, at: datetime) -> None:
    """Another team may come under another policy (S2)."""
    fields: dict[str, object] = {"assignee": to}
    if team is not None and team.pk != ticket.team_id:
        fields["team"] = team
    if ticket.status == Status.NEW and to is not None:
        fields["status"] = Status.OPEN
    change(ticket, **fields)
    if "team" in fields:
        clocks.reprioritise(ticket, at=at, cause=DueChange.Cause.POLICY)
    else:
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
    """Who has the ticket now, unless they stepped in (it may have been passed on meanwhile); else who had it."""
    current = escalation.ticket.assignee
    if current is not None and current.is_active and current.pk != escalation.owner_id:
        return current
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
    _give_ticket(ticket, agent, at=now)
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
    _give_ticket(ticket, to, team, at=now)
    tell(ticket, "escalation_assigned", by=by, at=now, escalation=escalation, to_agent=to, to_team=team, entry=entry)
    return escalation


def _team_of_expert(ticket: Ticket, escalation: Escalation, expert: User) -> Team:
    """The ticket's own team where the expert is in it, else the team asked for, else the expert's first."""
    not_their_own(expert, ticket).demand()
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
        _give_ticket(ticket, agent, at=now)
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
        escalation.waits_for = _above(escalation, skip=skip, at=at) or escalation.waits_for
        escalation.climbs_at = climbs_at(escalation, at)
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


def _above(escalation: Escalation, *, skip: Collection[int], at: datetime) -> User | None:
    """The next of the chain above who it waits for: who can be told now, before who is not away or off (X, N1).

    Who came on duty only now, and was passed over below, is asked before somebody above who is asleep.
    """
    order = chain(escalation.target_team or escalation.ticket.team)
    place = {user.pk: number for number, user in enumerate(order)}
    available = [user for user in present(order) if user.pk not in skip]
    floor = place.get(escalation.waits_for_id or 0, -1)
    later = [user for user in available if place[user.pk] > floor]
    there, asked = on_duty(available, at), _asked_before(escalation)
    first = [user for user in there if user in later] or [user for user in there if user.pk not in asked]
    return next(iter(first or later or available[::-1]), None)


def _asked_before(escalation: Escalation) -> set[int]:
    """Whom it waited for at a lower level, as its events tell."""
    kinds = ("ticket.escalated", "ticket.escalation_climbed")
    told = Event.objects.filter(subject_kind="ticket", subject_id=escalation.ticket_id, kind__in=kinds)
    return set(told.filter(data__escalation=escalation.pk).values_list("data__waits_for", flat=True))


def resolve_escalation(escalation: Escalation, *, by: User | None, at: datetime) -> None:
    """End an open escalation inside the resolving of its ticket (fine print of E); the caller holds the lock."""
    _settle(escalation, Escalation.Status.RESOLVED, by=by, guidance=escalation.guidance, at=at)
