"""T13: who sees what. ``Ticket.objects.visible_to(user)`` leads here."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from customers.models import Organisation
from staff.access import Viewer, viewer
from tickets.models import Entry, Escalation, Participant, Ticket, Transfer

SEES = (Participant.Role.CC, Participant.Role.ON_BEHALF_OF)
"""Participants who may read the ticket as its requester does; a follower is only told of it."""


def visible(queryset: QuerySet[Ticket], user: Any) -> QuerySet[Ticket]:
    """Only the tickets that this person may see: as staff, and as the customer they also are."""
    if not isinstance(user, User) or not user.is_active:
        return queryset.none()
    who = viewer(user)
    mine = _as_customer(who)
    if not who.is_staff:
        return queryset.filter(mine, is_spam=False, trashed_at=None) if mine is not None else queryset.none()
    allowed = _as_staff(who)
    if allowed is None:
        return queryset
    return queryset.filter(allowed | mine if mine is not None else allowed)


def visible_as_customer(queryset: QuerySet[Ticket], user: Any) -> QuerySet[Ticket]:
    """What the portal shows: a person's own tickets and their firm's shared ones, also where they are staff besides."""
    mine = _as_customer(viewer(user)) if isinstance(user, User) and user.is_active else None
    return queryset.filter(mine, is_spam=False, trashed_at=None) if mine is not None else queryset.none()


def visible_inside(queryset: QuerySet[Ticket], user: User) -> QuerySet[Ticket]:
    """Only the tickets on which this person may see what is internal: as staff, and not as the customer (T13)."""
    who = viewer(user)
    if not who.is_staff or not user.is_active:
        return queryset.none()
    allowed = _as_staff(who)
    found = queryset if allowed is None else queryset.filter(allowed)
    if who.person_id is None:
        return found
    taking_part = Participant.objects.filter(person=who.person_id, role__in=SEES)
    return found.exclude(requester=who.person_id).exclude(pk__in=taking_part.values("ticket"))


def in_care_of(user: User, queryset: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """What a supervisor looks after, of what they may see: their teams' tickets, and those that no team has yet, lest
    nobody finds them (X). One's own case is a colleague's matter (T13)."""
    who, found = viewer(user), visible(queryset, user)
    if who.person_id is not None:
        found = found.exclude(requester=who.person_id)
    return found if who.supervises(None) else found.filter(Q(team__in=who.supervised_team_ids) | Q(team=None))


def sees_as_staff(user: User, ticket: Ticket) -> bool:
    """May they work on this ticket as staff? Cheaper than asking ``visible`` for one ticket."""
    who = viewer(user)
    if not who.is_staff:
        return False
    if ticket.assignee_id == user.pk or ticket.team_id in _teams(who):
        return True
    if not who.is_third_party and (ticket.team is None or not ticket.team.is_restricted):
        return True
    return Ticket.objects.filter(_asked(who, _teams(who)), pk=ticket.pk).exists()


def sees_every_ticket(user: User) -> bool:
    """Is no ticket hidden from them? Then one look serves all who may say the same."""
    who = viewer(user)
    return user.is_active and who.is_staff and _as_staff(who) is None


def is_customer_of(user: User, ticket: Ticket) -> bool:
    """Whether this user is the requester, or takes part in the ticket as a customer."""
    person_id = viewer(user).person_id
    if person_id is None:
        return False
    return ticket.requester_id == person_id or ticket.participants.filter(person=person_id, role__in=SEES).exists()


def may_see_internal(user: User, ticket: Ticket) -> bool:
    """Staff who see the ticket, but nobody on a ticket where they are the customer (T13)."""
    return sees_as_staff(user, ticket) and not is_customer_of(user, ticket)


def entries_for(ticket: Ticket, user: User) -> QuerySet[Entry]:
    """The conversation as this person may read it; restricted notes are for their author and the team's supervisors."""
    entries = Entry.objects.filter(ticket=ticket)
    if not may_see_internal(user, ticket):
        return entries.public()
    if viewer(user).supervises(ticket.team_id):
        return entries
    return entries.filter(~Q(visibility=Entry.Visibility.RESTRICTED) | Q(author=user))


def _teams(who: Viewer) -> frozenset[int]:
    return who.team_ids | who.supervised_team_ids


def _as_staff(who: Viewer) -> Q | None:
    """The condition for staff; None when nothing is hidden from them."""
    teams = _teams(who)
    if who.is_third_party:
        return Q(team__in=teams) | Q(assignee=who.user_id) | _asked(who, teams)
    if not who.hidden_team_ids:
        return None
    return Q(team=None) | ~Q(team__in=who.hidden_team_ids) | Q(assignee=who.user_id) | _asked(who, teams)


def _asked(who: Viewer, teams: Collection[int]) -> Q:
    """Tickets they were asked to accept or to step in for."""
    passed = Transfer.objects.filter(status=Transfer.Status.WAITING, to_team__in=teams)
    raised = Escalation.objects.filter(status__in=Escalation.OPEN).filter(
        Q(target_team__in=teams) | Q(waits_for=who.user_id) | Q(owner=who.user_id)
    )
    return Q(pk__in=passed.values("ticket")) | Q(pk__in=raised.values("ticket"))


def _as_customer(who: Viewer) -> Q | None:
    """Their own tickets, those they take part in, and their organisation's where it shares; None for no customer."""
    if who.person_id is None:
        return None
    taking_part = Participant.objects.filter(person=who.person_id, role__in=SEES)
    shared = Organisation.objects.filter(people=who.person_id, shares_tickets=True)
    return Q(requester=who.person_id) | Q(pk__in=taking_part.values("ticket")) | Q(organisation__in=shared.values("pk"))
