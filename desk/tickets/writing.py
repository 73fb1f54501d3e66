"""What helps to write: canned replies on ``#``, colleagues on ``@``, drafts that save themselves."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from common.errors import Refused
from desk.access import staff_of, staff_required
from desk.tickets.answering import CONFLICT, UNPROCESSABLE
from desk.tickets.finding import found
from tickets import canned as replies
from tickets import drafts, mentions
from tickets.models import CannedReply, Draft


@staff_required
@require_safe
def canned(request: HttpRequest, number: int) -> HttpResponse:
    """Canned replies for what was typed after ``#``, the customer's language first."""
    rows = replies.offered_on(found(request, number), request.GET.get("q", ""), by=staff_of(request))
    return render(request, "desk/tickets/_canned_options.html", {"rows": rows, "number": number})


@staff_required
def canned_reply(request: HttpRequest, number: int, canned_id: int) -> HttpResponse:
    """One of them, filled from this ticket; fetched by POST it counts as used."""
    ticket, user = found(request, number), staff_of(request)
    reply = get_object_or_404(CannedReply.objects.offered(ticket.team_id), pk=canned_id)
    filled = replies.filled(reply, ticket, by=user)
    if request.method == "POST":
        replies.count_use(reply)
    return JsonResponse({"html": filled.html, "text": filled.text, "left": filled.left})


@staff_required
@require_safe
def colleagues(request: HttpRequest, number: int) -> HttpResponse:
    """Colleagues who may be mentioned in a note on this ticket (T13)."""
    rows = mentions.candidates(found(request, number), request.GET.get("q", ""), by=staff_of(request))
    return render(request, "desk/tickets/_colleague_options.html", {"rows": rows})


@staff_required
def draft(request: HttpRequest, number: int, kind: str) -> HttpResponse:
    """Keep what is being written; a newer draft of another tab is answered with (409) and nothing is lost. GET: it."""
    ticket, user, told = found(request, number), staff_of(request), request.POST
    if kind not in Draft.Kind.values:
        raise Http404
    if request.method != "POST":
        kept = drafts.kept(user, ticket, kind)
        return JsonResponse({"version": kept.version, "html": kept.html, "text": kept.text} if kept else {"version": 0})
    known = _number(told.get("version"))
    try:
        saved = drafts.save(
            user, ticket, kind, html=told.get("html", ""), text=told.get("text", ""), seen=_number(told.get("seen")),
            version=None if told.get("keep") else known,
        )  # fmt: skip
    except Refused as refusal:
        return JsonResponse({"message": str(refusal)}, status=UNPROCESSABLE)
    now = saved.draft
    at = date_format(timezone.localtime(now.updated_at if now else None), "TIME_FORMAT")
    answer = {"version": now.version if now else 0, "at": at}
    if saved.is_behind and now:
        return JsonResponse({**answer, "html": now.html, "text": now.text}, status=CONFLICT)
    return JsonResponse(answer)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
