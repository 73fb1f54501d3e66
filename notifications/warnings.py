"""Warnings of what falls due: whom they reach, and on to the next person while that one is not there (N1, S4)."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from events.models import Event
from notifications import duty, notices
from notifications.models import Notice
from staff.models import Team
from tickets.models import Clock, Promise, Ticket

KINDS = ("ticket.sla_warned", "ticket.promise_due_soon")
"""Events that say that something is due soon; ``data`` names the clock, or the promise."""


def tell(event: Event, ticket: Ticket, *, at: datetime | None = None) -> None:
    """Warn who can still see to it: who is meant, or who is there in their place. Nothing once it is settled."""
    now, due_at = at or timezone.now(), due_of(event)
    if due_at is not None:
        notices.warn(event, ticket, reached(event, ticket, at=now, by=due_at), due_at=due_at, at=now)


def pass_on(notice: Notice, *, at: datetime) -> None:
    """Its reader did not come: look again for somebody who is there. What was settled meanwhile goes nowhere."""
    event, ticket, due_at = notice.event, notice.ticket, due_of(notice.event)
    notice.deliver_at = None
    if due_at is not None and ticket is not None:
        found = reached(event, ticket, at=at, by=due_at)
        notices.warn(event, ticket, found, due_at=due_at, at=at)
        mine = next((one for one in found if one.user_id == notice.user_id), None)
        if mine is not None:
            notice.due_at, notice.at_once, notice.deliver_at = due_at, mine.at_once, mine.counts_at
    notice.save(update_fields=["deliver_at", "due_at", "at_once"])


def due_of(event: Event) -> datetime | None:
    """When the matter is due as things stand now; None when it waits no more."""
    if "promise" in event.data:
        promise = Promise.objects.filter(pk=event.data["promise"], status=Promise.Status.OPEN).first()
        return promise.due_at if promise else None
    clock = Clock.objects.filter(pk=event.data["clock"], stopped_at=None, cancelled_at=None).first()
    return clock.due_at if clock else None


def reached(event: Event, ticket: Ticket, *, at: datetime, by: datetime) -> list[duty.Reached]:
    """The owner's warning, or the supervisor's."""
    owner, team = whose(event, ticket)
    if event.data.get("whom") == "supervisor":
        return duty.for_supervisor(ticket, team, at=at, by=by)
    return duty.for_owner(ticket, owner, team, at=at, by=by)


def whose(event: Event, ticket: Ticket) -> tuple[int | None, Team | None]:
    """Who has the matter, and in which team; a transfer's clock is of those who are asked to accept it."""
    if "promise" in event.data:
        return Promise.objects.values_list("owner_id", flat=True).get(pk=event.data["promise"]), ticket.team
    transfer = Clock.objects.select_related("transfer__to_team").get(pk=event.data["clock"]).transfer
    return (transfer.to_agent_id, transfer.to_team) if transfer else (ticket.assignee_id, ticket.team)
