"""The desk's own PostgreSQL and Redis: real servers from pip's wheels, their data under ``var/``.

Only the standard library is used here, so that ``bin/up``, ``bin/test``, the settings and tests that kill servers can
all use it. A test that needs servers of its own writes::

    with embedded.running(tmp_path / "var") as servers:
        servers.redis.kill()
        servers.redis.start()
"""

from helpdesk.embedded.pair import Servers, running
from helpdesk.embedded.paths import CannotStart, Places, places
from helpdesk.embedded.postgres import PostgresServer
from helpdesk.embedded.redis import RedisServer

__all__ = ["CannotStart", "Places", "PostgresServer", "RedisServer", "Servers", "places", "running"]
