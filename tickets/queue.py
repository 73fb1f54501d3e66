"""The order in which work is shown: back from hold first (H3), then what is due first. Kept on the ticket's row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from common.kept import Kept, update
from sla.models import Metric
from tickets.models import FAR_FUTURE, Clock, Ticket

RETURNED, USUAL = 0, 1


def place_in_queue(ticket: Ticket, clocks: Iterable[Clock]) -> None:
    """Put a ticket where these, which are all its clocks, say; the caller stores it."""
    ticket.queue_at = min((one.due_at for one in clocks if one.is_running and one.due_at), default=FAR_FUTURE)


def refresh_queue(ticket: Ticket, *, returned: bool | None = None, also: tuple[str, ...] = ()) -> None:
    """Put the locked ticket where its running clocks say; with the other changed fields ``also`` in the same write.

    ``returned`` marks a ticket that came back from hold (True) or was seen to since (False); None leaves the mark.
    """
    before = (ticket.queue_rank, ticket.queue_at)
    if returned is not None:
        ticket.queue_rank = RETURNED if returned else USUAL
    ticket.queue_at = _first_due(ticket) or FAR_FUTURE
    if also or before != (ticket.queue_rank, ticket.queue_at):
        update(ticket, "queue_rank", "queue_at", *also)


def _first_due(ticket: Ticket) -> datetime | None:
    """The earliest due time of the clocks that run; a paused one has none, and a transfer's is another team's."""
    first = _DUE.rows(ticket.pk)
    return first[0][0] if first else None


def _due(ticket_id: int) -> QuerySet[Any, Any]:
    running = Clock.objects.filter(ticket=ticket_id, stopped_at=None, cancelled_at=None, due_at__isnull=False)
    return running.exclude(metric=Metric.TRANSFER).order_by("due_at").values_list("due_at")[:1]


_DUE = Kept(_due)
