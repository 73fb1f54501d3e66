"""Writing forms are answered once, however often they arrive."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from desk.access import View
from events.idempotency import Answer, once


def answered_once(view: View) -> View:
    """A form that carries an ``idempotency_key`` acts once; its repetition gets the same answer."""

    @wraps(view)
    def guard(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = str(request.POST.get("idempotency_key", "")) if request.method == "POST" else ""
        if not key:
            return view(request, *args, **kwargs)
        responses: list[HttpResponse] = []

        def act() -> Answer:
            response = view(request, *args, **kwargs)
            responses.append(response)
            body = "" if response.headers.get("Location") else response.content.decode()
            return Answer(response.status_code, response.headers.get("Location", ""), body)

        answer = once(f"{request.user.pk}:{request.path}", key, act)
        if responses:
            return responses[0]
        response = HttpResponse(answer.body, status=answer.status)
        if answer.location:
            response["Location"] = answer.location
        return response

    return guard
