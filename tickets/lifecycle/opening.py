"""A need becomes a ticket (T1, T2, T3, T7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.text import snippet
from customers.models import Person
from staff.models import Brand, Team
from tickets import clocks
from tickets.lifecycle._ground import Actor, moment, tell
from tickets.lifecycle._parts import (
    PREVIEW_LIMIT,
    WRITTEN_KIND,
    Message,
    belongs_to,
    channel_named,
    join,
    known,
    present,
    received,
    typed,
    write_entry,
    written_contact,
)
from tickets.models import (
    LIVE_CHANNELS,
    Category,
    Channel,
    Clock,
    Contact,
    Entry,
    Participant,
    Status,
    Tag,
    Ticket,
    TicketLink,
    TicketType,
    priority_of,
)
from tickets.placeholders import demand_filled
from tickets.policy import talking as policy


@transaction.atomic
def open_ticket(
    *,
    requester: Person,
    subject: str,
    text: str,
    channel: str,
    by: Actor,
    html: str = "",
    type: str = TicketType.QUESTION,
    impact: int = 2,
    urgency: int = 2,
    team: Team | None = None,
    category: Category | None = None,
    tags: Iterable[Tag | str] = (),
    contact: Contact | None = None,
    brand: Brand | None = None,
    files: Iterable[File[Any]] = (),
    on_behalf_of: Person | None = None,
    language: str = "",
    mailbox: str = "",
    raw_key: str = "",
    reply_address: str = "",
    external_ids: Iterable[tuple[str, str]] = (),
    is_automatic: bool = False,
    outbound: bool = False,
    follow_up_of: Ticket | None = None,
    at: datetime | None = None,
) -> Ticket:
    """Open a ticket with its first entry. ``at`` is when it happened: a letter's receipt, the start of a call (T1).

    ``by`` a person: their message, never turned away (what is too long is cut, the whole kept). ``by`` staff: a call or
    a visit they had (``contact``, or one is made), a letter they opened, or with ``outbound`` their own first message,
    which starts no response clock until the customer writes (fine print of S). A live contact is answered by who took
    it: the ticket is theirs when it is their team's or nobody's. A message known by one of ``external_ids``
    (``(source, value)``) opens nothing: the ticket it opened is returned.
    """
    external_ids, files = list(external_ids), list(files)
    if (twice := known(external_ids)) is not None:
        return twice.ticket
    at, requester, channel = moment(at), present(requester), channel_named(channel)
    message = _first_words(text, html, subject=subject, by=by, outbound=outbound)
    contact = contact or _first_contact(requester, channel, by=by, at=at, outbound=outbound, mailbox=mailbox)
    live = contact.is_conversation and not outbound
    assignee = by if isinstance(by, User) and (live or outbound) and policy.would_own_in(by, team) else None
    ticket = _new_ticket(
        message, requester=requester, channel=channel, type=type, impact=impact, urgency=urgency, team=team,
        category=category, brand=brand, language=language, assignee=assignee, at=at,
    )  # fmt: skip
    begun = _first_clocks(ticket, contact, by=by, at=at, live=live, outbound=outbound, is_automatic=is_automatic)
    ticket.save(force_insert=True)
    _relate(ticket, contact, tags=tags, on_behalf_of=on_behalf_of, follow_up_of=follow_up_of)
    entry = _first_entry(
        ticket, message, by=by, at=at, contact=contact, files=files, external_ids=external_ids, outbound=outbound,
        is_automatic=is_automatic, mailbox=mailbox, reply_address=reply_address, raw_key=raw_key,
    )  # fmt: skip
    clocks.start_first(begun, ticket, entry)
    _tell_opened(
        ticket, entry, by=by, at=at, live=live, outbound=outbound, follow_up_of=follow_up_of,
        on_behalf_of=on_behalf_of, files=len(files) + len(message.extra),
    )  # fmt: skip
    return ticket


def _first_words(text: str, html: str, *, subject: str, by: Actor, outbound: bool) -> Message:
    """Staff may open and what they type is checked (T9); a person's message is never turned away."""
    if not isinstance(by, User):
        return received(text, html, subject=subject)
    policy.may_open(by).demand()
    message = typed(text, html, subject=subject, required=outbound)
    if outbound:
        demand_filled(message.text, message.html)
    return message


def _relate(
    ticket: Ticket,
    contact: Contact,
    *,
    tags: Iterable[Tag | str],
    on_behalf_of: Person | None,
    follow_up_of: Ticket | None,
) -> None:
    """What a new ticket hangs on: its first contact, its tags, whom it is for, and the ticket it follows."""
    join(contact, ticket)
    if named := _tags(tags):
        ticket.tags.set(named)
    if on_behalf_of is not None:
        Participant.objects.create(ticket=ticket, person=present(on_behalf_of), role=Participant.Role.ON_BEHALF_OF)
    if follow_up_of is not None:
        TicketLink.objects.create(source=ticket, target=follow_up_of, kind=TicketLink.Kind.FOLLOW_UP)


def _first_entry(
    ticket: Ticket, message: Message, *, outbound: bool, is_automatic: bool, by: Actor, **kept: Any
) -> Entry:
    """The words that it begins with: the requester's, or with ``outbound`` our own."""
    kind = WRITTEN_KIND.get(Channel(ticket.channel), Entry.Kind.REPLY if outbound else Entry.Kind.MESSAGE)
    return write_entry(
        ticket, message, kind=Entry.Kind.AUTOMATIC if is_automatic else kind, is_automatic=is_automatic, by=by,
        person=None if outbound else ticket.requester, language=ticket.language, **kept,
    )  # fmt: skip


def _tell_opened(
    ticket: Ticket, entry: Entry, *, by: Actor, at: datetime, on_behalf_of: Person | None, **data: Any
) -> None:
    """The event of it; what staff wrote down they did for the requester, or for whom it is."""
    event = tell(
        ticket, "opened", by=by, at=at, contact=entry.contact,
        on_behalf_of=on_behalf_of or (ticket.requester if isinstance(by, User) else None),
        entry=entry, channel=ticket.channel, type=ticket.type, priority=int(ticket.priority), team=ticket.team_id,
        status=str(ticket.status), assignee=ticket.assignee_id, automatic=entry.is_automatic, **data,
    )  # fmt: skip
    belongs_to(entry, event)


def _first_clocks(
    ticket: Ticket, contact: Contact, *, by: Actor, at: datetime, live: bool, outbound: bool, is_automatic: bool
) -> list[Clock]:
    """The clocks of a new ticket: a machine starts none, nor do we; a live contact is answered at once (S).

    They start before the ticket is stored, so that its row holds its place in the queue from the beginning.
    """
    if is_automatic:
        return []
    if outbound:
        ticket.last_staff_at = at
        return []
    return clocks.first_clocks(ticket, at=at, live=live, by=by if isinstance(by, User) else contact.handled_by)


def _first_contact(
    requester: Person, channel: str, *, by: Actor, at: datetime, outbound: bool, mailbox: str
) -> Contact:
    direction = Contact.Direction.OUTBOUND if outbound else Contact.Direction.INBOUND
    if channel in LIVE_CHANNELS and isinstance(by, User):
        return Contact.objects.create(
            channel=channel, direction=direction, outcome=Contact.Outcome.TALKED,
            person=requester, handled_by=by, happened_at=at, ended_at=at,
        )  # fmt: skip
    return written_contact(person_id=requester.pk, channel=channel, direction=direction, at=at, by=by, mailbox=mailbox)


def _new_ticket(
    message: Message,
    *,
    requester: Person,
    assignee: User | None,
    team: Team | None,
    brand: Brand | None,
    language: str,
    at: datetime,
    impact: int,
    urgency: int,
    **fields: Any,
) -> Ticket:
    """Not stored yet."""
    return Ticket(
        subject=message.subject or snippet(message.text, 80) or _("(no subject)"),
        preview=snippet(message.text, PREVIEW_LIMIT),
        status=Status.OPEN if assignee else Status.NEW,
        impact=impact,
        urgency=urgency,
        priority=priority_of(impact, urgency),
        requester=requester,
        customer_type=requester.kind,
        organisation=requester.organisation,
        department_id=requester.department_id,
        plan_id=requester.entitled_plan_id,
        language=language or requester.language,
        team=team,
        brand=brand or (team.brand if team and team.brand_id else None),
        assignee=assignee,
        first_agent=assignee,
        opened_at=at,
        **fields,
    )


def _tags(tags: Iterable[Tag | str]) -> list[Tag]:
    """Tags by name are made when there is none of the name."""
    return [tag if isinstance(tag, Tag) else Tag.objects.get_or_create(name=tag)[0] for tag in tags]


def open_follow_up(closed: Ticket, *, person: Person, message: Mapping[str, Any], at: datetime) -> Ticket:
    """A message after ``closed`` opens a linked ticket with the same subject, type and team (T3); ``person`` asks."""
    return open_ticket(
        requester=person,
        subject=closed.subject,
        by=person,
        type=closed.type,
        impact=closed.impact,
        urgency=closed.urgency,
        team=closed.team,
        category=closed.category,
        brand=closed.brand,
        language=closed.language,
        tags=list(closed.tags.all()),
        follow_up_of=closed,
        at=at,
        **message,
    )
