"""A brand: its words, colour and logo, with what customers will see beside the form."""

from __future__ import annotations

import re

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Role
from common.errors import Refused
from desk.access import role_required, staff_of
from desk.forms import refuse
from events.recording import record
from staff import branding
from staff.branding import face_of
from staff.models import Brand

COLOUR = re.compile(r"#[0-9a-f]{6}")
DEFAULT_COLOUR = "#3b5bdb"
THEMES = ("light", "dark")
admin_only = role_required(Role.ADMIN)


class BrandForm(forms.ModelForm):
    """The face that customers see."""

    logo = forms.FileField(
        label=gettext_lazy("Logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text=gettext_lazy("PNG, JPEG or WebP, at most 256 kB. It is shown 32 pixels high."),
    )
    remove_logo = forms.BooleanField(label=gettext_lazy("Show the name instead of the logo"), required=False)

    class Meta:
        model = Brand
        fields = (
            "name", "colour", "logo", "remove_logo", "greeting", "support_address", "sender_name", "sender_address",
            "domain",
        )  # fmt: skip
        widgets = {"colour": forms.TextInput(attrs={"type": "color"})}
        help_texts = {
            "colour": gettext_lazy("For links and buttons. Where it is too pale or too dark to read, a shade is used."),
            "greeting": gettext_lazy("One line above the request form, such as: We are glad to help."),
            "support_address": gettext_lazy("Shown on customers' pages for those who would rather write a mail."),
            "sender_name": gettext_lazy("Who our mails come from."),
            "domain": gettext_lazy("Pages asked for at this name show this brand, such as help.example.org."),
        }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # as the base takes them
        if not self.instance.logo_digest:
            del self.fields["remove_logo"]

    def clean_colour(self) -> str:
        """``#`` and six digits: it goes into a style sheet."""
        colour = str(self.cleaned_data["colour"]).strip().lower()
        if not COLOUR.fullmatch(colour):
            raise forms.ValidationError(_("A colour looks like #3b5bdb."))
        return colour

    def clean_sender_name(self) -> str:
        """It becomes a mail header: one line."""
        return " ".join(self.cleaned_data["sender_name"].split())

    def clean_greeting(self) -> str:
        """One line."""
        return " ".join(self.cleaned_data["greeting"].split())

    def clean_domain(self) -> str:
        """A host's name; no other brand has it."""
        domain = str(self.cleaned_data["domain"]).strip().lower().removeprefix("https://").removeprefix("http://")
        domain = domain.split("/")[0].split(":")[0]
        if domain and Brand.objects.filter(domain__iexact=domain).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Another brand has this domain."))
        return domain


@admin_only
def brand(request: HttpRequest, brand_id: int | None = None) -> HttpResponse:
    """Name, sender, colour and logo that customers see."""
    row = get_object_or_404(Brand, pk=brand_id) if brand_id else Brand()
    form = BrandForm(request.POST or None, request.FILES or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            saved = _save(request, form)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("Saved. Customers' pages and mails look like this from now on."))
            return redirect("desk:brand", saved.pk)
    stored = Brand.objects.filter(pk=row.pk).first() if row.pk else Brand()
    title = stored.name if stored and stored.pk else _("Add a brand")
    context = {"form": form, "title": title, "stored": stored, "shown": face_of(stored), "themes": THEMES}
    return render(request, "desk/settings/brand.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _save(request: HttpRequest, form: BrandForm) -> Brand:
    user, logo = staff_of(request), form.cleaned_data.get("logo")
    saved = form.save()
    record(saved, "settings.changed", by=user, at=timezone.now(), fields=sorted({*form.changed_data} - {"logo"}))
    if logo:
        branding.put_logo(saved, logo.read(branding.LOGO_BYTES + 1), by=user)
    elif form.cleaned_data.get("remove_logo"):
        branding.remove_logo(saved, by=user)
    return saved


@admin_only
def brand_preview(request: HttpRequest) -> HttpResponse:
    """What customers see of a brand that is being typed; nothing is saved."""
    colour = request.GET.get("colour", "").strip().lower()
    shown = Brand(
        name=request.GET.get("name", "")[:80],
        colour=colour if COLOUR.fullmatch(colour) else DEFAULT_COLOUR,
        greeting=request.GET.get("greeting", "")[:200],
        support_address=request.GET.get("support_address", "")[:254],
    )
    number = request.GET.get("brand", "")
    stored = Brand.objects.filter(pk=int(number[:9])).first() if number.isdecimal() else None
    if stored and not request.GET.get("remove_logo"):
        shown.pk, shown.logo_digest = stored.pk, stored.logo_digest
        shown.logo_width, shown.logo_height = stored.logo_width, stored.logo_height
    return render(request, "desk/settings/_brand_preview.html", {"shown": face_of(shown), "themes": THEMES})
