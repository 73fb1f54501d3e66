"""Places to fill in a text (T9): ``{{ customer.first_name }}`` is filled from the ticket, ``{{ ?date }}`` by the agent.

What still stands in double braces is a place that nobody filled, and such a text goes to no customer. Somebody who
means the braces themselves writes them as code (`` `{{ name }}` ``, or a block of code); a quotation is the other
side's words and counts as little.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape, unescape

from django.utils.translation import gettext as _

from common.errors import Refused

PLACE = re.compile(r"\{\{([^{}\n]{1,200})\}\}")
OPEN = re.compile(r"\{\{(\s*(?:\?[^{}\n]{1,200}|[^\W\d][\w .'-]{0,200}))\}\}")  # a question or a name
NOT_MEANT = re.compile(r"<(pre|code|blockquote)\b[^>]*>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
FENCED = re.compile(r"^```.*?(?:^```|\Z)", re.MULTILINE | re.DOTALL)
TICKED = re.compile(r"`[^`\n]*`")
QUOTED = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
TAGS = re.compile(r"<[^<>]*>")
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with what could be filled, and the places that wait for the agent."""

    text: str
    html: str
    left: list[str]


def left_in(text: str, html: str = "") -> list[str]:
    """What nobody filled, each once, in its order; what stands in code or in a quotation is meant as it is."""
    if html:
        text = unescape(TAGS.sub("", NOT_MEANT.sub(" ", html)))
    else:
        for meant in (FENCED, TICKED, QUOTED):
            text = meant.sub(" ", text)
    return list(dict.fromkeys(name for found in OPEN.findall(text.replace("\u00a0", " ")) if (name := _name(found))))


def demand_filled(text: str, html: str = "") -> None:
    """T9: refuse what goes to a customer while a place in it is not filled."""
    if not (left := left_in(text, html)):
        return
    named = ", ".join(f"“{name}”" for name in left[:MOST_NAMED])
    raise Refused(
        _(
            "Fill in %(places)s before you send. If the braces are meant as they are, format them as code."
        ) % {"places": named},
        code="placeholder_left", rule="T9", field="text",
    )  # fmt: skip


def fill(text: str, html: str, values: Mapping[str, str]) -> Filled:
    """Put in what is known; a name that is unknown or has no value stays, for the agent to fill."""
    said = {_key(name): value for name, value in values.items() if value}

    def plain(place: re.Match[str]) -> str:
        return said.get(_key(place[1]), place[0])

    def marked_up(place: re.Match[str]) -> str:
        known = said.get(_key(unescape(place[1])))
        return place[0] if known is None else escape(known)

    text, html = PLACE.sub(plain, text), PLACE.sub(marked_up, html)
    return Filled(text, html, left_in(text, html))


def pieces(text: str, words: Mapping[str, object]) -> list[tuple[str, bool]]:
    """The text apart from its places: each piece, and whether it is a place; a place is told by ``words``, else by its
    own name."""
    parts = PLACE.split(text)
    told = {_key(name): str(said) for name, said in words.items()}
    named = [(told.get(_key(part)) or _name(part), True) if n % 2 else (part, False) for n, part in enumerate(parts)]
    return [(part, is_place) for part, is_place in named if part]


def _key(name: str) -> str:
    return "".join(name.replace("\u00a0", " ").split()).lower()


def _name(found: str) -> str:
    """What a place asks for, without its question mark."""
    return " ".join(found.replace("\u00a0", " ").split()).lstrip("?").strip()
