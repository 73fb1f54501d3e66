"""Too many attempts to sign in are answered as such: 429, and when to come back."""

from __future__ import annotations

from collections.abc import Callable

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

TOO_MANY = "too_many_login_attempts"
RETRY_AFTER = 300  # seconds; as long as the limit of failed attempts looks back


class AttemptsMiddleware:
    """The sign-in pages say it in their form and answer 200; programs and proxies look at the status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing here: what counts is the form of the page."""
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        """A form that was refused for its number of attempts."""
        form = (response.context_data or {}).get("form")
        if request.method == "POST" and isinstance(form, BaseForm) and _says_too_many(form):
            response.status_code = 429
            response.headers["Retry-After"] = str(RETRY_AFTER)
        return response


def _says_too_many(form: BaseForm) -> bool:
    return form.is_bound and any(error.code == TOO_MANY for error in form.errors.as_data().get("__all__", []))
