"""A customer said no to a hold or a transfer: it is written down, and what is left is offered (H5)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from common.errors import Refused
from desk.access import staff_of
from desk.tickets.answering import Act, show
from desk.tickets.forms.base import SureForm
from events.idempotency import Answer, once
from tickets import lifecycle
from tickets.models import Contact, Ticket
from tickets.policy.holding import OFFERS

TEMPLATE = "desk/tickets/act/offers.html"


def refused(request: HttpRequest, ticket: Ticket, act: str, contact: Contact | None) -> HttpResponse:
    """Record the refusal once and show what is left to do."""
    user, form = staff_of(request), SureForm()
    shown = Act(ticket, form, lambda: None, TEMPLATE, context={"offers": OFFERS[act], "act": act})

    def work() -> Answer:
        lifecycle.refuse_consent(ticket, by=user, act=act, contact=contact)
        return Answer(status=200)

    try:
        once(f"refused:{act}:{ticket.pk}:{user.pk}", request.POST.get("idempotency_key", ""), work)
    except Refused as refusal:
        shown.context["refusal"] = refusal
        return show(request, shown, status=409)
    return show(request, shown)
