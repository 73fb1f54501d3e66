"""What somebody quotes below their own words: it folds, so that a conversation reads once."""

from __future__ import annotations

import re

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.text import text_to_html

QUOTE = re.compile(
    r"^(>|-{2,}\s*(Original Message|Forwarded)|On .{4,120} wrote:\s*$|-- ?$|Am .{4,120} schrieb|Sent from my |"
    r"Von meinem .{2,40} gesendet|_{10,}\s*$)",
    re.M,
)
BLOCK = re.compile(r"<(/?)blockquote\b[^>]*>")
LONG_QUOTE = 300
"""Characters; a shorter quotation belongs to what is said."""


def own_words(text: str) -> str:
    """The text without what is quoted below it; all of it when it begins with a quotation."""
    start = QUOTE.search(text)
    return text[: start.start()] if start and start.start() else text


def folded(text: str, html: str = "") -> SafeString:
    """A message as safe HTML, long quotations and the signature folded; ``html`` was sanitised when it was stored."""
    if html:
        return SafeString(_fold_quotes(html))
    own = own_words(text)
    before, quoted = text_to_html(own), text[len(own) :]
    return SafeString(f"{before}{_folded(text_to_html(quoted))}") if quoted else before


def _folded(quoted: str) -> str:
    return f'<details class="quote"><summary>{escape(_("Show quoted text"))}</summary><div>{quoted}</div></details>'


def _fold_quotes(html: str) -> str:
    """Long quotations fold; a short one belongs to what is said. Only the outermost, so that tags stay in pairs."""
    if "<blockquote" not in html:
        return html
    found, start, depth, done = [], 0, 0, 0
    for tag in BLOCK.finditer(html):
        if tag[1]:
            depth -= 1
            if depth == 0 and tag.end() - start > LONG_QUOTE:
                found += [html[done:start], _folded(html[start : tag.end()])]
                done = tag.end()
        else:
            start, depth = (tag.start() if depth == 0 else start), depth + 1
    return "".join([*found, html[done:]])
