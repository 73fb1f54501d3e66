"""A page that stays open for days; it fetches itself anew as ``part``."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from desk.access import staff_of, staff_required
from desk.wallboard.board import board


@staff_required
@require_safe
def wallboard(request: HttpRequest) -> HttpResponse:
    """For one team (``team``) or for all that the reader sees; with ``part`` only what changes."""
    now, team = timezone.now(), request.GET.get("team", "")
    chosen = int(team) if team.isascii() and team.isdigit() and len(team) < 16 else None
    is_part = "part" in request.GET
    context = {"board": board(staff_of(request), now, team=chosen), "now": now, "is_part": is_part}
    page = "desk/wallboard/_board.html" if is_part else "desk/wallboard/wallboard.html"
    response = render(request, page, context)
    response["Cache-Control"] = "no-store"
    return response
