"""Running clocks are moved to what holds now, because a manager asked for it; first the page says what it would do."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from desk.access import staff_of
from desk.once import answered_once
from desk.settings.service_levels.views import PAGES, managers
from sla.models import Policy
from tickets.clocks import applying
from tickets.models import TermsApplication, Ticket

MOST = 50
"""Policies that an address may name."""
SHOWN = 10
"""Tickets that are named of those that lose their time, and of those that are overdue at once."""


@managers
@answered_once
def policy_apply(request: HttpRequest) -> HttpResponse:
    """How many clocks would move, and how; sent, they do."""
    chosen = _chosen(request)
    if request.method == "POST":
        asked = applying.apply(by=staff_of(request), policies=chosen or None)
        return redirect("desk:policy_applied", asked.pk)
    found = applying.preview(policies=chosen or None)
    context = {
        "policies": chosen, "found": found, "now": timezone.now(),
        "losing": _named(request, found.losing), "failing": _named(request, found.failing),
    }  # fmt: skip
    return render(request, f"{PAGES}/apply.html", context)


def _named(request: HttpRequest, tickets: Collection[int]) -> dict[str, Any]:
    """The first of these tickets that the reader may see, and how many more there are: a query, where there are any."""
    if not tickets:
        return {}
    rows = Ticket.objects.visible_to(staff_of(request)).filter(pk__in=tickets).select_related("requester")
    shown = list(rows.order_by("number")[:SHOWN])
    return {"shown": shown, "more": len(tickets) - len(shown)}


@managers
@require_safe
def policy_applied(request: HttpRequest, application_id: int) -> HttpResponse:
    """How far it is; the page looks again by itself until all is done."""
    asked = get_object_or_404(TermsApplication.objects.select_related("asked_by"), pk=application_id)
    named = Policy.objects.filter(pk__in=asked.policies or []).order_by("name")
    return render(request, f"{PAGES}/applied.html", {"asked": asked, "policies": named})


def _chosen(request: HttpRequest) -> list[Policy]:
    """The policies that the address or the form names; none is all of them. One that is not there is 404, never all."""
    given = request.POST.getlist("policy") or request.GET.getlist("policy")
    ids = {int(one) for one in given[:MOST] if one.isdecimal() and len(one) < 18}
    found = list(Policy.objects.filter(pk__in=ids).order_by("name"))
    if given and len(found) != len(set(given)):
        raise Http404
    return found
