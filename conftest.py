"""Fixtures that every test may ask for; those of one floor stand beside its tests."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from redis.exceptions import RedisError

from helpdesk import embedded, health, testing
from helpdesk.screens import browsing
from helpdesk.testing import LiveDesk

pytest_plugins = ["tests.cast"]

ROOT = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of data that several projects share: skips without it, fails without it under CI."""
    folder = Path(os.environ.get("HELPDESK_SHARED") or ROOT.parent / "shared").resolve()
    if (folder / "data").is_dir():
        return folder
    message = f"The shared data are not at {folder}; set HELPDESK_SHARED."
    if os.environ.get("CI", "").lower() not in {"", "0", "false", "no"}:
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session", autouse=True)
def _no_session_outlives_the_tests(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A session that a thread left open would keep the test's database from being dropped."""
    yield
    with django_db_blocker.unblock():
        testing.end_other_sessions()


@pytest.fixture
def own_servers(tmp_path: Path) -> Iterator[embedded.Servers]:
    """A PostgreSQL and a Redis that this test may kill: ``own_servers.redis.kill()``, then ``.start()``."""
    with embedded.running(tmp_path / "var") as servers:
        yield servers


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """A request leaves its language behind in its thread, which is the tests' own."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Rate limits and the like of one test are not another's."""
    yield
    try:
        keys = list(health.client().scan_iter(match=f"{health.PREFIX}:*", count=1000))
        if keys:
            health.client().delete(*keys)
    except (RedisError, OSError):
        pass  # a test that killed it


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The Chromium that bin/test found or brought."""
    return {**browser_type_launch_args, **browsing.launch_options()}


@pytest.fixture
def live_desk(transactional_db: None, tmp_path: Path) -> Iterator[LiveDesk]:
    """The real web process on this test's database: ``live_desk.url``; ``live_desk.start("worker")`` adds a worker."""
    with testing.live_desk(tmp_path, "web") as desk:
        yield desk


@pytest.hookimpl(trylast=True)  # once they are shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser its tests are skipped; bin/test has said in one line what is missing. The longest begin first.

    A long test that began last would leave all workers but one without work.
    """
    if os.environ.get("PYTEST_XDIST_WORKER"):
        items.sort(key=_seconds, reverse=True)
    if not os.environ.get("CHROMIUM"):
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="no Chromium: see bin/test's first line"))


def _seconds(item: pytest.Item) -> int:
    """About how long this test runs; those that start processes of their own take some seconds at least."""
    if mark := item.get_closest_marker("takes"):
        return int(mark.args[0])
    return 10 if item.nodeid.startswith(("tests/browser/", "tests/faults/", "tests/live/")) else 0
