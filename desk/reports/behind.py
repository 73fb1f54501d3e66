"""The tickets behind a number of the report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from common.errors import Malformed
from common.paging import page
from desk.access import role_required, staff_of
from desk.reports import choices
from reports.drill import SHOWN, key_of, tickets_behind
from reports.pictures import late_seconds, with_due
from reports.policy import READERS, readable_teams
from staff.access import viewer
from tickets.models import Clock, Ticket

SIZE = 25


@require_safe
@role_required(*READERS)
def sla_tickets(request: HttpRequest) -> HttpResponse:
    """A page at a time, the latest first, of those that the reader may open (T13)."""
    user, at = staff_of(request), timezone.now()
    show, group = request.GET.get("show", "all"), request.GET.get("group", "")
    try:
        chosen = choices.read(request.GET, at)
        teams = readable_teams(viewer(user))
        tickets = tickets_behind(chosen.period, chosen.by, group, show, at=at, teams=teams)
    except Malformed as error:
        raise Http404 from error
    if show not in SHOWN:
        raise Http404
    tickets = tickets.filter(pk__in=Ticket.objects.visible_to(user).values("pk"))
    clocks = with_due(Clock.objects.filter(metric=Clock.Metric.FIRST_RESPONSE, cancelled_at=None)).order_by("pk")
    rows = tickets.select_related("requester", "team", "assignee")
    rows = rows.prefetch_related(Prefetch("clocks", clocks, to_attr="firsts"))
    found = page(rows, order=("-opened_at", "-pk"), after=request.GET.get("after"), size=SIZE)
    context = {
        "chosen": chosen,
        "tickets": found.items,
        "rows": [(ticket, _first(ticket, at)) for ticket in found.items],
        "tabs": [(name, _url(request, show=code), code == show) for code, name in SHOWN.items()],
        "group_name": _name(chosen, group),
        "next_url": _url(request, after=found.next_cursor) if found.next_cursor else "",
        "report_url": reverse("desk:sla_report") + chosen.query,
        "show": show,
        "at": at,
    }
    return render(request, "desk/reports/tickets.html", context)


@dataclass(frozen=True, slots=True)
class First:
    """A ticket's first response. ``taken``: seconds until it came, None where it is awaited; ``late``: seconds after
    its due time, None where it came in time."""

    clock: Clock
    taken: int | None = None
    late: int | None = None


def _first(ticket: Any, at: datetime) -> First | None:
    """None for a ticket that waits for no first response."""
    clock = next(iter(ticket.firsts), None)
    if clock is None or not clock.stopped_at:
        return First(clock) if clock else None
    is_late = clock.breached_at or (clock.due and clock.stopped_at > clock.due)
    return First(clock, clock.elapsed_seconds, late_seconds(clock, at) if is_late else None)


def _name(chosen: choices.Choices, group: str) -> str:
    """What the group is called; at most one query."""
    if not group:
        return ""
    key = key_of(chosen.by, group)
    if key is None:
        return str(chosen.by.nobody)
    return next((label for found, (_code, label) in chosen.by.names([key]).items() if found == key), "")


def _url(request: HttpRequest, **changes: Any) -> str:
    query = request.GET.copy()
    query.pop("after", None)
    for name, value in changes.items():
        query[name] = value
    return f"?{query.urlencode()}"
