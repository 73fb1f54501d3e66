"""The conversation with a customer: their messages, our replies, our notes (T1, T3, T10)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Malformed, Refused
from common.text import snippet
from customers.models import Person
from events.models import Event
from tickets import clocks
from tickets.lifecycle._ground import Actor, change, copy_back, locked, moment, moment_on, moved, tell
from tickets.lifecycle._parts import (
    PREVIEW_LIMIT,
    WRITTEN_KIND,
    belongs_to,
    channel_named,
    join,
    known,
    present,
    received,
    reply_channel,
    typed,
    write_entry,
    written_contact,
)
from tickets.lifecycle.arrival import arrive, escalate_if_reopened_again, home_of, standing
from tickets.lifecycle.opening import open_follow_up
from tickets.lifecycle.resuming import end_hold_untold
from tickets.lifecycle.thanks import is_bare_thanks
from tickets.models import Channel, ClockPause, Contact, Entry, Status, Ticket
from tickets.placeholders import demand_filled
from tickets.policy import talking as policy


@transaction.atomic
def receive(
    ticket: Ticket,
    *,
    person: Person,
    text: str,
    html: str = "",
    subject: str = "",
    channel: str = Channel.EMAIL,
    files: Iterable[File[Any]] = (),
    is_automatic: bool = False,
    contact: Contact | None = None,
    external_ids: Iterable[tuple[str, str]] = (),
    mailbox: str = "",
    reply_address: str = "",
    raw_key: str = "",
    at: datetime | None = None,
) -> Entry:
    """A customer's message arrives (T3). The entry's ``ticket`` says where: a merged ticket's messages arrive at its
    target (T11), one for a closed (or trashed) ticket opens a linked follow-up.

    A machine's message is kept and changes nothing. A bare "thank you" on a resolved or closed ticket is kept, changes
    nothing and is told as ``thanks``, so that the page can offer to reopen all the same; in doubt it is no thank-you.
    A message known by one of ``external_ids`` is the entry it was. ``ticket`` is brought up to date.
    """
    external_ids, files = list(external_ids), list(files)
    if (twice := known(external_ids)) is not None:
        return twice
    at, person, channel = moment(at), present(person), channel_named(channel)
    home = home_of(locked(home_of(ticket)))
    mine = locked(home)
    thanks = not is_automatic and not files and _may_stay(mine) and is_bare_thanks(text)
    message = received(text, html)
    source = {"mailbox": mailbox, "reply_address": reply_address, "raw_key": raw_key}
    if not (is_automatic or thanks) and _is_over(mine):
        said: dict[str, Any] = {"text": text, "html": html, "channel": channel, "contact": contact, "files": files}
        said |= {"external_ids": external_ids, **source}
        return open_follow_up(mine, person=person, at=at, message=said).entries.get()
    contact = contact or written_contact(
        person_id=person.pk, channel=channel, direction=Contact.Direction.INBOUND, at=at, by=person, mailbox=mailbox
    )
    join(contact, mine)
    entry = write_entry(
        mine, message, at=at, by=person, person=person, contact=contact, files=files, external_ids=external_ids,
        kind=Entry.Kind.AUTOMATIC if is_automatic else WRITTEN_KIND.get(channel, Entry.Kind.MESSAGE),
        is_automatic=is_automatic, language=person.language, **source,
    )  # fmt: skip
    data = _effect(mine, entry, person=person, at=at, still=is_automatic or thanks)
    event = tell(
        mine, "message_received", by=person, at=at, contact=contact,
        entry=entry, channel=channel, automatic=is_automatic, thanks=thanks, spam=mine.is_spam,
        files=len(message.extra) + len(files), **data,
    )  # fmt: skip
    belongs_to(entry, event)
    escalate_if_reopened_again(mine, data, at=at)
    if mine.pk == ticket.pk:
        copy_back(mine, ticket)
    return entry


def _effect(ticket: Ticket, entry: Entry, *, person: Person, at: datetime, still: bool) -> dict[str, Any]:
    """What the message does: nothing when a machine or a bare thank-you wrote it, or the ticket is spam."""
    if still or ticket.is_spam:
        now = str(ticket.status)
        return {"from": now, "to": now, **({} if entry.is_automatic else standing(ticket, person))}
    data = arrive(ticket, entry, person=person, at=at, live=bool(entry.contact and entry.contact.is_conversation))
    change(ticket, preview=snippet(entry.text, PREVIEW_LIMIT))
    return data


def _may_stay(ticket: Ticket) -> bool:
    return ticket.status in (Status.RESOLVED, Status.CLOSED)


def _is_over(ticket: Ticket) -> bool:
    """Nothing arrives here any more: closed, or in the trash where nobody would read it. Spam stays with spam."""
    return not ticket.is_spam and (ticket.status == Status.CLOSED or ticket.trashed_at is not None)


@transaction.atomic
def reply(
    ticket: Ticket,
    *,
    by: User,
    text: str,
    html: str = "",
    contact: Contact | None = None,
    files: Iterable[File[Any]] = (),
    seen: int | None = None,
    then: str = "",
    at: datetime | None = None,
) -> Entry:
    """A person answers: the response clock stops at commit (S3); nobody's ticket becomes theirs.

    ``seen`` is the highest entry id that the page showed: what somebody else wrote since refuses the reply with
    ``new_message``, and nothing is lost (T10). ``contact``: the live chat it is said in; otherwise it is written, by
    the channel that the ticket came by. ``then="pending"`` makes it the customer's turn, in one transaction, with an
    event of its own. A place of a canned reply that nobody filled refuses it (T9).
    """
    if then not in ("", "pending"):
        raise Malformed(_("After a reply a ticket stays, or waits for the customer."), code="bad_choice", field="then")
    message, files, mine = typed(text, html), list(files), locked(ticket)
    at = moment_on(mine, at)
    policy.may_reply(by, mine).demand()
    demand_filled(message.text, message.html)
    policy.unseen_by(by, mine, seen).demand()
    live = contact is not None and contact.is_conversation
    contact = contact or written_contact(
        person_id=mine.requester_id, channel=reply_channel(mine), direction=Contact.Direction.OUTBOUND, at=at, by=by
    )
    join(contact, mine)
    entry = write_entry(
        mine, message, kind=Entry.Kind.CHAT if contact.channel == Channel.CHAT else Entry.Kind.REPLY,
        at=at, by=by, contact=contact, files=files, language=mine.language,
    )  # fmt: skip
    before, taken = str(mine.status), _answered_by(mine, by, entry)
    clocks.stop_on_answer(mine, entry, at=at, by=by, live=live)
    event = tell(
        mine, "replied", by=by, at=at, contact=contact,
        entry=entry, channel=contact.channel, live=live, taken=taken, assignee=mine.assignee_id,
        files=len(files), **moved(before, str(mine.status)),
    )  # fmt: skip
    belongs_to(entry, event)
    if then == "pending":
        await_customer(mine, by=by, at=at)
    copy_back(mine, ticket)
    return entry


def write_public(
    ticket: Ticket, *, by: User, text: str, contact: Contact | None = None, answers: bool = True, at: datetime
) -> Entry:
    """What an act tells the customer (a hold, a transfer). ``ticket`` is locked.

    In a person's own words it is an answer like any other; the usual words of the act (``answers=False``) tell how the
    matter stands and answer nothing (S3). Records nothing: the act that says it does. An unfilled place refuses the
    whole act (T9).
    """
    message = typed(text)
    demand_filled(message.text)
    contact = contact or written_contact(
        person_id=ticket.requester_id, channel=reply_channel(ticket), direction=Contact.Direction.OUTBOUND, at=at, by=by
    )
    join(contact, ticket)
    entry = write_entry(ticket, message, kind=Entry.Kind.REPLY, at=at, by=by, contact=contact, language=ticket.language)
    change(ticket, preview=snippet(entry.text, PREVIEW_LIMIT))
    if answers:
        clocks.stop_on_answer(ticket, entry, at=at, by=by, live=contact.is_conversation)
    else:
        clocks.inform(ticket, entry, at=at, by=by)
    return entry


def _answered_by(ticket: Ticket, by: User, entry: Entry) -> bool:
    """Who answers a ticket that nobody has, has it from now on; tells whether they took it."""
    fields: dict[str, Any] = {"preview": snippet(entry.text, PREVIEW_LIMIT)}
    taken = ticket.assignee_id is None and policy.would_own(by, ticket)
    if taken:
        fields |= {"assignee": by} if ticket.first_agent_id else {"assignee": by, "first_agent": by}
    if ticket.status == Status.NEW:
        fields["status"] = Status.OPEN
    change(ticket, **fields)
    return taken


@transaction.atomic
def await_customer(ticket: Ticket, *, by: User, at: datetime | None = None) -> Ticket:
    """It is the customer's turn (T3): the resolution clock pauses. Refused while a message of theirs is unanswered."""
    at, mine = moment(at), locked(ticket)
    policy.may_await_customer(by, mine).demand()
    before = str(mine.status)
    change(mine, status=Status.PENDING)
    clocks.pause(mine, cause=ClockPause.Cause.PENDING, at=at)
    tell(mine, "pending", by=by, at=at, **moved(before, str(Status.PENDING)))
    copy_back(mine, ticket)
    return mine


@transaction.atomic
def add_note(
    ticket: Ticket,
    *,
    by: User,
    text: str,
    html: str = "",
    restricted: bool = False,
    mentions: Iterable[User] = (),
    files: Iterable[File[Any]] = (),
    at: datetime | None = None,
) -> Entry:
    """An internal note: no customer sees it, and it answers nobody (T13). ``restricted``: author, supervisors.

    ``mentions`` are colleagues who are told of it; who may not read it cannot be.
    """
    at, message, files, mine = moment(at), typed(text, html), list(files), locked(ticket)
    policy.may_note(by, mine).demand()
    mentioned = list({user.pk: user for user in mentions}.values())
    for user in mentioned:
        policy.may_mention(user, mine, restricted=restricted).demand()
    visibility = Entry.Visibility.RESTRICTED if restricted else Entry.Visibility.INTERNAL
    entry = write_entry(mine, message, kind=Entry.Kind.NOTE, visibility=visibility, at=at, by=by, files=files)
    change(mine)
    told: dict[str, Any] = {"mentions": [user.pk for user in mentioned]} if mentioned else {}
    event = tell(mine, "note_added", by=by, at=at, entry=entry, restricted=restricted, files=len(files), **told)
    belongs_to(entry, event)
    copy_back(mine, ticket)
    return entry


@transaction.atomic
def withdraw_reply(entry: Entry, *, by: Actor, cause: str = "undone", at: datetime | None = None) -> Entry:
    """An answer that did not stand: undone by its author, failed for good, or bounced; the clock it stopped runs again
    from its start (fine print of S). An undone reply is hidden from the customer; one that failed stays in the story.

    The second call changes nothing. A ticket that waited for the customer because of it is ours again.
    """
    if cause not in ("undone", "failed", "bounced"):
        raise Malformed(_("A reply is undone, failed or bounced."), code="bad_choice", field="cause")
    at, mine = moment(at), locked(entry.ticket_id)
    entry.refresh_from_db(fields=["undone_at"])
    if _is_withdrawn(entry):
        return entry
    if cause == "undone":
        if not isinstance(by, User):
            raise Refused(_("Only staff of the desk do this."), code="not_staff", rule="T13")
        policy.may_withdraw_reply(by, entry, at).demand()
        entry.undone_at = at
        entry.save(update_fields=["undone_at"])
    before = str(mine.status)
    if mine.status == Status.PENDING:
        clocks.unpause(mine, cause=ClockPause.Cause.PENDING, at=at)
        change(mine, status=Status.OPEN)
    else:
        end_hold_untold(mine, entry, at=at)
        change(mine)
    clocks.reinstate(entry, at=at, ticket=mine)
    data = moved(before, str(mine.status))
    tell(mine, "reply_withdrawn", by=by, at=at, contact=entry.contact, entry=entry, cause=cause, **data)
    return entry


def _is_withdrawn(entry: Entry) -> bool:
    told = Event.objects.filter(subject_kind="ticket", subject_id=entry.ticket_id, kind="ticket.reply_withdrawn")
    return entry.undone_at is not None or told.filter(data__entry=entry.pk).exists()
