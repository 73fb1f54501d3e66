"""Who somebody is to the desk, and who stands above a team."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import FilteredRelation, OuterRef, Q, QuerySet

from accounts.models import Role, RoleGrant, User
from common.kept import Kept
from staff.models import Membership, StaffProfile, Team

ABSENT = (StaffProfile.Availability.AWAY, StaffProfile.Availability.OFF)


@dataclass(frozen=True, slots=True)
class Viewer:
    """What a user may be on the desk, read once per request; the policies decide from it.

    ``team_ids``: teams they serve in. ``supervised_team_ids``: teams they supervise, with all teams below those.
    ``hidden_team_ids``: restricted teams that are none of theirs (T13).
    ``is_third_party``: not in-house, so only their own teams' tickets (T13). ``person_id``: who they are as a customer.
    """

    user_id: int
    roles: frozenset[str] = frozenset()
    team_ids: frozenset[int] = frozenset()
    supervised_team_ids: frozenset[int] = frozenset()
    hidden_team_ids: frozenset[int] = frozenset()
    is_third_party: bool = False
    person_id: int | None = None

    @property
    def is_staff(self) -> bool:
        """Holds any role, or serves in or supervises any team."""
        return bool(self.roles or self.team_ids or self.supervised_team_ids)

    @property
    def is_admin(self) -> bool:
        return Role.ADMIN in self.roles

    @property
    def is_manager(self) -> bool:
        return Role.MANAGER in self.roles

    @property
    def is_supervisor(self) -> bool:
        """On the whole desk, or of at least one team."""
        return Role.SUPERVISOR in self.roles or bool(self.supervised_team_ids)

    def supervises(self, team_id: int | None) -> bool:
        """May they step in for this team's tickets? Supervisors of the desk and admins (the chain's end) always."""
        return bool(self.roles & {Role.SUPERVISOR, Role.ADMIN}) or team_id in self.supervised_team_ids


def viewer(user: User) -> Viewer:
    """Who this user is to the desk; two queries, then kept on the instance. A deactivated user is nobody."""
    known = user.__dict__.get("_viewer")
    if known is None:
        known = user.__dict__["_viewer"] = _read(user)
    return known


def _read(user: User) -> Viewer:
    if not user.pk or not user.is_active:
        return Viewer(user.pk or 0)
    told = _SELF.rows(user.pk)
    if not told:
        raise User.DoesNotExist
    provider, person_id, held = told[0]
    user._roles = frozenset(held)
    parents, serves, leads, restricted = {}, set(), set(), set()
    for pk, parent_id, supervisor_id, is_restricted, role in _TEAMS.rows(user.pk):
        parents[pk] = parent_id
        if is_restricted:
            restricted.add(pk)
        if role:
            serves.add(pk)
        if supervisor_id == user.pk or role == Membership.TeamRole.SUPERVISOR:
            leads.add(pk)
    supervised = {pk for pk in parents if leads.intersection(_upwards(pk, parents))}
    return Viewer(
        user_id=user.pk,
        roles=user.roles,
        team_ids=frozenset(serves),
        supervised_team_ids=frozenset(supervised),
        hidden_team_ids=frozenset(restricted - serves - supervised),
        is_third_party=provider not in (None, StaffProfile.Provider.IN_HOUSE),
        person_id=person_id,
    )


def _self(pk: int) -> QuerySet[Any, Any]:
    """Whose house somebody is of, who they are as a customer, which roles they hold."""
    roles = ArraySubquery(RoleGrant.objects.filter(user=OuterRef("pk")).values("role"))
    return User.objects.filter(pk=pk).values_list("staff_profile__provider", "person__id", roles)


def _teams(pk: int) -> QuerySet[Any, Any]:
    """Every team, and what somebody is in it."""
    mine = FilteredRelation("memberships", condition=Q(memberships__user=pk))
    rows = Team.objects.annotate(mine=mine).order_by("pk")
    return rows.values_list("pk", "parent_id", "supervisor_id", "is_restricted", "mine__role")


_SELF, _TEAMS = Kept(_self), Kept(_teams)  # asked on every page


def supervisors_of(team: Team | None, *, at: datetime, skip: Iterable[User | int] = ()) -> list[User]:
    """Who is asked to step in, in order: the chain without those who are away or off (fine print of X).

    While any of them is on duty at ``at``, the others are left out: they would hear of it only later (N1).
    Availability is what it is when this is called, whatever ``at`` says of a matter that is caught up with. Empty when
    nobody is there: then ``chain`` names everybody who must be told.
    """
    available = present(chain(team, skip=skip))
    return on_duty(available, at) or available


def chain(team: Team | None, *, at: datetime | None = None, skip: Iterable[User | int] = ()) -> list[User]:
    """Everybody above a team, nearest first: team, parent teams, duty supervisors, admins; never the deactivated.

    ``skip`` names users who may not judge the matter, such as its requester. Each stands once, where they come first;
    ``at`` changes nothing yet.
    """
    return chains([team], skip=skip)[team.pk if team else None]


def chains(teams: Iterable[Team | None], *, skip: Iterable[User | int] = ()) -> dict[int | None, list[User]]:
    """The ``chain`` of each of these teams by its key; as many queries as one of them costs."""
    skipped = {one if isinstance(one, int) else one.pk for one in skip}
    keys = {team.pk if team else None for team in teams}
    heads, everywhere = _heads(keys - {None}), [*_duty_supervisors(), *_admins()]
    orders = {key: dict.fromkeys([*heads.get(key, []), *everywhere]) for key in keys}
    asked = {pk for order in orders.values() for pk in order}
    people = User.objects.select_related("staff_profile").filter(is_active=True).exclude(pk__in=skipped).in_bulk(asked)
    return {key: [people[pk] for pk in order if pk in people] for key, order in orders.items()}


def present(people: Iterable[User]) -> list[User]:
    """Those who are neither away nor off."""
    return [user for user in people if _availability(user) not in ABSENT]


OnDuty = Callable[[Collection[int], datetime], Collection[int]]
_telling_duty: list[OnDuty] = []


def register_duty(told: OnDuty) -> None:
    """An app above knows working and quiet hours: which of these users can be told at that moment."""
    _telling_duty[:] = [told]


def on_duty(people: Sequence[User], at: datetime) -> list[User]:
    """Those of these who are there and can be told now, in the same order."""
    if not (people and _telling_duty):
        return list(people)
    there = _telling_duty[0]([user.pk for user in people], at)
    return [user for user in people if user.pk in there]


def teams_without_supervisor() -> QuerySet[Team]:
    """Teams in use that nobody supervises: a system warning."""
    led = Membership.objects.filter(role=Membership.TeamRole.SUPERVISOR, user__is_active=True).values("team")
    return Team.objects.filter(is_active=True).exclude(supervisor__is_active=True).exclude(pk__in=led)


def _heads(keys: Collection[int | None]) -> dict[int | None, list[int]]:
    """Supervisors of each team and of those above it, nearest team first, the named supervisor before the others."""
    if not keys:
        return {}
    teams = {
        pk: (parent_id, head) for pk, parent_id, head in Team.objects.values_list("pk", "parent_id", "supervisor_id")
    }
    parents = {pk: parent_id for pk, (parent_id, _head) in teams.items()}
    above = {key: _upwards(key, parents) for key in keys if key is not None}
    members = Membership.objects.filter(
        team__in={pk for path in above.values() for pk in path}, role=Membership.TeamRole.SUPERVISOR
    ).order_by("pk")
    others: dict[int, list[int]] = {}
    for team_id, user_id in members.values_list("team_id", "user_id"):
        others.setdefault(team_id, []).append(user_id)
    return {
        key: [pk for team in path for pk in ([teams[team][1]] if teams[team][1] else []) + others.get(team, [])]
        for key, path in above.items()
    }


def _duty_supervisors() -> QuerySet[StaffProfile, int]:
    return StaffProfile.objects.filter(is_duty_supervisor=True).order_by("user_id").values_list("user_id", flat=True)


def _admins() -> QuerySet[RoleGrant, int]:
    return RoleGrant.objects.filter(role=Role.ADMIN).order_by("user_id").values_list("user_id", flat=True)


def _upwards(pk: int, parents: Mapping[int, int | None]) -> list[int]:
    """The team and all above it, nearest first; a ring of parents is walked once."""
    path: list[int] = []
    at: int | None = pk
    while at is not None and at not in path:
        path.append(at)
        at = parents.get(at)
    return path


def _availability(user: User) -> str:
    profile = getattr(user, "staff_profile", None)
    return profile.availability if profile else StaffProfile.Availability.OFF
