"""Who may come through the staff's door. What one may not see does not exist: 404, never 403."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse

from accounts.models import Role, User
from staff.access import Viewer, viewer

View = Callable[..., HttpResponse]


def staff_required(view: View) -> View:
    """Staff of any role or team; others are told that there is nothing here."""
    return _guarded(view, lambda who: who.is_staff)


def role_required(*roles: str) -> Callable[[View], View]:
    """Staff with one of ``roles``; ``Role.SUPERVISOR`` counts for who supervises any team."""

    def allowed(who: Viewer) -> bool:
        return bool(who.roles.intersection(roles)) or (Role.SUPERVISOR in roles and who.is_supervisor)

    return lambda view: _guarded(view, allowed)


def staff_of(request: HttpRequest) -> User:
    """The signed-in member of staff, for the type checker: the guards above have seen to it."""
    assert isinstance(request.user, User)
    return request.user


def _guarded(view: View, allowed: Callable[[Viewer], bool]) -> View:
    @wraps(view)
    def guard(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        if not allowed(viewer(request.user)):
            raise Http404
        return view(request, *args, **kwargs)

    return guard
