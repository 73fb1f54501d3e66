"""Who is there, and when they are back: working hours, quiet hours and availability (N1, P6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property, lru_cache

from django.utils import timezone

from accounts.models import User
from common.business_hours import BusinessHours, NeverOpen
from notifications.models import Notice, NoticeChoice
from staff import hours
from staff.access import ABSENT
from staff.models import Membership, StaffProfile, Team

Because = Notice.Because
WEEK = timedelta(days=7)
MIDNIGHT = time(0)
TURNS = 400
"""Openings that are looked at: hours that quiet hours cover for longer than a year are never reached."""


@lru_cache(maxsize=1024)
def waking_hours(tz: str, since: time, until: time, days: tuple[int, ...]) -> BusinessHours:
    """When quiet hours leave somebody to be told: all but ``since``-``until`` of the days on which they begin.

    Wall time of ``tz``; over midnight when ``until`` is not later, a whole day when both are the same. Raises
    ``BadHours`` where they leave nothing.
    """
    quiet: dict[int, list[tuple[time, time | None]]] = defaultdict(list)
    for day in days:
        if since < until:
            quiet[day].append((since, until))
            continue
        quiet[day].append((since, None))
        if until != MIDNIGHT:
            quiet[(day + 1) % 7].append((MIDNIGHT, until))
    return BusinessHours(tz, {day: _rest(quiet[day]) for day in range(7)})


def _rest(quiet: Collection[tuple[time, time | None]]) -> list[tuple[time, time]]:
    """The spans of a day that these leave; None is the midnight that ends it."""
    left, since = [], MIDNIGHT
    for begins, ends in sorted(quiet, key=lambda span: span[0]):
        if since < begins:
            left.append((since, begins))
        if ends is None:
            return left
        since = max(since, ends)
    return [*left, (since, MIDNIGHT)]


@dataclass(frozen=True, slots=True)
class Absence:
    """Why somebody is not there, and until when, as far as that is known (aware, UTC)."""

    because: str
    until: datetime | None = None


@dataclass(frozen=True)
class Presence:
    """One member of staff, as far as telling them goes. ``working``: at work while any of these is open."""

    user: User
    choice: NoticeChoice
    availability: str
    working: tuple[BusinessHours, ...]

    @cached_property
    def waking(self) -> BusinessHours | None:
        """When they are not in their quiet hours; None: they have none."""
        choice = self.choice
        if choice.quiet_from is None or choice.quiet_to is None or not choice.quiet_days:
            return None
        days = tuple(sorted(choice.quiet_days))
        return waking_hours(self.user.time_zone, choice.quiet_from, choice.quiet_to, days)

    def is_quiet(self, at: datetime) -> bool:
        """Is it one of their quiet hours?"""
        return self.waking is not None and not self.waking.is_open(at)

    def is_at_work(self, at: datetime) -> bool:
        """Inside the working hours of their own calendar, or of any of their teams?"""
        return any(one.is_open(at) for one in self.working)

    def may_hear(self, at: datetime) -> bool:
        """May a mail that is not urgent reach them now? Inside working hours and outside quiet ones."""
        return self.user.is_active and self.is_at_work(at) and not self.is_quiet(at)

    def is_there(self, at: datetime) -> bool:
        """May they be counted on now: they may hear of it, and said neither that they are away nor off."""
        return self.may_hear(at) and self.availability not in ABSENT

    def next_hearing(self, at: datetime) -> datetime | None:
        """``at`` while they may hear, else when they may next; None when never."""
        if not self.user.is_active:
            return None
        try:
            for _turn in range(TURNS):
                opens = min(one.next_open(at) for one in self.working)
                at = opens if self.waking is None else self.waking.next_open(opens)
                if at == opens:
                    return at
        except NeverOpen:
            pass
        return None

    def back_at(self, at: datetime) -> datetime | None:
        """When they can be counted on, as far as hours tell: ``at`` while they are there.

        Who is away or off inside their working hours is expected when those next begin; who works around the clock then
        is not expected at all. What they said outside their hours does not count: people go home.
        """
        if self.is_there(at):
            return at
        if not self.may_hear(at):
            return self.next_hearing(at)
        at_work = [_closing(one, at) for one in self.working if one.is_open(at)]
        last = None if None in at_work else max(end for end in at_work if end is not None)
        ends = [last, _closing(self.waking, at) if self.waking else None]
        known = [end for end in ends if end is not None]
        return self.next_hearing(min(known)) if known else None

    def absence(self, at: datetime) -> Absence | None:
        """Why they are not there; None when they are."""
        if not self.user.is_active:
            return Absence(Because.LEFT)
        if self.is_there(at):
            return None
        back = self.back_at(at)
        if self.availability in ABSENT and self.is_at_work(at) and not self.is_quiet(at):
            return Absence(Because.AWAY if self.availability == StaffProfile.Availability.AWAY else Because.OFF, back)
        return Absence(Because.QUIET if self.is_quiet(at) else Because.AFTER_HOURS, back)


def _closing(hours_of_one: BusinessHours, at: datetime) -> datetime | None:
    """When the span ends that is open at ``at``; None when it lasts for a week."""
    end = next((until for since, until in hours_of_one.spans_between(at, at + WEEK) if since <= at), None)
    return None if end is None or end >= at + WEEK else end


def presences(users: Iterable[User | int], at: datetime) -> dict[int, Presence]:
    """Each of these by id, as they stand at ``at``: four queries, and one for each calendar that counts."""
    asked = {one if isinstance(one, int) else one.pk for one in users}
    people = list(User.objects.filter(pk__in=asked).select_related("staff_profile", "notice_choice"))
    if not people:
        return {}
    teams = {team.pk: team for team in Team.objects.filter(is_active=True)}
    serving: dict[int, set[int]] = defaultdict(set)
    for user_id, team_id in Membership.objects.filter(user__in=asked).values_list("user_id", "team_id"):
        serving[user_id].add(team_id)
    for team in teams.values():
        if team.supervisor_id in asked:
            serving[team.supervisor_id].add(team.pk)
    chosen = {user.pk: choice_of(user) for user in people}
    calendars = {
        user.pk: (
            {chosen[user.pk].calendar_id}
            if chosen[user.pk].calendar_id
            else {_calendar(teams, pk) for pk in serving[user.pk] if pk in teams} or {None}
        )
        for user in people
    }
    working = _working({one for wanted in calendars.values() for one in wanted}, at)
    return {
        user.pk: Presence(
            user,
            chosen[user.pk],
            _availability(user),
            tuple(dict.fromkeys(working[one] for one in sorted(calendars[user.pk], key=lambda pk: pk or 0))),
        )
        for user in people
    }


def there(users: Collection[int], at: datetime) -> set[int]:
    """Those of these who can be counted on at ``at``: they are there, at work, and outside their quiet hours."""
    return {pk for pk, one in presences(users, at).items() if one.is_there(at)}


def presence_of(user: User, at: datetime | None = None) -> Presence:
    """One person, as they stand now."""
    now = at or timezone.now()
    return presences([user], now)[user.pk]


def choice_of(user: User) -> NoticeChoice:
    """What they chose, or the row as it stands before they do (not saved)."""
    return getattr(user, "notice_choice", None) or NoticeChoice(user=user)


def _availability(user: User) -> str:
    profile = getattr(user, "staff_profile", None)
    return profile.availability if profile else StaffProfile.Availability.OFF


def _calendar(teams: dict[int, Team], pk: int | None) -> int | None:
    """The team's calendar, or the nearest above it; None is the default one."""
    seen: set[int] = set()
    while pk is not None and pk not in seen and pk in teams:
        if teams[pk].calendar_id:
            return teams[pk].calendar_id
        seen.add(pk)
        pk = teams[pk].parent_id
    return None


def _working(calendars: Collection[int | None], at: datetime) -> dict[int | None, BusinessHours]:
    found: dict[int | None, BusinessHours] = {
        pk: hours.of_version(hours.version_at(pk, at)) for pk in calendars if pk is not None
    }
    if None in calendars:
        found[None] = hours.business_hours(at=at)
    return found
