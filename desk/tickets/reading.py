"""Reading a long conversation: one entry whole, and finding a place in it."""

from __future__ import annotations

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from common.text import snippet
from desk.access import staff_of, staff_required
from desk.tickets.finding import found
from desk.tickets.page import entries_of
from tickets.models import Entry
from tickets.visibility import entries_for

MOST, LONGEST, AROUND = 20, 100, 60


@staff_required
@require_safe
def entry(request: HttpRequest, number: int, entry_id: int) -> HttpResponse:
    """One entry with every word and every file of it: in its place on the page, or as a page."""
    ticket = found(request, number)
    row = entries_of(ticket, staff_of(request)).filter(pk=min(entry_id, 2**62)).first()
    if row is None:
        raise Http404
    row.shown, row.is_whole = len(row.html or row.text), True  # type: ignore[attr-defined]
    context = {"ticket": ticket, "entry": row, "now": timezone.now()}
    is_part = bool(request.headers.get("HX-Request"))
    return render(request, "desk/tickets/_entry.html" if is_part else "desk/tickets/entry.html", context)


@staff_required
@require_safe
def find(request: HttpRequest, number: int) -> HttpResponse:
    """Where in this conversation words stand; and the ways to a day, to the first and to the newest message."""
    ticket = found(request, number)
    q = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:LONGEST]
    rows = list(_with(entries_for(ticket, staff_of(request)), q)[: MOST + 1]) if q else []
    hits = [(row, _around(row.text, q)) for row in rows[:MOST]]
    context = {
        "ticket": ticket, "q": q, "hits": hits, "is_cut": len(rows) > MOST, "now": timezone.now(),
        "act_template": "desk/tickets/_find.html",
    }  # fmt: skip
    if not request.headers.get("HX-Request"):
        return render(request, "desk/tickets/find.html", context)
    asked = request.headers.get("HX-Target") == "found"
    return render(request, "desk/tickets/_found.html" if asked else "desk/tickets/_find.html", context)


def _with(entries: QuerySet[Entry], q: str) -> QuerySet[Entry]:
    """Where the words stand as they were typed first, then the newest; each word has to be in it, or in its author."""
    for word in q.split():
        entries = entries.filter(Q(text__icontains=word) | Q(author_name__icontains=word))
    as_typed = ExpressionWrapper(Q(text__icontains=q), output_field=BooleanField())
    return entries.defer("search", "html").annotate(as_typed=as_typed).order_by("-as_typed", "-happened_at", "-pk")


def _around(text: str, q: str) -> str:
    """The words around the first hit."""
    line = " ".join(text.split())
    place = line.casefold().find(q.split()[0].casefold())
    start = line.rfind(" ", 0, max(place - AROUND, 0)) + 1 if place > AROUND else 0
    return ("… " if start else "") + snippet(line[start:], 3 * AROUND)
