"""What the verbs of the conversation are made of: clean texts, contacts, entries."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile, File
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Malformed
from common.html import html_to_text, sanitise
from common.text import clean_line, clean_text
from customers.models import Person
from events.models import Event
from tickets import attachments
from tickets.lifecycle._ground import Actor
from tickets.models import Channel, Contact, Entry, EntryExternalId, Ticket

SUBJECT_LIMIT = 250
TEXT_LIMIT = 200_000
PREVIEW_LIMIT = 200
AHEAD = timedelta(minutes=5)  # how far the clocks of two machines may differ

WRITTEN_KIND = {
    Channel.PHONE: Entry.Kind.CALL,
    Channel.IN_PERSON: Entry.Kind.VISIT,
    Channel.LETTER: Entry.Kind.LETTER,
    Channel.CHAT: Entry.Kind.CHAT,
}


@dataclass(slots=True)
class Message:
    """What somebody wrote, fit to be stored; ``extra`` holds what was too long to be shown in full."""

    text: str
    html: str = ""
    subject: str = ""
    extra: list[File[Any]] = field(default_factory=list)


def typed(text: str, html: str = "", *, subject: str | None = None, required: bool = True) -> Message:
    """What staff typed; the text of markup is derived from it. Too long or empty: ``Malformed``, nothing written."""
    for name, value in (("text", text), ("html", html)):
        if len(value) > 2 * TEXT_LIMIT:  # not worth cleaning first
            raise _too_long(name, TEXT_LIMIT)
    line = clean_line(subject, SUBJECT_LIMIT, field="subject") if subject is not None else ""
    if subject is not None and not line:
        raise Malformed(_("Say in a few words what this is about."), code="empty", field="subject")
    body = clean_text((html_to_text(html) if html else "") or text, TEXT_LIMIT, field="text")
    if required and not body.strip():
        raise Malformed(_("Write a text first."), code="empty", field="text")
    return Message(body, sanitise(html) if html else "", line)


def received(text: str, html: str = "", *, subject: str = "") -> Message:
    """What a customer sent. Nobody is turned away: what is too long is cut, and the whole is kept beside it (T7)."""
    size = max(len(text), len(html))
    whole = clean_text(text or html_to_text(html), max(size, 1) * 4 + 100)
    extra: list[File[Any]] = []
    line = clean_line(subject, max(len(subject), 1) * 4)
    if len(line) > SUBJECT_LIMIT:
        whole = f"{line}\n\n{whole}"
        line = line[: SUBJECT_LIMIT - 1].rstrip() + "…"
    if len(whole) > TEXT_LIMIT:
        extra.append(ContentFile(whole.encode(), name="message.txt"))
        whole = whole[:TEXT_LIMIT]
        html = ""  # the first part is shown as text, the rest stands in the file
    return Message(whole, sanitise(html) if html else "", line, extra)


def _too_long(name: str, limit: int) -> Malformed:
    return Malformed(
        _("This is too long: at most %(limit)d characters fit.") % {"limit": limit}, code="too_long", field=name
    )


def speaking_to(ticket: Ticket) -> AbstractContextManager[Any]:
    """The language in which the desk's own words to this customer are written, whoever acts; theirs if we have it."""
    try:
        known = translation.get_supported_language_variant(ticket.language or ticket.requester.language)
    except LookupError:
        return nullcontext()
    return translation.override(known)


def present(person: Person) -> Person:
    """The person, or who they were merged into."""
    while person.merged_into is not None:
        person = person.merged_into
    return person


def happened(happened_at: datetime | None, at: datetime, *, field: str = "happened_at") -> datetime:
    """When it really happened (T1); never later than now."""
    if happened_at is not None and happened_at > at + AHEAD:
        raise Malformed(_("This time lies in the future."), code="in_the_future", field=field)
    return happened_at or at


def written_contact(
    *, person_id: int, channel: str, direction: str, at: datetime, by: Actor, mailbox: str = ""
) -> Contact:
    """The contact that one written message is."""
    return Contact.objects.create(
        channel=channel,
        direction=direction,
        outcome=Contact.Outcome.WRITTEN,
        person_id=person_id,
        handled_by=by if isinstance(by, User) else None,
        happened_at=at,
        ended_at=at,
        mailbox=mailbox,
    )


def join(contact: Contact, ticket: Ticket) -> None:
    """This contact touches this ticket; saying it twice changes nothing."""
    Contact.tickets.through.objects.bulk_create(
        [Contact.tickets.through(contact_id=contact.pk, ticket_id=ticket.pk)], ignore_conflicts=True
    )


def channel_named(channel: str) -> Channel:
    """The channel of that code (T1), or ``Malformed``."""
    try:
        return Channel(channel)
    except ValueError:
        raise Malformed(_("There is no such channel."), code="bad_choice", field="channel") from None


def reply_channel(ticket: Ticket) -> str:
    """Where a written answer goes when nobody says: what was asked on the web is answered there, else by mail."""
    return ticket.channel if ticket.channel in (Channel.WEB, Channel.API, Channel.EMAIL) else Channel.EMAIL


def write_entry(
    ticket: Ticket,
    message: Message,
    *,
    kind: str,
    at: datetime,
    by: Actor,
    person: Person | None = None,
    contact: Contact | None = None,
    visibility: str = Entry.Visibility.PUBLIC,
    files: Iterable[File[Any]] = (),
    external_ids: Iterable[tuple[str, str]] = (),
    **fields: Any,
) -> Entry:
    """One item of the conversation with its files. ``person`` is the customer whose words these are, if they are."""
    spoke = contact is not None and contact.is_conversation  # both spoke; who wrote it down is an author too
    author = by if isinstance(by, User) and (person is None or spoke) else None
    speaker = author or person
    entry = Entry.objects.create(
        ticket=ticket,
        contact=contact,
        kind=kind,
        visibility=visibility,
        author=author,
        author_person=person,
        author_name=str(speaker)[:150] if speaker else "",
        text=message.text,
        html=message.html,
        happened_at=at,
        **fields,
    )
    EntryExternalId.objects.bulk_create(
        EntryExternalId(entry=entry, source=source[:60], value=value[:500]) for source, value in external_ids
    )
    attachments.keep(entry, [*files, *message.extra])
    return entry


def are_own_words(text: str, usual: str) -> bool:
    """Did a person write to the customer, and not only send the usual words of an act (H7)? Blanks do not count."""
    return clean_text(text, TEXT_LIMIT).split() not in ([], clean_text(usual, TEXT_LIMIT).split())


def belongs_to(entry: Entry, event: Event) -> None:
    """The entry names the event that tells of it."""
    entry.event = event
    Entry.objects.filter(pk=entry.pk).update(event=event)


def known(external_ids: Iterable[tuple[str, str]]) -> Entry | None:
    """The entry that another system already gave us under one of these names; a second giver waits for the first."""
    for source, value in sorted(external_ids):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{source[:60]}:{value[:500]}"])
        found = EntryExternalId.objects.filter(source=source[:60], value=value[:500]).select_related("entry").first()
        if found:
            return found.entry
    return None
