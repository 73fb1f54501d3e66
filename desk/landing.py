"""The first page after signing in: each role lands on what it needs."""

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from accounts.models import Role, User
from staff.access import Viewer, viewer


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Agents and supervisors to their home, a manager to the report, an admin to the desk's health, customers home."""
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path())
    for route in _wanted(viewer(request.user)):
        try:
            return redirect(reverse(route))
        except NoReverseMatch:
            continue  # a room that this house does not have
    raise Http404


def _wanted(who: Viewer) -> tuple[str, ...]:
    if not who.is_staff:
        return ("portal:home", "account_logout")
    first: tuple[str, ...] = ()
    if Role.MANAGER in who.roles and not who.is_supervisor:
        first = ("desk:sla_report",)
    return (*first, "desk:home", "desk:tickets", "desk:customers", "desk:account")
