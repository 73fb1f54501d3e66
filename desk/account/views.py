"""One's own account, and whether one is there (P6)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from common.errors import Refused
from desk.access import staff_of, staff_required
from desk.account.forms import AccountForm
from desk.forms import refuse
from staff import operations


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Name, language, time zone, keys."""
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
    return render(request, "desk/account/account.html", {"form": form}, status=422 if form.errors else 200)


@staff_required
@require_POST
def availability(request: HttpRequest) -> HttpResponse:
    """Say whether one is there, and stay on the page one was on."""
    user = staff_of(request)
    try:
        operations.set_availability(user, by=user, to=request.POST.get("availability", ""))
    except Refused as refusal:
        messages.error(request, str(refusal))
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = reverse("desk:landing")
    return redirect(back)
