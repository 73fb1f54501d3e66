"""Canned replies in the settings: written by who leads, seen as they read on a ticket, taken out of use (T9)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import Role, User
from common.errors import Refused
from common.html import html_to_text, sanitise
from common.text import text_to_html
from desk.access import role_required, staff_of
from desk.forms import refuse
from desk.once import answered_once
from desk.settings.forms import choices_of
from desk.tickets.forms.base import Words
from desk.tickets.forms.conversation import Markup
from staff.access import viewer
from staff.models import Team
from tickets import canned as replies
from tickets.models import CannedReply, Ticket

leaders = role_required(Role.ADMIN, Role.MANAGER, Role.SUPERVISOR)


class CannedReplyForm(forms.ModelForm):
    """A canned reply; its text by the same editor that uses it."""

    text = Words(label=gettext_lazy("Text"), rows=8)
    html = Markup()

    class Meta:
        model = CannedReply
        fields = ("name", "shortcut", "language", "team", "is_active")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(text=self.instance.text, html=self.instance.html)
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"), choices=[("", _("Any")), *settings.LANGUAGES], required=False,
            help_text=_("Offered first to customers of this language."),
        )  # fmt: skip
        field, who = choices_of(self, "team"), viewer(by)
        field.queryset, field.empty_label = Team.objects.filter(is_active=True).order_by("name"), _("Every team")
        if not replies.may_change(by, CannedReply()):
            field.queryset = field.queryset.filter(pk__in=who.supervised_team_ids)
            field.required, field.empty_label = True, None

    def clean_shortcut(self) -> str:
        """Typed after ``#``; the sign itself is no part of it."""
        shortcut = self.cleaned_data["shortcut"].lstrip("#")
        if CannedReply.objects.filter(shortcut__iexact=shortcut).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Another canned reply has this shortcut."))
        return str(shortcut)

    def clean(self) -> dict[str, Any]:
        """Some text there must be."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("html"):
            data["text"] = html_to_text(data["html"])
        if not (data.get("text") or "").strip():
            self.add_error("text", _("Write the text first."))
        return data

    def _post_clean(self) -> None:
        """Nothing is written to the instance here: ``canned.write`` does."""


@leaders
@require_safe
def canned_replies(request: HttpRequest) -> HttpResponse:
    """All canned replies that the reader may change, by how often they are used."""
    return render(
        request,
        "desk/settings/canned_list.html",
        {"rows": [(row, replies.begins(row)) for row in _mine(staff_of(request))]},
    )


@leaders
@answered_once
def canned_reply(request: HttpRequest, canned_id: int | None = None) -> HttpResponse:
    """A new one, or a change; "Preview" shows it on a ticket and writes nothing."""
    user = staff_of(request)
    row = CannedReply() if canned_id is None else get_object_or_404(_mine(user), pk=canned_id)
    form = CannedReplyForm(request.POST or None, instance=row, by=user)
    shows = "preview" in request.POST
    if request.method == "POST" and form.is_valid() and not shows:
        data = form.cleaned_data
        fields = {name: data[name] for name in ("name", "shortcut", "language", "team", "is_active")}
        try:
            replies.write(row, by=user, html=data["html"], text=data["text"], **fields)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("desk:canned_replies")
    context = {
        "form": form, "row": row, "places": replies.PLACES.items(), "preview": _preview(form, user),
    }  # fmt: skip
    return render(request, "desk/settings/canned_form.html", context, status=422 if form.errors else 200)


def _mine(user: User) -> QuerySet[CannedReply]:
    rows = CannedReply.objects.select_related("team").order_by("-is_active", "language", "-times_used", "name")
    if replies.may_change(user, CannedReply()):
        return rows
    who = viewer(user)
    if not who.is_supervisor:
        raise Http404
    return rows.filter(team__in=who.supervised_team_ids)


def _preview(form: CannedReplyForm, user: User) -> dict[str, Any] | None:
    """As it reads on the newest ticket of that team that the reader sees."""
    data = form.cleaned_data if form.is_bound and not form.errors else form.initial
    if not data.get("text"):
        return None
    tickets = Ticket.objects.visible_to(user).select_related("requester", "team", "brand").order_by("-pk")
    team = data.get("team")
    ticket = (tickets.filter(team=team).first() if team else None) or tickets.first()
    if ticket is None:
        return None
    html = sanitise(data["html"]) if data.get("html") else text_to_html(data["text"])
    sample = CannedReply(text=data["text"], html=html)
    return {"ticket": ticket, "filled": replies.filled(sample, ticket, by=user)}
