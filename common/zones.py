"""The time zones that this machine knows."""

from functools import cache
from zoneinfo import available_timezones


@cache
def names() -> frozenset[str]:
    """Every zone by its name (``Europe/Rome``), read once: Python looks through six hundred files at each question."""
    return frozenset(available_timezones())
