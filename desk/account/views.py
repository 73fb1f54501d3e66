"""One's own account, and whether one is there (P6)."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.own_keys import LETTERS
from common.errors import Refused
from desk.access import staff_of, staff_required
from desk.account.forms import AccountForm, KeysForm, NoticesForm
from desk.forms import refuse, wanted_next
from notifications.choices import choose_notices
from notifications.presence import choice_of, presence_of
from notifications.words import when
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
    return _page(request, user, form=form)


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
    return _page(request, user, keys_form=form)


@staff_required
@require_POST
def notices(request: HttpRequest) -> HttpResponse:
    """How and when I am told (N1)."""
    user = staff_of(request)
    form = NoticesForm(request.POST, choice=choice_of(user))
    if form.is_valid():
        try:
            choose_notices(user, by=user, **form.cleaned_data)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("Your notices come as you chose."))
            return redirect(reverse("desk:account") + "#notices-form")
    return _page(request, user, notices_form=form)


def _page(
    request: HttpRequest,
    user: User,
    *,
    form: AccountForm | None = None,
    notices_form: NoticesForm | None = None,
    keys_form: KeysForm | None = None,
) -> HttpResponse:
    """The page with the form that was sent, and the others as they stand."""
    now = timezone.now()
    me = presence_of(user, now)
    forms: dict[str, BaseForm] = {
        "form": form or AccountForm(instance=User.objects.get(pk=user.pk)),
        "notices_form": notices_form or NoticesForm(choice=me.choice),
        "keys_form": keys_form or KeysForm(user=user),
    }
    reaches = me.next_hearing(now)
    context = {**forms, "reaches": reaches, "reaches_words": when(reaches, now) if reaches else "", "now": now}
    status = 422 if any(one.errors for one in forms.values()) else 200
    return render(request, "desk/account/account.html", context, status=status)


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
