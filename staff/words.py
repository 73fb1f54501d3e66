"""Opening hours as people write them, ``Mon–Fri 8–18, Sat 10–14``, and as the desk says them back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import time
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from common.errors import Malformed

Span = tuple[time, time]
"""Opens and closes, wall time; an end of 00:00 is the midnight that ends the day."""
Hours = dict[int, list[Span]]
"""Spans by weekday, Monday is 0; a day without hours is not in it."""
Minutes = tuple[int, int]
"""Since midnight; an end beyond ``DAY`` lies on the next day."""

DAY = 24 * 60
LONGEST = 1000  # characters
WEEK = range(7)
WHOLE_DAY: Span = (time(0), time(0))

TOKEN = re.compile(
    r"""(?P<always>24\s*/\s*7|\b24\s*(?:h|hrs?|hours|std|timer|t)\b(?!\s*\d))
    |(?P<hour>\d{1,2})(?:\s?[:.h]\s?(?P<minute>\d{2})(?!\d)|\s?h\b)?\s*(?P<half>[ap]\.?m\b\.?)?(?!\d)
    |(?P<short>\d{4})(?!\d)
    |(?P<dash>-+)|(?P<also>[,;&+/|\n]|\band\b|\bund\b|\bog\b|\boch\b|\bet\b|\by\b)|(?P<colon>:)
    |(?P<word>[^\W\d_][^\s\d,;:&+/|()\-]*)""",
    re.VERBOSE,
)
UNTIL = frozenset({"to", "till", "til", "until", "through", "thru", "bis", "à", "au", "a", "al", "do", "по", "до"})
FROM = frozenset({"from", "von", "fra", "från", "de", "du", "das", "kl", "h", "uhr", "open", "hours", "o'clock", "on"})
CLOSED = frozenset({"closed", "off", "none", "no", "geschlossen", "stengt", "lukket", "stängt", "fermé", "cerrado"})
GROUPS = {
    **dict.fromkeys(("daily", "everyday", "täglich", "dagligen", "daglig"), WEEK),
    **dict.fromkeys(("weekday", "weekdays", "workdays", "workday", "werktags", "hverdager", "vardagar"), range(5)),
    **dict.fromkeys(("weekend", "weekends", "wochenende", "helg"), range(5, 7)),
}
PHRASES = {
    r"\b(?:every|each|all) days?\b|\balle tage\b|\bhver dag\b|\bvarje dag\b": "daily",
    r"\bworking days?\b": "weekdays",
    r"\baround the clock\b|\bround the clock\b|\balways(?: open)?\b|\brund um die uhr\b|\bdøgnet rundt\b": "24h",
    r"\bnoon\b|\bmidday\b": "12:00",
    r"\bmidnight\b": "24:00",
}


def parse_hours(text: str) -> Hours:
    """The week that ``text`` describes, spans in order and those that touch joined.

    Days (names, ranges, lists, "weekdays", "daily"; in the reader's language, in English and in those of the desk)
    stand before their hours; a later group adds to a day, "closed" takes its hours away; "24h" alone is every day, all
    day. A shift over midnight is split: its rest belongs to the next weekday. Raises ``Malformed`` (field ``hours``)
    that names what was not understood, what overlaps, and what has two meanings.
    """
    week: dict[int, list[Minutes]] = {}
    reader = _Reader(text)
    if reader.done:
        raise _bad(_("Write the opening hours, such as Mon–Fri 8–18."))
    while not reader.done:
        days = reader.days()
        if reader.takes("closed"):
            for day in days or WEEK:
                week.pop(day, None)
            continue
        spans = reader.spans()
        if not days and not reader.said_always:
            raise _bad(_("Say on which days these hours hold, such as Mon–Fri %(hours)s.") % {"hours": _said(spans)})
        for day in days or WEEK:
            week.setdefault(day, []).extend(spans)
    return _settled(week)


def parse_week(texts: Mapping[int, str]) -> Hours:
    """The same from one text for each weekday; an empty one is a closed day. A shift may end on the next weekday."""
    week = {day: _spans(text, f"day_{day}") for day, text in texts.items()}
    return _settled({day: spans for day, spans in week.items() if spans})


def parse_spans(text: str, *, field: str = "hours") -> list[Span]:
    """The hours of one date: ``8–12, 13–17``, ``24h``, ``closed`` (none). Raises ``Malformed``, also past midnight."""
    spans = _spans(text, field)
    if any(closes > DAY for _opens, closes in spans):
        raise _bad(_("The hours of one date end at 24:00 at the latest."), field)
    return _settled({0: spans}, field).get(0, [])


def hours_in_words(hours: Mapping[int, Sequence[Span]]) -> str:
    """``Mon–Fri 8:00–18:00, Sat 10:00–14:00``; ``parse_hours`` reads it back as the same hours."""
    week = [tuple(sorted(hours.get(day, ()))) for day in WEEK]
    if not any(week):
        return _("Closed")
    if all(spans == (WHOLE_DAY,) for spans in week):
        return _("Around the clock")
    groups: list[tuple[int, int]] = []
    for day in WEEK:
        if not week[day]:
            continue
        if groups and groups[-1][1] == day - 1 and week[day - 1] == week[day]:
            groups[-1] = groups[-1][0], day
        else:
            groups.append((day, day))
    between = "; " if any(len(week[first]) > 1 for first, _last in groups) else ", "
    return between.join(f"{_days_in_words(*group)} {spans_in_words(week[group[0]])}" for group in groups)


def spans_in_words(spans: Iterable[Span]) -> str:
    """``8:00–12:00, 13:00–17:00``; a whole day is ``24h``, none is ``Closed``."""
    written = ["24h" if span == WHOLE_DAY else f"{_clock(span[0])}–{_clock(span[1], ends=True)}" for span in spans]
    return ", ".join(written) or _("Closed")


def weekday_names() -> list[str]:
    """Monday to Sunday, in the reader's language."""
    return [str(WEEKDAYS[day]) for day in WEEK]


def _days_in_words(first: int, last: int) -> str:
    if (first, last) == (0, 6):
        return _("Every day")
    names = str(WEEKDAYS_ABBR[first]), str(WEEKDAYS_ABBR[last])
    return names[0] if first == last else f"{names[0]}–{names[1]}"


def _clock(wall: time, *, ends: bool = False) -> str:
    return "24:00" if ends and wall == time(0) else f"{wall.hour}:{wall.minute:02}"


# --- Reading --------------------------------------------------------------------


class _Reader:
    """The parts of a text, one after the other."""

    def __init__(self, text: str, field: str = "hours") -> None:
        self.field = field
        self.parts = _parts(text, field)
        self.said_always = False
        while self.takes("also"):
            pass

    @property
    def done(self) -> bool:
        return not self.parts

    def takes(self, kind: str) -> bool:
        """Is the next part of this kind? Then it is read."""
        if self.parts and self.parts[0][0] == kind:
            self.parts.pop(0)
            while kind in ("also", "closed") and self.parts and self.parts[0][0] == "also":
                self.parts.pop(0)
            return True
        return False

    def days(self) -> list[int]:
        """``Mon, Wed-Fri``: in the order of the week, from the first on where the range goes over Sunday."""
        found: list[int] = []
        while self.parts and self.parts[0][0] in ("day", "days"):
            kind, value = self.parts.pop(0)
            if kind == "days":
                found += list(value)
            elif self.takes("dash"):
                if not self.parts or self.parts[0][0] != "day":
                    raise _bad(_("A range of days ends with a day, such as Mon–Fri."), self.field)
                last = self.parts.pop(0)[1]
                found += [(value + n) % 7 for n in range((last - value) % 7 + 1)]
            else:
                found.append(value)
            self.takes("colon")
            while self.parts and self.parts[0][0] == "also" and found:
                self.parts.pop(0)
        return list(dict.fromkeys(found))

    def spans(self) -> list[Minutes]:
        """``8-12, 13-17`` or ``24h``."""
        found: list[Minutes] = []
        self.said_always = False
        while self.parts and self.parts[0][0] in ("always", "time"):
            kind, value = self.parts.pop(0)
            if kind == "always":
                found.append((0, DAY))
                self.said_always = True
            else:
                if not self.takes("dash") or not self.parts or self.parts[0][0] not in ("time", "always"):
                    raise _bad(_("Hours have a beginning and an end, such as 8–18."), self.field)
                kind, closes = self.parts.pop(0)
                found.append(_span(value, closes if kind == "time" else (24, 0, "", "24h"), self.field))
            self.takes("also")
        if not found:
            words = _("Write hours after the days, such as Mon–Fri 8–18.")
            if self.parts and self.parts[0][0] in ("dash", "colon"):
                words = _("Write hours like Mon–Fri 8–18, Sat 10–14.")
            raise _bad(words, self.field)
        return found


def _parts(text: str, field: str) -> list[tuple[str, Any]]:
    if len(text) > LONGEST:
        raise _bad(_("These hours are too long to be read."), field)
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub(r"[‐-―−~]", "-", text).replace("’", "'").replace("\r", "\n")
    for phrase, word in PHRASES.items():
        text = re.sub(phrase, word, text)
    parts: list[tuple[str, Any]] = []
    at = 0
    while at < len(text):
        found = None if text[at].isspace() and text[at] != "\n" else TOKEN.match(text, at)
        if found is None:
            if not text[at].isspace() and text[at] not in "()[]._":
                raise _unread(text[at : at + 20].split()[0], field)
            at += 1
            continue
        at = found.end()
        part = _part(found, parts, field)
        if part is not None:
            parts.append(part)
    return parts


def _part(found: re.Match[str], before: list[tuple[str, Any]], field: str) -> tuple[str, Any] | None:
    kind, text = str(found.lastgroup), found[0].strip()
    last = before[-1][0] if before else ""
    if found["always"] is not None:
        return "always", text
    if found["hour"] is not None or found["short"] is not None:
        hour, minute = (found["hour"], found["minute"]) if found["hour"] else (text[:2], text[2:])
        return "time", (int(hour), int(minute or 0), (found["half"] or "")[:1], text)
    if kind != "word":
        return kind, text
    word = text.rstrip(".'")
    if word in UNTIL and last in ("day", "time"):
        return "dash", word
    if word in FROM and _day(word) is None:
        return None
    if word in CLOSED:
        return "closed", word
    if word in GROUPS:
        return "days", GROUPS[word]
    day = _day(word)
    if day is None:
        raise _unread(text, field)
    return "day", day


def _span(opens: tuple[int, int, str, str], closes: tuple[int, int, str, str], field: str) -> Minutes:
    said = f"{opens[3]}–{closes[3]}"
    first, last = _minutes(opens, field), _minutes(closes, field)
    half_of_first, half_of_last = opens[2], closes[2]
    if half_of_last and not half_of_first and opens[0] <= 12:
        later = _minutes((*opens[:2], half_of_last, said), field)
        first = later if later < last else first
    if half_of_first and not half_of_last and last <= first and closes[0] < 12:
        last += DAY // 2
    if first >= DAY:
        raise _bad(_("“%(hours)s” begins at midnight: write it for the next day.") % {"hours": said}, field)
    last = last or DAY
    if first == last:
        words = _("“%(hours)s” ends when it begins. Write 24h for a whole day.")
        raise _bad(words % {"hours": said}, field)
    if last < first:
        if not half_of_first and not half_of_last and first <= 12 * 60:
            words = _("“%(hours)s” would end the next morning. Write %(better)s, or with am and pm.")
            better = f"{opens[0]}–{closes[0] + 12}"
            raise _bad(words % {"hours": said, "better": better}, field)
        last += DAY
    return first, last


def _minutes(said: tuple[int, int, str, str], field: str) -> int:
    hour, minute, half, text = said
    if half and not 1 <= hour <= 12:
        raise _no_time(text, field)
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour * 60 + minute > DAY or minute > 59:
        raise _no_time(text, field)
    return hour * 60 + minute


def _spans(text: str, field: str) -> list[Minutes]:
    """The hours of one day, without its name."""
    reader = _Reader(text, field)
    if reader.done or reader.takes("closed"):
        spans: list[Minutes] = []
    elif reader.parts[0][0] in ("day", "days"):
        raise _bad(_("Here stand the hours of one day alone, such as 8–18."), field)
    else:
        spans = reader.spans()
    if not reader.done:
        raise _bad(_("Here stand the hours of one day alone, such as 8–18."), field)
    return spans


def _settled(week: Mapping[int, Sequence[Minutes]], field: str = "hours") -> Hours:
    """Over midnight into the next weekday, in order, joined where they touch. Raises ``Malformed`` for an overlap."""
    cut: dict[int, list[Minutes]] = {}
    for day, spans in week.items():
        for opens, closes in spans:
            cut.setdefault(day, []).append((opens, min(closes, DAY)))
            if closes > DAY:
                cut.setdefault((day + 1) % 7, []).append((0, closes - DAY))
    hours: Hours = {}
    for day in sorted(cut):
        joined: list[Minutes] = []
        for opens, closes in sorted(cut[day]):
            if joined and opens < joined[-1][1]:
                words = _("The hours of %(day)s overlap: %(hours)s.")
                said = _said([joined[-1], (opens, closes)])
                raise _bad(words % {"day": WEEKDAYS[day], "hours": said}, field)
            if joined and opens == joined[-1][1]:
                joined[-1] = joined[-1][0], closes
            else:
                joined.append((opens, closes))
        hours[day] = [(_wall(opens), _wall(closes)) for opens, closes in joined]
    return hours


def _said(spans: Iterable[Minutes]) -> str:
    return ", ".join(spans_in_words([(_wall(opens), _wall(closes))]) for opens, closes in spans)


def _wall(minutes: int) -> time:
    return time(minutes % DAY // 60, minutes % 60)


# --- The names of the days ----------------------------------------------------------


def _day(word: str) -> int | None:
    """The weekday of a name or of its first letters, in the reader's language, English, then the desk's others."""
    for language in (translation.get_language() or "en", "en", *(code for code, _name in settings.LANGUAGES)):
        fitting = _days_of(language).get(word) or _days_of(language).get(word.removesuffix("s"))
        if fitting is None and len(word) > 1:
            fitting = frozenset().union(*(days for name, days in _days_of(language).items() if name.startswith(word)))
        if fitting and len(fitting) == 1:
            return next(iter(fitting))
    return None


@cache
def _days_of(language: str) -> dict[str, frozenset[int]]:
    """The weekdays of each name of a language."""
    found: dict[str, set[int]] = {}
    with translation.override(language):
        for names in (WEEKDAYS, WEEKDAYS_ABBR):
            for day in WEEK:
                found.setdefault(str(names[day]).casefold().rstrip("."), set()).add(day)
    return {name: frozenset(days) for name, days in found.items()}


def _unread(text: str, field: str) -> Malformed:
    words = _("“%(text)s” is neither a day nor a time. Write hours like Mon–Fri 8–18, Sat 10–14.")
    return _bad(words % {"text": text}, field)


def _no_time(text: str, field: str) -> Malformed:
    return _bad(_("“%(text)s” is no time of day. Write it like 8, 8:30 or 5 pm.") % {"text": text}, field)


def _bad(words: str, field: str = "hours") -> Malformed:
    return Malformed(words, code="bad_hours", field=field)
