"""What a supervisor looks after: who is there and how full, what is late or will be, and what nobody has yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import User
from desk.forecast.page import Risk
from desk.home import risk
from desk.tickets.rows import timed, with_first_clock
from staff.access import Viewer
from staff.models import Membership, StaffProfile
from tickets.models import ACTIVE, Clock, Ticket
from tickets.visibility import in_care_of

MOST = 8
ABSENT = (StaffProfile.Availability.AWAY, StaffProfile.Availability.OFF)
IN_WORK = Q(user__tickets__status__in=ACTIVE, user__tickets__is_spam=False, user__tickets__trashed_at=None)


@dataclass(frozen=True, slots=True)
class Load:
    """A colleague at a glance: there or not, how full, and how much of it is due by tonight."""

    user: User
    availability: str
    label: str
    open: int
    room: int
    due_today: int = 0
    team_ids: frozenset[int] = frozenset()

    @property
    def tone(self) -> str:
        """How full: the colour that goes with the words."""
        if self.room and self.open >= self.room:
            return "bad"
        return "warn" if self.room and self.open >= 0.8 * self.room else "good"

    @property
    def part(self) -> int:
        """How full, of a hundred; more than all is all."""
        return min(100, round(100 * self.open / self.room)) if self.room else 0

    @property
    def is_there(self) -> bool:
        """Neither away nor off: work goes to who is there (P6)."""
        return self.availability not in ABSENT

    @property
    def has_room(self) -> bool:
        return not self.room or self.open < self.room


@dataclass(frozen=True, slots=True)
class Pressing:
    """A ticket that is late or will be: its clock, and who could help where nobody has it. For what is still to come
    ``risk`` says how probable it is, and why; where too little is known to tell, ``stage`` how much time is used."""

    clock: Clock
    helpers: tuple[Load, ...] = ()
    risk: Risk | None = None

    @property
    def ticket(self) -> Ticket:
        return self.clock.ticket

    @property
    def stage(self) -> str:
        """How much of the time is used, as the warnings say it (S4)."""
        return gettext("90 % of its time is used.") if self.clock.warned_90_at else gettext("75 % of its time is used.")


@dataclass(frozen=True, slots=True)
class Free:
    """A ticket that nobody has, and who could."""

    ticket: Ticket
    helpers: tuple[Load, ...] = ()

    @property
    def due_at(self) -> datetime | None:
        """When its first clock is due; None where no clock runs."""
        due: datetime | None = getattr(self.ticket, "due", None)
        return due


@dataclass(frozen=True, slots=True)
class Board:
    """The team's part of a supervisor's home; ``more_late``: not all that is late is in ``late``; ``is_told``: enough
    is known for a forecast."""

    loads: list[Load]
    late: list[Pressing]
    more_late: bool
    at_risk: list[Pressing]
    is_told: bool
    free: list[Free]


def board(user: User, who: Viewer, at: datetime, told: Iterable[int | None] = ()) -> Board | None:
    """None for who leads nobody; else six queries at most, whatever the teams have, and once a minute the forecast's.

    ``told`` are tickets that the page speaks of already: one ticket is one row.
    """
    if not who.is_supervisor:
        return None
    loads = team_load(who)
    open_ = in_care_of(user, Ticket.objects.active().order_by())
    known = [pk for pk in told if pk]
    open_ = open_.exclude(pk__in=known)
    over, threats = risk.late(open_, at), risk.threatened(open_, at)
    late = [Pressing(clock, _missing(clock, loads)) for clock in over[: risk.MOST]]
    at_risk = [Pressing(one.clock, _missing(one.clock, loads), one.risk) for one in threats.rows]
    shown = [*known, *(one.ticket.pk for one in (*late, *at_risk))]
    free = [timed(ticket) for ticket in with_first_clock(unassigned(user).exclude(pk__in=shown))[:MOST]]
    return Board(
        loads, late, len(over) > risk.MOST, at_risk, threats.is_told,
        [Free(ticket, _helpers(loads, ticket.team_id)) for ticket in free],
    )  # fmt: skip


def team_load(who: Viewer) -> list[Load]:
    """The people of the teams that somebody supervises, all people for who supervises the whole desk: one query."""
    profiles = StaffProfile.objects.filter(user__is_active=True, user__memberships__isnull=False)
    if not who.supervises(None):
        if not who.supervised_team_ids:
            return []
        profiles = profiles.filter(user__memberships__team__in=who.supervised_team_ids)
    tonight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    teams = Membership.objects.filter(user=OuterRef("user")).values("team")
    profiles = (
        profiles.select_related("user")
        .annotate(
            open=Count("user__tickets", filter=IN_WORK, distinct=True),
            due_today=Count("user__tickets", filter=IN_WORK & Q(user__tickets__queue_at__lt=tonight), distinct=True),
            of_teams=ArraySubquery(teams),
        )
        .order_by("user__name", "pk")
    )
    return [
        Load(
            one.user, one.availability, one.get_availability_display(), one.open, one.capacity, one.due_today,
            frozenset(one.of_teams),
        )
        for one in profiles
    ]  # fmt: skip


def unassigned(user: User) -> QuerySet[Ticket]:
    """What nobody has yet, the most urgent first."""
    rows = in_care_of(user, Ticket.objects.active()).filter(assignee=None)
    return rows.select_related("requester", "team").in_queue_order()  # type: ignore[attr-defined]


def _missing(clock: Clock, loads: Iterable[Load]) -> tuple[Load, ...]:
    """Who could take what nobody has."""
    return () if clock.ticket.assignee_id else _helpers(loads, clock.ticket.team_id)


def _helpers(loads: Iterable[Load], team_id: int | None) -> tuple[Load, ...]:
    """Who of the team could take it: who is there and has room first."""
    fitting = [load for load in loads if team_id is None or team_id in load.team_ids]
    return tuple(sorted(fitting, key=lambda load: (not load.is_there, not load.has_room, load.part)))
