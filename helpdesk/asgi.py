"""One port: pages and forms run in a pool of threads that keep their database connections.

Django's own ASGI handler opens a connection per request and serves less than half as many. Sockets do not pass the
bridge: one application in the loop serves them all, with one database connection for all of them.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, cast

from a2wsgi import WSGIMiddleware

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

from django.conf import settings

from helpdesk.wsgi import application as pages  # isort: skip (it sets Django up, which the sockets need)
from desk.live.socket import live
from helpdesk.failures import too_large

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


LET_BY_SECONDS = 60


class Guard:
    """What the bridge to WSGI would let through: bodies without length, too long, or cut short; smuggled headers."""

    def __init__(self, app: App, longest: int) -> None:
        self.app = app
        self.longest = longest

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name: value for name, value in scope["headers"] if b"_" not in name}
        if b"transfer-encoding" in headers and b"content-length" not in headers:
            await _answer(send, 411, b"Send the length of the request's body.")
            return
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > self.longest:
            if length.isdigit() and b"text/html" in headers.get(b"accept", b""):
                await _page_too_large(receive, send, headers.get(b"accept-language", b"").decode("latin-1"))
            else:
                await _answer(send, 413 if length.isdigit() else 400, b"The request is too large.")
            return
        # A header with an underscore would look like its twin with a hyphen, which a proxy vouches for.
        kept = [(name, value) for name, value in scope["headers"] if b"_" not in name]
        await self.app({**scope, "headers": kept}, _whole(receive, int(length)), send)


def _whole(receive: Receive, length: int) -> Receive:
    """A client that goes away in mid-upload is an error for the view, not a shorter body."""
    missing = length

    async def checked() -> Message:
        nonlocal missing
        message = await receive()
        if message["type"] == "http.disconnect" and missing > 0:
            raise ConnectionResetError("The client went away before its request was complete.")
        missing -= len(message.get("body", b""))
        return message

    return checked


async def _page_too_large(receive: Receive, send: Send, language: str) -> None:
    """A browser shows an answer only once it has sent all: what comes is let by, for a while, and not kept."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LET_BY_SECONDS):
            while (message := await receive())["type"] == "http.request" and message.get("more_body"):
                pass
    await _answer(send, 413, await asyncio.to_thread(too_large, language), b"text/html; charset=utf-8")


async def _answer(send: Send, status: int, words: bytes, kind: bytes = b"text/plain; charset=utf-8") -> None:
    headers = [(b"content-type", kind), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words})


_bridge: Any = WSGIMiddleware(cast(Any, pages), workers=settings.WEB_THREADS)
_guard = Guard(_bridge, longest=settings.REQUEST_MAX_BYTES)
SOCKETS: dict[str, App] = {"/live/": live}


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """Sockets to where they belong, a socket that nobody serves to its end, everything else to the bridge."""
    if scope["type"] != "websocket":
        await _guard(scope, receive, send)
    elif serve := SOCKETS.get(scope["path"]):
        await serve(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": 4404})
