"""Whom a warning reaches: who it is meant for, else the next person on duty, and never only after its due time (N1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from notifications.presence import Absence, Presence, presences
from staff.access import chains
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


class House:
    """Who stands above whom, who serves where and who is there, at one moment (aware): read once for many matters."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._above: dict[int | None, list[int]] = {}
        self._serving: dict[int, list[int]] = {}
        self._people: dict[int, Presence | None] = {}

    def know(self, teams: Iterable[Team | None], people: Iterable[int] = ()) -> None:
        """Read all at once who is above these teams and serves in them, and whether those and ``people`` are there."""
        found = {team.pk if team else None: team for team in teams}
        self._above |= {key: [user.pk for user in above] for key, above in chains(found.values()).items()}
        self._serving |= {key: [] for key in found if key is not None}
        new = [key for key in found if key is not None]
        rows = Membership.objects.filter(team__in=new, user__is_active=True).order_by("pk")
        for team_id, user_id in rows.values_list("team_id", "user_id"):
            self._serving[team_id].append(user_id)
        self.people({*people}.union(*self._above.values(), *self._serving.values()))

    def above(self, team: Team | None) -> list[int]:
        """The ``chain`` of a team."""
        key = team.pk if team else None
        if key not in self._above:
            self.know([team])
        return self._above[key]

    def serving(self, team: Team | None) -> list[int]:
        """Who serves in a team, as long as they are here."""
        if team is None:
            return []
        if team.pk not in self._serving:
            self.know([team])
        return self._serving[team.pk]

    def people(self, pks: Iterable[int]) -> dict[int, Presence]:
        """Those of these who exist."""
        asked = list(pks)
        if unknown := {pk for pk in asked if pk not in self._people}:
            found = presences(unknown, self.at)
            self._people |= {pk: found.get(pk) for pk in unknown}
        return {pk: one for pk in asked if (one := self._people[pk]) is not None}


def for_owner(
    ticket: Ticket, owner_id: int | None, team: Team | None, *, house: House, by: datetime | None
) -> list[Reached]:
    """The owner, else a colleague of ``team`` who is online and at work, else the chain above it.

    ``by`` is when the matter is due. Nobody owns it: it is the chain's (fine print of X).
    """
    above = _chain(ticket, team, house)
    if owner_id is None:
        return _first(ticket, above, above, house=house, by=by)
    skipped = {owner_id, ticket.requester.user_id}
    colleagues = [pk for pk in house.serving(team) if pk not in skipped]
    order = list(dict.fromkeys([owner_id, *colleagues, *above]))
    return _first(ticket, order, above, house=house, by=by, colleagues=set(colleagues).difference(above))


def for_supervisor(ticket: Ticket, team: Team | None, *, house: House, by: datetime | None) -> list[Reached]:
    """The first of the chain who is there: team, parent teams, duty supervisors, admins."""
    above = _chain(ticket, team, house)
    return _first(ticket, above, above, house=house, by=by)


def _first(
    ticket: Ticket,
    order: Sequence[int],
    above: Sequence[int],
    *,
    house: House,
    by: datetime | None,
    colleagues: Collection[int] = (),
) -> list[Reached]:
    """Who is there now; else who is there first before ``by``; else all of the chain, at once.

    Colleagues, who are not asked by their office, count only while they say that they are online.
    """
    if not order:
        return []
    at, people, meant = house.at, house.people(order), order[0]
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


def _chain(ticket: Ticket, team: Team | None, house: House) -> list[int]:
    """Who asked for it themselves does not enforce it (T13)."""
    return [pk for pk in house.above(team) if pk != ticket.requester.user_id]
