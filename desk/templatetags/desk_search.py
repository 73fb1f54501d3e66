"""What was looked for, marked in what was found."""

from __future__ import annotations

import re
import unicodedata

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

MOST_WORDS = 8


@register.filter
def marked(text: object, q: str) -> SafeString:
    """``text`` with the words of ``q`` in <mark>, whatever their case and accents; everything else escaped."""
    plain = str(text)
    words = [re.escape(_folded(word)) for word in re.findall(r"\w+", q or "")[:MOST_WORDS]]
    pieces: list[SafeString | str] = []
    at = 0
    for match in re.finditer("|".join(sorted(words, key=len, reverse=True)), _folded(plain)) if words else ():
        pieces += [plain[at : match.start()], format_html("<mark>{}</mark>", plain[match.start() : match.end()])]
        at = match.end()
    return format_html_join("", "{}", ((piece,) for piece in (*pieces, plain[at:])))


def _folded(text: str) -> str:
    """Small letters without accents, sign for sign as long as the text."""
    return "".join(unicodedata.normalize("NFD", sign)[0].lower()[:1] or sign for sign in text)
