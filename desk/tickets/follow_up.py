"""The duty to ask (X5), the steps of a complaint (T5), and ending a call."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from desk.access import staff_of, staff_required
from desk.tickets.answering import Act, answer
from desk.tickets.finding import found, live_contact
from desk.tickets.forms.acts import EndForm, FollowUpForm, StepForm
from desk.tickets.forms.base import posted
from tickets import lifecycle
from tickets.lifecycle.following import follow_up as ask
from tickets.models import Closure, Contact, FollowUp, Status
from tickets.policy import complaints, talking
from tickets.policy.working import may_work


@staff_required
def follow_up(request: HttpRequest, number: int) -> HttpResponse:
    """Write down that the customer was asked; a yes or no is also their answer (T4)."""
    ticket, user = found(request, number), staff_of(request)
    duty = FollowUp.objects.filter(ticket=ticket).order_by("-created_at").first()
    if duty is None:
        raise Http404
    form, contact = FollowUpForm(posted(request)), live_contact(user, ticket)

    @transaction.atomic
    def do() -> None:
        ask(duty, by=user, solved=form.answer, contact=contact, text=form.cleaned_data["text"])
        ticket.refresh_from_db()
        if form.answer is not None and ticket.status == Status.RESOLVED:
            lifecycle.confirm(ticket, by=user, solved=form.answer, via=Closure.Via.PHONE, contact=contact)

    return answer(request, Act(ticket, form, do, done=_("Written down."), verdict=may_work(user, ticket)))


@staff_required
def take_step(request: HttpRequest, number: int) -> HttpResponse:
    """The next step of a complaint."""
    ticket, user = found(request, number), staff_of(request)
    form, contact = StepForm(posted(request), ticket=ticket), live_contact(user, ticket)

    def do() -> None:
        lifecycle.take_step(ticket, by=user, step=form.step, text=form.cleaned_data["text"], contact=contact)

    return answer(request, Act(ticket, form, do, verdict=complaints.may_take_step(user, ticket)))


@staff_required
def end_contact(request: HttpRequest, number: int, contact_id: int) -> HttpResponse:
    """The call, visit or chat is over."""
    ticket, user = found(request, number), staff_of(request)
    row = get_object_or_404(Contact.objects.filter(tickets=ticket), pk=contact_id)
    form = EndForm(posted(request))

    def do() -> None:
        """What was said is written down with the call; without a word it only ends."""
        if row.ended_at is None and (text := form.cleaned_data["text"].strip()):
            lifecycle.log_contact(
                by=user, person=row.person, channel=row.channel, direction=row.direction, text=text, contact=row,
                tickets=[ticket],
            )  # fmt: skip
        else:
            lifecycle.end_contact(row, by=user)

    act = Act(ticket, form, do, done=_("Ended."))
    act.verdict = talking.may_log_contact(user)
    return answer(request, act)
