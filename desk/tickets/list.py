"""The tickets list, and the form of its filters."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from common import paging
from desk.access import staff_of, staff_required
from desk.counting import ready_counts, shown
from desk.tickets.listing import CHOICES, EMPTY, ORDERS, REFERENCES, VIEWS, Asked, may_see_aside
from desk.tickets.rows import dressed, for_rows
from staff.access import viewer
from staff.models import Team
from tickets.models import Tag, Ticket

PAGE_SIZE = 25


@staff_required
@require_safe
def tickets(request: HttpRequest) -> HttpResponse:
    """One view of the tickets, a page at a time."""
    user, now = staff_of(request), timezone.now()
    asked = Asked.of(request.GET, user)
    page = paging.page(for_rows(asked.rows(user, now), now), order=asked.order, after=asked.after, size=PAGE_SIZE)
    path = reverse("desk:tickets")
    context = {
        "asked": asked,
        "tickets": dressed(page.items, user),
        "now": now,
        "next_url": f"{path}?{asked.address(after=page.next_cursor)}" if page.next_cursor else "",
        "chips": _chips(asked, user),
        "sorts": [(f"?{asked.address(sort=code)}", ORDERS[code][0], code == asked.sort) for code in ORDERS],
        "filters_url": f"{reverse('desk:ticket_filters')}?{asked.address()}",
        "aside": asked.view.code == "aside",
        "empty": cache(lambda: _empty(asked)),  # asked for only where no ticket is shown
        **views_beside(request, user, asked),
    }
    return render(request, "desk/tickets/list.html", context)


@staff_required
@require_safe
def filters(request: HttpRequest) -> HttpResponse:
    """The form of all filters, asked for when somebody wants it."""
    user = staff_of(request)
    asked = Asked.of(request.GET, user)
    fields: list[tuple[str, Any, list[Any]]] = [
        (name, label, list(choices.items())) for name, (label, _field, choices) in CHOICES.items()
    ]
    fields += [(name, REFERENCES[name][0], _choices(name, user)) for name in REFERENCES]
    context = {"asked": asked, "fields": fields, "back": f"{reverse('desk:tickets')}?{asked.address()}"}
    template = "desk/tickets/_filters.html" if request.headers.get("HX-Request") else "desk/tickets/filters.html"
    return render(request, template, context)


def _empty(asked: Asked) -> dict[str, Any]:
    """What a view without tickets says, and the way on."""
    usual = ("inbox", _("Nothing here"), _("When a ticket belongs in this view it shows up by itself."))
    icon, title, text = EMPTY.get(asked.view.code, usual)
    path = reverse("desk:tickets")
    url, action = (f"{path}?view=open", _("See all open tickets"))
    if asked.view.code == "mine":
        url, action = f"{path}?view=unassigned", _("See what nobody has yet")
    elif asked.view.code == "open":
        url, action = reverse("desk:log_contact"), _("Log a contact")
    return {"icon": icon, "title": title, "text": text, "url": url, "action": action,
            "all": f"{path}?view={asked.view.code}"}  # fmt: skip


def views_beside(request: HttpRequest, user: User, asked: Asked) -> dict[str, Any]:
    """The views at the side with their capped counts: one query for all; none when only more rows are asked for."""
    if asked.after and request.headers.get("HX-Request"):
        return {"rail_views": []}
    who, now = viewer(user), timezone.now()
    offered = [view for view in VIEWS.values() if not view.for_leaders or may_see_aside(who)]
    if not (who.team_ids or who.supervised_team_ids):
        offered = [view for view in offered if view.code != "team"]
    counted = [view for view in offered if view.is_counted]
    key = ("views", who, tuple(view.code for view in counted))
    found = ready_counts(
        key, now, lambda at: {view.code: view.of(Ticket.objects.visible_to(user), who, at) for view in counted}
    )
    path = reverse("desk:tickets")
    items = [
        {
            "url": f"{path}?view={view.code}",
            "label": view.name,
            "count": shown(found.get(view.code, 0)),
            "hot": view.is_hot and found.get(view.code, 0) > 0,
            "current": view.code == asked.view.code,
        }
        for view in offered
    ]
    return {"rail_views": items, "total": "" if asked.filters else shown(found.get(asked.view.code, 0))}


def _chips(asked: Asked, user: User) -> list[dict[str, Any]]:
    """One chip per filter that is on, in words, with the address that takes it away."""
    chips = []
    for name, values in asked.filters.items():
        if name in CHOICES:
            label, names = CHOICES[name][0], CHOICES[name][2]
        else:
            label, names = REFERENCES[name][0], dict(_choices(name, user))
        words = ", ".join(str(names.get(value, "?")) for value in values)
        chips.append({"label": label, "words": words, "url": f"?{asked.address(**{name: None})}"})
    return chips


def _choices(name: str, user: User) -> list[tuple[str, str]]:
    """Teams that the reader may know of (T13), agents in use, or tags: at most 200 of each."""
    who = viewer(user)
    if name == "tag":
        return [(str(pk), tag) for pk, tag in Tag.objects.values_list("pk", "name")[:200]]
    if name == "team":
        teams = Team.objects.filter(is_active=True).exclude(pk__in=who.hidden_team_ids)
        if who.is_third_party:
            teams = teams.filter(pk__in=who.team_ids | who.supervised_team_ids)
        return [("none", _("No team")), *((str(pk), team) for pk, team in teams.values_list("pk", "name")[:200])]
    people = User.objects.filter(is_active=True, memberships__isnull=False)
    if who.is_third_party:
        people = people.filter(memberships__team__in=who.team_ids | who.supervised_team_ids)
    agents = people.distinct().order_by("name", "pk").values_list("pk", "name")[:200]
    return [("me", _("Me")), ("none", _("Nobody")), *((str(pk), agent) for pk, agent in agents)]
