"""The search of the top bar: a number leads to its ticket, words to tickets and people."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import User
from customers import search as customers
from desk.access import staff_of, staff_required
from desk.customers.people import visible_people, with_counts
from desk.tickets.rows import dressed, for_rows
from tickets import search as found_tickets
from tickets.models import Ticket

MOST_TICKETS = 30
MOST_PEOPLE = 10
MOST_TO_NARROW = 200
LONGEST = 200
SHOWS = {"tickets": _("Tickets"), "people": _("Customers")}
STATES = {"open": _("Still open"), "over": _("Resolved or closed")}
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
    show = show if (show := request.GET.get("show", "")) in SHOWS else ""
    state = state if (state := request.GET.get("state", "")) in STATES else ""
    tickets = _tickets(user, q, state, now) if q and show != "people" else []
    people = []
    if q and show != "tickets":
        people = with_counts(customers.people(q, MOST_PEOPLE, within=visible_people(user)), user, now)
    context = {
        "q": q, "tickets": tickets[:MOST_TICKETS], "people": people, "now": now, "is_cut": len(tickets) > MOST_TICKETS,
        "filters": _filters(q, show, state), "is_narrowed": bool(show or state),
    }  # fmt: skip
    return render(request, "desk/tickets/search.html", context)


def _tickets(user: User, q: str, state: str, now: datetime) -> list[Ticket]:
    """The best finds, one more than is shown; of the first hundreds where a state narrows them."""
    order = found_tickets.keys(user, q, limit=MOST_TO_NARROW if state else MOST_TICKETS + 1)
    if state:
        found = Ticket.objects.in_bulk(order)
        order = [pk for pk in order if pk in found and found[pk].is_active == (state == "open")][: MOST_TICKETS + 1]
    rows = for_rows(Ticket.objects.filter(pk__in=order), now).in_bulk()
    return dressed([rows[pk] for pk in order if pk in rows], user)


def _filters(q: str, show: str, state: str) -> list[dict[str, Any]]:
    """Chips that live in the address, each with where a press leads; what is on is taken away."""

    def url(**changes: str) -> str:
        asked = {"q": q, "show": show, "state": state, **changes}
        return "?" + urlencode({name: value for name, value in asked.items() if value})

    shows = [
        {"label": SHOWS[code], "on": show == code, "url": url(show="" if show == code else code)} for code in SHOWS
    ]
    states = [
        {"label": STATES[code], "on": state == code, "url": url(state="" if state == code else code, show="tickets")}
        for code in STATES
    ]
    return [*shows, *states]
