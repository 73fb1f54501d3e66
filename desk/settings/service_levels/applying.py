"""Running clocks are moved to what holds now, because a manager asked for it; first the page says what it would do."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from desk.access import staff_of
from desk.once import answered_once
from desk.settings.service_levels.views import PAGES, managers
from sla.models import Policy
from tickets.clocks import applying
from tickets.models import TermsApplication

MOST = 50
"""Policies that an address may name."""


@managers
@answered_once
def policy_apply(request: HttpRequest) -> HttpResponse:
    """How many clocks would move, and how; sent, they do."""
    chosen = _chosen(request)
    if request.method == "POST":
        asked = applying.apply(by=staff_of(request), policies=chosen or None)
        return redirect("desk:policy_applied", asked.pk)
    context = {"policies": chosen, "found": applying.preview(policies=chosen or None), "now": timezone.now()}
    return render(request, f"{PAGES}/apply.html", context)


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
