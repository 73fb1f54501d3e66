"""Spans of time as people say them."""

from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import get_language
from django.utils.translation import gettext as _


class Units(NamedTuple):
    """How one language writes spans."""

    days: str
    hours: str
    minutes: str
    seconds: str
    soon: str


def spoken(seconds: float, *, exact: bool = False, days: bool = True) -> str:
    """``2 h 50 min`` for a span in seconds, its two largest units; seconds are said only when ``exact``.

    Without ``days`` many hours stay hours: a day of working time has no length that everybody knows.
    """
    seconds = int(abs(seconds))
    minutes, rest = divmod(seconds, 60)
    units = _units(get_language() or "")
    if exact and minutes < 60:
        parts = [units.minutes % {"n": minutes}] if minutes else []
        if rest or not minutes:
            parts.append(units.seconds % {"n": rest})
        return " ".join(parts)
    if not minutes:
        return units.soon
    hours, minutes = divmod(minutes, 60)
    if days and hours >= 24:
        larger, smaller = (units.days, hours // 24), (units.hours, hours % 24)
    else:
        larger, smaller = (units.hours, hours), (units.minutes, minutes)
    return " ".join(unit % {"n": n} for unit, n in (larger, smaller) if n)


@lru_cache(maxsize=64)
def _units(_language: str) -> Units:
    return Units(_("%(n)d d"), _("%(n)d h"), _("%(n)d min"), _("%(n)d s"), _("under 1 min"))
