"""Numbers as people read them; no data is said in words."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from common.durations import spoken


def percent(part: float | None, *, digits: int = 1) -> str:
    """``96.4 %`` of a part of one. Only all is 100 %, and only none is 0 %."""
    if part is None:
        return _("no data")
    return _("%(number)s %%") % {"number": _trimmed(in_percent(part, digits=digits), digits)}


def in_percent(part: float, *, digits: int = 1) -> float:
    """``96.4`` of a part of one, as it is shown: only all is 100, and only none is 0."""
    step = 10.0**-digits
    shown = round(part * 100, digits)
    return round(min(max(shown, step), 100 - step), digits) if 0 < part < 1 else shown


def points(part: float) -> str:
    """``1.2`` points for a difference of parts, without its sign."""
    return number_format(round(abs(part) * 100, 1), 1)  # which cuts off, and does not round


def signed_points(part: float) -> str:
    """``+1.2 pts`` or ``−1.2 pts``."""
    if not round(part * 100, 1):
        return _("no change")
    return _("%(sign)s%(points)s pts") % {"sign": "+" if part > 0 else "−", "points": points(part)}


def seconds(value: float | None) -> str:
    """``2 h 50 min``; an answer in the same breath is ``at once``."""
    if value is None:
        return _("no data")
    return spoken(value) if value >= 1 else _("at once")


def count(value: int | None) -> str:
    """``1,123``, with the separator of the reader's language."""
    return _("no data") if value is None else number_format(value, force_grouping=True)


def said(value: float | int | None, unit: str) -> str:
    """A measure's value by its unit."""
    return {"share": percent, "seconds": seconds, "count": count}[unit](value)  # type: ignore[operator]


def _trimmed(value: float, digits: int) -> str:
    return number_format(value, 0 if value in (0, 100) else digits)
