"""Words and marks of the tickets' pages."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from common import quotes
from common.durations import spoken
from common.measures import written_span
from common.text import text_to_html
from desk.tickets.context import MAIL_TONES
from desk.tickets.flow import WHOLE
from desk.tickets.marks import LEVELS, TONES, row
from notifications.models import OutgoingMail
from tickets.models import Attachment, Channel, Contact, Entry, Priority, Status, Ticket
from tickets.thumbnails import has_small

register = template.Library()

SPOKEN_IN: dict[str, dict[str, Any]] = {
    Contact.Outcome.TALKED: {Channel.PHONE: gettext_lazy("called"), Channel.IN_PERSON: gettext_lazy("came by")},
    Contact.Outcome.VOICEMAIL: {Channel.PHONE: gettext_lazy("left a voice message")},
    Contact.Outcome.MISSED: {Channel.PHONE: gettext_lazy("called and was missed")},
}
SPOKEN_OUT: dict[str, dict[str, Any]] = {
    Contact.Outcome.TALKED: {Channel.PHONE: gettext_lazy("called the customer")},
    Contact.Outcome.VOICEMAIL: {Channel.PHONE: gettext_lazy("left a message for the customer")},
    Contact.Outcome.MISSED: {Channel.PHONE: gettext_lazy("tried to call the customer")},
}
FEW_FILES = 6
KINDS = {Entry.Kind.VISIT: "desk_visit", Entry.Kind.CHAT: "message", Entry.Kind.AUTOMATIC: "message"}


@register.simple_tag
def entry_body(entry: Entry, ticket: Ticket | None = None) -> SafeString:
    """What was written; quoted text and signatures fold. On its ticket's page, what is long shows how it begins, and a
    way to the whole; without ``ticket`` it is all there."""
    most = getattr(entry, "shown", WHOLE)
    if ticket and len(entry.html or entry.text) > most:
        return _excerpt(entry, ticket, most)
    return quotes.folded(entry.text, entry.html)


def _excerpt(entry: Entry, ticket: Ticket, most: int) -> SafeString:
    own = quotes.own_words(entry.text)
    url = reverse("desk:entry", args=[ticket.number, entry.pk])
    words = escape(_("Show all (%(size)s)") % {"size": size_of(len(entry.text.encode()))})
    shown = text_to_html(own if len(own) <= most else own[:most].rsplit(maxsplit=1)[0] + " …")
    link = f'<a href="{url}" hx-get="{url}" hx-target="#entry-{entry.pk}" hx-swap="outerHTML">{words}</a>'
    return SafeString(f'{shown}<p class="rest">{link}</p>')


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks in an entry: the ``customer``, ``us``, or the ``desk`` by itself; and how they did."""

    side: str
    name: str
    how: str


@register.simple_tag
def voice(entry: Entry) -> Voice:
    """Whose words an entry holds. A call that we wrote down is the caller's."""
    contact, name = entry.contact, entry.author_name or _("The desk")
    if entry.kind == Entry.Kind.NOTE or contact is None:
        side = "customer" if entry.author_person_id else "us" if entry.author_id else "desk"
        return Voice(side, name, "" if entry.is_internal else display(entry, "kind"))
    is_theirs = contact.direction == Contact.Direction.INBOUND
    if contact.outcome == Contact.Outcome.WRITTEN:
        side = "customer" if is_theirs else "us" if entry.author_id else "desk"
        return Voice(side, name, display(contact, "channel"))
    said = (SPOKEN_IN if is_theirs else SPOKEN_OUT)[contact.outcome].get(contact.channel) or display(contact, "channel")
    how = [str(said)]
    if contact.is_conversation and contact.duration_seconds:
        how.append(spoken(contact.duration_seconds, exact=True))
    if is_theirs and entry.author_id:
        how.append(_("written down by %(name)s") % {"name": name})
        name = contact.person.name or _("The caller")
    return Voice("customer" if is_theirs else "us", name, " · ".join(how))


@register.filter
def display(row: Any, name: str) -> str:
    """What Django's ``get_…_display`` says, whose work for each value is a hundred times as much."""
    return str(_labels(row._meta.model, name).get(getattr(row, name), "")) if row else ""


@lru_cache(maxsize=256)
def _labels(model: type[Model], name: str) -> dict[Any, Any]:
    return dict(model._meta.get_field(name).flatchoices)  # type: ignore[union-attr]


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
def mail_state(mail: OutgoingMail) -> str:
    """What became of an outgoing mail, short enough for a list."""
    return _("Kept here") if mail.status == OutgoingMail.Status.KEPT else str(mail.get_status_display())


@register.filter
def size_of(many: int) -> str:
    """Bytes as people say them."""
    size: Any = float(many or 0)
    for unit in ("B", "kB", "MB"):
        if size < 1000 or unit == "MB":
            return f"{size:.0f} {unit}" if unit == "B" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1000
    return ""


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
