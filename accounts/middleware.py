"""Each user's own language and time zone, on every page."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts.models import User


class PreferencesMiddleware:
    """For a signed-in user their own choice goes before the browser's; others keep what ``LocaleMiddleware`` found."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the user's language, with times in their zone, and leave nothing of it behind."""
        user = request.user
        if not isinstance(user, User):
            return self.get_response(request)
        language = user.language if user.language in dict(settings.LANGUAGES) else translation.get_language()
        with translation.override(language), timezone.override(zone_of(user)):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language or settings.LANGUAGE_CODE)
        return response


def zone_of(user: User) -> ZoneInfo:
    """The user's time zone; the desk's where the name of theirs means nothing."""
    try:
        return ZoneInfo(user.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(settings.TIME_ZONE)
