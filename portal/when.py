"""Times and names inside a sentence, as marked-up text: on the customer's clock, near days by their name."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

NEAR = timedelta(days=6)


def say(sentence: str, **values: object) -> SafeString:
    """A translated sentence with ``%(name)s`` in it: moments become ``<time>``, words of people are set apart."""
    marked = {name: _marked(value) for name, value in values.items()}
    return mark_safe(conditional_escape(sentence) % marked)  # every value was escaped


def _marked(value: object) -> SafeString:
    if isinstance(value, datetime):
        words = when(value)
        return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), full(value), words)
    if isinstance(value, SafeString):
        return value
    return format_html("<bdi>{}</bdi>", value)


def when(moment: datetime, *, now: datetime | None = None) -> str:
    """``today at 14:00``, ``Thursday at 14:00``, or with the date where the name of the day could mislead."""
    local, today = timezone.localtime(moment), timezone.localtime(now)
    days = (local.date() - today.date()).days
    clock = date_format(local, "TIME_FORMAT")
    near = {-1: _("yesterday at %(time)s"), 0: _("today at %(time)s"), 1: _("tomorrow at %(time)s")}
    if days in near:
        return near[days] % {"time": clock}
    if 0 < days <= NEAR.days:
        return _("%(day)s at %(time)s") % {"day": date_format(local, "l"), "time": clock}
    return _("%(date)s at %(time)s") % {"date": day(local), "time": clock}


def day(moment: datetime) -> str:
    """``Thursday 3 December``; with the year where it is another."""
    local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    pattern = "l j F" if local.year == timezone.localtime().year else "l j F Y"
    return date_format(local, pattern)


def full(moment: datetime) -> str:
    """The moment with its date and zone, for who points at it."""
    local = timezone.localtime(moment)
    return f"{date_format(local, 'DATETIME_FORMAT')} ({local.tzname()})"


def zone_words() -> str:
    """Whose clock the page's times are on: ``Oslo (UTC+1)``; for everybody who has not the desk's zone, and nobody."""
    zone = timezone.get_current_timezone()
    name = str(getattr(zone, "key", "") or zone)
    place = name.rsplit("/", 1)[-1].replace("_", " ")
    offset = _offset(zone)
    return offset if place in ("UTC", "GMT") else f"{place} ({offset})"


def is_foreign_zone() -> bool:
    """Whether the page's times are on another clock than the desk's."""
    return str(timezone.get_current_timezone_name()) != settings.TIME_ZONE


def _offset(zone: tzinfo) -> str:
    minutes = int((datetime.now(zone).utcoffset() or timedelta()).total_seconds() // 60)
    sign = "+" if minutes >= 0 else "-"
    hours, rest = divmod(abs(minutes), 60)
    return "UTC" if not minutes else f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")
