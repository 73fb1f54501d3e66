"""Who uses a calendar; and that one in use is not removed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import PROTECT, ManyToOneRel
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.business_hours import BusinessHours, NeverOpen
from common.errors import Refused
from events.recording import record
from staff import policy
from staff.models import Calendar, CalendarVersion, Team


@dataclass(frozen=True, slots=True)
class Use:
    """A team or a policy that counts with a calendar."""

    kind: str
    name: str


Finder = Callable[[Collection[int]], Iterable[tuple[int, str]]]
"""From ids of calendars to (id of the calendar, name of who uses it)."""
_FINDERS: dict[str, Finder] = {
    "team": lambda ids: Team.objects.filter(calendar__in=ids).order_by("name").values_list("calendar", "name")
}


def register_users(kind: str, finder: Finder) -> None:
    """Apps above say here who of theirs uses a calendar; ``kind`` is a code such as ``policy``."""
    _FINDERS[kind] = finder


def users_of(calendars: Collection[int]) -> dict[int, list[Use]]:
    """Who uses each of these calendars now: as many queries as there are kinds of users."""
    found: dict[int, list[Use]] = defaultdict(list)
    for kind, finder in _FINDERS.items():
        for calendar, name in finder(calendars):
            found[calendar].append(Use(kind, name))
    return found


Promised = Callable[[int], Iterable[tuple[str, int]]]
"""From the id of a calendar to (name of who promises a time in its hours, the longest such time in seconds)."""
_PROMISED: list[Promised] = []


def register_promises(finder: Promised) -> None:
    """Apps above say here which times of theirs a calendar has to reach."""
    _PROMISED.append(finder)


FARTHEST = timedelta(days=50 * 366)
"""A promise that is due further away than this is a mistake in its calendar."""


def reach(working: BusinessHours, at: datetime, seconds: float) -> None:
    """Raise ``NeverOpen`` where so much open time is not over within fifty years."""
    if working.add(at, seconds) - at > FARTHEST:
        raise NeverOpen


def check_reach(calendar: Calendar | None, working: BusinessHours, at: datetime) -> None:
    """Raise ``Refused`` where it never opens after ``at``, or never reaches what is promised in its hours (T7)."""
    try:
        working.add(at, 1)
    except NeverOpen as error:
        words = _("Nothing is open any more after this. Give the calendar weekly hours, or open days to come.")
        raise Refused(words, code=error.code, rule="T7", field="hours") from error
    for name, seconds in (one for finder in _PROMISED for one in (finder(calendar.pk) if calendar else ())):
        try:
            reach(working, at, seconds)
        except NeverOpen as error:
            words = _("“%(name)s” promises more time than these hours hold. Give the calendar weekly hours.")
            raise Refused(words % {"name": name}, code=error.code, rule="T7", field="hours") from error


@transaction.atomic
def remove_calendar(calendar: Calendar, *, by: User | None, at: datetime | None = None) -> None:
    """Remove one that nobody uses and nothing was ever counted with. Raises ``Refused`` with who uses it."""
    policy.may_keep_calendars(by).demand()
    row = Calendar.objects.select_for_update().get(pk=calendar.pk)
    may_remove(row)
    record(row, "calendar.removed", by=by, at=at or timezone.now())
    row.versions.all().delete()
    row.delete()


def may_remove(calendar: Calendar) -> None:
    """Raise ``Refused`` with the reason why this calendar stays."""
    if calendar.is_default:
        words = _("This calendar is used where no other is named. Choose another one for that first.")
        raise Refused(words, code="default_calendar")
    users = [one.name for one in users_of([calendar.pk])[calendar.pk]]
    if users:
        words = _("This calendar is in use: %(users)s. Give them another one first.")
        shown = [*users[:10], "…"] if len(users) > 10 else users
        raise Refused(words % {"users": ", ".join(shown)}, code="calendar_in_use")
    if _is_counted_with(calendar):
        words = _(
            "Earlier policies or clocks count with this calendar. It stays, so that their times can be explained."
        )
        raise Refused(words, code="calendar_in_use", rule="S7")


def _is_counted_with(calendar: Calendar) -> bool:
    """Does any row of any app refer to it, or to a version of it, and has to keep it?"""
    versions = list(calendar.versions.values_list("pk", flat=True))
    for model, ids in ((Calendar, [calendar.pk]), (CalendarVersion, versions)):
        for relation in model._meta.get_fields(include_hidden=True):
            if not isinstance(relation, ManyToOneRel) or relation.on_delete is not PROTECT:
                continue
            holder = relation.field.model
            if (
                holder is not CalendarVersion
                and holder._base_manager.filter(**{f"{relation.field.name}__in": ids}).exists()
            ):
                return True
    return False
