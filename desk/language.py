"""In which language staff read the desk: only in one that it speaks throughout; half a page of each helps nobody."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from staff.access import viewer

NAMES = dict(settings.LANGUAGES)


def field(user: User | None = None) -> forms.ChoiceField:
    """What a colleague may choose; what they chose before stays, for the customers' pages that they read."""
    codes = [*settings.DESK_LANGUAGES]
    if user and user.language in NAMES and user.language not in codes:
        codes.append(user.language)
    hint = _("The pages of staff are in %(languages)s. Customers' pages and mails speak more languages.") % {
        "languages": ", ".join(str(NAMES[code]) for code in settings.DESK_LANGUAGES)
    }
    return forms.ChoiceField(label=_("Language"), choices=[(code, NAMES[code]) for code in codes], help_text=hint)


class DeskLanguageMiddleware:
    """On customers' pages staff keep their own language, which ``PreferencesMiddleware`` has found."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer staff on the desk in one of its languages."""
        if translation.get_language() in settings.DESK_LANGUAGES or not _is_desk(request):
            return self.get_response(request)
        with translation.override(settings.LANGUAGE_CODE):
            request.LANGUAGE_CODE = settings.LANGUAGE_CODE
            response = self.get_response(request)
        response.headers["Content-Language"] = settings.LANGUAGE_CODE
        return response


def _is_desk(request: HttpRequest) -> bool:
    """A page of staff, for staff: all but the customers' and those of signing in."""
    try:
        match = resolve(request.path_info)
    except Resolver404:
        match = None
    if match and (match.namespace == "portal" or (match.url_name or "").startswith("account_")):
        return False
    return isinstance(request.user, User) and viewer(request.user).is_staff
