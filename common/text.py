"""Text from outside: cleaned, cut, escaped, and made fit to be read aloud."""

import re
import unicodedata

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from common.errors import Malformed

LINK_ATTRIBUTES = 'rel="noopener nofollow noreferrer" target="_blank"'
CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]+")
ODD_BLANKS = re.compile("[\x0b\x0c\x1c-\x1f]+")
SURROGATES = re.compile("[\ud800-\udfff]")
INVISIBLE = re.compile("[\u200b\u2060\u202a-\u202e\u2066-\u2069]")  # zero width, and what turns text around
LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
LINK = re.compile(r"""(?:https?://|mailto:)[^\s<>"'`\x00-\x20]+""", re.IGNORECASE)
TAIL = ".,:;!?'\"*_~\u2026\u201d\u00bb"
BRACKETS = {")": "(", "]": "[", "}": "{"}


def clean_line(value: str, limit: int, *, field: str | None = None) -> str:
    """One line: no control characters, white space folded, NFC. Longer than ``limit`` characters: ``too_long``."""
    return _within(" ".join(INVISIBLE.sub("", _printable(value)).split()), limit, field)


def clean_text(value: str, limit: int, *, field: str | None = None) -> str:
    """Several lines: as ``clean_line``, but newlines (always ``\\n``) and tabs stay; outer blank lines go."""
    lines = _printable(LINE_BREAKS.sub("\n", value)).split("\n")
    return _within("\n".join(line.rstrip() for line in lines).strip("\n"), limit, field)


def snippet(text: str, length: int = 140) -> str:
    """The beginning as one line of at most ``length`` characters, cut between words, with an ellipsis when cut."""
    line = " ".join(text[: 8 * length + 200].split())
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    whole_words = cut.rsplit(" ", 1)[0] if " " in cut[length // 2 :] else cut
    return whole_words.rstrip(" .,;:") + "\u2026"


def initials(name: str) -> str:
    """One or two letters for a round picture: first and last word; "?" when there is no letter."""
    words = [word for word in re.split(r"[\s.@_,-]+", name[:200]) if word and word[0].isalnum()]
    chosen = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in chosen).upper() or "?"


def text_to_html(text: str) -> SafeString:
    """Plain text as safe HTML: escaped, blank lines part paragraphs, web and mail addresses become links."""
    paragraphs = re.split(r"\n(?:[ \t]*\n)+", LINE_BREAKS.sub("\n", text).strip("\n"))
    return mark_safe(  # every piece is escaped
        "".join(f"<p>{_linked(paragraph).replace(chr(10), '<br>')}</p>" for paragraph in paragraphs if paragraph)
    )


def spoken_number(number: int | str) -> str:
    """Digits in groups that can be said on the phone: 1234 -> "1234", 12345 -> "12 345", 1234567 -> "1 234 567"."""
    text = str(number)
    if len(text) <= 4 or not text.isdecimal():
        return text
    head = len(text) % 3
    groups = ([text[:head]] if head else []) + [text[at : at + 3] for at in range(head, len(text), 3)]
    return "\u00a0".join(groups)


def _printable(value: str) -> str:
    value = unicodedata.normalize("NFC", SURROGATES.sub("\ufffd", value))
    return ODD_BLANKS.sub(" ", CONTROLS.sub("", value)).replace("\ufeff", "")


def _within(value: str, limit: int, field: str | None) -> str:
    if len(value) > limit:
        raise Malformed(
            ngettext(
                "This is too long: at most %(limit)d character fits.",
                "This is too long: at most %(limit)d characters fit.",
                limit,
            )
            % {"limit": limit},
            code="too_long",
            field=field,
        )
    return value


def _linked(text: str) -> str:
    pieces: list[str] = []
    cursor = 0
    for match in LINK.finditer(text):
        address = _without_tail(match.group())
        if address.lower() in ("http://", "https://", "mailto:"):
            continue
        pieces.append(escape(text[cursor : match.start()]))
        pieces.append(f'<a href="{escape(address)}" {LINK_ATTRIBUTES}>{escape(address)}</a>')
        cursor = match.start() + len(address)
    return "".join(pieces) + escape(text[cursor:])


def _without_tail(address: str) -> str:
    """Punctuation that ends the sentence, and a bracket that was opened before the link, are no part of it."""
    end = len(address)
    open_brackets = {closing: address.count(opening) - address.count(closing) for closing, opening in BRACKETS.items()}
    while end:
        last = address[end - 1]
        if last in TAIL:
            end -= 1
        elif last in BRACKETS and open_brackets[last] < 0:
            open_brackets[last] += 1
            end -= 1
        else:
            break
    return address[:end]
