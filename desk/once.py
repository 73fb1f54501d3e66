"""Writing forms are answered once, however often they arrive."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from common.errors import Malformed
from desk.access import View
from events.idempotency import Answer, once


class _NotDone(Exception):
    """A refused or broken form may be sent again with the same key once it is mended: nothing is kept of it."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response


def answered_once(view: View) -> View:
    """A form that carries an ``idempotency_key`` acts once; its repetition gets the same answer."""

    @wraps(view)
    def guard(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.POST.get("idempotency_key", "") if request.method == "POST" else ""
        if not key:
            return view(request, *args, **kwargs)
        responses: list[HttpResponse] = []

        def work() -> Answer:
            response = view(request, *args, **kwargs)
            if response.status_code >= 400:
                raise _NotDone(response)
            responses.append(response)
            location = response.headers.get("Location", "")
            return Answer(response.status_code, location, "" if location else response.content.decode())

        try:
            answer = once(f"{request.user.pk}:{request.path}", key, work)
        except _NotDone as refused:
            return refused.response
        except Malformed:
            return view(request, *args, **kwargs)  # no key of ours
        if responses:
            return responses[0]
        response = HttpResponse(answer.body, status=answer.status)
        if answer.location:
            response["Location"] = answer.location
        return response

    return guard
