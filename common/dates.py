"""Moments written in the reader's language. Django takes a hundred steps for each, and a page writes the same days over
and over: a day is written once, and each moment puts its own time there."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language

SOME_TIME = time(3, 47)
WRITTEN = (("03:47", "02d"), ("3:47", "d"))
"""How a language may write that time, and how its hours are written then."""


def in_full(moment: datetime) -> str:
    """Day and time, in the reader's zone."""
    local = timezone.localtime(moment)
    before, hours = _with_a_time(local.date(), get_language() or "")
    if not hours:
        return date_format(local, "DATETIME_FORMAT")
    return f"{before}{local.hour:{hours}}:{local.minute:02d}"


def on_day(day: date, form: str) -> str:
    """A day as ``form`` (``MONTH_DAY_FORMAT``) writes it."""
    return _on_day(day, form, get_language() or "")


@lru_cache(maxsize=4096)
def _with_a_time(day: date, _language: str) -> tuple[str, str]:
    """What stands before the time, and how hours are written; nothing where the time is not the end of it."""
    words = date_format(datetime.combine(day, SOME_TIME), "DATETIME_FORMAT")
    for written, hours in WRITTEN:
        if words.endswith(written):
            return words.removesuffix(written), hours
    return "", ""


@lru_cache(maxsize=4096)
def _on_day(day: date, form: str, _language: str) -> str:
    return date_format(day, form)
