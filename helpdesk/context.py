"""What every template may read."""

from functools import cache

from django.db import DatabaseError
from django.http import HttpRequest

from accounts.models import User
from staff.access import viewer

DESK, PORTAL = "desk/base.html", "portal/base.html"


def nonce(request: HttpRequest) -> dict[str, object]:
    """``csp_nonce`` for inline styles and scripts; reading it puts it into the policy's header."""
    return {"csp_nonce": getattr(request, "csp_nonce", "")}


def frame(request: HttpRequest) -> dict[str, object]:
    """``error_frame``: the desk's frame for staff, the customers' for everybody else; ``is_desk`` says which."""
    is_desk = cache(lambda: _is_staff(request))
    return {"is_desk": is_desk, "error_frame": lambda: DESK if is_desk() else PORTAL}


def _is_staff(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    try:
        return isinstance(user, User) and viewer(user).is_staff
    except DatabaseError:
        return False
