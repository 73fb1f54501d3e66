"""What happened to one case, told in the words of its source: nobody in it has an id yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tickets.loading import Step
from tickets.models import TicketType


class BadRow(Exception):
    """This row cannot become part of a ticket: its case is rejected."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


@dataclass(frozen=True, slots=True)
class Who:
    """A customer: ``key`` names them in the source for good."""

    key: str
    name: str = ""
    email: str = ""
    kind: str = "external"
    language: str = ""


@dataclass(frozen=True, slots=True)
class Agent:
    """A member of staff, or a team with ``email`` empty."""

    key: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """One step; ``item`` is the place of the fact (row, message) that it came from."""

    kind: type[Step]
    at: datetime
    item: int
    by: Agent | None = None
    person: Who | None = None
    team: Agent | None = None
    to: Agent | None = None
    said: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """A ticket to be. ``facts`` are what it stands on, in order; the same facts again change nothing."""

    case_id: str
    at: datetime
    subject: str
    text: str
    channel: str
    requester: Who
    facts: list[str]
    acts: list[Act] = field(default_factory=list)
    html: str = ""
    opened_by: Agent | None = None
    type: str = TicketType.QUESTION
    impact: int = 2
    urgency: int = 2
    team: Agent | None = None
    language: str = ""
    custom: dict[str, Any] = field(default_factory=dict)
    state: str = ""
    """A state that no fact tells the time of (``pending``, ``open``): compared beside the facts."""

    @property
    def last(self) -> datetime:
        """When the last act happened."""
        return max((act.at for act in self.acts), default=self.at)


def digest(facts: Sequence[str]) -> str:
    """Sixty-four characters that stand for these facts in this order."""
    whole = hashlib.sha256()
    for fact in facts:
        whole.update(hashlib.sha256(fact.encode()).digest())
    return whole.hexdigest()


def fact(*parts: Any) -> str:
    """One fact as text that compares."""
    return json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str)
