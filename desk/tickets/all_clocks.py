"""All clocks of a ticket, those that have ended too: kept or broken, and when (S5, S7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from common.durations import spoken
from desk.access import staff_required
from desk.tickets.finding import found
from staff.hours import of_version
from tickets.models import Clock, Status, Ticket

MOST = 200
PART = "desk/tickets/_all_clocks.html"


@dataclass(frozen=True, slots=True)
class Wait:
    """One clock as a line: what became of it (``state``, with its ``tone``), and by how much (``margin``)."""

    clock: Clock
    state: str | Lazy
    tone: str
    margin: str = ""


@staff_required
@require_safe
def all_clocks(request: HttpRequest, number: int) -> HttpResponse:
    """Those that run first, then the newest; each leads to its story. Two queries, however many there are."""
    ticket, now = found(request, number), timezone.now()
    clocks = list(Clock.objects.filter(ticket=ticket).select_related("policy").order_by("-started_at", "-pk")[:MOST])
    clocks.sort(key=lambda clock: not clock.is_running)
    context = {
        "ticket": ticket, "waits": [_wait(clock, ticket) for clock in clocks], "now": now,
        "is_cut": len(clocks) == MOST,
    }  # fmt: skip
    is_part = bool(request.headers.get("HX-Request"))
    return render(request, PART if is_part else "desk/tickets/all_clocks.html", context)


def _wait(clock: Clock, ticket: Ticket) -> Wait:
    end, due = clock.stopped_at, clock.due_at
    if clock.cancelled_at:
        return Wait(clock, _("Not counted"), "calm")
    if clock.breached_at or (end and due and end > due):
        return Wait(clock, _("Broken"), "bad", _late_by(due or clock.breached_at, end))
    if end is None:
        return Wait(clock, _("Runs"), "")
    if due is None:
        return Wait(clock, _("No time promised"), "calm")
    if clock.metric == Clock.Metric.RESOLUTION and ticket.status == Status.RESOLVED:
        return Wait(clock, _("Kept so far"), "good", _to_spare(clock, end, due))
    return Wait(clock, _("Kept"), "good", _to_spare(clock, end, due))


def _late_by(due: datetime | None, end: datetime | None) -> str:
    """In real time, for the customer waited on through the night."""
    return spoken((end - due).total_seconds()) if due and end and end > due else ""


def _to_spare(clock: Clock, end: datetime, due: datetime) -> str:
    """In the time that the clock counts."""
    hours = of_version(clock.hours_id)
    left = hours.elapsed(end, due)
    return spoken(left, days=hours.is_round_the_clock) if left >= 1 else ""
