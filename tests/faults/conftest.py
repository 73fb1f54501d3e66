"""One pair of servers and one story for all crashes; each run has its own copy."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from helpdesk import embedded
from helpdesk.embedded import Servers
from tests.faults import house
from tests.faults.snapshot import snapshot

BEGUN = datetime.now(UTC).replace(microsecond=0)
"""The seed of every run: the story counts its times back from here."""


@pytest.fixture(scope="session")
def place() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="faults-", dir=settings.VAR_DIR))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def servers(place: Path) -> Iterator[Servers]:
    with embedded.running(place / "var") as pair:
        house.play(pair, place / "story", BEGUN.isoformat())
        yield pair


@pytest.fixture
def a_house(servers: Servers, tmp_path: Path) -> Callable[..., AbstractContextManager[house.House]]:
    """``with a_house(fault="claimed") as run:`` a desk that dies at that point."""
    return partial(house.house, servers, tmp_path / "run")


@pytest.fixture(scope="session")
def unkilled(servers: Servers, place: Path) -> dict[str, list[Any]]:
    """What a run leaves in which nobody dies."""
    with house.house(servers, place / "unkilled") as run:
        run.start("worker", "beat")
        run.settle()
        assert sorted(set(run.inbox.ids)) == sorted(run.inbox.ids)
        return snapshot(run, BEGUN)
