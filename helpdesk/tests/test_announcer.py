"""The announcer never lets anybody wait, whatever becomes of Redis."""

import threading
import time

import pytest

from helpdesk import live


@pytest.fixture
def announcer():
    made = live.Announcer()
    yield made
    made.stop()


def test_sends_in_order_and_all_at_once_what_waited(announcer, monkeypatch):
    sent, gate = [], threading.Event()

    async def send(news):
        gate.wait(60)
        sent.append([one["id"] for one in news])

    monkeypatch.setattr(live, "_send", send)
    for n in range(5):
        announcer({"id": n})
    gate.set()
    announcer.stop()

    assert [n for batch in sent for n in batch] == [0, 1, 2, 3, 4]
    assert len(sent) <= 2


def test_a_layer_that_hangs_or_fails_delays_nobody(announcer, monkeypatch):
    release = threading.Event()

    async def send(news):
        release.wait(60)
        raise ConnectionError("Redis is gone")

    monkeypatch.setattr(live, "_send", send)

    begun = time.perf_counter()
    for n in range(live.MOST * 2):
        announcer({"id": n})
    took = time.perf_counter() - begun
    release.set()

    assert took < 30  # one of them alone would have waited for a minute
    assert announcer._waiting.qsize() <= live.MOST
