"""Contacts that staff have with customers: begun, ended, and written down (T1, T7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Malformed, Refused
from common.text import clean_text, snippet
from customers.models import Person
from customers.operations import unknown_caller
from events.recording import record
from tickets import clocks
from tickets.lifecycle._ground import change, copy_back, locked_many, moment, tell
from tickets.lifecycle._parts import (
    PREVIEW_LIMIT,
    TEXT_LIMIT,
    WRITTEN_KIND,
    Message,
    belongs_to,
    channel_named,
    happened,
    join,
    present,
    typed,
    write_entry,
)
from tickets.lifecycle.arrival import arrive, escalate_if_reopened_again, home_of, told_to
from tickets.lifecycle.opening import open_ticket
from tickets.models import LIVE_CHANNELS, Channel, ClockPause, Contact, Entry, Status, Ticket
from tickets.placeholders import demand_filled
from tickets.policy import talking as policy

LONGEST_CONTACT = timedelta(hours=24)
SPOKEN = (Contact.Outcome.TALKED, Contact.Outcome.VOICEMAIL, Contact.Outcome.MISSED)


@transaction.atomic
def begin_contact(
    *,
    by: User,
    person: Person,
    channel: str,
    direction: str,
    tickets: Iterable[Ticket] = (),
    at: datetime | None = None,
) -> Contact:
    """A call, a visit or a chat begins: live until it ends, and acts may name it."""
    at, channel = moment(at), channel_named(channel)
    policy.may_log_contact(by).demand()
    if channel not in LIVE_CHANNELS:
        raise Malformed(_("Only a call, a visit or a chat begins and ends."), code="not_live", field="channel")
    contact = _contact(by, present(person), channel, direction, Contact.Outcome.TALKED, begun=at, ended=None)
    mine = locked_many(home_of(ticket) for ticket in tickets)
    for ticket in mine.values():
        join(contact, ticket)
    record(
        contact, "contact.begun", by=by, at=at, contact=contact, on_behalf_of=contact.person,
        channel=channel, direction=contact.direction, tickets=sorted(mine),
    )  # fmt: skip
    return contact


@transaction.atomic
def end_contact(contact: Contact, *, by: User | None, at: datetime | None = None) -> Contact:
    """It ends; nobody can be asked live any more (fine print of H). The second end changes nothing."""
    at = moment(at)
    mine = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    if mine.ended_at is None:
        if by is not None:
            policy.may_log_contact(by).demand()
        mine.ended_at = max(at, mine.happened_at)
        mine.save(update_fields=["ended_at"])
        record(mine, "contact.ended", by=by, at=at, contact=mine, on_behalf_of=mine.person)
    contact.ended_at = mine.ended_at
    return mine


@dataclass(slots=True)
class _Said:
    """One contact as it is written down, and who handled it."""

    contact: Contact
    message: Message
    by: User
    live: bool
    inbound: bool


@transaction.atomic
def log_contact(
    *,
    by: User,
    person: Person | None,
    channel: str,
    direction: str,
    text: str = "",
    outcome: str = Contact.Outcome.TALKED,
    happened_at: datetime | None = None,
    duration_seconds: int | None = None,
    agreed: str = "",
    tickets: Iterable[Ticket] = (),
    subject: str = "",
    ticket_fields: Mapping[str, Any] | None = None,
    contact: Contact | None = None,
    keep_live: bool = False,
    phone: str = "",
    at: datetime | None = None,
) -> tuple[Contact, list[Ticket]]:
    """Write a contact down (T1, T7): on each of ``tickets``, on a new one when there is a ``subject``, or alone.

    ``person`` None is an unknown caller (``phone``: the number they called from). ``happened_at``: when it began, for a
    letter when it was received; ``contact``: one that was begun, which ends here unless ``keep_live``. No text is asked
    for: nobody is turned away for lack of time. The tickets come back in the order given, the new one last.

    Speaking with somebody answers them at once. It brings ``pending`` back to ``open``, but leaves a hold and
    ``resolved`` to who is on the line: they resume, extend, confirm or reopen by an act of its own. Voicemail, missed
    calls and letters are written: they do what a message does (T3), a closed ticket gets a linked follow-up.
    """
    at, channel, tickets = moment(at), channel_named(channel), list(tickets)
    policy.may_log_contact(by).demand()
    outcome = _checked_outcome(channel, outcome)
    message = typed(text, subject=subject, required=False) if subject.strip() else typed(text, required=False)
    if direction == Contact.Direction.OUTBOUND and channel not in LIVE_CHANNELS:
        demand_filled(message.text)
    agreed = clean_text(agreed, TEXT_LIMIT, field="agreed")
    began = contact.happened_at if contact is not None else happened(happened_at, at)
    ended = None if keep_live and channel in LIVE_CHANNELS else _end(began, duration_seconds, contact, at)
    person = present(person) if person is not None else unknown_caller(by=by, phone=phone, at=at)
    row = _written_down(contact, by, person, channel, direction, outcome, began, ended, agreed)
    said = _Said(row, message, by, live=row.is_conversation, inbound=row.direction == Contact.Direction.INBOUND)
    homes = {ticket.pk: home_of(ticket).pk for ticket in tickets}
    mine = locked_many(homes.values())
    touched = [_log_on(mine[pk], said, person, at=began) for pk in dict.fromkeys(homes.values())]
    if message.subject:
        fields = {**(ticket_fields or {}), "requester": person, "subject": message.subject, "text": message.text}
        opened = open_ticket(**fields, channel=channel, by=by, contact=row, outbound=not said.inbound, at=began)
        touched.append(opened)
    record(
        row, "contact.logged", by=by, at=began, contact=row, on_behalf_of=person,
        channel=channel, direction=row.direction, outcome=outcome, tickets=[ticket.pk for ticket in touched],
        seconds=row.duration_seconds, unknown=person.is_unknown,
    )  # fmt: skip
    for ticket in tickets:
        if ticket.pk in mine:
            copy_back(mine[ticket.pk], ticket)
    return row, touched


def _checked_outcome(channel: Channel, outcome: str) -> str:
    """A call was talked, a voicemail or missed; a visit or a chat was talked; all else is in writing."""
    if outcome not in Contact.Outcome.values:
        raise Malformed(_("There is no such outcome of a contact."), code="bad_choice", field="outcome")
    if channel not in LIVE_CHANNELS:
        return Contact.Outcome.WRITTEN
    if outcome == Contact.Outcome.WRITTEN:
        raise Malformed(_("A call, a visit or a chat is not in writing."), code="bad_choice", field="outcome")
    return outcome


def _end(began: datetime, seconds: int | None, contact: Contact | None, at: datetime) -> datetime:
    if contact is not None and contact.ended_at is not None:
        return contact.ended_at
    if seconds is not None:
        if not 0 <= seconds <= LONGEST_CONTACT.total_seconds():
            raise Malformed(_("A contact takes up to a day."), code="bad_duration", field="duration_seconds")
        return began + timedelta(seconds=seconds)
    return max(at, began) if contact is not None else began


def _written_down(
    contact: Contact | None,
    by: User,
    person: Person,
    channel: Channel,
    direction: str,
    outcome: str,
    began: datetime,
    ended: datetime | None,
    agreed: str,
) -> Contact:
    if contact is None:
        return _contact(by, person, channel, direction, outcome, begun=began, ended=ended, agreed=agreed)
    mine = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    if mine.channel != channel:
        raise Refused(_("This contact came by another channel."), code="other_channel", rule="T1", field="channel")
    mine.person, mine.outcome, mine.agreed, mine.ended_at = person, outcome, agreed, ended
    mine.save(update_fields=["person", "outcome", "agreed", "ended_at"])
    contact.__dict__.update({name: mine.__dict__[name] for name in ("person_id", "outcome", "agreed", "ended_at")})
    return mine


def _contact(
    by: User,
    person: Person,
    channel: str,
    direction: str,
    outcome: str,
    *,
    begun: datetime,
    ended: datetime | None,
    agreed: str = "",
) -> Contact:
    if direction not in Contact.Direction.values:
        raise Malformed(_("A contact comes from the customer or goes to them."), code="bad_choice", field="direction")
    return Contact.objects.create(
        channel=channel, direction=direction, outcome=outcome, person=person, handled_by=by,
        happened_at=begun, ended_at=ended, agreed=agreed,
    )  # fmt: skip


def _log_on(ticket: Ticket, said: _Said, person: Person, *, at: datetime) -> Ticket:
    """The contact as an entry of one locked ticket, with what it does to its state and its clocks."""
    contact = said.contact
    join(contact, ticket)
    written_in = said.inbound and not said.live
    if written_in and ticket.status == Status.CLOSED and not ticket.is_trouble:
        return _follow_up(ticket, said, person, at=at)
    entry = write_entry(
        ticket, said.message, at=at, by=said.by, contact=contact, language=person.language,
        kind=WRITTEN_KIND.get(Channel(contact.channel), Entry.Kind.MESSAGE if said.inbound else Entry.Kind.REPLY),
        person=person if said.inbound or said.live else None,
    )  # fmt: skip
    if written_in:
        data = arrive(ticket, entry, person=person, at=at)
        change(ticket, preview=snippet(entry.text, PREVIEW_LIMIT))
    else:
        data = _spoken(ticket, entry, said, at=at)
    event = tell(
        ticket, "contact_logged", by=said.by, at=at, contact=contact, on_behalf_of=person,
        entry=entry, channel=contact.channel, direction=contact.direction, outcome=contact.outcome, live=said.live,
        **data,
    )  # fmt: skip
    belongs_to(entry, event)
    escalate_if_reopened_again(ticket, data, at=at)
    return ticket


def _spoken(ticket: Ticket, entry: Entry, said: _Said, *, at: datetime) -> dict[str, Any]:
    """We spoke, or left them word: it answers what was waiting before. A call that nobody picked up answers nothing."""
    before = str(ticket.status)
    reached = said.contact.outcome != Contact.Outcome.MISSED
    over = ticket.status in (Status.RESOLVED, Status.CLOSED)
    fields: dict[str, Any] = {}
    if reached and ticket.assignee_id is None and not over and policy.would_own(said.by, ticket):
        fields = {"assignee": said.by} if ticket.first_agent_id else {"assignee": said.by, "first_agent": said.by}
    if ticket.status == Status.NEW and reached:
        fields["status"] = Status.OPEN
    elif ticket.status == Status.PENDING and said.inbound:
        clocks.unpause(ticket, cause=ClockPause.Cause.PENDING, at=at)
        fields["status"] = Status.OPEN
    if entry.text:
        fields["preview"] = snippet(entry.text, PREVIEW_LIMIT)
    change(ticket, **fields)
    if said.inbound and not over:
        clocks.start_on_message(ticket, entry, at=at, live=True)
    waiting = ticket.unanswered_since
    if reached and not over and (said.inbound or waiting is None or waiting <= at):
        clocks.stop_on_answer(ticket, entry, at=at, by=said.by, live=said.live)
    return {"from": before, "to": str(ticket.status), "assignee": ticket.assignee_id, **told_to(ticket)}


def _follow_up(closed: Ticket, said: _Said, person: Person, *, at: datetime) -> Ticket:
    return open_ticket(
        requester=person, subject=closed.subject, text=said.message.text, channel=said.contact.channel, by=said.by,
        type=closed.type, impact=closed.impact, urgency=closed.urgency, team=closed.team, category=closed.category,
        brand=closed.brand, language=closed.language, contact=said.contact, follow_up_of=closed, at=at,
    )  # fmt: skip
