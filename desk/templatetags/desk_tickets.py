"""Words and marks of the tickets' pages."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from common.text import text_to_html
from desk.tickets.context import MAIL_TONES
from tickets.models import Entry, Priority, Status

register = template.Library()

QUOTE = re.compile(r"^(>|-{2,}\s*(Original Message|Forwarded)|On .{4,120} wrote:\s*$|-- ?$|Am .{4,120} schrieb)", re.M)
KINDS = {Entry.Kind.VISIT: "desk_visit", Entry.Kind.CHAT: "message", Entry.Kind.AUTOMATIC: "message"}
LEVELS = {Priority.LOW: "low", Priority.NORMAL: "normal", Priority.HIGH: "high", Priority.URGENT: "urgent"}
TONES = {Status.NEW: "accent", Status.OPEN: "good", Status.PENDING: "calm", Status.ON_HOLD: "warn"}


@register.simple_tag
def entry_body(entry: Entry) -> SafeString:
    """What was written; quoted text and signatures fold."""
    if entry.html:
        return mark_safe(entry.html)  # sanitised when it was stored
    start = QUOTE.search(entry.text)
    if start is None or start.start() == 0:
        return text_to_html(entry.text)
    return format_html(
        '{}<details class="quote"><summary>{}</summary><div>{}</div></details>',
        text_to_html(entry.text[: start.start()]),
        _("Show quoted text"),
        text_to_html(entry.text[start.start() :]),
    )


@register.filter
def drawn_as(entry: Entry) -> str:
    """The kind of an entry as its style knows it."""
    return str(KINDS.get(Entry.Kind(entry.kind), entry.kind))


@register.filter
def level(priority: int) -> str:
    """The code of a priority for its mark."""
    return LEVELS.get(Priority(priority), "normal")


@register.filter
def state_tone(status: str) -> str:
    """The colour of a state."""
    return str(TONES.get(Status(status), ""))


@register.filter
def mail_tone(status: str) -> str:
    """The colour of the state of an outgoing mail."""
    return str(MAIL_TONES.get(status, ("", ""))[0])  # type: ignore[call-overload]


@register.filter
def size_of(many: int) -> str:
    """Bytes as people say them."""
    size: Any = float(many or 0)
    for unit in ("B", "kB", "MB"):
        if size < 1000 or unit == "MB":
            return f"{size:.0f} {unit}" if unit == "B" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1000
    return ""
