"""A desk of our own: servers, databases, the processes that ``bin/up`` starts, and what they weigh."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2

from helpdesk import embedded
from helpdesk.embedded import CannotStart, Places, pids
from helpdesk.embedded.paths import DATABASE
from helpdesk.launch import leftovers
from helpdesk.launch.install import ROOT
from helpdesk.launch.supervision import Desk, Supervisor
from helpdesk.launch.up import make_var, only_one

HOST = "127.0.0.1"
PROCESSES = ("web", "worker", "beat")
RUN = "run"
FIRST_ANSWER = 60.0  # seconds


@contextlib.contextmanager
def place(var: Path) -> Iterator[Places]:
    """Our own folder for data, for us alone, with nothing left running from an earlier run."""
    where = embedded.places(var)
    make_var(where)
    with only_one(where):
        leftovers.stop(where)
        os.environ.update(
            HELPDESK_VAR=str(where.var), REDIS_URL=where.redis_url, DJANGO_SETTINGS_MODULE="benchmarks.settings",
            PUBLIC_URL=f"http://{HOST}", LOG_LEVEL="WARNING",
        )  # fmt: skip
        try:
            yield where
        finally:
            shutil.rmtree(where.sockets, ignore_errors=True)


def template(where: Places, tickets: int) -> str:
    """The name of a database with so many tickets: made once for each state of the tables and of the seed."""
    name = f"seeded_{tickets}_{_fingerprint()}"
    with embedded.running(where.var, throwaway=True):
        if _databases(where, "SELECT 1 FROM pg_database WHERE datname = %s", name):
            return name
        print(f"Seeding {tickets} tickets …", flush=True)
        _databases(where, "DROP DATABASE IF EXISTS draft")
        _databases(where, "CREATE DATABASE draft")
        _python(where, "draft", "benchmarks.prepare", "fill", str(tickets))
        _databases(where, f'ALTER DATABASE draft RENAME TO "{name}"')
    return name


@contextlib.contextmanager
def serving(where: Places, seeded: str, clients: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Web, worker and beat as ``bin/up`` runs them, on a copy of ``seeded``: the port, and the targets to ask for."""
    with embedded.running(where.var, throwaway=True):
        _databases(where, f"DROP DATABASE IF EXISTS {RUN}")
        _databases(where, f'CREATE DATABASE {RUN} TEMPLATE "{seeded}" STRATEGY FILE_COPY')
        _python(where, RUN, "helpdesk.launch.prepare", "--no-demo")
        targets = json.loads(_python(where, RUN, "benchmarks.prepare", "targets", str(clients), keep=True))
    shutil.rmtree(where.redis_data, ignore_errors=True)
    os.environ["DATABASE_URL"] = _url(where, RUN)
    port = _free_port()
    servers: list[embedded.PostgresServer | embedded.RedisServer] = [
        embedded.PostgresServer(where),
        embedded.RedisServer(where),
    ]
    for server in servers:
        server.prepare()
    with Supervisor(Desk(where, HOST, port, servers)) as supervisor:
        for server in servers:
            supervisor.wait_for(server)
        supervisor.start("web")
        _wait_for(port)
        supervisor.start("worker", "beat")
        time.sleep(15)  # the worker's and beat's own start is not what is measured
        yield port, targets


def memory(where: Places) -> dict[str, float]:
    """The proportional set size of web, worker and beat with their children, in MB; empty where /proc lacks it."""
    noted = pids.running(where)
    found = {}
    for name in PROCESSES:
        with contextlib.suppress(OSError, KeyError):
            found[name] = sum(_pss(pid) for pid in _family(noted[name])) / 1024
    return found


def spent(where: Places) -> float:
    """Seconds of processor time that web and PostgreSQL have used, however long they waited for their turn."""
    noted = pids.running(where)
    ticks = 0
    for pid in {one for name in ("web", "postgres") if name in noted for one in _family(noted[name])}:
        for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):
                ticks += int(path.read_text().split()[0])
    return ticks / 1e9


def _pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _family(pid: int) -> list[int]:
    """The process and all below it."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(path.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def _fingerprint() -> str:
    """Changes when a migration or the seed does."""
    digest = hashlib.sha256()
    for path in sorted([*ROOT.glob("*/migrations/*.py"), *ROOT.glob("helpdesk/seeding/*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


def _url(where: Places, database: str) -> str:
    return where.database_url.removesuffix(DATABASE) + database


def _databases(where: Places, statement: str, *values: str) -> bool:
    """Run one statement on the server; whether it found a row."""
    line = psycopg2.connect(where.database_url)
    line.autocommit = True
    try:
        with line.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.description is not None and cursor.fetchone() is not None
    finally:
        line.close()


def _python(where: Places, database: str, *words: str, keep: bool = False) -> str:
    environment = {**os.environ, "DATABASE_URL": _url(where, database)}
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, env=environment, check=False, text=True,
        stdout=subprocess.PIPE if keep else None,
    )  # fmt: skip
    if done.returncode:
        raise CannotStart(f"python -m {' '.join(words)} failed.")
    return done.stdout or ""


def _free_port() -> int:
    with socket.socket() as line:
        line.bind((HOST, 0))
        return int(line.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + FIRST_ANSWER
    while time.monotonic() < deadline:
        line = http.client.HTTPConnection(HOST, port, timeout=10)
        with contextlib.suppress(OSError, http.client.HTTPException):
            line.request("GET", "/healthz")
            if line.getresponse().status == 200:
                return
        line.close()
        time.sleep(0.1)
    raise CannotStart("The web process did not answer.")
