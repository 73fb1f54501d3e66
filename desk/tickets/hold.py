"""Holding a ticket, with the customer's consent and a promised time (H1-H7)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.access import staff_of, staff_required
from desk.tickets.answering import Act, answer
from desk.tickets.finding import found, live_contact
from desk.tickets.forms.base import posted, sure
from desk.tickets.forms.hold import HoldForm, RefusedForm
from desk.tickets.refusing import refused
from tickets import lifecycle
from tickets.policy import holding

TEMPLATE = "desk/tickets/act/hold.html"


@staff_required
def hold(request: HttpRequest, number: int) -> HttpResponse:
    """Put it on hold; a customer who says no gets offered what is left (H5)."""
    ticket, user = found(request, number), staff_of(request)
    contact = live_contact(user, ticket)
    form = HoldForm(posted(request), ticket=ticket, user=user, contact=contact, picked=request.GET)
    if request.method == "POST" and form.was_refused:
        return refused(request, ticket, "hold", contact)
    act = Act(ticket, form, lambda: lifecycle.hold(ticket, by=user, **form.terms()), TEMPLATE, _("On hold."))
    act.verdict = holding.may_hold(user, ticket)
    return answer(request, act)


@staff_required
def extend_hold(request: HttpRequest, number: int) -> HttpResponse:
    """A longer hold is a new one: new consent, new time (H4)."""
    ticket, user = found(request, number), staff_of(request)
    contact = live_contact(user, ticket)
    form = HoldForm(posted(request), ticket=ticket, user=user, contact=contact, picked=request.GET)
    form.title = gettext_lazy("A longer hold")
    if request.method == "POST" and form.was_refused:
        return refused(request, ticket, "hold", contact)
    act = Act(ticket, form, lambda: lifecycle.extend_hold(ticket, by=user, **form.terms()), TEMPLATE, _("On hold."))
    act.verdict = holding.may_extend_hold(user, ticket)
    return answer(request, act)


@staff_required
def resume(request: HttpRequest, number: int) -> HttpResponse:
    """Take it up before its time."""
    ticket, user = found(request, number), staff_of(request)
    form = sure(request, _("Resume"), "play", _("Take it up again"))
    act = Act(ticket, form, lambda: lifecycle.resume(ticket, by=user), verdict=holding.may_resume(user, ticket))
    return answer(request, act)


@staff_required
def refuse_consent(request: HttpRequest, number: int) -> HttpResponse:
    """Write down that the customer said no (H5)."""
    ticket, user = found(request, number), staff_of(request)
    form = RefusedForm(posted(request))
    if request.method == "POST" and form.is_valid():
        return refused(request, ticket, form.cleaned_data["act"], live_contact(user, ticket))
    return answer(request, Act(ticket, form, lambda: None, verdict=holding.may_refuse_consent(user, ticket)))
