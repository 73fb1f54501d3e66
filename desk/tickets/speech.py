"""What stands in a conversation, drawn: what was said, by whom and how, and the thin lines between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import Model
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from common import quotes
from common.durations import spoken
from common.templatetags import desk_ui
from common.text import text_to_html
from desk.tickets.context import MAIL_TONES
from desk.tickets.flow import WHOLE
from desk.tickets.story import Line
from notifications.models import OutgoingMail
from tickets.models import Channel, Contact, Entry, Ticket

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
KINDS = {Entry.Kind.VISIT: "desk_visit", Entry.Kind.CHAT: "message", Entry.Kind.AUTOMATIC: "message"}
QUIET = (OutgoingMail.Status.SENT, OutgoingMail.Status.KEPT)
"""States of a mail that are as they should be."""


def entry(entry: Entry, ticket: Ticket, now: datetime) -> SafeString:
    """An entry that ``page.entries_of`` has loaded.

    Written here and not in a template: a page has dozens of them, and a template takes ten times as long for each.
    """
    says, key, words = voice(entry), entry.pk, _words(get_language() or "")
    undone = " data-undone" if entry.undone_at else ""
    how = words[entry.visibility] if entry.is_internal else f"<small>{escape(says.how)}</small>"
    marks = (words["automatic"] if entry.is_automatic else "") + (words["undone"] if undone else "")
    when = f'<a class="at" href="?entry={key}#entry-{key}">{desk_ui.time_ago(entry.happened_at, now)}</a>'
    return SafeString(
        f'<article class="entry" id="entry-{key}" data-kind="{drawn_as(entry)}" data-from="{says.side}"{undone} '
        f'aria-labelledby="by-{key}">\n{desk_ui.avatar(says.name, "", False)}\n<div class="said">\n'
        f'<header id="by-{key}">\n<b dir="auto">{escape(says.name)}</b>\n{how}\n{marks}{when}\n</header>\n'
        f'<div class="body" dir="auto">\n{body(entry, ticket)}\n{_agreed(entry, words)}</div>\n'
        f"{_files(entry, ticket)}{_mails(entry)}</div>\n</article>\n"
    )


def line(line: Line, now: datetime) -> SafeString:
    """An event between the entries."""
    return SafeString(
        f'<div class="event" id="event-{line.seq}">{desk_ui.icon(line.icon, small=True)}<span><b dir="auto">'
        f"{escape(line.actor)}</b> {escape(line.text)}</span>{desk_ui.time_ago(line.at, now)}</div>\n"
    )


def _agreed(entry: Entry, words: dict[str, str]) -> str:
    agreed = entry.contact.agreed if entry.contact and not entry.is_internal else ""
    return f"<p><b>{words['agreed']}</b> {escape(agreed)}</p>\n" if agreed else ""


def _files(entry: Any, ticket: Ticket) -> str:
    context = {"files": entry.own_files, "entry": entry, "ticket": ticket}
    return render_to_string("desk/tickets/_files.html", context) if entry.own_files else ""


def _mails(entry: Any) -> str:
    return "".join(_mail(mail) for mail in entry.own_mails)


def _mail(mail: OutgoingMail) -> str:
    words, recipient = display(mail, "status"), mail.recipient
    if mail.status in QUIET:
        mark = desk_ui.icon("mail", small=True)
        return f'<span class="delivery muted" title="{escape(recipient)}">{mark} {escape(words)}</span>'
    return f'<span class="delivery">{desk_ui.chip(words, mail_tone(mail.status), "mail", recipient)}</span>'


@lru_cache(maxsize=64)
def _words(_language: str) -> dict[str, str]:
    """What is said of entries, and the marks that they carry; by visibility the mark of those that are internal."""
    return {
        Entry.Visibility.INTERNAL: desk_ui.chip(_("Internal"), "warn", "lock"),
        Entry.Visibility.RESTRICTED: desk_ui.chip(_("Internal: me and supervisors"), "warn", "lock"),
        "automatic": desk_ui.chip(_("Automatic"), "calm", "bot") + "\n",
        "undone": desk_ui.chip(_("Taken back"), "calm", "undo-2") + "\n",
        "agreed": escape(_("What we agreed.")),
    }


def body(entry: Entry, ticket: Ticket | None = None) -> SafeString:
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


def display(row: Any, name: str) -> str:
    """What Django's ``get_…_display`` says, whose work for each value is a hundred times as much."""
    return str(_labels(row._meta.model, name).get(getattr(row, name), "")) if row else ""


@lru_cache(maxsize=256)
def _labels(model: type[Model], name: str) -> dict[Any, Any]:
    return dict(model._meta.get_field(name).flatchoices)  # type: ignore[union-attr]


def drawn_as(entry: Entry) -> str:
    """The kind of an entry as its style knows it."""
    return str(KINDS.get(Entry.Kind(entry.kind), entry.kind))


def mail_tone(status: str) -> str:
    """The colour of the state of an outgoing mail."""
    return str(MAIL_TONES.get(status, ("", ""))[0])  # type: ignore[call-overload]


def size_of(many: int) -> str:
    """Bytes as people say them."""
    size: Any = float(many or 0)
    for unit in ("B", "kB", "MB"):
        if size < 1000 or unit == "MB":
            return f"{size:.0f} {unit}" if unit == "B" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1000
    return ""
