"""How did we do: a click in the mail preselects, one press sends, and it can be changed (F2)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from common.errors import Refused
from feedback import operations
from feedback.links import invitation_of
from feedback.models import Invitation
from portal.forms import SurveyForm
from portal.people import speaking_to


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, token: str) -> HttpResponse:
    """The question; reading it saves nothing."""
    try:
        invitation = invitation_of(token)
    except Refused as refusal:
        return render(request, "portal/link_over.html", {"refusal": refusal}, status=410)
    with speaking_to(invitation.person):
        return _answer(request, invitation, token)


def _answer(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    given = getattr(invitation, "answer", None)
    chosen = request.GET.get("score") or (given.score if given else "")
    form = SurveyForm(request.POST or None, initial={"score": str(chosen), "comment": given.comment if given else ""})
    over = invitation.expires_at is not None and invitation.expires_at <= timezone.now()
    if request.method == "POST" and form.is_valid() and not over:
        try:
            operations.answer(invitation, by=invitation.person, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return redirect(f"{request.path}?sent=1")
    context = {
        "invitation": invitation,
        "ticket": invitation.ticket,
        "person": invitation.person,
        "answer": given,
        "form": form,
        "chosen": form["score"].value() or "",
        "over": over,
        "sent": "sent" in request.GET and given is not None,
        "token": token,
    }
    status = 410 if over else 422 if form.is_bound and form.errors else 200
    return render(request, "portal/survey.html", context, status=status)


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
