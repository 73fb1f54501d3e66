"""A calendar made in passing, of the hours that somebody wrote into a policy."""

from __future__ import annotations

from itertools import count

from django.utils.translation import gettext as _

from accounts.models import User
from staff.calendars import Terms, add_calendar
from staff.models import Calendar
from staff.public_holidays import country_name
from staff.words import hours_in_words, parse_hours

LONGEST_NAME = 80


def calendar_of(text: str, time_zone: str, country: str = "", *, by: User) -> Calendar:
    """The calendar with these hours, named after them; one that says the same is that one. Raises ``Malformed``."""
    weekly = {day: tuple(spans) for day, spans in parse_hours(text).items()}
    terms = Terms(time_zone=time_zone, hours=weekly, country=country)
    stem = _("%(hours)s %(zone)s") % {"hours": hours_in_words(terms.hours), "zone": time_zone}
    stem = f"{stem}, {country_name(country)}" if country else stem
    stem = stem if len(stem) < LONGEST_NAME - 5 else stem[: LONGEST_NAME - 6] + "…"
    for n in count(1):
        name = stem if n == 1 else f"{stem} ({n})"
        known = Calendar.objects.filter(name__iexact=name).first()
        if known is None:
            return add_calendar(name, terms, by=by)
        if Terms.of(known) == terms:
            return known
    raise AssertionError("there are more numbers than calendars")
