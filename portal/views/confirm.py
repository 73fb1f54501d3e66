"""Solved or not: a link that changes nothing until a button is pressed, and an hour to take it back (T4)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from common.errors import Refused
from portal.brands import show_brand_of
from portal.forms import ConfirmForm
from portal.people import person_of, speaking_to
from tickets import lifecycle
from tickets.links import read_closure_token
from tickets.models import Closure


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The question, and the answer to it. Reading it (a mail scanner does) changes nothing."""
    try:
        closure = read_closure_token(token)
    except Refused as refusal:
        return render(request, "portal/link_over.html", {"refusal": refusal}, status=410)
    show_brand_of(request, closure.ticket)
    with speaking_to(closure.ticket.requester):
        return _answer(request, closure, token)


def _answer(request: HttpRequest, closure: Closure, token: str) -> HttpResponse:
    form = ConfirmForm(request.POST or None, initial={"solved": request.GET.get("solved", "")})
    refusal = None
    if request.method == "POST" and form.is_valid() and closure.answer == Closure.Answer.WAITING:
        try:
            lifecycle.confirm(
                closure.ticket,
                by=closure.ticket.requester,
                solved=form.cleaned_data["solved"] == "yes",
                via=Closure.Via.LINK,
                why=form.cleaned_data["why"],
            )
        except Refused as error:
            refusal = error
        else:
            return redirect("portal:confirm", token)
    closure.refresh_from_db()
    context = {
        "closure": closure,
        "ticket": closure.ticket,
        "form": form,
        "refusal": refusal,
        "asks_why": (request.POST or request.GET).get("solved") == "no",
        "token": token,
        "may_undo": closure.undone_at is None
        and closure.undo_until is not None
        and closure.undo_until > timezone.now(),
    }
    status = 409 if refusal else 422 if form.is_bound and form.errors else 200
    return render(request, "portal/confirm.html", context, status=status)


@login_not_required
@require_POST
def undo(request: HttpRequest, token: str) -> HttpResponse:
    """Take the answer back within its hour."""
    try:
        closure = read_closure_token(token)
        lifecycle.undo_confirmation(closure, by=closure.ticket.requester)
    except Refused as refusal:
        return render(request, "portal/link_over.html", {"refusal": refusal}, status=409)
    person = person_of(request)
    if "back" in request.POST and person is not None and person.pk == closure.ticket.requester_id:
        return redirect("portal:request", closure.ticket.number)
    return redirect("portal:confirm", token)
