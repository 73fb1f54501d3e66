"""The letters that act on a page, and each person's own choice of them (WCAG 2.1.4)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from django.utils.translation import gettext as _

from common.errors import Malformed

LETTERS = "/abcdefghijklnoprtuwx"
"""The keys that pages bind as they come; ``data-key`` in a template is one of these."""

RESERVED = frozenset("?0123456789")
"""What no letter may be changed to: the list of keys, and the numbers that pick an answer."""


def cleaned(wanted: Mapping[str, str]) -> dict[str, str]:
    """From a key as it comes to one's own, "" for off; only what differs is kept. Two acts never share a key."""
    own = {letter: _one(letter, wanted.get(letter, letter)) for letter in LETTERS}
    used: dict[str, str] = {}
    for letter, key in own.items():
        if key and key in used:
            words = _("“%(key)s” is taken already: each key does one thing.") % {"key": key}
            raise Malformed(words, code="key_taken", field=f"key_{letter}")
        used[key] = letter
    return {letter: key for letter, key in own.items() if key != letter}


def _one(letter: str, key: str) -> str:
    """One printed character, small; nothing switches the key off."""
    text = unicodedata.normalize("NFC", str(key)).strip().lower()
    if not text:
        return ""
    if len(text) > 1 or not text.isprintable() or text in RESERVED:
        words = _("Choose one letter or sign, but no number and no question mark; empty switches the key off.")
        raise Malformed(words, code="bad_key", field=f"key_{letter}")
    return text
