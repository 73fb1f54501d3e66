"""Whose ticket it is: taken, or assigned inside its team."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from desk.access import staff_of, staff_required
from desk.tickets.answering import Act, answer
from desk.tickets.finding import found
from desk.tickets.forms.acts import AssignForm
from desk.tickets.forms.base import posted, sure
from tickets import lifecycle
from tickets.policy import assigning, talking


@staff_required
def take(request: HttpRequest, number: int) -> HttpResponse:
    """It is mine now."""
    ticket, user = found(request, number), staff_of(request)
    form = sure(request, _("Take the ticket"), "hand", _("Take it"))
    act = Act(ticket, form, lambda: lifecycle.take(ticket, by=user), done=_("It is yours now."))
    act.verdict = assigning.may_take(user, ticket)
    return answer(request, act)


@staff_required
def assign(request: HttpRequest, number: int) -> HttpResponse:
    """To a colleague of its team, or back to the team."""
    ticket, user = found(request, number), staff_of(request)
    form = AssignForm(posted(request), ticket=ticket, user=user)
    act = Act(ticket, form, lambda: lifecycle.assign(ticket, by=user, **form.cleaned_data), done=_("Assigned."))
    act.verdict = assigning.may_assign(user, ticket)
    return answer(request, act)


@staff_required
def await_customer(request: HttpRequest, number: int) -> HttpResponse:
    """It is the customer's turn (T3)."""
    ticket, user = found(request, number), staff_of(request)
    form = sure(request, _("Wait for the customer"), "hourglass", _("It is their turn"))
    act = Act(ticket, form, lambda: lifecycle.await_customer(ticket, by=user), done=_("It is their turn."))
    act.verdict = talking.may_await_customer(user, ticket)
    return answer(request, act)
