"""PostgreSQL and Redis together, for the length of a test run or of one test."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from helpdesk.embedded.paths import Places, places
from helpdesk.embedded.postgres import PostgresServer
from helpdesk.embedded.redis import RedisServer


@dataclass(frozen=True, slots=True)
class Servers:
    """Both servers of one place."""

    places: Places
    postgres: PostgresServer
    redis: RedisServer


@contextmanager
def running(var: Path, *, throwaway: bool = True) -> Iterator[Servers]:
    """Private servers with their data in ``var``, stopped at the end; ``throwaway`` trades durability for speed."""
    where = places(var)
    servers = Servers(where, PostgresServer(where, throwaway=throwaway), RedisServer(where, throwaway=throwaway))
    try:
        servers.postgres.start()
        servers.redis.start()
        yield servers
    finally:
        servers.redis.stop()
        servers.postgres.stop()
        shutil.rmtree(where.sockets, ignore_errors=True)
