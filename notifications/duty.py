"""Whom a warning reaches: who it is meant for, else the next person on duty, and never only after its due time (N1)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from notifications.presence import Absence, Presence, presences
from staff.access import chain
from staff.models import Membership, StaffProfile, Team
from tickets.models import Ticket
from tickets.visibility import may_see_internal


@dataclass(frozen=True, slots=True)
class Reached:
    """One who is told. ``counts_at``: when they are counted on; now, unless they come on duty only then.

    ``at_once``: nobody is there in time, so they are told whatever the hour. ``instead_of``: who was meant, and ``why``
    it is not them.
    """

    user_id: int
    counts_at: datetime
    at_once: bool = False
    instead_of: int | None = None
    why: Absence | None = None


def for_owner(
    ticket: Ticket, owner_id: int | None, team: Team | None, *, at: datetime, by: datetime | None
) -> list[Reached]:
    """The owner, else a colleague of ``team`` who is online and at work, else the chain above it.

    ``by`` is when the matter is due. Nobody owns it: it is the chain's (fine print of X).
    """
    above = _chain(ticket, team)
    if owner_id is None:
        return _first(ticket, above, above, at=at, by=by)
    others = Membership.objects.filter(team=team, user__is_active=True).exclude(user=owner_id)
    colleagues = [pk for pk in others.order_by("pk").values_list("user_id", flat=True) if pk not in _skipped(ticket)]
    order = list(dict.fromkeys([owner_id, *colleagues, *above]))
    return _first(ticket, order, above, at=at, by=by, colleagues=set(colleagues).difference(above))


def for_supervisor(ticket: Ticket, team: Team | None, *, at: datetime, by: datetime | None) -> list[Reached]:
    """The first of the chain who is there: team, parent teams, duty supervisors, admins."""
    above = _chain(ticket, team)
    return _first(ticket, above, above, at=at, by=by)


def _first(
    ticket: Ticket,
    order: Sequence[int],
    above: Sequence[int],
    *,
    at: datetime,
    by: datetime | None,
    colleagues: Collection[int] = (),
) -> list[Reached]:
    """Who is there now; else who is there first before ``by``; else all of the chain, at once.

    Colleagues, who are not asked by their office, count only while they say that they are online.
    """
    if not order:
        return []
    people, meant = presences(order, at), order[0]
    why = people[meant].absence(at) if meant in people else None
    closed = bool(ticket.team and ticket.team.is_restricted)
    able = [pk for pk in order if pk in people and (not closed or may_see_internal(people[pk].user, ticket))]
    for pk in able:
        if people[pk].is_there(at) and not (pk in colleagues and not _is_online(people[pk])):
            return [_reached(pk, meant, at, why)]
    if by is not None and by > at:
        expected = [
            (back, place, pk) for place, pk in enumerate(able) if (back := people[pk].back_at(at)) and back < by
        ]
        if expected:
            back, _place, pk = min(expected)
            return [_reached(pk, meant, back, why)]
    everybody = [pk for pk in above if pk in able] or [pk for pk in able if people[pk].user.is_active]
    return [_reached(pk, meant, at, why, at_once=by is not None) for pk in everybody]


def _reached(pk: int, meant: int, at: datetime, why: Absence | None, *, at_once: bool = False) -> Reached:
    return Reached(pk, at, at_once, None if pk == meant else meant, None if pk == meant else why)


def _is_online(presence: Presence) -> bool:
    return presence.availability == StaffProfile.Availability.ONLINE


def _chain(ticket: Ticket, team: Team | None) -> list[int]:
    return [user.pk for user in chain(team, skip=_skipped(ticket))]


def _skipped(ticket: Ticket) -> set[User | int]:
    """Who asked for it themselves does not enforce it (T13)."""
    user_id = ticket.requester.user_id
    return {user_id} if user_id else set()
