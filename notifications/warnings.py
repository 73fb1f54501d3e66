"""Warnings of what falls due: whom they reach, and on to the next person while that one is not there (N1, S4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from events.models import Event
from notifications import duty, notices
from notifications.duty import House
from notifications.models import Notice
from staff.models import Team
from tickets.models import Clock, Promise, Ticket

KINDS = ("ticket.sla_warned", "ticket.promise_due_soon")
"""Events that say that something is due soon; ``data`` names the clock, or the promise."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What an event tells of on its ticket: a clock, or a promise, as it stands now."""

    event: Event
    ticket: Ticket
    clock: Clock | None
    promise: Promise | None

    @property
    def due_at(self) -> datetime | None:
        """When it is due; None when it waits no more."""
        if self.promise is not None:
            return self.promise.due_at if self.promise.status == Promise.Status.OPEN else None
        return self.clock.due_at if self.clock is not None and self.clock.is_running else None

    @property
    def owner_id(self) -> int | None:
        """Who has it; a transfer's clock is of the one who is asked to accept it, if it is one."""
        if self.promise is not None:
            return self.promise.owner_id
        transfer = self.clock.transfer if self.clock else None
        return transfer.to_agent_id if transfer else self.ticket.assignee_id

    @property
    def team(self) -> Team | None:
        """In which team it is; a transfer's clock in that which is asked."""
        transfer = self.clock.transfer if self.clock else None
        return transfer.to_team if transfer else self.ticket.team


def matters(events: Sequence[Event], tickets: Mapping[int, Ticket]) -> list[Matter]:
    """What these events tell of: two queries."""
    promised = Promise.objects.in_bulk([event.data["promise"] for event in events if "promise" in event.data])
    ticking = [event.data["clock"] for event in events if "promise" not in event.data]
    clocks = Clock.objects.select_related("transfer__to_team").in_bulk(ticking)
    return [
        Matter(
            event, tickets[event.subject_id], clocks.get(event.data.get("clock")),
            promised.get(event.data.get("promise")),
        )
        for event in events
    ]  # fmt: skip


def tell(due: Sequence[Matter], house: House) -> None:
    """Warn who can still see to it: who is meant, or who is there in their place. Nothing once it is settled."""
    found = [
        notices.Alert(one.event, one.ticket, reached(one, house, by=one.due_at), one.due_at)
        for one in due
        if one.due_at is not None
    ]
    notices.warn_many(found, at=house.at)


def pass_on(notice: Notice, *, house: House) -> None:
    """Its reader did not come: look again for somebody who is there. What was settled meanwhile goes nowhere."""
    notice.deliver_at = None
    if notice.ticket is not None:
        [matter] = matters([notice.event], {notice.event.subject_id: notice.ticket})
        if matter.due_at is not None:
            _look_again(notice, matter, house, due_at=matter.due_at)
    notice.save(update_fields=["deliver_at", "due_at", "at_once"])


def _look_again(notice: Notice, matter: Matter, house: House, *, due_at: datetime) -> None:
    found = reached(matter, house, by=due_at)
    notices.warn_many([notices.Alert(matter.event, matter.ticket, found, due_at)], at=house.at)
    mine = next((one for one in found if one.user_id == notice.user_id), None)
    if mine is not None:
        notice.due_at, notice.at_once, notice.deliver_at = due_at, mine.at_once, mine.counts_at


def reached(matter: Matter, house: House, *, by: datetime) -> list[duty.Reached]:
    """The owner's warning, or the supervisor's."""
    if matter.event.data.get("whom") == "supervisor":
        return duty.for_supervisor(matter.ticket, matter.team, house=house, by=by)
    return duty.for_owner(matter.ticket, matter.owner_id, matter.team, house=house, by=by)
