"""Which open tickets will probably break their promise at the present pace, by team, with the reason."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from desk.access import role_required, staff_of
from desk.forecast.page import prospect
from reports.policy import READERS


@require_safe
@role_required(*READERS)
def forecast(request: HttpRequest) -> HttpResponse:
    """By team, the most probable first; ``team`` shows more of one, ``team=0`` more of what has none."""
    now = timezone.now()
    team = request.GET.get("team", "")
    chosen = int(team) if team.isascii() and team.isdigit() and len(team) < 16 else None
    context = {"prospect": prospect(staff_of(request), now, team=chosen), "chosen": chosen, "now": now}
    return render(request, "desk/forecast/forecast.html", context)
