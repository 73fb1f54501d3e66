"""Finding customers, and the page that shows everything known about one (C3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.paging import page
from customers import search
from customers.models import CustomerType, Department, Organisation, Person
from desk.access import staff_of, staff_required
from desk.customers import history
from desk.customers.people import OPTIONS, about_person, flagged, visible_people, with_counts
from staff.access import viewer
from tickets.models import Ticket

ORDER = ("lower", "pk")


@staff_required
@require_safe
def customers(request: HttpRequest) -> HttpResponse:
    """All customers by name, or those that fit what was typed; external, internal, flagged."""
    user, now = staff_of(request), timezone.now()
    q = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    kind = request.GET.get("kind", "")
    rows = visible_people(user).filter(merged_into=None, erased_at=None)
    if kind in CustomerType.values:
        rows = rows.filter(kind=kind)
    if only_flagged := request.GET.get("flagged") == "1":
        rows = flagged(rows, now)
    next_url = ""
    if q:
        people = search.people(q, 50, within=rows)
    else:
        found = page(search.loaded(rows.annotate(lower=Lower("name"))), order=ORDER, after=request.GET.get("after"))
        people, next_url = found.items, _more(request, found.next_cursor)
    context = {
        "people": with_counts(people, user, now),
        "q": q,
        "next_url": next_url,
        "filters": _filters(request, kind, only_flagged),
        "is_narrowed": bool(q or kind or only_flagged),
    }
    return render(request, "desk/customers/list.html", context)


@staff_required
@require_safe
def customer_search(request: HttpRequest) -> HttpResponse:
    """The options of a combo as one types: with flags, and how many open tickets each has."""
    user = staff_of(request)
    q = next((value for name in ("q", "who", "customer_q") if (value := request.GET.get(name))), "")
    rows = visible_people(user)
    without = request.GET.get("without", "")
    if without.isdecimal() and len(without) < 19:
        rows = rows.exclude(pk=int(without))
    people = with_counts(search.people(q, OPTIONS, within=rows), user, timezone.now())
    return render(request, "desk/customers/_options.html", {"people": people, "q": q.strip()})


@staff_required
@require_safe
def organisation_search(request: HttpRequest) -> HttpResponse:
    """The names of organisations as one types."""
    q = request.GET.get("organisation", "").replace("\x00", "").strip()[:80]
    found = known_organisations(request).filter(name__icontains=q).order_by(Lower("name"))[:OPTIONS] if q else ()
    return render(request, "desk/customers/_organisations.html", {"organisations": found})


@about_person("GET")
def customer(request: HttpRequest, person: Person) -> HttpResponse:
    """Everything known about a customer on one page; the story narrowed to one kind, or its older part."""
    show = request.GET.get("show", "")
    show = show if show in history.KINDS else ""
    before = _moment(request.GET.get("before", ""))
    known = history.of(person, staff_of(request), now=timezone.now(), show=show, before=before)
    older = urlencode({"show": show, "before": known.earlier.isoformat()}) if known.earlier else ""
    context = {
        "person": person,
        "known": known,
        "kinds": [(name, f"?{urlencode({'show': code})}", code == show) for code, name in history.KINDS.items()],
        "show": show,
        "before": before,
        "older_url": f"?{older}" if older else "",
    }
    return render(request, "desk/customers/person.html", context)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo and 1900 < moment.year < 9000 else None


@staff_required
@require_safe
def organisation(request: HttpRequest, organisation_id: int) -> HttpResponse:
    """An organisation with its people and its tickets."""
    row = get_object_or_404(known_organisations(request), pk=organisation_id)
    return _group(request, row, visible_people(staff_of(request)).filter(organisation=row), {"organisation": row})


@staff_required
@require_safe
def department(request: HttpRequest, department_id: int) -> HttpResponse:
    """A department with its people and their tickets."""
    row = get_object_or_404(Department.objects.select_related("parent"), pk=department_id)
    if viewer(staff_of(request)).is_third_party:
        raise Http404  # the house's own people are not theirs to look through
    people = visible_people(staff_of(request)).filter(department=row)
    return _group(request, row, people, {"department": row, "below": row.children.all()})


def _group(request: HttpRequest, row: Any, people: Any, more: dict[str, Any]) -> HttpResponse:
    user = staff_of(request)
    rows = search.loaded(people.filter(merged_into=None, erased_at=None).annotate(lower=Lower("name")))
    found = page(rows, order=ORDER, after=request.GET.get("after"))
    tickets = Ticket.objects.visible_to(user).filter(requester__in=people.order_by().values("pk"))
    recent = (
        tickets.filter(is_spam=False, trashed_at=None)
        .select_related("requester", "assignee", "team")
        .order_by("-opened_at")
    )
    context = {
        "group": row,
        "people": with_counts(found.items, user, timezone.now()),
        "next_url": _more(request, found.next_cursor),
        "tickets": recent[:10],
        "by_status": dict(tickets.active().order_by().values_list("status").annotate(Count("pk"))),
        **more,
    }
    return render(request, "desk/customers/group.html", context)


def known_organisations(request: HttpRequest) -> Any:
    """Third-party staff know the organisations of the people they know (T13)."""
    if not viewer(staff_of(request)).is_third_party:
        return Organisation.objects.select_related("plan")
    known = visible_people(staff_of(request)).exclude(organisation=None)
    return Organisation.objects.select_related("plan").filter(pk__in=known.values("organisation"))


def _more(request: HttpRequest, cursor: str | None) -> str:
    if not cursor:
        return ""
    query = request.GET.copy()
    query["after"] = cursor
    return f"?{query.urlencode()}"


def _filters(request: HttpRequest, kind: str, only_flagged: bool) -> list[dict[str, Any]]:
    """Chips that live in the URL: each with where a click leads."""

    def url(**changes: str) -> str:
        query = request.GET.copy()
        query.pop("after", None)
        for name, value in changes.items():
            query[name] = value
            if not value:
                del query[name]
        return f"?{query.urlencode()}"

    chips = [
        {"label": label, "on": kind == code, "url": url(kind="" if kind == code else code)}
        for code, label in CustomerType.choices
    ]
    return [*chips, {"label": _("Flagged"), "on": only_flagged, "url": url(flagged="" if only_flagged else "1")}]
