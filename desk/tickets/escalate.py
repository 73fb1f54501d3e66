"""Asking somebody to step in, and stepping in (E1-E3)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from desk.access import staff_of, staff_required
from desk.tickets.answering import Act, answer
from desk.tickets.finding import found
from desk.tickets.forms.acts import CoachForm, EscalateForm, ExpertForm
from desk.tickets.forms.base import posted, sure
from desk.tickets.forms.transfer import WhyForm
from tickets import lifecycle
from tickets.models import Escalation, Ticket
from tickets.policy import escalating


@staff_required
def escalate(request: HttpRequest, number: int) -> HttpResponse:
    """Ask for somebody more senior, or who knows better."""
    ticket, user = found(request, number), staff_of(request)
    form = EscalateForm(posted(request))
    act = Act(ticket, form, lambda: lifecycle.escalate(ticket, by=user, **form.terms()), done=_("Somebody is asked."))
    act.verdict = escalating.may_escalate(user, ticket)
    return answer(request, act)


@staff_required
def take_escalation(request: HttpRequest, number: int) -> HttpResponse:
    """Take the case over."""
    ticket, user = found(request, number), staff_of(request)
    row, form = _open(ticket), sure(request, _("Take it over"), "hand", _("Take it over"))
    act = Act(ticket, form, lambda: lifecycle.take_escalation(row, by=user), done=_("It is yours now."))
    act.verdict = escalating.may_take_escalation(user, row)
    return answer(request, act)


@staff_required
def coach_escalation(request: HttpRequest, number: int) -> HttpResponse:
    """Say what to do, and give it back."""
    ticket, user = found(request, number), staff_of(request)
    row, form = _open(ticket), CoachForm(posted(request))
    act = Act(ticket, form, lambda: lifecycle.coach_escalation(row, by=user, **form.cleaned_data))
    act.verdict = escalating.may_settle_escalation(user, row)
    return answer(request, act)


@staff_required
def assign_escalation(request: HttpRequest, number: int) -> HttpResponse:
    """Give it to an expert."""
    ticket, user = found(request, number), staff_of(request)
    row, form = _open(ticket), ExpertForm(posted(request))
    act = Act(ticket, form, lambda: lifecycle.assign_escalation(row, by=user, **form.cleaned_data))
    act.verdict = escalating.may_settle_escalation(user, row)
    return answer(request, act)


@staff_required
def decline_escalation(request: HttpRequest, number: int) -> HttpResponse:
    """Say no, with the reason."""
    ticket, user = found(request, number), staff_of(request)
    row, form = _open(ticket), WhyForm(posted(request))
    form.title, form.icon, form.button = _("Decline the escalation"), "circle-x", _("Decline")
    act = Act(ticket, form, lambda: lifecycle.decline_escalation(row, by=user, **form.cleaned_data))
    act.verdict = escalating.may_settle_escalation(user, row)
    return answer(request, act)


def _open(ticket: Ticket) -> Escalation:
    """The open escalation, else the last one, about which the verb says that it has ended."""
    raised = ticket.escalations.select_related("ticket", "owner").order_by("-raised_at")
    row = raised.filter(status__in=Escalation.OPEN).first() or raised.first()
    if row is None:
        raise Http404
    return row
