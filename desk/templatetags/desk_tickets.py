"""Words and marks of the tickets' pages."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
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


@register.simple_tag
def composer_words(limits: dict[str, Any]) -> SafeString:
    """What the composer's scripts say, in the reader's language, as a data block."""
    words = {
        "saved": _("Draft saved %(at)s"),
        "unsaved": _("Draft kept in this browser until the desk answers"),
        "signedOut": _("You are signed out. Your text is kept in this browser: sign in again and it is here."),
        "newer": _("A newer draft of yours exists, from another tab or machine."),
        "take": _("Take the newer one"),
        "keep": _("Keep this one"),
        "offline": _("Not sent yet: there is no connection. It is sent as soon as there is one, and only once."),
        "again": _("Try now"),
        "sending": _("Sending …"),
        "tooLong": _("This is too long: at most %(limit)d characters fit. Send the rest as a file.")
        % {"limit": limits["text"]},
        "tooMany": _("One message carries at most %(most)d files: the others were left out.")
        % {"most": limits["files"]},
        "tooLarge": _("“%%(name)s” is larger than %(megabytes)d MB and was left out. Send a link to it instead.")
        % {"megabytes": limits["megabytes"]},
        "refused": _("“%(name)s” could run on the reader's machine and was left out."),
        "remove": _("Remove %(name)s"),
        "fill": _("To fill in (Tab goes there): %(places)s"),
        "failed": _("That did not work. Your text is kept; please try again."),
        "hits": _("%(n)d to choose from"),
    }
    block = json.dumps(words).replace("<", "\\u003c")
    return format_html('<script type="application/json" data-composer-words>{}</script>', mark_safe(block))


@register.filter
def moment_of(at: str) -> str:
    """The time of day of a moment in ISO form, on the reader's clock."""
    return date_format(timezone.localtime(datetime.fromisoformat(at)), "TIME_FORMAT")


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
