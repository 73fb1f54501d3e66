"""What a page fetches after a hint: counts, rows of tickets, a line of news. Each a fixed number of queries."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from desk import context
from desk.access import staff_of, staff_required
from desk.tickets import list as lists
from desk.tickets import story
from desk.tickets.finding import found
from desk.tickets.listing import Asked
from desk.tickets.rows import dressed, for_rows
from events.models import Event
from tickets.models import Ticket
from tickets.visibility import may_see_internal

MOST_ROWS = 50
INTERNAL = frozenset({"ticket.note_added"})


@staff_required
@require_safe
def rail(request: HttpRequest) -> HttpResponse:
    """The counts of the rail by address; of the views too, where the query names one."""
    items = context.rail(request)["rail"]()
    if "view" in request.GET:
        user = staff_of(request)
        items = [*items, *lists.views_beside(request, user, Asked.of(request.GET, user))["rail_views"]]
    counts = {item["url"]: {"count": item["count"], "hot": bool(item["hot"])} for item in items}
    response = JsonResponse({"counts": counts})
    response["Cache-Control"] = "no-store"
    return response


@staff_required
@require_safe
def rows(request: HttpRequest) -> HttpResponse:
    """These tickets as rows of the list, and which of them belong to the view that is open (``X-In-View``)."""
    user, now = staff_of(request), timezone.now()
    words = request.GET.get("numbers", "")[:1000].split(",")
    numbers = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 16][:MOST_ROWS]
    asked = Asked.of(request.GET, user)
    tickets = list(for_rows(Ticket.objects.visible_to(user).filter(number__in=numbers), now).order_by("number"))
    belongs = asked.rows(user, now).filter(number__in=numbers).values_list("number", flat=True)
    shown = {"tickets": dressed(tickets, user), "now": now, "aside": asked.view.code == "aside"}
    response = render(request, "desk/tickets/_rows.html", shown)
    response["X-In-View"] = ",".join(str(number) for number in belongs)
    response["Cache-Control"] = "no-store"
    return response


@staff_required
@require_safe
def told(request: HttpRequest, number: int) -> HttpResponse:
    """One event in words, with a link to its ticket, for the live region of a page that shows something else."""
    user, ticket = staff_of(request), found(request, number)
    seq = request.GET.get("seq", "")
    events = Event.objects.filter(subject_kind="ticket", subject_id=ticket.pk)
    known = int(seq) if seq.isascii() and seq.isdigit() and len(seq) < 10 else 0
    event = events.filter(subject_seq=known).first()
    if event is None or story.moved_nothing(event) or (event.kind in INTERNAL and not may_see_internal(user, ticket)):
        return HttpResponse(status=204)
    shown = {"ticket": ticket, "line": story.line(event, story.names_for([event], str(ticket.requester)))}
    return render(request, "desk/tickets/_told.html", shown)
