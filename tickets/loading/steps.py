"""What can have happened to a ticket, as plain data: times are aware, people and staff are given by id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tickets.models import Channel, Closure, ClosureCause, Escalation, EscalationReason, TicketType

ExternalIds = Sequence[tuple[str, str]]


@dataclass(slots=True, kw_only=True)
class Step:
    """Something happened at ``at``. ``by`` is the member of staff who did it, None for the customer or the desk."""

    at: datetime
    by: int | None = None


@dataclass(slots=True, kw_only=True)
class Wrote(Step):
    """The customer (``person``; None: the requester) wrote; as ``receive``."""

    text: str
    html: str = ""
    person: int | None = None
    channel: str = ""  # the ticket's own
    is_automatic: bool = False
    external_ids: ExternalIds = ()


@dataclass(slots=True, kw_only=True)
class Answered(Step):
    """``by`` replied; as ``reply``. ``then="pending"``: and it is the customer's turn."""

    text: str
    html: str = ""
    then: str = ""
    external_ids: ExternalIds = ()


@dataclass(slots=True, kw_only=True)
class Noted(Step):
    """``by`` left an internal note; as ``add_note``."""

    text: str
    html: str = ""
    restricted: bool = False
    external_ids: ExternalIds = ()


@dataclass(slots=True, kw_only=True)
class Spoke(Step):
    """A call or a visit that ``by`` had with the customer; as ``log_contact`` (talked, ended)."""

    text: str = ""
    channel: str = Channel.PHONE
    direction: str = "in"
    seconds: int = 0
    agreed: str = ""
    person: int | None = None


@dataclass(slots=True, kw_only=True)
class Taken(Step):
    """``by`` took it; as ``take``. ``answers``: it stands in for the answer that this log does not tell (imports)."""

    answers: bool = False


@dataclass(slots=True, kw_only=True)
class Joined(Step):
    """Another customer takes part from now on, in copy; as ``add_participant``."""

    person: int


@dataclass(slots=True, kw_only=True)
class Assigned(Step):
    """``by`` gave it to ``to`` (None: back to the team), and to ``team`` where one is named; as ``assign``."""

    to: int | None = None
    team: int | None = None


@dataclass(slots=True, kw_only=True)
class Waited(Step):
    """It was the customer's turn; as ``await_customer``."""


@dataclass(slots=True, kw_only=True)
class Returned(Step):
    """Work went on although no message of the customer is known; ``pending`` becomes ``open`` (imports only)."""


@dataclass(slots=True, kw_only=True)
class Escalated(Step):
    """Somebody more senior was asked; the escalation ends when the ticket resolves or closes (imports)."""

    reason: str = EscalationReason.Reason.LIMIT
    kind: str = Escalation.Kind.HIERARCHICAL


@dataclass(slots=True, kw_only=True)
class Resolved(Step):
    """``by`` resolved it; as ``resolve``, with ``text`` as the last reply."""

    text: str = ""


@dataclass(slots=True, kw_only=True)
class Reopened(Step):
    """Resolved or closed too soon; as ``reopen``. An imported ticket may come back from closed."""


@dataclass(slots=True, kw_only=True)
class Confirmed(Step):
    """The customer said that it is solved, by themselves, or to ``by`` (``via="phone"``); as ``confirm``."""

    via: str = Closure.Via.LINK


@dataclass(slots=True, kw_only=True)
class Closed(Step):
    """The end: silence, or the system it came from closed it; as ``close``."""

    cause: str = ClosureCause.IMPORTED


@dataclass(slots=True, kw_only=True)
class LoadedTicket:
    """One ticket: how it was opened, and its ``steps`` in the order in which they happened.

    ``opened_by``: who of staff had the call, the visit or opened the letter; with ``outbound`` who wrote first.
    Customer type, organisation and (when empty) language come from the requester.
    """

    requester: int
    subject: str
    text: str
    channel: str
    at: datetime
    steps: Sequence[Step] = ()
    html: str = ""
    opened_by: int | None = None
    outbound: bool = False
    is_automatic: bool = False
    type: str = TicketType.QUESTION
    impact: int = 2
    urgency: int = 2
    team: int | None = None
    brand: int | None = None
    category: int | None = None
    tags: Sequence[int] = ()
    language: str = ""
    mailbox: str = ""
    custom: dict[str, Any] = field(default_factory=dict)
    external_source: str = ""
    external_id: str = ""
    external_ids: ExternalIds = ()
