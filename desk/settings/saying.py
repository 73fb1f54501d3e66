"""What a page says once something is done: what happened, and a link to what one may want next."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString


def with_link(said: Any, url: str, words: Any) -> SafeString:
    """The sentence, then a link; both are escaped."""
    return format_html('{} <a href="{}">{}</a>', said, url, words)
