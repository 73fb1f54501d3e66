"""How often somebody may send: enough for any person, too little for a machine. Without Redis nothing is limited."""

from __future__ import annotations

import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from common.durations import spoken


def wait_of(request: HttpRequest, act: str) -> int:
    """Count this one; the seconds to wait where it is one too many, else 0.

    Who is signed in counts alone, others by their network address. ``PORTAL_LIMITS`` says how many in how many seconds.
    """
    limit = settings.PORTAL_LIMITS.get(act)
    if limit is None:
        return 0
    most, seconds = limit
    window, passed = divmod(int(time.time()), seconds)
    who = f"user:{request.user.pk}" if request.user.is_authenticated else f"ip:{request.META.get('REMOTE_ADDR', '')}"
    key = f"portal.limit:{act}:{who}:{window}"
    cache.add(key, 0, timeout=seconds)
    try:
        count = cache.incr(key)
    except ValueError:  # the window closed between the two
        return 0
    return seconds - passed if count > most else 0


def words(seconds: int) -> str:
    """What the person is told: nothing is lost, and when it goes on."""
    return _("That was a lot in a short time. Nothing is lost: please press the button again in %(span)s.") % {
        "span": spoken(max(seconds, 60))
    }


def mark(response: HttpResponse, seconds: int) -> HttpResponse:
    """Make it an answer of 429 that says when to come back."""
    response.status_code = 429
    response.headers["Retry-After"] = str(seconds)
    return response
