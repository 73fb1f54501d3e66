"""One act on many tickets: each through its verb; what the rules refuse is listed, the others are done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.errors import Refused
from desk.access import staff_of, staff_required
from desk.tickets.forms.bulk import AssignManyForm, PriorityManyForm
from tickets import lifecycle
from tickets.models import Ticket

MOST = 100
VERBS: dict[str, tuple[Callable[..., Any], Any]] = {
    "take": (lifecycle.take, None),
    "mark_spam": (lifecycle.mark_spam, None),
    "assign": (lifecycle.assign, AssignManyForm),
    "set_priority": (lifecycle.set_priority, PriorityManyForm),
}


@staff_required
def bulk(request: HttpRequest) -> HttpResponse:
    """Do it to every ticket picked; an act that has to know more asks first."""
    user, code = staff_of(request), request.POST.get("act", "")
    numbers = [int(n) for n in request.POST.getlist("ticket")[:MOST] if n.isascii() and n.isdigit() and len(n) < 18]
    tickets = list(Ticket.objects.visible_to(user).filter(number__in=numbers).order_by("pk"))
    if code not in VERBS or not tickets:
        return redirect(_back(request))
    verb, form_class = VERBS[code]
    form = form_class(request.POST if "ready" in request.POST else None, user=user) if form_class else None
    if form is not None and not form.is_valid():
        context = {"form": form, "act": code, "tickets": tickets, "next": _back(request)}
        return render(request, "desk/tickets/bulk.html", context, status=422 if form.is_bound else 200)
    _do_all(request, tickets, lambda ticket: verb(ticket, by=user, **(form.cleaned_data if form else {})))
    return redirect(_back(request))


def _do_all(request: HttpRequest, tickets: list[Ticket], do: Callable[[Ticket], Any]) -> None:
    done = 0
    for ticket in tickets:
        try:
            do(ticket)
            done += 1
        except Refused as refusal:
            messages.warning(request, f"#{ticket.number}: {refusal}")
    if done:
        words = ngettext("%(n)d ticket changed.", "%(n)d tickets changed.", done) % {"n": done}
        messages.success(request, words)
    elif not tickets:
        messages.info(request, _("No ticket was picked."))


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if here and wanted.startswith("/") else reverse("desk:tickets")
