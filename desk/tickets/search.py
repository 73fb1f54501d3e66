"""The search of the top bar: a number leads to its ticket, words to tickets and people."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from customers import search as customers
from desk.access import staff_of, staff_required
from desk.customers.people import visible_people, with_counts
from desk.tickets.rows import dressed, for_rows
from tickets import search as found_tickets
from tickets.models import Ticket

MOST_TICKETS = 30
MOST_PEOPLE = 10
LONGEST = 200
NUMBER = re.compile(r"#?\s*(\d{1,18})")


@staff_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What ``q`` may mean, as the reader may see it (T13); the number of a ticket leads there at once."""
    user, now = staff_of(request), timezone.now()
    q = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    number = NUMBER.fullmatch(q)
    if number and (ticket := Ticket.objects.visible_to(user).filter(number=int(number[1])).first()):
        return redirect("desk:ticket", ticket.number)
    tickets, people = [], []
    if q:
        order = [ticket.pk for ticket in found_tickets.search(user, q, limit=MOST_TICKETS)]
        rows = for_rows(Ticket.objects.filter(pk__in=order), now).in_bulk()
        tickets = dressed([rows[pk] for pk in order if pk in rows], user)
        people = with_counts(customers.people(q, MOST_PEOPLE, within=visible_people(user)), user, now)
    context = {
        "q": q, "tickets": tickets, "people": people, "now": now, "is_cut": len(tickets) == MOST_TICKETS,
    }  # fmt: skip
    return render(request, "desk/tickets/search.html", context)
