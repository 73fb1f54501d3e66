"""One case, and how every case begins: it comes in, is answered, goes on, is solved as we think."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from accounts.models import User
from customers.models import Person
from helpdesk.demo.cast import Cast
from helpdesk.demo.topics import Topic
from tickets import lifecycle
from tickets.models import Channel, Closure, ComplaintStep, Contact, Ticket, TicketType

IN, OUT = Contact.Direction.INBOUND, Contact.Direction.OUTBOUND
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass
class Case:
    """One case that is being told: who, about what, and the time it has reached."""

    cast: Cast
    random: Random
    topic: Topic
    person: Person
    agent: User
    at: datetime
    channel: str
    end: datetime
    ticket: Ticket = field(init=False)

    def later(self, shortest: timedelta, longest: timedelta) -> datetime:
        """Move on by some time between the two, never past ``end``."""
        step = shortest + (longest - shortest) * self.random.random()
        self.at = min(self.at + step, self.end)
        return self.at


def opened(case: Case) -> Ticket:
    """It comes in, by its channel."""
    topic = case.topic
    fields: dict[str, Any] = {
        "type": topic.type,
        "team": case.cast.teams[topic.team],
        "impact": topic.impact,
        "urgency": topic.urgency,
        "language": topic.language,
    }
    if case.channel in (Channel.PHONE, Channel.IN_PERSON, Channel.LETTER):
        minutes = case.random.randrange(2, 14)
        _contact, tickets = lifecycle.log_contact(
            by=case.agent,
            person=case.person,
            channel=case.channel,
            direction=IN,
            outcome=Contact.Outcome.WRITTEN if case.channel == Channel.LETTER else Contact.Outcome.TALKED,
            text=topic.says,
            subject=topic.subject,
            happened_at=case.at,
            duration_seconds=minutes * 60,
            ticket_fields=fields,
            at=case.at + minutes * MINUTE,
        )
        case.ticket = tickets[0]
        case.at += (minutes + 1) * MINUTE
    else:
        case.ticket = lifecycle.open_ticket(
            requester=case.person, subject=topic.subject, text=topic.says, channel=case.channel, by=case.person,
            at=case.at, **fields,
        )  # fmt: skip
    return case.ticket


def answered(case: Case, *, within: timedelta = 9 * HOUR, then: str = "") -> Ticket:
    """An agent takes it, perhaps leaves a note, and answers."""
    ticket = opened(case)
    case.later(5 * MINUTE, within)
    if ticket.assignee_id is None:
        lifecycle.take(ticket, by=case.agent, at=case.at)
    if case.topic.note and case.random.random() < 0.6:
        lifecycle.add_note(ticket, by=case.agent, text=case.topic.note, at=case.later(MINUTE, 9 * MINUTE))
    lifecycle.reply(ticket, by=case.agent, text=case.topic.answer, then=then, at=case.later(2 * MINUTE, 40 * MINUTE))
    return ticket


def talked(case: Case, *, within: timedelta = 9 * HOUR) -> Ticket:
    """They wrote again after our answer."""
    ticket = answered(case, then=case.random.choice(["", "pending"]), within=within)
    lifecycle.receive(ticket, person=case.person, text=case.topic.more, at=case.later(30 * MINUTE, 20 * HOUR))
    return ticket


def resolved(case: Case, *, within: timedelta = 9 * HOUR) -> Closure:
    """Solved, as we think."""
    ticket = talked(case, within=within)
    if ticket.type == TicketType.COMPLAINT:
        understood(case, ticket)
    closure = lifecycle.resolve(ticket, by=case.agent, text=case.topic.solution, at=case.later(HOUR, 22 * HOUR))
    if ticket.type == TicketType.COMPLAINT:
        lifecycle.take_step(
            ticket, by=case.agent, step=ComplaintStep.Step.THANKED,
            text="Thank you for telling us: it will spare others the same.", at=case.later(MINUTE, 5 * MINUTE),
        )  # fmt: skip
    return closure


def understood(case: Case, ticket: Ticket) -> None:
    lifecycle.take_step(
        ticket, by=case.agent, step=ComplaintStep.Step.UNDERSTOOD, text=case.topic.says, at=case.later(MINUTE, HOUR)
    )
    lifecycle.take_step(
        ticket, by=case.agent, step=ComplaintStep.Step.CONFIRMED, text=case.topic.answer, at=case.later(MINUTE, HOUR)
    )


Story = Callable[[Case], object]
