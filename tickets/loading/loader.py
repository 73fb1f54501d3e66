"""The load itself: what must be known, the stories, the writing."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from common.errors import Malformed
from customers.models import Person
from events import values
from events.models import Event
from staff.models import Membership, Team
from tickets.loading.copying import Table, drawn
from tickets.loading.measuring import Promises
from tickets.loading.rows import Row
from tickets.loading.steps import Joined, LoadedTicket, Spoke, Wrote
from tickets.loading.story import Story
from tickets.models import (
    Clock,
    ClockPause,
    Closure,
    Contact,
    DueChange,
    Entry,
    EntryExternalId,
    Escalation,
    EscalationReason,
    Participant,
    Ticket,
)
from tickets.values import CLOSURE_SILENCE_SECONDS, CLOSURE_UNDO_SECONDS


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one call wrote: rows by name of their table, and the tickets' ids in the order given."""

    counts: dict[str, int]
    ticket_ids: list[int]


@transaction.atomic
def load(
    batch: Iterable[LoadedTicket],
    *,
    origin: str = Event.Origin.IMPORT,
    is_enforced: bool = False,
    now: datetime | None = None,
) -> Loaded:
    """Write these tickets, or none of them. ``now`` is when it is recorded, and by when a running clock is overdue.

    Raises ``Malformed`` for a step that cannot be (nobody said who answered), ``IntegrityError`` for an id that is not
    there or an external id that was loaded before.
    """
    stories = list(batch)
    desk = Desk(stories, origin=origin, is_enforced=is_enforced, now=now or timezone.now())
    rows = [Story(desk, one).tell() for one in stories]
    return Loaded(desk.write(), [row["id"] for row in rows])


class Desk:
    """What the stories of one load share: tables to fill, and people, teams and policies read once."""

    def __init__(
        self, stories: Sequence[LoadedTicket], *, origin: str, is_enforced: bool, now: datetime, are_new: bool = True
    ) -> None:
        self.origin, self.is_enforced, self.now = origin, is_enforced, now
        self.tickets, self.contacts, self.entries = Table(Ticket), Table(Contact), Table(Entry)
        self.contact_tickets, self.tags = Table(Contact.tickets.through), Table(Ticket.tags.through)
        self.external_ids, self.participants = Table(EntryExternalId), Table(Participant)
        self.events, self.clocks, self.pauses = Table(Event), Table(Clock), Table(ClockPause)
        self.due_changes, self.closures = Table(DueChange), Table(Closure)
        self.escalations, self.escalation_reasons = Table(Escalation), Table(EscalationReason)
        self.promises = Promises()
        self.numbers: Iterator[int] = iter(drawn("ticket_number_seq", len(stories) if are_new else 0))
        seconds = values.many(CLOSURE_SILENCE_SECONDS, CLOSURE_UNDO_SECONDS)
        self.silence = timedelta(seconds=seconds[CLOSURE_SILENCE_SECONDS])
        self.undo = timedelta(seconds=seconds[CLOSURE_UNDO_SECONDS])
        self.people = Person.objects.select_related("organisation").in_bulk(_people(stories))
        self.names = {user.pk: str(user) for user in User.objects.filter(pk__in=_users(stories))}
        self.teams_of: dict[int, set[int]] = defaultdict(set)
        for user_id, team_id in Membership.objects.filter(user__is_active=True).values_list("user_id", "team_id"):
            self.teams_of[user_id].add(team_id)
        self._brands = dict(Team.objects.values_list("pk", "brand_id"))
        self._taking_part: set[tuple[int, int]] = set()
        missing = _people(stories) - self.people.keys()
        if missing:
            raise Malformed(f"There is no person {min(missing)}.", code="no_person", field="requester")

    def brand_of(self, team: int | None) -> int | None:
        """The brand that a team shows, if it has one of its own."""
        return self._brands.get(team) if team else None

    def took_part(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Who took part (ticket, person) before these stories go on."""
        self._taking_part.update(pairs)

    def participates(self, ticket: int, person: int) -> bool:
        """Whether they took part before; from now on they do."""
        if (ticket, person) in self._taking_part:
            return True
        self._taking_part.add((ticket, person))
        self.participants.add(ticket_id=ticket, person_id=person)
        return False

    def record(
        self, ticket: Row, kind: str, *, at: datetime, by: int | None = None, customer: int | None = None,
        contact: int | None = None, on_behalf_of: int | None = None, **data: Any,
    ) -> Row:  # fmt: skip
        """One event of a ticket, next in its sequence."""
        ticket["event_seq"] += 1
        who = Event.ActorKind.STAFF if by else Event.ActorKind.CUSTOMER if customer else Event.ActorKind.SYSTEM
        return self.events.add(
            kind=f"ticket.{kind}", subject_kind="ticket", subject_id=ticket["id"], subject_seq=ticket["event_seq"],
            actor_kind=who, actor_id=by, actor_person_id=customer, on_behalf_of_person_id=on_behalf_of,
            origin=self.origin, contact_id=contact, happened_at=at, recorded_at=self.now, correlation_id=uuid.uuid4(),
            data=data,
        )  # fmt: skip

    def write(self) -> dict[str, int]:
        """Send all rows, what is pointed at first; tell how many by table."""
        tables = {
            "tickets": self.tickets, "contacts": self.contacts, "contact_tickets": self.contact_tickets,
            "events": self.events, "entries": self.entries, "external_ids": self.external_ids, "tags": self.tags,
            "participants": self.participants, "clocks": self.clocks, "pauses": self.pauses,
            "due_changes": self.due_changes, "closures": self.closures, "escalations": self.escalations,
            "escalation_reasons": self.escalation_reasons,
        }  # fmt: skip
        return {name: table.write() for name, table in tables.items()}


def _people(stories: Sequence[LoadedTicket]) -> set[int]:
    found = {story.requester for story in stories}
    for story in stories:
        found.update(step.person for step in story.steps if isinstance(step, (Wrote, Spoke, Joined)) and step.person)
    return found


def _users(stories: Sequence[LoadedTicket]) -> set[int]:
    found = {story.opened_by for story in stories if story.opened_by}
    for story in stories:
        found.update(step.by for step in story.steps if step.by)
    return found
