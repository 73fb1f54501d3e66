"""A Redis that is gone, or hangs, costs a page a moment and nothing else."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings

from helpdesk import celery
from helpdesk.cache import ForgivingRedisCache


@pytest.fixture(params=["gone", "hanging"])
def lost_redis(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The path of a socket behind which nobody listens, or somebody who never answers."""
    path = str(tmp_path / "r.sock")
    with socket.socket(socket.AF_UNIX) as line:
        if request.param == "hanging":
            line.bind(path)
            line.listen(50)
        yield path


def test_what_hurries_gives_up_within_moments(lost_redis: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = Celery("lost", broker=f"redis+socket://{lost_redis}", set_as_current=False)
    lost.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    monkeypatch.setattr(celery, "app", lost)

    def took() -> float:
        begun = time.monotonic()
        celery.hurry([1, 2, 3])
        return time.monotonic() - begun

    assert any(took() < 3 for _try in range(3))  # what else keeps a busy machine does not do so three times
    lost.close()


def test_the_cache_is_empty_and_no_error(lost_redis: str) -> None:
    cache = ForgivingRedisCache(f"unix://{lost_redis}", {"OPTIONS": dict(settings.REDIS_TIMEOUTS)})

    assert cache.get("x", "fallback") == "fallback"
    assert cache.add("x", 1) is True
    assert cache.get_many(["x"]) == {}
    cache.set("x", 1)
    cache.delete("x")


def test_a_mass_of_reactions_lets_all_else_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []
    monkeypatch.setattr(
        celery.app, "send_task", lambda name, **how: sent.append((len(how["args"][0]), how["priority"]))
    )

    celery.hurry([1, 2])
    celery.hurry(list(range(50)))

    assert sent == [(2, 0), (50, 6)]
