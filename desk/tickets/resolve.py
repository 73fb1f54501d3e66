"""The end of a ticket: resolved, answered by the customer, reopened, closed (T4, T12)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from desk.access import staff_of, staff_required
from desk.tickets.answering import Act, answer
from desk.tickets.finding import found, live_contact
from desk.tickets.forms.acts import ConfirmForm, ReopenForm, ResolveForm
from desk.tickets.forms.base import posted, sure
from desk.tickets.moving import shown
from tickets import drafts, lifecycle
from tickets.models import Channel, Closure, ClosureCause, Draft
from tickets.policy import closing
from tickets.policy.working import may_work


@staff_required
def resolve(request: HttpRequest, number: int) -> HttpResponse:
    """We think it is met: the customer is asked; each open promise is answered for."""
    ticket, user = found(request, number), staff_of(request)
    form = ResolveForm(posted(request), request.FILES or None, ticket=ticket, shown=shown(request))
    contact = live_contact(user, ticket)
    chat = contact if contact and contact.channel == Channel.CHAT else None

    def do() -> None:
        told = {name: form.cleaned_data[name] for name in ("text", "html", "files", "seen")}
        lifecycle.resolve(ticket, by=user, contact=chat, promises=form.promises(), **told)
        if form.cleaned_data["composer"]:  # last words of their own leave what is being written where it is
            drafts.drop(user, ticket, Draft.Kind.REPLY)

    return answer(request, Act(ticket, form, do, done=_("Resolved."), verdict=closing.may_resolve(user, ticket)))


@staff_required
def confirm(request: HttpRequest, number: int) -> HttpResponse:
    """What the customer said on the phone or in person."""
    ticket, user = found(request, number), staff_of(request)
    form, contact = ConfirmForm(posted(request)), live_contact(user, ticket)
    act = Act(
        ticket, form, lambda: lifecycle.confirm(ticket, by=user, contact=contact, **form.terms()),
        done=_("Written down."), verdict=may_work(user, ticket),
    )  # fmt: skip
    return answer(request, act)


@staff_required
def undo_confirmation(request: HttpRequest, number: int) -> HttpResponse:
    """Take the customer's answer back, within the hour."""
    ticket, user = found(request, number), staff_of(request)
    closure = Closure.objects.filter(ticket=ticket).order_by("-asked_at", "-pk").first()
    if closure is None:
        raise Http404
    form = sure(request, _("Take the answer back"), "undo-2", _("Take it back"))
    act = Act(ticket, form, lambda: lifecycle.undo_confirmation(closure, by=user), verdict=may_work(user, ticket))
    return answer(request, act)


@staff_required
def reopen(request: HttpRequest, number: int) -> HttpResponse:
    """Resolved too soon."""
    ticket, user = found(request, number), staff_of(request)
    form = ReopenForm(posted(request))
    act = Act(ticket, form, lambda: lifecycle.reopen(ticket, by=user, why=form.cleaned_data["why"]))
    act.verdict = closing.may_reopen(user, ticket)
    return answer(request, act)


@staff_required
def close(request: HttpRequest, number: int) -> HttpResponse:
    """Spam ends here."""
    ticket, user = found(request, number), staff_of(request)
    form = sure(request, _("Close as spam"), "lock", _("Close it"), tone="danger")
    act = Act(ticket, form, lambda: lifecycle.close(ticket, by=user, cause=ClosureCause.SPAM))
    act.verdict = closing.may_close(user, ticket)
    return answer(request, act)
