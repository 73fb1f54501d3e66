"""What a version of a calendar says, and what it says otherwise than another, in words."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from staff.calendar_terms import Day, Terms, source_of
from staff.models import CalendarVersion
from staff.public_holidays import place_name
from staff.words import hours_in_words, spans_in_words

DAYS_SAID = 6
"""So many dates are named, of more the number."""


def hours_said(version: CalendarVersion) -> str:
    """``Mon–Fri 8:00–18:00``."""
    return hours_in_words(Terms.of_version(version).hours)


def place_said(version: CalendarVersion) -> str:
    """Whose public holidays: ``Germany, Bayern``; nothing where there are none."""
    source = source_of(version)
    return place_name(source["country"], source["subdivision"])


def zone_said(name: str) -> str:
    """``America/New York``."""
    return name.replace("_", " ")


def day_said(one: Day) -> str:
    """``Closed (Fair)`` or ``8:00–12:00``."""
    return f"{spans_in_words(one.spans)} ({one.name})" if one.name else spans_in_words(one.spans)


def differences(before: CalendarVersion, after: CalendarVersion) -> list[str]:
    """A sentence for each thing that ``after`` says otherwise; none where they say the same."""
    old, new = Terms.of_version(before), Terms.of_version(after)
    instead, said = _("%(after)s instead of %(before)s"), []
    if old.hours != new.hours:
        said.append(instead % {"after": hours_in_words(new.hours), "before": hours_in_words(old.hours)})
    if old.time_zone != new.time_zone:
        said.append(instead % {"after": zone_said(new.time_zone), "before": zone_said(old.time_zone)})
    if (old.country, old.subdivision) != (new.country, new.subdivision):
        places = {"after": place_said(after), "before": place_said(before)}
        if not places["after"]:
            said.append(_("No public holidays instead of those of %(before)s") % places)
        elif not places["before"]:
            said.append(_("Public holidays of %(after)s") % places)
        else:
            said.append(_("Public holidays of %(after)s instead of %(before)s") % places)
    else:
        said += _holidays(before, after)
    return said + _days(old, new)


def _holidays(before: CalendarVersion, after: CalendarVersion) -> list[str]:
    """How many public holidays are other ones, in the years that both know."""
    sources = source_of(before), source_of(after)
    until = min(one["until"] for one in sources)
    old, new = (
        {day for day in version.holidays if day[:4] <= str(until) and day not in source["closed"]}
        for version, source in zip((before, after), sources, strict=True)
    )
    own = {*sources[0]["closed"], *sources[1]["closed"], *before.special_days, *after.special_days}
    more, fewer = len(new - old - own), len(old - new - own)
    said = []
    if more:
        said.append(ngettext("%(n)s public holiday more", "%(n)s public holidays more", more) % {"n": more})
    if fewer:
        said.append(ngettext("%(n)s public holiday fewer", "%(n)s public holidays fewer", fewer) % {"n": fewer})
    if sources[0]["until"] != sources[1]["until"]:
        said.append(_("Public holidays written out until %(year)s") % {"year": sources[1]["until"]})
    return said


def _days(old: Terms, new: Terms) -> list[str]:
    changed = sorted(day for day in {*old.days, *new.days} if old.days.get(day) != new.days.get(day))
    said = [_day(day, new.days.get(day)) for day in changed[:DAYS_SAID]]
    more = len(changed) - len(said)
    if more:
        said.append(ngettext("%(n)s day more", "%(n)s days more", more) % {"n": more})
    return said


def _day(day: date, one: Day | None) -> str:
    shown = {"day": date_format(day, "j F Y"), "said": day_said(one) if one else ""}
    return _("%(day)s: %(said)s") % shown if one else _("%(day)s: like its weekday again") % shown
