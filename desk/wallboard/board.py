"""What the wall shows, from the rows that are enforced (S6): five queries, whatever the desk holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.business_hours import BusinessHours
from desk.counting import counts, shown
from reports.measures.clocks import in_time, late
from reports.measures.proportions import share
from staff.access import viewer
from staff.hours import of_version
from staff.models import Team
from tickets.models import Clock, Escalation, Hold, Ticket

HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
NEXT = 5
MUCH = 5
"""So many points below the week before are a bad day."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure: ``many`` as it is shown (never more than two digits), what it counts, and how that sounds."""

    code: str
    many: str
    name: str | Lazy
    icon: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """One of the clocks that are due next."""

    number: int
    metric: str
    due_at: datetime
    started_at: datetime
    target: int | None
    hours: BusinessHours


@dataclass(frozen=True, slots=True)
class Kept:
    """Clocks that were met in time, of those that were decided in some days; people's promises (T8) are other rows."""

    kept: int
    broken: int

    @property
    def decided(self) -> int:
        return self.kept + self.broken

    @property
    def percent(self) -> int | None:
        part = share(self.kept, self.broken)
        return None if part is None else round(100 * part)


@dataclass(frozen=True, slots=True)
class Board:
    """The whole wall. ``team`` is None for all; ``points`` is how much better today is than the week before."""

    team: Team | None
    teams: list[Team]
    tiles: list[Tile]
    next_due: list[Due]
    today: Kept
    week: Kept

    @property
    def points(self) -> int | None:
        if self.today.percent is None or self.week.percent is None:
            return None
        return self.today.percent - self.week.percent

    @property
    def tone(self) -> str:
        """Better, a little worse, or much worse than the week before."""
        if self.points is None:
            return ""
        return "good" if self.points >= 0 else "warn" if self.points > -MUCH else "bad"

    @property
    def points_off(self) -> int:
        return abs(self.points or 0)


def board(user: User, now: datetime, *, team: int | None = None) -> Board:
    """For all that the reader sees (T13), or for one team of it; a team that is none is all."""
    who = viewer(user)
    teams = list(_teams(user))
    chosen = next((one for one in teams if one.pk == team), None)
    tickets = Ticket.objects.visible_to(user).active().order_by()
    if who.person_id is not None:
        tickets = tickets.exclude(requester=who.person_id)
    if chosen is not None:
        tickets = tickets.filter(team=chosen)
    today, week = _kept(user, chosen, now)
    return Board(chosen, teams, _tiles(user, tickets, now), _next(tickets, now), today, week)


def _teams(user: User) -> QuerySet[Team]:
    """Those in use, as far as the reader may know their tickets."""
    who = viewer(user)
    teams = Team.objects.filter(is_active=True).exclude(pk__in=who.hidden_team_ids).order_by("name")
    return teams.filter(pk__in=who.team_ids | who.supervised_team_ids) if who.is_third_party else teams


def _tiles(user: User, tickets: QuerySet[Ticket], now: datetime) -> list[Tile]:
    running = Clock.objects.filter(stopped_at=None, cancelled_at=None, paused_at=None)
    soon, over = running.filter(due_at__gt=now, due_at__lte=now + HOUR), running.filter(due_at__lte=now)
    holds = Hold.objects.filter(ended_at=None, until__lte=now + HOUR)
    found = counts(
        user,
        unanswered=tickets.filter(unanswered_since__isnull=False),
        soon=tickets.filter(pk__in=soon.values("ticket")),
        overdue=tickets.filter(pk__in=over.values("ticket")),
        holds=tickets.filter(pk__in=holds.values("ticket")),
        escalations=Escalation.objects.filter(status=Escalation.Status.WAITING, ticket__in=tickets),
    )
    told: tuple[tuple[str, str | Lazy, str, str], ...] = (
        ("unanswered", _("wait for an answer"), "mail", ""),
        ("soon", _("due within the hour"), "clock", "warn"),
        ("overdue", _("overdue"), "clock-alert", "bad"),
        ("holds", _("holds end within the hour"), "pause", "warn"),
        ("escalations", _("escalations wait"), "triangle-alert", "bad"),
    )
    return [
        Tile(code, shown(found[code]) or "0", name, icon, tone if found[code] else "")
        for code, name, icon, tone in told
    ]


def _next(tickets: QuerySet[Ticket], now: datetime) -> list[Due]:
    """The tickets that are due next, each by its first clock."""
    running = Clock.objects.filter(
        ticket__in=tickets, stopped_at=None, cancelled_at=None, paused_at=None, due_at__gt=now
    )  # fmt: skip
    # a ticket has a few clocks: the first fives of them hold the first five tickets
    rows = running.select_related("ticket").order_by("due_at", "pk")[: NEXT * len(Clock.Metric.values)]
    found: dict[int, Due] = {}
    for clock in rows:
        if clock.due_at is not None and clock.ticket_id not in found:
            metric, hours = clock.get_metric_display(), of_version(clock.hours_id)
            found[clock.ticket_id] = Due(
                clock.ticket.number, metric, clock.due_at, clock.started_at, clock.target_seconds, hours
            )
    return list(found.values())[:NEXT]


def _kept(user: User, team: Team | None, now: datetime) -> tuple[Kept, Kept]:
    """Clocks met today, and in the seven days before: by when they were met, or broken. One query."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    clocks = Clock.objects.filter(cancelled_at=None, ticket__in=Ticket.objects.visible_to(user).counted().order_by())
    if team is not None:
        clocks = clocks.filter(Q(stopped_at__isnull=False, team=team) | Q(stopped_at=None, ticket__team=team))
    since = midnight - WEEK
    # what broke since then has stopped since then, or runs
    clocks = clocks.filter(Q(stopped_at__gte=since) | Q(stopped_at=None))
    clocks = clocks.annotate(broken_at=Coalesce("breached_at", "due_at"))
    met, broken = in_time(now), late(now)
    found = clocks.aggregate(
        kept_today=Count("pk", filter=met & Q(stopped_at__gte=midnight)),
        kept_week=Count("pk", filter=met & Q(stopped_at__gte=since, stopped_at__lt=midnight)),
        broken_today=Count("pk", filter=broken & Q(broken_at__gte=midnight)),
        broken_week=Count("pk", filter=broken & Q(broken_at__gte=since, broken_at__lt=midnight)),
    )
    return Kept(found["kept_today"], found["broken_today"]), Kept(found["kept_week"], found["broken_week"])
