"""One's own account, and whether one is there (P6)."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.own_keys import LETTERS
from common.errors import Refused
from desk.access import staff_of, staff_required
from desk.account.forms import AccountForm, KeysForm
from desk.forms import refuse, wanted_next
from staff import operations


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Name, language, time zone, theme."""
    user = staff_of(request)
    form = AccountForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_account(user, by=user, **form.cleaned_data)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("Your account is changed."))
            return redirect("desk:account")
    return _page(request, form, KeysForm(user=user))


@staff_required
@require_POST
def keys(request: HttpRequest) -> HttpResponse:
    """Which key does what, for me; ``then=reset`` gives back the keys as they came."""
    user = staff_of(request)
    form = KeysForm(request.POST, user=user)
    if form.is_valid():
        reset = request.POST.get("then") == "reset"
        wanted = {letter: letter for letter in LETTERS} if reset else form.own_keys()
        try:
            operations.change_account(
                user, by=user, keys_enabled=reset or form.cleaned_data["keys_enabled"], own_keys=wanted
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("Your keys are changed."))
            return redirect(reverse("desk:account") + "#keys-form")
    return _page(request, AccountForm(instance=User.objects.get(pk=user.pk)), form)


def _page(request: HttpRequest, form: AccountForm, keys_form: KeysForm) -> HttpResponse:
    status = 422 if form.errors or keys_form.errors else 200
    return render(request, "desk/account/account.html", {"form": form, "keys_form": keys_form}, status=status)


@staff_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the device has it; the page has changed already where it has a script."""
    return _at_once(request, lambda user: operations.change_account(user, by=user, theme=request.POST.get("theme", "")))


@staff_required
@require_POST
def availability(request: HttpRequest) -> HttpResponse:
    """Say whether one is there."""
    wanted = request.POST.get("availability", "")
    return _at_once(request, lambda user: operations.set_availability(user, by=user, to=wanted))


def _at_once(request: HttpRequest, change: Callable[[User], object]) -> HttpResponse:
    """One press changes it, and one stays on the page one was on."""
    try:
        change(staff_of(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(wanted_next(request) or reverse("desk:landing"))
