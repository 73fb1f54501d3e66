"""Writing in: nobody is turned away (T7)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from common.errors import Refused
from customers import operations as customers
from customers.models import CustomerType, Person
from events import idempotency
from portal import limits
from portal.brands import brand_here, show_brand_of
from portal.forms import RequestForm
from portal.keys import key_of, new_key
from portal.people import person_of
from staff.models import Brand
from tickets import clocks, lifecycle
from tickets.clocks.foreseeing import answer_promised
from tickets.models import Channel, Ticket

HOUR, DAY = 3600, 86400


@login_not_required
@require_http_methods(["GET", "POST"])
def submit(request: HttpRequest) -> HttpResponse:
    """The request form; sent twice it opens one request (T7: nobody is turned away)."""
    person = person_of(request)
    form = RequestForm(request.POST or None, request.FILES or None, known=person is not None)
    wait = limits.wait_of(request, "submit") if request.method == "POST" else 0
    if wait:
        form.add_error(None, limits.words(wait))
    elif request.method == "POST" and form.is_valid():
        try:
            answer = idempotency.once(
                f"portal.submit:{person.pk if person else request.META.get('REMOTE_ADDR', '')}",
                key_of(request, form.cleaned_data["subject"], form.cleaned_data["text"]),
                lambda: idempotency.Answer(body=str(_open(form.cleaned_data, person, brand_here(request)).number)),
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            request.session["portal_sent"] = int(answer.body)
            return redirect("portal:sent")
    status = 422 if form.is_bound and form.errors else 200
    seconds, in_working_hours = answer_promised(person, timezone.now())
    context = {
        "form": form,
        "person": person,
        "key": key_of_form(request),
        "within": _promised(seconds or DAY),
        "in_working_hours": in_working_hours,
    }
    response = render(request, "portal/submit.html", context, status=status)
    return limits.mark(response, wait) if wait else response


def _promised(seconds: int) -> str:
    """``24 hours``, ``3 days``, ``30 minutes``: whole words, where a promise is made."""
    if seconds < 2 * HOUR:
        minutes = max(seconds // 60, 1)
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if seconds < 3 * DAY:
        return ngettext("%(n)d hour", "%(n)d hours", seconds // HOUR) % {"n": seconds // HOUR}
    return ngettext("%(n)d day", "%(n)d days", seconds // DAY) % {"n": seconds // DAY}


def key_of_form(request: HttpRequest) -> str:
    """A form that comes back with an error keeps its key: pressed again it is still the same message."""
    key = request.POST.get("idempotency_key", "")
    return key if 0 < len(key) <= 40 and key.isalnum() else new_key()


@transaction.atomic
def _open(fields: dict[str, Any], person: Person | None, brand: Brand | None) -> Ticket:
    asker = person or _asker(str(fields["name"]), str(fields["email"]))
    return lifecycle.open_ticket(
        requester=asker,
        subject=fields["subject"],
        text=fields["text"],
        channel=Channel.WEB,
        by=asker,
        type=fields["type"],
        files=fields["files"],
        language=asker.language,
        brand=None if brand is None or brand.is_default else brand,
    )


def _asker(name: str, email: str) -> Person:
    """The one person with this address; a shared address names nobody, so a new record is made, to be merged later."""
    known = customers.find_by_address(email)
    if len(known) == 1:
        return known[0]
    return customers.add_person(
        by=None, name=name, kind=CustomerType.EXTERNAL, emails=[email], language=get_language() or ""
    )


@login_not_required
@require_GET
def sent(request: HttpRequest) -> HttpResponse:
    """The number, by when an answer comes at the latest, and what happens next."""
    found = Ticket.objects.select_related("requester", "brand", "team__brand")
    ticket = found.filter(number=request.session.get("portal_sent", 0)).first()
    if ticket is None:
        return redirect("portal:submit")
    show_brand_of(request, ticket)
    context = {"ticket": ticket, "latest": clocks.latest_answer_at(ticket), "person": person_of(request)}
    return render(request, "portal/sent.html", context)
