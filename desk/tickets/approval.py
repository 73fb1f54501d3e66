"""A supervisor's leave to go beyond a rule: asked for, given, denied, confirmed, taken back."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from desk.access import staff_of, staff_required
from desk.tickets.answering import Act, answer
from desk.tickets.finding import found
from desk.tickets.forms.acts import ApproveForm, AskApprovalForm, DenyForm
from desk.tickets.forms.base import posted, sure
from events.models import Approval
from tickets import lifecycle
from tickets.models import Ticket
from tickets.policy import approving


@staff_required
def ask_approval(request: HttpRequest, number: int) -> HttpResponse:
    """Ask the ticket's supervisors."""
    ticket, user = found(request, number), staff_of(request)
    form = AskApprovalForm(posted(request), initial={"rule": request.GET.get("rule", "H4")})

    def do() -> None:
        lifecycle.ask_approval(ticket, by=user, act=form.act, **form.cleaned_data)

    return answer(request, Act(ticket, form, do, done=_("Asked."), verdict=approving.may_ask_approval(user, ticket)))


@staff_required
def give_approval(request: HttpRequest, number: int, approval_id: int) -> HttpResponse:
    """Agree, for one act."""
    ticket, user = found(request, number), staff_of(request)
    row = _approval(ticket, approval_id)
    form = ApproveForm(posted(request))

    def do() -> None:
        lifecycle.give_approval(row, by=user, until=form.cleaned_data["until"], note=form.cleaned_data["remark"])

    verdict = approving.may_answer_approval(user, row, ticket)
    return answer(request, Act(ticket, form, do, done=_("Approved."), verdict=verdict))


@staff_required
def deny_approval(request: HttpRequest, number: int, approval_id: int) -> HttpResponse:
    """Say no."""
    ticket, user = found(request, number), staff_of(request)
    row = _approval(ticket, approval_id)
    form = DenyForm(posted(request))
    act = Act(ticket, form, lambda: lifecycle.deny_approval(row, by=user, note=form.cleaned_data["remark"]))
    act.verdict = approving.may_confirm_approval(user, row) or approving.may_answer_approval(user, row, ticket)
    return answer(request, act)


@staff_required
def confirm_approval(request: HttpRequest, number: int, approval_id: int) -> HttpResponse:
    """The supervisor who was named says that they agreed."""
    ticket, user = found(request, number), staff_of(request)
    row = _approval(ticket, approval_id)
    form = sure(request, _("You were named"), "shield-check", _("Yes, I agreed"))
    act = Act(ticket, form, lambda: lifecycle.confirm_approval(row, by=user), done=_("Confirmed."))
    act.verdict = approving.may_confirm_approval(user, row)
    return answer(request, act)


@staff_required
def withdraw_approval(request: HttpRequest, number: int, approval_id: int) -> HttpResponse:
    """It is needed no longer."""
    ticket, user = found(request, number), staff_of(request)
    row = _approval(ticket, approval_id)
    form = sure(request, _("Take the question back"), "undo-2", _("Take it back"))
    act = Act(ticket, form, lambda: lifecycle.withdraw_approval(row, by=user))
    act.verdict = approving.may_withdraw_approval(user, row)
    return answer(request, act)


def _approval(ticket: Ticket, pk: int) -> Approval:
    if pk > 2**62:
        raise Http404
    return get_object_or_404(Approval, pk=pk, subject_kind="ticket", subject_id=ticket.pk)
