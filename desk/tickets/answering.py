"""How an act's form is answered: shown beside the conversation or as a page, tried once, refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from common.errors import Malformed, Refused
from common.verdict import ALLOWED, Verdict
from desk.access import staff_of
from desk.forms import wanted_next
from desk.tickets.forms.base import ActForm
from desk.tickets.moving import after_act
from events.idempotency import Answer, once
from tickets.models import Ticket

CONFLICT, UNPROCESSABLE = 409, 422


@dataclass(slots=True)
class Act:
    """One act on a ticket: its form, what it does, the page it is drawn with, and where it leads."""

    ticket: Ticket
    form: ActForm
    do: Callable[[], object]
    template: str = "desk/tickets/act/plain.html"
    done: str = ""
    verdict: Verdict = ALLOWED
    next: str = ""
    context: dict[str, Any] = field(default_factory=dict)


def answer(request: HttpRequest, act: Act) -> HttpResponse:
    """GET shows the form. POST does it once per key; a refusal comes back at the form with what was typed."""
    if request.method != "POST":
        return show(request, act)
    if not act.form.is_valid():
        return show(request, act, status=UNPROCESSABLE)
    leads_to = act.next or wanted_next(request) or reverse("desk:ticket", args=[act.ticket.number])

    def work() -> Answer:
        act.do()
        return Answer(status=302, location=leads_to)

    try:
        once(f"{request.path}:{staff_of(request).pk}", request.POST.get("idempotency_key", ""), work)
    except Refused as refusal:
        act.form.refuse(refusal)
        act.context["refusal"] = refusal
        return show(request, act, status=UNPROCESSABLE if isinstance(refusal, Malformed) else CONFLICT)
    if act.done:
        messages.success(request, act.done)
    return onward(request, act.ticket.number, leads_to)


def onward(request: HttpRequest, number: int, url: str) -> HttpResponse:
    """After an act: the pieces that changed, where the ticket's page is open and stays the right one; else lead on."""
    stays = url.partition("#")[0] == reverse("desk:ticket", args=[number])
    return (after_act(request, number) if stays else None) or go(request, url)


def go(request: HttpRequest, url: str) -> HttpResponse:
    """Lead on: a redirect, which htmx follows with the whole page."""
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    return redirect(url)


def show(request: HttpRequest, act: Act, *, status: int = 200) -> HttpResponse:
    """The form alone for htmx, else on a page of its own."""
    context = {
        "ticket": act.ticket,
        "form": act.form,
        "verdict": act.verdict,
        "action": request.path,
        "next": wanted_next(request),
        **act.context,
    }
    if request.headers.get("HX-Request"):
        return render(request, act.template, context, status=status)
    page = {**context, "act_template": act.template}
    return render(request, "desk/tickets/act_page.html", page, status=status)
