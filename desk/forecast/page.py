"""The forecast as its reader may see it: their teams, their tickets, each with chance and reason."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.business_hours import BusinessHours
from reports.forecast import Outlook, Wait, outlooks
from reports.forecast.loading import waits_now, work_of_teams
from reports.forecast.words import percent, why
from reports.policy import readable_teams
from staff.access import Viewer, viewer
from staff.hours import of_version
from staff.models import Team
from tickets.models import Clock, Ticket
from tickets.policy.assigning import serves

PROBABLE, POSSIBLE = 0.5, 0.25
SHOWN, SHOWN_OF_ONE = 10, 100
NO_TEAM = 0
"""What an address calls the tickets without a team."""
WORDS: tuple[tuple[float, str | Lazy, str], ...] = (
    (0.9, _("nearly certain"), "bad"),
    (0.7, _("probable"), "bad"),
    (PROBABLE, _("more likely than not"), "warn"),
    (0.0, _("possible"), ""),
)


@dataclass(frozen=True, slots=True)
class Risk:
    """One clock that may run out: on which ticket, how probable that is, and why."""

    ticket: Ticket
    outlook: Outlook
    may_give: bool = False
    """Its reader may give it to somebody of its team."""

    @property
    def metric(self) -> str:
        return str(Clock.Metric(self.outlook.wait.metric).label)

    @property
    def hours(self) -> BusinessHours:
        """What the clock counts: working time, or every hour."""
        return of_version(self.outlook.wait.hours)

    @property
    def percent(self) -> int:
        return percent(self.outlook.chance or 0.0)

    @property
    def words(self) -> str:
        return str(next(words for least, words, _tone in WORDS if (self.outlook.chance or 0.0) >= least))

    @property
    def tone(self) -> str:
        return next(tone for least, _words, tone in WORDS if (self.outlook.chance or 0.0) >= least)

    @property
    def why(self) -> list[str]:
        return why(self.outlook)


@dataclass(slots=True)
class OfTeam:
    """A team's part. ``risks`` are the most probable; the numbers count clocks: ``more`` are not shown, ``calm`` will
    probably be met, ``still`` stand still, ``unknown`` have too little behind them to say anything."""

    key: int | None
    name: str
    risks: list[Risk] = field(default_factory=list)
    probable: int = 0
    possible: int = 0
    more: int = 0
    overdue: int = 0
    calm: int = 0
    still: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Prospect:
    """The whole page: ``ended`` waits of the last half year told it."""

    teams: list[OfTeam]
    probable: int
    ended: int


def prospect(user: User, at: datetime, *, team: int | None = None) -> Prospect:
    """What is to be expected of the reader's teams; with ``team`` only of that one, but more of it. A dozen queries.

    ``team`` is ``NO_TEAM`` for the tickets that have none. A ticket that changes its team meanwhile counts where it is
    now, which is where its reader finds it.
    """
    who = viewer(user)
    waits = waits_now(at)
    theirs: QuerySet[Ticket, tuple[int, int | None]] = _theirs(user, who).values_list("pk", "team")
    seen = dict(theirs)
    names = dict(Team.objects.values_list("pk", "name"))
    parts: dict[int | None, OfTeam] = {
        key: OfTeam(key, names.get(key, "") if key else "")
        for key in sorted({*seen.values()}, key=lambda key: key or 0)
    }
    expected = [one for one in outlooks(waits, at, work_of_teams(waits, at)) if one.wait.ticket in seen]
    shown = _shown(expected, seen, parts, team)
    _count(waits, at, seen, parts)
    tickets = Ticket.objects.visible_to(user).select_related("requester", "assignee")
    found = tickets.in_bulk([one.wait.ticket for one in shown])
    for one in shown:
        if one.wait.ticket in found:
            ticket = found[one.wait.ticket]
            parts[seen[ticket.pk]].risks.append(Risk(ticket, one, serves(user, ticket.team_id)))
    chosen = [part for part in parts.values() if team is None or (part.key or NO_TEAM) == team]
    chosen.sort(key=lambda part: (-part.probable, -part.possible, part.name.lower()))
    return Prospect(chosen, sum(part.probable for part in chosen), sum(wait.is_met for wait in waits))


def _theirs(user: User, who: Viewer) -> QuerySet[Ticket]:
    """The open tickets of the teams they read about, and those that no team has yet, which are for all who may see them
    (X); one's own case is a colleague's matter (T13)."""
    tickets = Ticket.objects.visible_to(user).active().order_by()
    teams = readable_teams(who)
    if teams is not None:
        tickets = tickets.filter(Q(team__in=teams) | Q(team=None))
    return tickets if who.person_id is None else tickets.exclude(requester=who.person_id)


def _shown(
    expected: list[Outlook], seen: dict[int, int | None], parts: dict[int | None, OfTeam], team: int | None
) -> list[Outlook]:
    """The most probable of each team, and how many there are of the rest."""
    shown: list[Outlook] = []
    taken: Counter[int | None] = Counter()
    for one in expected:
        part = parts[seen[one.wait.ticket]]
        if one.chance is None:
            part.unknown += 1
        elif one.chance < POSSIBLE:
            part.calm += 1
        else:
            part.probable += one.chance >= PROBABLE
            part.possible += one.chance < PROBABLE
            if taken[part.key] < (SHOWN if team is None else SHOWN_OF_ONE):
                taken[part.key] += 1
                shown.append(one)
            else:
                part.more += 1
    return shown


def _count(waits: list[Wait], at: datetime, seen: dict[int, int | None], parts: dict[int | None, OfTeam]) -> None:
    """What is late already, and what stands still."""
    late: dict[int | None, set[int]] = defaultdict(set)
    for wait in waits:
        if wait.is_running and wait.target is not None and wait.ticket in seen:
            if wait.due_at is None:
                parts[seen[wait.ticket]].still += 1
            elif wait.due_at <= at:
                late[seen[wait.ticket]].add(wait.ticket)
    for key, tickets in late.items():
        parts[key].overdue = len(tickets)
