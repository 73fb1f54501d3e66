"""What was typed survives: a form whose session ended, or whose page was open too long, comes back to be sent again.

Nothing is sent by itself: the fields stand in a form of our own with a fresh token, and a person presses its button.
A form that came from another site is not offered again at all, so no page elsewhere can put words into our mouth.
A page that was drawn for somebody else than is signed in now writes nothing in their name.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

SESSION_KEY = "carried"
KEPT_FORMS = 3
KEPT_FOR = 24 * 3600  # seconds
LONGEST = 200_000  # characters; more stands on the page alone
SECRET_WORDS = ("password", "csrf", "secret", "token")
SAFE = ("GET", "HEAD", "OPTIONS")
UNREADABLE = (RequestDataTooBig, SuspiciousOperation, OSError)
LONG = 60  # characters from which words are shown to be read again
WORDS = ("text", "subject", "why", "note", "body", "name", "title")
HEADER = "X-Session-Ended"
DRAWN_FOR, DRAWN_FOR_FIELD = "X-Drawn-For", "drawn_for"
"""Whose page it is: scripts say it in a header, forms in a field (base.html, form.js)."""


@dataclass(frozen=True, slots=True)
class Typed:
    """One field of the form; what people write is shown, the rest goes along unseen."""

    name: str
    value: str

    @property
    def is_words(self) -> bool:
        """Whether a person wrote it, and would like to see that it is there."""
        return "\n" in self.value or len(self.value) > LONG or self.name in WORDS


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that was not taken: where it was going, what stood in it, which files do not come along."""

    path: str
    fields: list[Typed] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @property
    def has_words(self) -> bool:
        """Whether anything of it is shown to be read again."""
        return any(typed.is_words and typed.value for typed in self.fields)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open too long, or the session is another: the words are shown, with a button to send them again."""
    with suppress(*UNREADABLE):
        if is_of_another(request):
            return _for_another(request)
    if request.headers.get("HX-Request"):
        return _for_script(request, "token")
    return _page(request, kept_of(request) if came_from_here(request) else None)


class CarryOnMiddleware:
    """A form sent after the session ended is not thrown away for the sign-in page; a script is told in a header."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a lost form with what stood in it."""
        response = self.get_response(request)
        if response.status_code != 302 or request.user.is_authenticated or _is_account(request.path):
            return response
        if urlsplit(response.headers["Location"]).path != reverse("account_login"):
            return response
        if request.headers.get("HX-Request"):
            return _for_script(request, "ended")
        return _page(request, kept_of(request)) if request.method == "POST" else response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Somebody else signed in meanwhile, in another tab of this browser: nothing is written in their name."""
        return _for_another(request) if is_of_another(request) else None


def is_of_another(request: HttpRequest) -> bool:
    """Whether the page that sent this was drawn for somebody else than who is signed in now."""
    if request.method in SAFE or not request.user.is_authenticated or _is_account(request.path):
        return False
    # what cannot be read is not caught here: read a second time it would be an empty form, which a view might take
    told = request.headers.get(DRAWN_FOR) or request.POST.get(DRAWN_FOR_FIELD)
    return bool(told) and told != str(request.user.pk)


def came_from_here(request: HttpRequest) -> bool:
    """Whether a page of ours sent this; a browser says so."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    return urlsplit(request.headers.get("Origin", "")).netloc == request.get_host()


def kept_of(request: HttpRequest) -> Kept | None:
    """What stood in the form; nothing of a sign-in, nor of a form that could not be read."""
    if request.method != "POST" or _is_account(request.path):
        return None
    try:
        pairs = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
        files = [file.name or "" for name in request.FILES for file in request.FILES.getlist(name)]
    except UNREADABLE:
        return None
    typed = [Typed(name, value) for name, value in pairs if not any(word in name.lower() for word in SECRET_WORDS)]
    return Kept(request.get_full_path(), typed, files)


@require_safe
@never_cache
@login_required
def go_on(request: HttpRequest, key: str) -> HttpResponse:
    """Signed in again: what was typed, and the button that sends it."""
    stored = request.session.get(SESSION_KEY, {}).get(key)
    if stored is None or stored["at"] < time.time() - KEPT_FOR:
        raise Http404
    kept = Kept(stored["path"], [Typed(*pair) for pair in stored["fields"]], stored["files"])
    return render(request, "account/go_on.html", {"kept": kept})


@require_safe
@login_required
def back_again(request: HttpRequest) -> HttpResponse:
    """Signed in in a tab of its own: the work waits in the other."""
    return render(request, "account/back_again.html")


def _page(request: HttpRequest, kept: Kept | None) -> HttpResponse:
    """403 with the words. Who must sign in first finds them again afterwards."""
    must_sign_in = not request.user.is_authenticated and not _is_public(request.path)
    context: dict[str, Any] = {"kept": kept, "must_sign_in": must_sign_in}
    if kept and must_sign_in:
        key = _store(request, kept)
        context["go_on"] = reverse("go_on", args=[key]) if key else reverse("back_again")
        context["in_new_tab"] = not key
    response = render(request, "403_csrf.html", context, status=403)
    response.headers["Cache-Control"] = "no-store"
    return response


def _store(request: HttpRequest, kept: Kept) -> str:
    """The key under which the form waits in the session; empty where it is too long for that."""
    if sum(len(typed.name) + len(typed.value) for typed in kept.fields) > LONGEST:
        return ""
    key = secrets.token_urlsafe(12)
    pairs = [[typed.name, typed.value] for typed in kept.fields]
    waiting = list(request.session.get(SESSION_KEY, {}).items())[-(KEPT_FORMS - 1) :]
    stored = {"path": kept.path, "fields": pairs, "files": kept.files, "at": int(time.time())}
    request.session[SESSION_KEY] = dict([*waiting, (key, stored)])
    return key


def _for_script(request: HttpRequest, why: str) -> HttpResponse:
    """For htmx: 403, the reason in a header, a dialog as the body, and a fresh token for the next press."""
    context = {"must_sign_in": not request.user.is_authenticated, "back_again": reverse("back_again")}
    body = render_to_string("account/_session_ended.html", context, request=request)
    response = HttpResponse(body, status=403, headers={HEADER: why, "Cache-Control": "no-store"})
    if came_from_here(request):
        response.headers["X-CSRFToken"] = get_token(request)
    return response


def _for_another(request: HttpRequest) -> HttpResponse:
    """403: who is signed in now, and that nothing was sent; no token, or the next press would be in their name."""
    context = {"is_of_another": True, "kept": kept_of(request) if came_from_here(request) else None}
    is_script = bool(request.headers.get("HX-Request"))
    response = render(request, "account/_session_ended.html" if is_script else "403_csrf.html", context, status=403)
    response.headers["Cache-Control"] = "no-store"
    if is_script:
        response.headers[HEADER] = "other"
    return response


def _is_account(path: str) -> bool:
    return path.startswith(reverse("account_login").rsplit("login/", 1)[0])


def _is_public(path: str) -> bool:
    try:
        return not getattr(resolve(path).func, "login_required", True)
    except Resolver404:
        return True
