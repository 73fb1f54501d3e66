"""Tickets and people as one types, for the palette and for the field on top (T13)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from customers import search as customers
from customers.models import Person
from desk.access import staff_of, staff_required
from desk.customers.people import visible_people, with_counts
from tickets import search as found_tickets
from tickets.models import Ticket

MOST_TICKETS = 7
MOST_PEOPLE = 5
MOST_RECENT = 8
LONGEST = 200


@staff_required
@require_safe
@never_cache
def palette(request: HttpRequest) -> HttpResponse:
    """What ``q`` leads to, ``#`` before it for tickets, ``@`` for people; without words the ``recent`` tickets."""
    user = staff_of(request)
    q = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    wanted = q.lstrip("#@").strip()
    tickets: list[Ticket] = []
    people: list[Person] = []
    if wanted:
        if not q.startswith("@"):
            tickets = found_tickets.search(user, wanted, limit=MOST_TICKETS)
        if not q.startswith("#"):
            found = customers.people(wanted, MOST_PEOPLE, within=visible_people(user))
            people = with_counts(found, user, timezone.now())
    elif not q:
        tickets = _recent(user, request.GET.get("recent", ""))
    context = {"q": wanted, "tickets": tickets, "people": people, "is_recent": not q}
    return render(request, "desk/palette/_found.html", context)


def _recent(user: User, numbers: str) -> list[Ticket]:
    """The tickets this browser showed last, as far as the reader may see them; else those of theirs that moved last."""
    wanted = [int(part) for part in numbers[:LONGEST].split(",")[:MOST_RECENT] if part.isdecimal() and len(part) < 19]
    rows = Ticket.objects.visible_to(user).select_related("requester")
    if not wanted:
        return list(rows.active().filter(assignee=user).order_by("-updated_at", "-pk")[:MOST_RECENT])
    found = {ticket.number: ticket for ticket in rows.filter(number__in=wanted)}
    return [found[number] for number in dict.fromkeys(wanted) if number in found]
