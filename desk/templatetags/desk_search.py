"""What was looked for, marked in what was found."""

from __future__ import annotations

import re
import unicodedata

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString

register = template.Library()

MOST_WORDS = 8


@register.filter
def marked(text: object, q: str) -> SafeString:
    """``text`` with the words of ``q`` in <mark>, whatever their case and accents; everything else escaped."""
    plain = str(text)
    words = [re.escape(_folded(word)) for word in re.findall(r"\w+", q or "")[:MOST_WORDS]]
    pieces: list[str] = []
    at = 0
    for match in re.finditer("|".join(sorted(words, key=len, reverse=True)), _folded(plain)) if words else ():
        pieces += [escape(plain[at : match.start()]), f"<mark>{escape(plain[match.start() : match.end()])}</mark>"]
        at = match.end()
    return SafeString("".join([*pieces, escape(plain[at:])]))


def _folded(text: str) -> str:
    """Small letters without accents, sign for sign as long as the text."""
    if text.isascii():
        return text.lower()
    return "".join(unicodedata.normalize("NFD", sign)[0].lower()[:1] or sign for sign in text)
