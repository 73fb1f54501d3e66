"""How did we do: a click in the mail preselects, one press sends, then we ask why; it can be changed (F2)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from common.errors import Refused
from feedback import operations
from feedback.links import invitation_of
from feedback.models import Answer, Invitation
from portal.brands import show_brand_of
from portal.forms import SCORES, SurveyForm
from portal.people import speaking_to


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, token: str) -> HttpResponse:
    """The question; reading it saves nothing."""
    try:
        invitation = invitation_of(token)
    except Refused as refusal:
        return render(request, "portal/link_over.html", {"refusal": refusal}, status=410)
    show_brand_of(request, invitation.ticket)
    with speaking_to(invitation.person):
        return _answer(request, invitation, token)


def _answer(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    given = getattr(invitation, "answer", None)
    over = invitation.expires_at is not None and invitation.expires_at <= timezone.now()
    form = _form(request, given)
    if request.method == "POST" and form.is_valid() and not over:
        told = "comment" in request.POST
        comment = form.cleaned_data["comment"] if told or given is None else given.comment
        try:
            operations.answer(invitation, by=invitation.person, score=form.cleaned_data["score"], comment=comment)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return redirect(f"{request.path}?sent={'words' if told else 'score'}")
    asks_why = given is not None and ("sent" in request.GET or (form.is_bound and "comment" in request.POST))
    context = {
        "invitation": invitation,
        "ticket": invitation.ticket,
        "person": invitation.person,
        "answer": given,
        "form": form,
        "chosen": form["score"].value() or "",
        "over": over,
        "step": "why" if asks_why else "score",
        "score_words": dict(SCORES).get(given.score, "") if given else "",
        "told": request.GET.get("sent") == "words",
        "token": token,
    }
    status = 410 if over else 422 if form.is_bound and form.errors else 200
    return render(request, "portal/survey.html", context, status=status)


def _form(request: HttpRequest, given: Answer | None) -> SurveyForm:
    chosen = request.GET.get("score") or (given.score if given else "")
    return SurveyForm(request.POST or None, initial={"score": str(chosen), "comment": given.comment if given else ""})


@login_not_required
@require_POST
def never_again(request: HttpRequest, token: str) -> HttpResponse:
    """F3: do not ask me any more; pressed again it takes that back."""
    try:
        invitation = invitation_of(token)
    except Refused as refusal:
        return render(request, "portal/link_over.html", {"refusal": refusal}, status=410)
    if "undo" in request.POST:
        operations.ask_again_after_all(invitation)
    else:
        operations.never_again(invitation)
    return redirect("portal:survey", token)
