"""Finding tickets and people by what one remembers of them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from customers.models import Person
from customers.search import people
from desk.access import staff_of, staff_required
from desk.tickets.rows import dressed, for_rows
from staff.access import viewer
from tickets.models import Ticket
from tickets.search import search as find

MOST = 50


@staff_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Tickets by number, subject, words and customer, then people; a number alone leads straight there."""
    user, q = staff_of(request), request.GET.get("q", "")[:200].replace("\x00", "").strip()
    found = find(user, q, limit=MOST) if q else []
    if len(found) == 1 and q.lstrip("#").strip() == str(found[0].number):
        return redirect("desk:ticket", found[0].number)
    now = timezone.now()
    mine = Ticket.objects.visible_to(user).filter(pk__in=[ticket.pk for ticket in found])
    rows = {ticket.pk: ticket for ticket in for_rows(mine, now)}
    context = {
        "q": q,
        "tickets": dressed([rows[ticket.pk] for ticket in found if ticket.pk in rows]),
        "people": people(q, 8) if q and not viewer(user).is_third_party else list[Person](),
        "now": now,
    }
    return render(request, "desk/tickets/search.html", context)
