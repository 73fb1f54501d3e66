"""Passing a case on, and what the others answer (X1-X7)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from desk.access import staff_of, staff_required
from desk.tickets.answering import Act, answer
from desk.tickets.finding import found, live_contact
from desk.tickets.forms.base import posted, sure
from desk.tickets.forms.transfer import AcceptForm, TransferForm, WhyForm
from desk.tickets.refusing import refused
from tickets.lifecycle import transferring as verbs
from tickets.models import Ticket, Transfer
from tickets.policy import passing


@staff_required
def transfer(request: HttpRequest, number: int) -> HttpResponse:
    """Ask a team to take it over."""
    ticket, user = found(request, number), staff_of(request)
    contact = live_contact(user, ticket)
    form = TransferForm(posted(request), ticket=ticket, user=user, contact=contact)
    if request.method == "POST" and form.was_refused:
        return refused(request, ticket, "transfer", contact)
    act = Act(ticket, form, lambda: verbs.transfer(ticket, by=user, **form.terms()), done=_("They are asked."))
    act.verdict = passing.may_transfer(user, ticket)
    return answer(request, act)


@staff_required
def accept_transfer(request: HttpRequest, number: int) -> HttpResponse:
    """Take it over, with the promises that one takes along."""
    ticket, user = found(request, number), staff_of(request)
    waiting = _waiting(ticket)
    form = AcceptForm(posted(request), ticket=ticket)
    act = Act(
        ticket, form, lambda: verbs.accept_transfer(waiting, by=user, take_promises=form.promises()),
        done=_("It is yours now."), verdict=passing.may_answer_transfer(user, waiting),
    )  # fmt: skip
    return answer(request, act)


@staff_required
def refuse_transfer(request: HttpRequest, number: int) -> HttpResponse:
    """It goes back to the sender, with the reason."""
    ticket, user = found(request, number), staff_of(request)
    waiting, form = _waiting(ticket), WhyForm(posted(request))
    form.title, form.icon, form.button = _("Do not accept"), "undo-2", _("Give it back")
    act = Act(ticket, form, lambda: verbs.refuse_transfer(waiting, by=user, **form.cleaned_data))
    act.verdict = passing.may_answer_transfer(user, waiting)
    return answer(request, act)


@staff_required
def take_back_transfer(request: HttpRequest, number: int) -> HttpResponse:
    """The sender keeps the case after all."""
    ticket, user = found(request, number), staff_of(request)
    waiting, form = _waiting(ticket), sure(request, _("Take the transfer back"), "undo-2", _("Take it back"))
    act = Act(ticket, form, lambda: verbs.take_back_transfer(waiting, by=user))
    act.verdict = passing.may_take_back(user, waiting)
    return answer(request, act)


def _waiting(ticket: Ticket) -> Transfer:
    """The transfer that waits, else the last one, about which the verb says what became of it."""
    sent = ticket.transfers.select_related("to_team", "from_team").order_by("-sent_at")
    row = sent.filter(status=Transfer.Status.WAITING).first() or sent.first()
    if row is None:
        raise Http404
    return row
