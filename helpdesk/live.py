"""The way of the news to those who look: from any process into the channel layer, without anybody waiting for it.

One thread per process with a loop of its own takes what was announced and sends it. A Redis that is gone costs a line
in the log: every page compares its sequence with the database now and then, and catches up.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import threading
import time
from queue import Empty, Full, Queue
from typing import Any

from channels.layers import get_channel_layer

from events.announcing import GROUP

log = logging.getLogger(__name__)

MOST = 1000  # announcements that wait; more are dropped, and found by the pages' own beat
AT_ONCE = 100  # announcements in one message
PATIENCE = 3.0  # seconds for one message to leave
COMPLAIN_EVERY = 60.0  # seconds

Announcement = dict[str, Any]


class Announcer:
    """Hands announcements to the channel layer in the background; called from any thread, it returns at once."""

    def __init__(self) -> None:
        self._waiting: Queue[Announcement | None] = Queue(MOST)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._process = 0
        self._complained = -COMPLAIN_EVERY

    def __call__(self, announcement: Announcement) -> None:
        """Take it along; when too much waits it is dropped."""
        self._start()
        try:
            self._waiting.put_nowait(announcement)
        except Full:
            self._complain("too many wait")

    def stop(self) -> None:
        """Let what waits leave, for a moment, and end the thread."""
        thread = self._thread
        if thread is None or self._process != os.getpid() or not thread.is_alive():
            return
        try:
            self._waiting.put_nowait(None)
        except Full:
            return
        thread.join(PATIENCE)

    def _start(self) -> None:
        """One thread in this process; one that was forked has none yet, whatever its parent had."""
        if self._process == os.getpid() and self._thread is not None and self._thread.is_alive():
            return
        with self._lock:
            if self._process == os.getpid() and self._thread is not None and self._thread.is_alive():
                return
            self._process = os.getpid()
            self._waiting = Queue(MOST)
            self._thread = threading.Thread(target=self._run, name="announcer", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        waiting = self._waiting
        with asyncio.Runner() as runner:
            while True:
                batch = _batch(waiting)
                if news := [one for one in batch if one is not None]:
                    try:
                        runner.run(asyncio.wait_for(_send(news), PATIENCE))
                    except Exception as problem:
                        self._complain(repr(problem))
                if None in batch:
                    return

    def _complain(self, problem: str) -> None:
        now = time.monotonic()
        if now - self._complained >= COMPLAIN_EVERY:
            self._complained = now
            log.warning("events_not_announced", extra={"problem": problem})


def _batch(waiting: Queue[Announcement | None]) -> list[Announcement | None]:
    """The next announcement as soon as there is one, and whatever waits behind it."""
    batch = [waiting.get()]
    while len(batch) < AT_ONCE:
        try:
            batch.append(waiting.get_nowait())
        except Empty:
            break
    return batch


async def _send(news: list[Announcement]) -> None:
    layer = get_channel_layer()
    if layer is not None:
        await layer.group_send(GROUP, {"type": "news", "news": news})


announcer = Announcer()
atexit.register(announcer.stop)
