"""Promises: made, kept, renewed, released, taken over (T8)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from desk.access import staff_of, staff_required
from desk.tickets.answering import Act, answer
from desk.tickets.finding import found, live_contact, part
from desk.tickets.forms.acts import PromiseForm, RenewForm
from desk.tickets.forms.base import posted, sure
from tickets import lifecycle
from tickets.models import Promise
from tickets.policy import promising


@staff_required
def promise(request: HttpRequest, number: int) -> HttpResponse:
    """Promise the customer something by a time."""
    ticket, user = found(request, number), staff_of(request)
    form = PromiseForm(posted(request), ticket=ticket, user=user)

    def do() -> None:
        terms = {name: form.cleaned_data[name] for name in ("kind", "due_at", "text", "owner")}
        lifecycle.promise(ticket, by=user, contact=live_contact(user, ticket), **terms)

    return answer(request, Act(ticket, form, do, done=_("Promised."), verdict=promising.may_promise(user, ticket)))


@staff_required
def keep_promise(request: HttpRequest, number: int, promise_id: int) -> HttpResponse:
    """It was done."""
    ticket, user = found(request, number), staff_of(request)
    row = part(Promise.objects.all(), ticket, promise_id)
    form = sure(request, _("Promise kept"), "check", _("It was done"), say=str(row))
    contact = live_contact(user, ticket)
    act = Act(ticket, form, lambda: lifecycle.keep_promise(row, by=user, contact=contact), done=_("Kept."))
    act.verdict = promising.may_settle(user, row, ticket)
    return answer(request, act)


@staff_required
def renew_promise(request: HttpRequest, number: int, promise_id: int) -> HttpResponse:
    """A new time was agreed before the old one."""
    ticket, user = found(request, number), staff_of(request)
    row = part(Promise.objects.all(), ticket, promise_id)
    form, contact = RenewForm(posted(request), ticket=ticket), live_contact(user, ticket)
    act = Act(
        ticket, form, lambda: lifecycle.renew_promise(row, by=user, due_at=form.cleaned_data["due_at"], contact=contact)
    )
    act.verdict = promising.may_settle(user, row, ticket)
    return answer(request, act)


@staff_required
def release_promise(request: HttpRequest, number: int, promise_id: int) -> HttpResponse:
    """The customer needs it no longer."""
    ticket, user = found(request, number), staff_of(request)
    row = part(Promise.objects.all(), ticket, promise_id)
    form = sure(request, _("Promise released"), "feather", _("They need it no longer"), say=str(row))
    contact = live_contact(user, ticket)
    act = Act(ticket, form, lambda: lifecycle.release_promise(row, by=user, contact=contact), done=_("Released."))
    act.verdict = promising.may_release(user, row, ticket, contact=contact)
    return answer(request, act)


@staff_required
def take_promise(request: HttpRequest, number: int, promise_id: int) -> HttpResponse:
    """Keep it for a colleague (X6)."""
    ticket, user = found(request, number), staff_of(request)
    row = part(Promise.objects.all(), ticket, promise_id)
    form = sure(request, _("Take the promise over"), "hand", _("I keep it"), say=str(row))
    act = Act(ticket, form, lambda: lifecycle.take_promise(row, by=user), done=_("It is yours now."))
    act.verdict = promising.may_settle(user, row, ticket)
    return answer(request, act)


@staff_required
def break_promise(request: HttpRequest, number: int, promise_id: int) -> HttpResponse:
    """It was not kept, and can be no more."""
    ticket, user = found(request, number), staff_of(request)
    row = part(Promise.objects.all(), ticket, promise_id)
    form = sure(request, _("Promise broken"), "clock-alert", _("It was not kept"), say=str(row), tone="danger")
    act = Act(ticket, form, lambda: lifecycle.break_promise(row, by=user))
    act.verdict = promising.may_settle(user, row, ticket)
    return answer(request, act)
