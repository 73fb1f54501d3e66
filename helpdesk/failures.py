"""Pages of what went wrong, in the frame of who stands there; those that may need no database stand alone."""

from __future__ import annotations

from django.core.exceptions import TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

RETRY_AFTER = 60  # seconds


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: what was sent could not be read."""
    return render(request, "400.html", {"too_many_files": isinstance(exception, TooManyFilesSent)}, status=400)


def too_many(request: HttpRequest) -> HttpResponse:
    """429, for the pages of signing in."""
    response = render(request, "429.html", status=429)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500: nothing is asked of the database, which may be what broke."""
    return HttpResponse(render_to_string("500.html"), status=500)


def too_large(accept_language: str) -> bytes:
    """413 as a page in the reader's language; it is given before any view is asked."""
    with translation.override(_language(accept_language)):
        return render_to_string("413.html").encode()


def _language(accept_language: str) -> str:
    for code, _weight in parse_accept_lang_header(accept_language[:500]):
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return "en"
