"""Spans of time and sizes of files as people write them: ``30 min``, ``1 d 12 h``, ``25 MB``."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

MINUTE, HOUR, DAY = 60, 3600, 86_400
SPANS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), MINUTE),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), HOUR),
    **dict.fromkeys(("d", "day", "days"), DAY),
    **dict.fromkeys(("w", "week", "weeks"), 7 * DAY),
}
SIZES = {"b": 1, "byte": 1, "bytes": 1, "k": 2**10, "kb": 2**10, "m": 2**20, "mb": 2**20, "g": 2**30, "gb": 2**30}
PART = re.compile(r"\s*(?:,|and\s)?\s*([0-9]{1,12}(?:[.,][0-9]{1,6})?)\s*([^\W\d_][^\s\d,]*)")
IN_HOURS = 3 * DAY
"""Below it a span is told in hours: "24 h" means the same to everybody, a day of work does not."""


def read_span(text: str) -> int:
    """The seconds of ``2 h``, ``1.5 hours`` or ``1 d 12 h``; ``ValueError`` where a number stands without its unit."""
    return _read(text, {**SPANS, **{_unit(words): seconds for words, seconds in _spoken_units()}})


def written_span(seconds: int) -> str:
    """The same the other way round, to the second: ``24 h``, ``5 d``, ``1 h 30 min``."""
    left, parts = int(seconds), []
    for words, unit in _spoken_units():
        if unit == DAY and left < IN_HOURS:
            continue
        many, left = divmod(left, unit)
        parts += [words % {"n": many}] if many else []
    return " ".join(parts) or _("%(n)d s") % {"n": 0}


def read_size(text: str) -> int:
    """The bytes of ``25 MB`` or ``500 kB``; ``ValueError`` where a number stands without its unit."""
    return _read(text, SIZES)


def written_size(size: int) -> str:
    """The same the other way round, to the byte."""
    for name, unit in (("MB", 2**20), ("kB", 2**10)):
        if size and size % unit == 0:
            return f"{size // unit} {name}"
    return f"{size} B"


def _spoken_units() -> list[tuple[str, int]]:
    return [(_("%(n)d d"), DAY), (_("%(n)d h"), HOUR), (_("%(n)d min"), MINUTE), (_("%(n)d s"), 1)]


def _unit(words: str) -> str:
    """What stands beside the number, as it is typed."""
    return (words % {"n": 1}).replace("1", "").strip().lower()


def _read(text: str, units: dict[str, int]) -> int:
    text, at, whole = text.strip().lower(), 0, 0.0
    while at < len(text) or not text:
        part = PART.match(text, at)
        unit = units.get(part[2].rstrip(".")) if part else None
        if part is None or unit is None:
            raise ValueError("Each number needs its unit.")
        whole += float(part[1].replace(",", ".")) * unit
        at = part.end()
    return round(whole)
