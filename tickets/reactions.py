"""What tickets do when something happens on the floors below."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.models import User
from events.models import Event
from events.reactions import reaction
from tickets import clocks
from tickets.lifecycle import following
from tickets.lifecycle._ground import change, locked, tell
from tickets.models import UNCLOSED, Ticket


@reaction("staff.deactivated", name="tickets.hand_back")
def hand_back(event: Event) -> None:
    """Who has left answers for nothing any more: their unclosed tickets go back to their team's queue."""
    left = event.subject_id
    mine = Ticket.objects.filter(assignee=left, status__in=UNCLOSED).order_by("pk").values_list("pk", flat=True)
    for pk in list(mine):
        _hand_back(pk, left, event)


@reaction("staff.deactivated", name="tickets.hand_on_follow_ups")
def hand_on_duties(event: Event) -> None:
    """X5: whom they still had to ask, their supervisor asks."""
    following.hand_on_follow_ups(User.objects.get(pk=event.subject_id), at=event.happened_at)


@transaction.atomic
def _hand_back(pk: int, left: int, event: Event) -> None:
    ticket = locked(pk)
    if ticket.assignee_id != left or ticket.status not in UNCLOSED:
        return
    change(ticket, assignee_id=None)
    clocks.refresh_queue(ticket)
    data: dict[str, Any] = {"from": left, "to": None}
    tell(
        ticket, "assigned", by=None, at=event.happened_at, **data,
        from_team=ticket.team_id, team=ticket.team_id, cause=event,
    )  # fmt: skip
