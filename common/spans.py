"""Spans of wall time within one day, as seconds since midnight: read, written, joined, cut."""

from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any

from django.utils.translation import gettext as _

from common.errors import Malformed

END_OF_DAY = "24:00"
FULL_DAY = ((0, 86_400),)

Spans = tuple[tuple[int, int], ...]  # (opens, closes), sorted, apart


def read_spans(given: Iterable[Any]) -> Spans:
    """Sorted, with overlapping and touching spans joined; empty spans fall out."""
    spans: list[tuple[int, int]] = []
    try:
        ordered = sorted((wall_seconds(opens), wall_seconds(closes)) for opens, closes in given)
    except (TypeError, ValueError) as error:
        raise Malformed(_("Opening hours are pairs of times such as 09:00 and 17:30."), code="bad_hours") from error
    for opens, closes in ordered:
        if closes < opens:
            raise Malformed(
                _("Hours end after they begin; write a shift over midnight as two spans."), code="bad_hours"
            )
        if spans and opens <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(closes, spans[-1][1])
        elif opens < closes:
            spans.append((opens, closes))
    return tuple(spans)


def read_dated(given: Any) -> tuple[tuple[date, Spans], ...]:
    """Spans by date, as sorted pairs that can be hashed."""
    pairs = given.items() if isinstance(given, Mapping) else given
    return tuple(sorted((day, read_spans(spans)) for day, spans in pairs))


def wall_seconds(wall: Any) -> int:
    """Seconds since midnight of a ``time``, "HH:MM[:SS]", "24:00" or of such a number itself."""
    if isinstance(wall, int) and 0 <= wall <= 86_400:
        return wall
    if wall == END_OF_DAY:
        return 86_400
    if isinstance(wall, str):
        wall = time.fromisoformat(wall)
    if not isinstance(wall, time):
        raise TypeError(f"not a time: {wall!r}")
    return wall.hour * 3600 + wall.minute * 60 + wall.second


def write_spans(spans: Spans) -> list[list[str]]:
    """Spans as JSON: [["09:00", "17:00"]]."""
    return [[_wall_text(opens), _wall_text(closes)] for opens, closes in spans]


def _wall_text(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours:02}:{minutes:02}" + (f":{seconds:02}" if seconds else "")


def without(spans: Spans, breaks: Spans) -> Spans:
    """What is left of the spans when the breaks are taken out."""
    edges: list[tuple[int, int]] = list(spans)
    for starts, ends in breaks:
        edges = [
            part
            for opens, closes in edges
            for part in ((opens, min(closes, starts)), (max(opens, ends), closes))
            if part[0] < part[1]
        ]
    return tuple(edges)
