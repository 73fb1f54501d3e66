"""One socket per open page. The page says where it is; it hears where something changed and who else is there.

The page sends ``{"watch": {"ticket": 7, "seq": 12}}`` (or null), ``{"doing": "writes"}``, and every quarter of a minute
``{"beat": {"seq": 12, "last": 940}}``. It is sent ``ticket`` (its ticket went on), ``gone`` (it may see it no longer),
``presence``, ``desk`` (tickets that changed; empty: look for yourself), ``notice`` (something that concerns the reader)
and ``beat`` (the desk's last event). Words and contents never pass here: the page fetches them like any other.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import DatabaseError
from django.http.request import validate_host

from accounts.models import User
from desk.live import look
from desk.live.hub import hub

log = logging.getLogger(__name__)

SESSION_ENDED, NO_DATABASE, TOO_MUCH = 4401, 1013, 1008
SILENCE = 150.0  # seconds without a word after which a page is given up; one in the background speaks every minute
LONGEST = 2000  # characters of one message
OFTEN = 400  # messages in SILENCE seconds; a page of ours says a tenth of that
PAGES = 50  # open pages of one person in one process
BEHIND = 200  # messages that may wait for a slow page
DOING = ("looks", "writes")

Message = dict[str, Any]


class Socket:
    """One open page of one member of staff."""

    user: User

    def __init__(self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Any) -> None:
        self.scope = scope
        self.tab = uuid4().hex
        self.ticket_pk: int | None = None
        self.number: int | None = None
        self.doing = "looks"
        self._receive, self._send = receive, send
        self._out: asyncio.Queue[Message] = asyncio.Queue(BEHIND)
        self._shown: list[Any] = []
        self._heard: set[int] = set()
        self._key = _cookie(scope, settings.SESSION_COOKIE_NAME)

    async def run(self) -> None:
        """From the handshake to the end."""
        await self._receive()
        if not is_ours(self.scope):
            await self._send({"type": "websocket.close", "code": 4403})
            return
        await self._send({"type": "websocket.accept"})
        try:
            user = await database_sync_to_async(look.who)(self._key)
        except DatabaseError:
            await self._end(NO_DATABASE)
            return
        if user is None:
            await self._end(SESSION_ENDED)
            return
        self.user = user
        if sum(page.user.pk == user.pk for page in hub().pages) >= PAGES:
            await self._end(TOO_MUCH)
            return
        await self._talk()

    async def _talk(self) -> None:
        writer = asyncio.create_task(self._write())
        hub().join(self)
        code: int | None = None
        try:
            code = await self._listen()
        finally:
            hub().leave(self)
            writer.cancel()
            if self.ticket_pk:
                await hub().say(self, self.ticket_pk, "left")
        if code is not None:
            await self._end(code)

    async def _listen(self) -> int | None:
        """Until the page goes (None), or has to go: then the code that says why."""
        heard, since = 0, asyncio.get_running_loop().time()
        while True:
            try:
                message = await asyncio.wait_for(self._receive(), SILENCE)
            except TimeoutError:
                return 1001
            if message["type"] == "websocket.disconnect":
                return None
            now = asyncio.get_running_loop().time()
            heard, since = (1, now) if now - since > SILENCE else (heard + 1, since)
            said = _read(message.get("text"))
            if said is None or heard > OFTEN:
                return TOO_MUCH
            try:
                if (code := await self._answer(said)) is not None:
                    return code
            except DatabaseError:
                return NO_DATABASE

    async def _answer(self, said: Message) -> int | None:
        if "watch" in said:
            wanted = said["watch"] if isinstance(said["watch"], dict) else {}
            self.number = _number(wanted.get("ticket")) or None
            return await self._beat(_number(wanted.get("seq")), None)
        if "beat" in said and isinstance(said["beat"], dict):
            return await self._beat(_number(said["beat"].get("seq")), _number(said["beat"].get("last")))
        if said.get("doing") in DOING:
            self.doing = said["doing"]
            if self.ticket_pk:
                await hub().say(self, self.ticket_pk, self.doing)
        return None

    async def _beat(self, seq: int, last: int | None) -> int | None:
        """Compare the page with the database: a word that was lost on the way is made good here."""
        now = await database_sync_to_async(look.beat)(self._key, self.number, last or 0)
        if now.user is None or now.user.pk != self.user.pk:
            return SESSION_ENDED
        self.user = now.user
        await self._stand(now.spot)
        if now.spot and now.spot.seq != seq:
            self.push(ticket={"number": now.spot.number, "seq": now.spot.seq})
        if last:
            await self._make_good(now)
        self.push(beat={"last": now.last})
        return None

    async def _make_good(self, now: look.Beat) -> None:
        """Name the tickets of events that nobody told this page of."""
        lost = {ticket for event, ticket in now.since.items() if event not in self._heard}
        self._heard.clear()
        if now.is_far:
            self.push(desk={"tickets": []})
        elif lost and (numbers := await database_sync_to_async(look.numbers)(self.user, lost)):
            self.push(desk={"tickets": numbers})

    async def _stand(self, spot: look.Spot | None) -> None:
        """Be at this ticket, for all to see who may; at none, where one may not see it (T13)."""
        was, self.ticket_pk = self.ticket_pk, spot.pk if spot else None
        if was and was != self.ticket_pk:
            await hub().say(self, was, "left")
        if self.number and spot is None:
            self.push(gone={"number": self.number})
            self.number = None
        if spot:
            await hub().say(self, spot.pk, self.doing, asks=was != spot.pk)
            self.show_others(hub().others(self))

    def hear(self, news: list[Message], spots: dict[int, look.Spot]) -> None:
        """News of tickets; ``spots`` holds those that this reader may see."""
        self._heard.update(one["id"] for one in news)
        here = next((one for one in reversed(news) if one["pk"] == self.ticket_pk), None)
        if here is not None and self.ticket_pk not in spots:
            pk, number = self.ticket_pk, self.number
            self.ticket_pk = self.number = None
            self.push(gone={"number": number})
            asyncio.get_running_loop().create_task(hub().say(self, pk or 0, "left"))
        elif here is not None:
            spot = spots[here["pk"]]
            mine = here["actor"] == self.user.pk
            self.push(ticket={"number": spot.number, "seq": spot.seq, "kind": here["kind"], "mine": mine})
        if spots:
            self.push(desk={"tickets": sorted({spot.number for spot in spots.values()})})
        for notice in hub().business(self, news, spots):
            self.push(notice=notice)

    def show_others(self, others: list[Message]) -> None:
        """Say who else is here, when that is news."""
        if others != self._shown:
            self._shown = others
            self.push(presence={"number": self.number, "people": others})

    def push(self, **what: Any) -> None:
        """Send without waiting; a page that is too slow is cut off, and catches up when it comes back."""
        try:
            self._out.put_nowait(what)
        except asyncio.QueueFull:
            asyncio.get_running_loop().create_task(self._end(TOO_MUCH))

    async def _write(self) -> None:
        while True:
            await self._send({"type": "websocket.send", "text": json.dumps(await self._out.get())})

    async def _end(self, code: int) -> None:
        with contextlib.suppress(Exception):  # it may have gone by itself
            await self._send({"type": "websocket.close", "code": code})


async def live(scope: Message, receive: Callable[[], Awaitable[Message]], send: Any) -> None:
    """The socket at ``/live/``."""
    await Socket(scope, receive, send).run()


def is_ours(scope: Message) -> bool:
    """Only our own pages may open a socket: another site's would carry the reader's cookie as well."""
    origin = _header(scope, b"origin")
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    host, parts = _header(scope, b"host"), urlsplit(origin)
    return bool(host) and parts.netloc == host and validate_host(parts.hostname or "", settings.ALLOWED_HOSTS)


def _cookie(scope: Message, name: str) -> str:
    jar: SimpleCookie = SimpleCookie()
    with contextlib.suppress(CookieError):
        jar.load(_header(scope, b"cookie"))
    return jar[name].value if name in jar else ""


def _header(scope: Message, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope.get("headers", ()) if key == name), "")


def _read(text: str | None) -> Message | None:
    """A message of a page; None where no page of ours would say that."""
    if not text or len(text) > LONGEST:
        return None
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**62 else 0
