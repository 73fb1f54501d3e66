"""The tickets behind a number of the report."""

from __future__ import annotations

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
    clocks = Clock.objects.filter(metric=Clock.Metric.FIRST_RESPONSE, cancelled_at=None).order_by("pk")
    rows = tickets.select_related("requester", "team", "assignee")
    rows = rows.prefetch_related(Prefetch("clocks", clocks, to_attr="firsts"))
    found = page(rows, order=("-opened_at", "-pk"), after=request.GET.get("after"), size=SIZE)
    context = {
        "chosen": chosen,
        "tickets": found.items,
        "tabs": [(name, _url(request, show=code), code == show) for code, name in SHOWN.items()],
        "group_name": _name(chosen, group),
        "next_url": _url(request, after=found.next_cursor) if found.next_cursor else "",
        "report_url": reverse("desk:sla_report") + chosen.query,
        "show": show,
        "at": at,
    }
    return render(request, "desk/reports/tickets.html", context)


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
