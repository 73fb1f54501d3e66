"""Markup from outside, made harmless: what may stand in an agent's page, and the same as plain text.

No style, class, id or name survives (a mail can neither dress up as the desk nor shadow the page's own names), nothing
is loaded from elsewhere: an image's address moves to ``data-blocked-src`` (remote, shown when the agent asks for it) or
``data-cid`` (a part of the same mail).
"""

import re
from html import unescape

import nh3

from common.text import LINE_BREAKS

# A parser's time may grow with the square of tags, so both are bounded; the raw source of a mail is kept elsewhere.
LONGEST = 500_000  # characters, inlined pictures not counted
MOST_TAGS = 10_000

words = str.split

TAGS = frozenset(
    words(
        "a abbr b bdi bdo blockquote br caption center cite code col colgroup dd del dfn div dl dt em figcaption "
        "figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span strike strong "
        "sub sup table tbody td tfoot th thead tr tt u ul var wbr"
    )
)
UNSEEN = frozenset(
    words("head iframe math noembed noframes noscript object script style svg template textarea title xmp")
)
EVERYWHERE = frozenset({"dir", "lang", "title"})
ATTRIBUTES = {
    "*": set(EVERYWHERE),
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "type", "reversed"},
    "td": {"colspan", "rowspan", "align", "valign"},
    "th": {"colspan", "rowspan", "align", "valign", "scope"},
    "p": {"align"},
    "div": {"align"},
    "col": {"span"},
    "colgroup": {"span"},
}
HREF = re.compile(r"(?:https?://|mailto:|tel:)[^\x00-\x20\x7f<>\"'`\\]+", re.IGNORECASE)
REMOTE = re.compile(r"(?:https?:)?//[^\x00-\x20\x7f<>\"'`\\]+", re.IGNORECASE)
PART = re.compile(r"cid:[^\x00-\x20\x7f<>\"'`\\]{1,500}", re.IGNORECASE)
NUMBER = re.compile(r"[0-9]{1,4}%?")
NUMBERS = frozenset({"width", "height", "colspan", "rowspan", "span", "start"})

# What nh3 writes: every attribute in double quotes, every other "<" escaped, names in lower case.
TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?: [^\s=\">]+=\"[^\"]*\")*)>")
INLINED = re.compile(r"data:[^\s\"'<>]{100,}", re.IGNORECASE)
LONE_AMPERSAND = re.compile(r"&(?![a-zA-Z#])")
MARK = re.compile(r"<[a-zA-Z/!?]")
MARKUP = re.compile(r"<[^<>]*>?")
SOURCE = re.compile(r' src="(cid:)?([^"]*)"', re.IGNORECASE)
WHITE = re.compile(r"\s+")
BLANK_LINES = re.compile(r"\n{3,}")
QUOTE = "> "
DEEPEST = 10  # quotations or lists shown inside each other
BLOCKS = frozenset(
    words("blockquote caption center dd div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre table tr ul")
)
APART = frozenset(words("blockquote dl figure h1 h2 h3 h4 h5 h6 ol p pre table ul"))


def sanitise(html: str) -> str:
    """A safe subset of the markup, well-formed; what is too long or too deep is cut or flattened, never refused."""
    html = _bounded(html)
    clean = nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags=set(UNSEEN),
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener nofollow noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        strip_comments=True,
    )
    return TAG.sub(_without_loads, clean)


def html_to_text(html: str) -> str:
    """What the markup says: paragraphs, lists and quotations as people type them, links with their address."""
    return _Reader().read(sanitise(html))


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "href":
        value = value.strip()
        return value if HREF.fullmatch(value) else None
    if name == "src":
        value = value.strip()
        return value if REMOTE.fullmatch(value) or PART.fullmatch(value) else None
    if name in NUMBERS:
        return value if NUMBER.fullmatch(value) else None
    return value[:1000]


def _bounded(html: str) -> str:
    """The markup within the limits; tags after the last that counts are taken out, their text stays."""
    html = LONE_AMPERSAND.sub("&amp;", INLINED.sub("", html[: 20 * LONGEST].replace("\x00", ""))[:LONGEST])
    for number, mark in enumerate(MARK.finditer(html)):
        if number == MOST_TAGS:
            return html[: mark.start()] + MARKUP.sub("", html[mark.start() :])
    return html


def _without_loads(tag: re.Match[str]) -> str:
    """An image's address moves to where no browser looks for it."""
    if tag[2] != "img":
        return tag[0]
    return SOURCE.sub(lambda src: f' data-cid="{src[2]}"' if src[1] else f' data-blocked-src="{src[2]}"', tag[0])


class _Reader:
    """Clean markup (as nh3 writes it) to plain text, in one pass."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line = ""
        self.quoted = 0
        self.preformatted = 0
        self.lists: list[int | None] = []
        self.links: list[tuple[str, int, int]] = []

    def read(self, clean: str) -> str:
        cursor = 0
        for tag in TAG.finditer(clean):
            self._text(unescape(clean[cursor : tag.start()]))
            self._tag(tag[2], tag[3], closing=bool(tag[1]))
            cursor = tag.end()
        self._text(unescape(clean[cursor:]))
        self._break()
        return BLANK_LINES.sub("\n\n", "\n".join(self.lines)).strip("\n")

    def _text(self, text: str) -> None:
        text = text.replace("\u00a0", " ")
        if self.preformatted:
            first, *others = LINE_BREAKS.sub("\n", text).split("\n")
            self.line += first
            for other in others:
                self._break(even_if_empty=True)
                self.line = other
            return
        folded = WHITE.sub(" ", text)
        self.line += folded.lstrip(" ") if not self.line or self.line.endswith(" ") else folded

    def _tag(self, name: str, attributes: str, *, closing: bool) -> None:
        if name == "br":
            self._break(even_if_empty=True)
        elif name == "hr":
            self._break()
            self.line = "-" * 20
            self._break()
        elif name == "img" and (alt := _value("alt", attributes)):
            self._text(f"[{alt}]")
        elif name == "a":
            self._link(attributes, closing)
        elif name in ("td", "th") and closing:
            self.line = self.line.rstrip() + "\t"
        elif name in BLOCKS:
            self._block(name, attributes, closing)

    def _link(self, attributes: str, closing: bool) -> None:
        if not closing:
            self.links.append((_value("href", attributes), len(self.lines), len(self.line)))
        elif self.links:
            address, lines, begins = self.links.pop()
            shown = self.line[begins:].strip() if lines == len(self.lines) else self.line.strip()
            if address and address.removeprefix("mailto:").removeprefix("tel:").rstrip("/") not in (shown, shown + "/"):
                self.line = f"{self.line.rstrip()} <{address}>" if shown else f"{self.line}<{address}>"

    def _block(self, name: str, attributes: str, closing: bool) -> None:
        self._break()
        step = -1 if closing else 1
        if name == "blockquote" and closing:
            self.quoted = max(self.quoted - 1, 0)
        if name in APART and not self.lists:
            self._blank()
        if name == "blockquote" and not closing:
            self.quoted += 1
        elif name == "pre":
            self.preformatted = max(self.preformatted + step, 0)
        elif name in ("ol", "ul"):
            self._list(name, attributes, closing)
        elif name == "li" and not closing:
            self.line = "  " * max(min(len(self.lists), DEEPEST) - 1, 0) + self._bullet()

    def _list(self, name: str, attributes: str, closing: bool) -> None:
        if not closing:
            start = _value("start", attributes)
            self.lists.append((int(start) if start.isdecimal() else 1) if name == "ol" else None)
        elif self.lists:
            self.lists.pop()

    def _bullet(self) -> str:
        number = self.lists[-1] if self.lists else None
        if number is None:
            return "- "
        self.lists[-1] = number + 1
        return f"{number}. "

    def _blank(self) -> None:
        blank = (QUOTE * min(self.quoted, DEEPEST)).rstrip()
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append(blank)
        elif self.lines:
            self.lines[-1] = min(self.lines[-1], blank, key=len)

    def _break(self, even_if_empty: bool = False) -> None:
        line = self.line.rstrip()
        if line or even_if_empty:
            self.lines.append((QUOTE * min(self.quoted, DEEPEST) + line).rstrip())
        self.line = ""


def _value(name: str, attributes: str) -> str:
    found = re.search(rf' {name}="([^"]*)"', attributes)
    return unescape(found[1]) if found else ""
