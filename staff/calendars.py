"""Calendars as people keep them become versions, which clocks count with and which never change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Max, ProtectedError, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Malformed, Refused
from common.text import clean_line
from events.recording import record
from staff import calendar_use, policy
from staff.calendar_terms import YEARS_AHEAD, Day, Terms, check, checked, read, read_terms, says
from staff.models import Calendar, CalendarSpan, CalendarVersion, Holiday
from staff.public_holidays import public_holidays_of

__all__ = [
    "Day",
    "Terms",
    "add_calendar",
    "change_calendar",
    "in_force",
    "last_version",
    "plan",
    "public_holidays_of",
    "publish",
    "read",
    "stamp",
    "take_back_plan",
]


@transaction.atomic
def add_calendar(
    name: str, terms: Terms, *, by: User | None, is_default: bool = False, at: datetime | None = None
) -> Calendar:
    """A new calendar; its first version holds since ever. Raises ``Malformed``, ``Refused`` (``name_taken``)."""
    policy.may_keep_calendars(by).demand()
    now = at or timezone.now()
    terms = checked(terms, now)
    calendar_use.check_reach(None, read_terms(terms, now), now)
    cleaned = _name(name)
    if is_default:
        _no_other_default()
    row = Calendar.objects.create(name=cleaned, time_zone=terms.time_zone, is_default=is_default)
    record(row, "calendar.added", by=by, at=now)
    _write(row, terms)
    publish(row, by=by, at=now)
    return row


@transaction.atomic
def change_calendar(
    calendar: Calendar,
    terms: Terms,
    *,
    by: User | None,
    name: str | None = None,
    is_default: bool = False,
    valid_from: date | None = None,
    seen: str | None = None,
    at: datetime | None = None,
) -> CalendarVersion:
    """Let it say something else, now or from the beginning of the local day ``valid_from`` on.

    Clocks that run keep their version. A change that was planned for later is replaced by this one. ``seen`` is the
    ``stamp`` of what the editor was looking at: ``Refused`` (``changed_meanwhile``) when it is another one by now.
    """
    policy.may_keep_calendars(by).demand()
    now = at or timezone.now()
    terms = checked(terms, now)
    row = _locked(calendar)
    if seen is not None and seen != stamp(row):
        words = _("Somebody changed this calendar while you did. Compare, then save again if yours is to hold.")
        raise Refused(words, code="changed_meanwhile")
    begins = _begins(valid_from, terms, row, now)
    calendar_use.check_reach(row, read_terms(terms, now), begins or now)
    is_renamed = name is not None and name != row.name
    if is_renamed:
        row.name = _name(str(name), besides=row)
    if is_default and not row.is_default:
        _no_other_default()
        row.is_default, is_renamed = True, True
    if is_renamed:
        row.save(update_fields=["name", "is_default"])
        record(row, "calendar.changed", by=by, at=now, is_default=row.is_default)
    planned = plan(row, now)
    if planned and planned.valid_from == begins and Terms.of(row) == terms:
        return planned
    _forget_plans(row, now)
    _write(row, terms)
    return publish(row, by=by, at=now, valid_from=begins)


@transaction.atomic
def take_back_plan(calendar: Calendar, *, by: User | None, at: datetime | None = None) -> None:
    """What was planned for a later day does not come; the calendar goes on as it is. Without a plan nothing happens."""
    policy.may_keep_calendars(by).demand()
    now, row = at or timezone.now(), _locked(calendar)
    planned = plan(row, now)
    if planned is None:
        return
    record(row, "calendar.plan_taken_back", by=by, at=now, version=planned.pk, number=planned.number)
    _forget_plans(row, now)
    held = last_version(row)
    if held is not None:
        _write(row, Terms.of_version(held))


@transaction.atomic
def publish(
    calendar: Calendar, *, by: User | None = None, at: datetime | None = None, valid_from: datetime | None = None
) -> CalendarVersion:
    """The calendar's rows as they stand now, as a version; the last one if that says the same.

    The first version holds since ever, a later one from ``valid_from`` (``at``, which is now). Clocks that run keep
    theirs. Raises ``Malformed`` for hours, a zone or a country that cannot be.
    """
    calendar = _locked(calendar)
    now = at or timezone.now()
    columns = Terms.of(calendar).columns(now)
    check(columns)
    last = last_version(calendar)
    if last is not None and says(last) == columns:
        return last
    version = new_version(calendar, columns, by=by, at=now, valid_from=valid_from or now if last else None)
    if by is not None or last is not None:  # the desk's first calendar is no change
        record(calendar, "calendar.published", by=by, at=now, version=version.pk, number=version.number)
    return version


def new_version(
    calendar: Calendar, columns: Mapping[str, Any], *, by: User | None, at: datetime, valid_from: datetime | None
) -> CalendarVersion:
    """A version of these columns, with the next number; the calendar is locked."""
    number = (calendar.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    digest = hashlib.sha256(json.dumps(columns, sort_keys=True).encode()).hexdigest()
    return CalendarVersion.objects.create(
        calendar=calendar, number=number, digest=digest, made_by=by, made_at=at, valid_from=valid_from, **columns
    )


def last_version(calendar: Calendar) -> CalendarVersion | None:
    """The one that comes into force last: what the rows say."""
    return calendar.versions.order_by(F("valid_from").desc(nulls_last=True), "-number").first()


def in_force(calendar: Calendar, at: datetime) -> CalendarVersion | None:
    """The version that holds at ``at``."""
    held = calendar.versions.filter(Q(valid_from=None) | Q(valid_from__lte=at))
    return held.order_by(F("valid_from").desc(nulls_last=True), "-number").first()


def plans(calendar: Calendar, at: datetime) -> QuerySet[CalendarVersion]:
    """What holds from a later time on."""
    return calendar.versions.filter(valid_from__gt=at)


def plan(calendar: Calendar, at: datetime) -> CalendarVersion | None:
    """The change that is planned, if there is one."""
    return plans(calendar, at).select_related("made_by").order_by("-valid_from", "-number").first()


def stamp(calendar: Calendar) -> str:
    """Differs from before when anything of the calendar was changed."""
    last = last_version(calendar)
    state = [last.pk if last else 0, calendar.name, calendar.is_default]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()[:20]


def _begins(day: date | None, terms: Terms, calendar: Calendar, now: datetime) -> datetime | None:
    """The first instant of that local day. Raises ``Malformed`` for one gone by, and where a new date comes before."""
    if day is None:
        return None
    zone = ZoneInfo(terms.time_zone)
    begins, today = datetime.combine(day, time(), zone), now.astimezone(zone).date()
    if begins <= now:
        raise Malformed(_("Choose a day to come, or let it hold from now on."), code="bad_date", field="valid_from")
    if day.year > now.year + YEARS_AHEAD:
        raise Malformed(_("Choose an earlier day."), code="bad_date", field="valid_from")
    version = in_force(calendar, now)
    held = Terms.of_version(version).days if version else {}
    early = sorted(one for one in {*held, *terms.days} if today <= one < day and held.get(one) != terms.days.get(one))
    if early:
        words = _("%(day)s lies before the day from which this holds. Save it by itself first.")
        shown = date_format(early[0], "j F Y")
        raise Malformed(words % {"day": shown}, code="bad_date", field="days")
    return begins


def _write(calendar: Calendar, terms: Terms) -> None:
    """The rows that people see and edit."""
    calendar.time_zone, calendar.country, calendar.subdivision = terms.time_zone, terms.country, terms.subdivision
    calendar.save(update_fields=["time_zone", "country", "subdivision"])
    CalendarSpan.objects.filter(calendar=calendar).delete()
    Holiday.objects.filter(calendar=calendar).delete()
    weekly = [
        CalendarSpan(calendar=calendar, weekday=day, opens=opens, closes=closes)
        for day, spans in terms.hours.items()
        for opens, closes in spans
    ]
    special = [
        CalendarSpan(calendar=calendar, date=day, opens=opens, closes=closes, name=one.name)
        for day, one in terms.days.items()
        for opens, closes in one.spans
    ]
    CalendarSpan.objects.bulk_create([*weekly, *special])
    Holiday.objects.bulk_create(
        Holiday(calendar=calendar, date=day, name=one.name) for day, one in terms.days.items() if not one.spans
    )


def _forget_plans(calendar: Calendar, now: datetime) -> None:
    try:
        plans(calendar, now).delete()
    except ProtectedError as error:
        words = _("Something counts with the planned change already. It can be replaced once it holds.")
        raise Refused(words, code="plan_in_use", field="valid_from") from error


def _no_other_default() -> None:
    list(Calendar.objects.select_for_update().filter(is_default=True).values_list("pk"))
    Calendar.objects.filter(is_default=True).update(is_default=False)


def _name(name: str, besides: Calendar | None = None) -> str:
    cleaned = clean_line(name, 80, field="name")
    if not cleaned:
        raise Malformed(_("Give the calendar a name."), code="no_name", field="name")
    others = Calendar.objects.exclude(pk=besides.pk) if besides else Calendar.objects.all()
    if others.filter(name__iexact=cleaned).exists():
        raise Refused(_("There is a calendar of this name."), code="name_taken", field="name")
    return cleaned


def _locked(calendar: Calendar) -> Calendar:
    return Calendar.objects.select_for_update().get(pk=calendar.pk)
