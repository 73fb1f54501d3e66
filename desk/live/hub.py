"""What all open pages of one process share: one ear on the channel layer, and who is where.

Nothing here is the only copy of anything. Who looks and who writes is gossip that every process hears, repeated by
each page's beat and forgotten when it stops; what changed is in the database, and a page that missed it asks there.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer

from desk.live import look
from desk.live.concern import concerns
from events.announcing import GROUP
from staff.access import viewer

if TYPE_CHECKING:
    from desk.live.socket import Socket

log = logging.getLogger(__name__)

GATHER = 0.2  # seconds that news are gathered before they are handed on
FORGET = 40.0  # seconds after which somebody who was not heard of is gone; a page beats every 15
PATIENCE = 2.0  # seconds for one message into the channel layer
RIGHTS = frozenset({"user", "team", "membership", "staffprofile", "rolegrant"})
"""Subjects whose events may change what somebody sees."""


@dataclass(frozen=True, slots=True)
class Here:
    """One page of one person on one ticket."""

    user: int
    name: str
    doing: str
    until: float


class Hub:
    """The open pages of this process."""

    def __init__(self) -> None:
        self.pages: set[Socket] = set()
        self.here: dict[int, dict[str, Here]] = {}
        self._news: list[dict[str, Any]] = []
        self._heard = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def join(self, page: Socket) -> None:
        """A page opened; the first one opens the ear."""
        self.pages.add(page)
        if not any(not task.done() for task in self._tasks):
            self._tasks = [asyncio.create_task(work()) for work in (self._listen, self._hand_on, self._forget)]

    def leave(self, page: Socket) -> None:
        """A page closed; after the last one there is nothing to hear for."""
        self.pages.discard(page)
        if not self.pages:
            for task in self._tasks:
                task.cancel()
            self._tasks = []

    async def say(self, page: Socket, ticket: int, doing: str, *, asks: bool = False) -> None:
        """Tell every process what this page does on a ticket (looks, writes, left); ``asks``: of others too."""
        gossip = {"type": "here", "ticket": ticket, "tab": page.tab, "user": page.user.pk, "name": str(page.user),
                  "doing": doing, "asks": asks}  # fmt: skip
        self._note(gossip)
        layer = get_channel_layer()
        if layer is None:
            return
        try:
            await asyncio.wait_for(layer.group_send(GROUP, gossip), PATIENCE)
        except Exception as problem:  # without Redis one sees those of the same process; the next beat says it again
            log.debug("gossip_lost", extra={"problem": repr(problem)})

    def others(self, page: Socket) -> list[dict[str, Any]]:
        """Who else is on the page's ticket, each person once; one's own second tab is no stranger."""
        found: dict[int, Here] = {}
        for one in self.here.get(page.ticket_pk or 0, {}).values():
            if one.user != page.user.pk and (one.user not in found or one.doing == "writes"):
                found[one.user] = one
        return [{"id": one.user, "name": one.name, "doing": one.doing} for one in found.values()]

    async def _listen(self) -> None:
        while True:
            try:
                layer = get_channel_layer()
                channel = await layer.new_channel("hub.")
                await layer.group_add(GROUP, channel)
                while True:
                    self._hear(await layer.receive(channel))
            except asyncio.CancelledError:
                raise
            except Exception as problem:
                log.warning("live_ear_closed", extra={"problem": repr(problem)})
                await asyncio.sleep(3)

    def _hear(self, message: dict[str, Any]) -> None:
        if message.get("type") == "news":
            self._news += message["news"]
            self._heard.set()
        elif message.get("type") == "here":
            self._note(message)
            if message["asks"]:
                for page in self.pages:
                    if page.ticket_pk == message["ticket"] and page.tab != message["tab"]:
                        asyncio.get_running_loop().create_task(self.say(page, message["ticket"], page.doing))

    def _note(self, gossip: dict[str, Any]) -> None:
        table = self.here.setdefault(gossip["ticket"], {})
        if gossip["doing"] == "left":
            table.pop(gossip["tab"], None)
        else:
            until = time.monotonic() + FORGET
            table[gossip["tab"]] = Here(gossip["user"], gossip["name"], gossip["doing"], until)
        if not table:
            del self.here[gossip["ticket"]]
        self._show(gossip["ticket"])

    def _show(self, ticket: int) -> None:
        for page in self.pages:
            if page.ticket_pk == ticket:
                page.show_others(self.others(page))

    async def _forget(self) -> None:
        while True:
            await asyncio.sleep(5)
            now = time.monotonic()
            for ticket in list(self.here):
                table = self.here[ticket]
                gone = [tab for tab, one in table.items() if one.until < now]
                for tab in gone:
                    del table[tab]
                if not table:
                    del self.here[ticket]
                if gone:
                    self._show(ticket)

    async def _hand_on(self) -> None:
        while True:
            await self._heard.wait()
            await asyncio.sleep(GATHER)
            self._heard.clear()
            news, self._news = self._news, []
            try:
                await self._tell(news)
            except Exception:  # whatever it is: nobody else hands on, and the pages' next beat finds what was lost
                log.warning("live_news_lost", exc_info=True)

    async def _tell(self, news: list[dict[str, Any]]) -> None:
        if any(one["subject"] in RIGHTS for one in news):
            for page in self.pages:
                page.user.__dict__.pop("_viewer", None)
        told = [one for one in news if one["subject"] == "ticket"]
        users = {page.user.pk: page.user for page in self.pages}
        if not told or not users:
            return
        spots, seen = await database_sync_to_async(look.seen_by)(list(users.values()), {one["pk"] for one in told})
        for page in list(self.pages):
            page.user = users.get(page.user.pk, page.user)  # with the rights that were just read
            page.hear(told, {pk: spots[pk] for pk in seen.get(page.user.pk, ())})

    @staticmethod
    def business(page: Socket, news: list[dict[str, Any]], spots: dict[int, look.Spot]) -> list[dict[str, int]]:
        """What of the news concerns the person at this page, and does not show on it anyway."""
        who = viewer(page.user)
        return [
            {"number": spots[one["pk"]].number, "seq": one["seq"]}
            for one in news
            if one["pk"] in spots and one["pk"] != page.ticket_pk and concerns(who, one, spots[one["pk"]])
        ]


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of this process, or rather of its loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
