"""What the frame of every staff page shows: the rail with its counts, and who is at the desk.

The values are callables, so that a fragment which draws no frame asks the database nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import DatabaseError
from django.db.models import QuerySet, Subquery
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Role, User
from common.kept import Kept
from desk.counting import ready_counts, shown
from staff.access import Viewer, viewer
from staff.models import Brand, StaffProfile
from tickets.models import Escalation, Ticket

LEADERS = frozenset({Role.SUPERVISOR, Role.MANAGER, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Place:
    """One item of the rail; ``prefix`` tells which pages belong to it."""

    route: str
    icon: str
    label: str | Lazy
    may: Callable[[Viewer], bool] = lambda _who: True
    counts: str = ""
    go: str = ""  # the key after g


PLACES = (
    Place("desk:home", "house", gettext_lazy("Home"), go="d"),
    Place("desk:tickets", "inbox", gettext_lazy("Tickets"), counts="mine", go="t"),
    Place("desk:customers", "users", gettext_lazy("Customers"), go="c"),
    Place("desk:escalations", "triangle-alert", gettext_lazy("Escalations"), counts="escalations", go="e"),
    Place("desk:sla_report", "chart-line", gettext_lazy("Reports"), lambda who: _leads(who), go="r"),
    Place("desk:outbox", "mail", gettext_lazy("Outbox"), lambda who: who.is_admin, go="o"),
    Place("desk:settings", "settings", gettext_lazy("Settings"), lambda who: _leads(who), go="s"),
)


def rail(request: HttpRequest) -> dict[str, Any]:
    """For base templates: ``rail``, ``rail_me``, ``brand``, ``theme``, ``single_keys_off``. At most three queries."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"brand": cache(_default_brand)}
    counts = cache(lambda: _counts(user))
    profile = cache(lambda: _profile(user))
    return {
        "rail": cache(lambda: _items(request, viewer(user), counts)),
        "rail_me": cache(lambda: _me(user, profile(), counts) if viewer(user).is_staff else None),
        "brand": lambda: {"name": (profile() or {}).get("brand") or "", "logo": ""},
        "theme": user.theme,
        "single_keys_off": not user.keys_enabled,
        "own_keys": json.dumps(user.own_keys, ensure_ascii=False) if user.own_keys else "",
    }


def _default_brand() -> dict[str, str]:
    """Whose desk this is, for pages that need no sign-in; also a page that says the database is away has a name."""
    try:
        name = Brand.objects.filter(is_default=True).values_list("name", flat=True).first()
    except DatabaseError:
        name = ""
    return {"name": name or "", "logo": ""}


def _items(request: HttpRequest, who: Viewer, counts: Callable[[], dict[str, int]]) -> list[dict[str, Any]]:
    if not who.is_staff:
        return []
    here = request.path
    items: list[dict[str, Any]] = []
    for place in PLACES:
        url = _url(place.route)
        if url and place.may(who):
            count = counts()[place.counts] if place.counts else 0
            items.append(
                {"url": url, "icon": place.icon, "label": place.label, "count": shown(count),
                 "hot": place.counts == "escalations" and count > 0, "prefix": _section(url), "go": place.go}
            )  # fmt: skip
    best = max((item["prefix"] for item in items if here.startswith(item["prefix"])), key=len, default="")
    for item in items:
        item["current"] = item["prefix"] == best and (best != "/" or here == "/")
    return items


def _section(url: str) -> str:
    """``/reports/`` for ``/reports/sla/``: all pages of a room light up its item."""
    first = url.strip("/").split("/")[0]
    return f"/{first}/" if first else "/"


def _me(user: User, profile: dict[str, Any] | None, counts: Callable[[], dict[str, int]]) -> dict[str, Any]:
    profile = profile or {"availability": StaffProfile.Availability.OFF, "capacity": 0}
    code = profile["availability"]
    load = _("%(open)s of %(room)s tickets") % {"open": shown(counts()["mine"]) or "0", "room": profile["capacity"]}
    return {
        "name": user.name or user.email,
        "availability": code,
        "availability_label": StaffProfile.Availability(code).label,
        "availability_choices": StaffProfile.Availability.choices,
        "load": load if profile["capacity"] else "",
    }


def _counts(user: User) -> dict[str, int]:
    """What waits for this person: their open tickets, and escalations that are theirs to take."""
    who = viewer(user)
    found = ready_counts(("rail", who), timezone.now(), lambda _at: _waiting(user, who))
    return {"escalations": 0, **found}


def _waiting(user: User, who: Viewer) -> dict[str, QuerySet[Any]]:
    mine: QuerySet[Any] = Ticket.objects.active().filter(assignee=user)
    if not (who.is_supervisor or who.is_admin):
        return {"mine": mine}
    waiting = Escalation.objects.filter(status=Escalation.Status.WAITING)
    if not who.supervises(None):
        waiting = waiting.filter(ticket__team__in=who.supervised_team_ids) | waiting.filter(waits_for=user)
    return {"mine": mine, "escalations": waiting}


def _profile(user: User) -> dict[str, Any] | None:
    found = _PROFILE.rows(user.pk)
    if not found:
        return None
    brand, availability, capacity = found[0]
    return {
        "brand": brand,
        "availability": availability or StaffProfile.Availability.OFF,
        "capacity": capacity or 0,
    }


def _of_profile(pk: int) -> QuerySet[Any, Any]:
    brand = Subquery(Brand.objects.filter(is_default=True).values("name")[:1])
    return User.objects.filter(pk=pk).values_list(brand, "staff_profile__availability", "staff_profile__capacity")


_PROFILE = Kept(_of_profile)


def _leads(who: Viewer) -> bool:
    return bool(who.roles & LEADERS) or who.is_supervisor


def _url(route: str) -> str:
    try:
        return reverse(route)
    except NoReverseMatch:
        return ""  # a room that this house does not have
