"""The desk's real processes for a test, on the test's own database and its own part of Redis."""

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection, connections

from helpdesk.launch.install import ROOT
from helpdesk.launch.program import commands

PATIENCE = 120.0  # seconds until a process answers or has ended, on a busy machine


@dataclass(slots=True)
class LiveDesk:
    """Processes that may be killed: ``desk.processes["worker"].kill()``, then ``desk.start("worker")``."""

    url: str
    port: int
    logs: Path
    environment: Mapping[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start ``web``, ``worker`` or ``beat``; the web process is waited for."""
        words = commands("127.0.0.1", str(self.port))[name]
        with (self.logs / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *words], cwd=ROOT, env=dict(self.environment), stdout=log, stderr=log
            )
        deadline = time.monotonic() + PATIENCE
        while name == "web" and not self._answers():
            log_text = (self.logs / "web.log").read_text(encoding="utf-8", errors="replace")
            if self.processes[name].poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The web process did not answer: {log_text[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End every process in order."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:  # noqa: S310 (our own port)
                return bool(answer.status == 200)
        except OSError:
            return False


@contextmanager
def live_desk(logs: Path, *names: str, extra: Mapping[str, str] | None = None) -> Iterator[LiveDesk]:
    """Run these processes (``"web"``, ``"worker"``, ``"beat"``) against the database and Redis of this test.

    The test needs ``transactional_db``, since other processes see only what is committed.
    """
    with a_port() as port:
        url = f"http://localhost:{port}"
        environment = {**os.environ, "DATABASE_URL": database_url(), "REDIS_URL": settings.REDIS_URL, "PUBLIC_URL": url}
        environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
        environment["HELPDESK_VAR"] = str(settings.VAR_DIR)
        desk = LiveDesk(url, port, logs, {**environment, **(extra or {})})
        try:
            for name in names or ("web",):
                desk.start(name)
            yield desk
        finally:
            desk.stop()


@contextmanager
def a_port() -> Iterator[int]:
    """A port that nobody else is given meanwhile, though nobody listens yet: a server may, as it reuses addresses."""
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        line.bind(("127.0.0.1", 0))
        yield line.getsockname()[1]


def alone(work: Coroutine[Any, Any, Any]) -> Any:
    """Run this to its end in a thread of its own: a browser of an earlier test keeps the loop of this one."""

    def run() -> Any:
        try:
            return asyncio.run(work)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(run).result()


def end_other_sessions() -> None:
    """Wait for the database sessions of processes and threads that have ended; then end those that are left."""
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    connection.close()  # it may be one of those: a browser's loop gives the same thread a connection of its own
    with connection.cursor() as cursor:
        for force in (False, True):
            if force:
                cursor.execute(f"SELECT pg_terminate_backend(pid) {others}")
            deadline = time.monotonic() + 2
            while time.monotonic() < deadline:
                cursor.execute(f"SELECT count(*) {others}")
                if cursor.fetchone() == (0,):
                    return
                time.sleep(0.05)


def database_url() -> str:
    """The address of the database that this test uses."""
    found = connection.settings_dict
    return f"postgresql://{found['USER']}@{quote(found['HOST'], safe='')}/{found['NAME']}"
