"""Words and marks of the tickets' pages."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common.durations import spoken
from common.measures import written_span
from common.templatetags import desk_ui
from desk.tickets import buttons, marks, speech
from desk.tickets.flow import Item
from desk.tickets.head import Offer
from desk.tickets.marks import LEVELS, TONES, row
from desk.tickets.rows import paused_words
from notifications.models import OutgoingMail
from staff.hours import of_version
from tickets.models import Attachment, Entry, Priority, Status, Ticket
from tickets.thumbnails import has_small

register = template.Library()

FEW_FILES = 6

register.simple_tag(speech.body, name="entry_body")
register.filter("display", speech.display)
register.filter("drawn_as", speech.drawn_as)
register.filter("size_of", speech.size_of)
register.filter("mail_tone", speech.mail_tone)


@register.simple_tag
def said(item: Item, ticket: Ticket, now: datetime) -> SafeString:
    """One thing of a conversation: what somebody said, or a line that tells of a change."""
    if item.entry:
        return speech.entry(item.entry, ticket, now)
    return speech.line(item.line, now) if item.line else SafeString("")


@register.simple_tag
def entry_said(entry: Entry, ticket: Ticket, now: datetime) -> SafeString:
    """One entry by itself."""
    return speech.entry(entry, ticket, now)


@register.filter
def worked(seconds: float) -> str:
    """Working time in hours and minutes: a day of it has no length that everybody knows."""
    return spoken(seconds, days=False)


@register.simple_tag
def clock_chip(clock: Any, now: datetime) -> SafeString:
    """The time left of a clock's row as a chip, in the time that the clock counts (S6)."""
    return desk_ui.due_chip(
        clock.due_at, clock.started_at, bool(clock.paused_at), now, of_version(clock.hours_id), clock.target_seconds
    )


@register.simple_tag
def clock_line(clock: Any, status: str, now: datetime) -> SafeString:
    """The same as a sentence with the moment: ``2 h 10 min of working time, Mon 10:40``; or why it stands still."""
    if clock.paused_at and clock.due_at is None:
        return escape(paused_words(status))
    return desk_ui.due_line(clock.due_at, now, of_version(clock.hours_id), clock.started_at, clock.target_seconds)


@register.simple_tag
def act_button(act: Offer) -> SafeString:
    """One act as a button."""
    return buttons.button(act)


@register.simple_tag
def act_line(act: Offer, narrow: bool = False) -> SafeString:
    """One act as a line of the menu."""
    return buttons.line(act, narrow=narrow)


@register.simple_tag
def past_ticket(row: dict[str, Any], now: datetime) -> SafeString:
    """An earlier ticket of the same customer."""
    return marks.past(row, now)


@register.simple_tag
def composer_words(limits: dict[str, Any]) -> SafeString:
    """What the composer's scripts say, in the reader's language, as a data block."""
    return _composer_words(get_language() or "", limits["text"], limits["files"], limits["megabytes"])


@lru_cache(maxsize=64)
def _composer_words(_language: str, longest: int, files: int, megabytes: int) -> SafeString:
    words = {
        "saved": _("Draft saved %(at)s"),
        "unsaved": _("Draft kept in this browser until the desk answers"),
        "signedOut": _("You are signed out. Your text is kept in this browser: sign in again and it is here."),
        "another": _("Not saved: somebody else is signed in now. Your text is kept in this browser."),
        "newer": _("A newer draft of yours exists, from another tab or machine."),
        "take": _("Take the newer one"),
        "keep": _("Keep this one"),
        "offline": _("Not sent yet: there is no connection. It is sent as soon as there is one, and only once."),
        "again": _("Try now"),
        "sending": _("Sending …"),
        "tooLong": _("This is too long: at most %(limit)d characters fit. Send the rest as a file.")
        % {"limit": longest},
        "tooMany": _("One message carries at most %(most)d files: the others were left out.") % {"most": files},
        "tooLarge": _("“%%(name)s” is larger than %(megabytes)d MB and was left out. Send a link to it instead.")
        % {"megabytes": megabytes},
        "refused": _("“%(name)s” could run on the reader's machine and was left out."),
        "remove": _("Remove %(name)s"),
        "fill": _("To fill in (Tab goes there): %(places)s"),
        "failed": _("That did not work. Your text is kept; please try again."),
        "hits": _("%(n)d to choose from"),
    }
    block = json.dumps(words).replace("<", "\\u003c")
    return SafeString(f'<script type="application/json" data-composer-words>{block}</script>')


@register.filter
def moment_of(at: str) -> str:
    """The time of day of a moment in ISO form, on the reader's clock."""
    return date_format(timezone.localtime(datetime.fromisoformat(at)), "TIME_FORMAT")


@register.filter
def level(priority: int) -> str:
    """The code of a priority for its mark."""
    return LEVELS.get(Priority(priority), "normal")


@register.filter
def state_tone(status: str) -> str:
    """The colour of a state."""
    return str(TONES.get(Status(status), ""))


@register.filter
def mail_state(mail: OutgoingMail) -> str:
    """What became of an outgoing mail, short enough for a list."""
    return _("Kept here") if mail.status == OutgoingMail.Status.KEPT else str(mail.get_status_display())


@register.filter
def written(seconds: int | None) -> str:
    """A span as it is set in the settings, to the second."""
    return "–" if seconds is None else written_span(seconds)


@register.filter
def few(files: Any, entry: Entry) -> list[Attachment]:
    """The first files of an entry; all of them where it is shown whole."""
    rows = list(files)
    return rows if getattr(entry, "is_whole", False) or len(rows) <= FEW_FILES + 1 else rows[:FEW_FILES]


@register.filter
def is_picture(file: Attachment) -> bool:
    """May it be shown small."""
    return has_small(file)


@register.filter
def day_words(moment: datetime, now: datetime) -> str:
    """The day in the conversation: today, yesterday, or its date."""
    day, today = timezone.localtime(moment).date(), timezone.localtime(now).date()
    if (today - day).days in (0, 1):
        return str(_("Yesterday") if today != day else _("Today"))
    return date_format(day, "l, j F" if day.year == today.year else "j F Y")


@register.simple_tag
def ticket_row(ticket: Ticket, now: datetime, aside: bool = False, plain: bool = False, q: str = "") -> SafeString:
    """A ticket as a row of a list."""
    return row(ticket, now, aside=bool(aside), plain=bool(plain), q=q or "")


@register.simple_tag
def ticket_rows(
    tickets: Iterable[Ticket], now: datetime, aside: bool = False, plain: bool = False, q: str = ""
) -> SafeString:
    """Tickets as the rows of a list."""
    return SafeString("".join(ticket_row(ticket, now, aside, plain, q) for ticket in tickets))
