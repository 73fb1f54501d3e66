"""The SLA report as a page and as a file; both show what ``reports.sla`` computes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from common.errors import Malformed
from desk.access import role_required, staff_of
from desk.reports import choices
from desk.reports.page import page
from reports import export
from reports.pictures import breaches
from reports.policy import READERS, readable_teams
from reports.sla import sla_report
from staff.access import viewer


@require_safe
@role_required(*READERS)
def sla(request: HttpRequest) -> HttpResponse:
    """How the promises about time were kept in a period."""
    user, at, refusal = staff_of(request), timezone.now(), None
    try:
        chosen = choices.read(request.GET, at)
    except Malformed as error:
        chosen, refusal = choices.usual(at), error
    context = {**page(chosen, user, at), "refusal": refusal}
    return render(request, "desk/reports/sla.html", context, status=422 if refusal else 200)


@require_safe
@role_required(*READERS)
def sla_csv(request: HttpRequest) -> Any:
    """The table of the page as a file; with ``table=breaches`` every breach of the period."""
    user, at = staff_of(request), timezone.now()
    teams = readable_teams(viewer(user))
    try:
        chosen = choices.read(request.GET, at)
    except Malformed as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    if request.GET.get("table") == "breaches":
        pieces = export.breaches_csv(breaches(chosen.period, at, teams), user, at)
    else:
        pieces = export.csv_of(sla_report(chosen.period, by=chosen.by.code, teams=teams, at=at))
    name = f"sla-{chosen.period.first}-{chosen.period.last}.csv"
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
