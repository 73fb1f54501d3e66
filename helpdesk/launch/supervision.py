"""The supervisor that starts every process, restarts what dies and passes the end on to main processes only."""

import configparser
import os
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpdesk.embedded import CannotStart, Places, PostgresServer, RedisServer, pids
from helpdesk.launch import leftovers
from helpdesk.launch.install import ROOT, say

PATIENCE = 60.0  # seconds until a server answers


@dataclass(frozen=True, slots=True)
class Desk:
    """What is to run."""

    where: Places
    host: str
    port: int
    servers: Sequence[PostgresServer | RedisServer]


class Supervisor:
    """A running supervisord; leaving the context stops everything it started."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Supervisor":
        self._start()
        return self

    def __exit__(self, *problem: object) -> None:
        say("Stopping; running tasks finish first …")
        leftovers.stop(self.desk.where, quietly=True)
        if self.process:
            self.process.wait()

    def alive(self) -> bool:
        """Whether the supervisor itself runs."""
        return self.process is not None and self.process.poll() is None

    def wait_for(self, server: PostgresServer | RedisServer) -> None:
        """Return when the server answers."""
        deadline = time.monotonic() + PATIENCE
        while not server.ready():
            if not self.alive() or time.monotonic() > deadline:
                log = self.desk.where.logs / f"{server.name}.log"
                lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.exists() else []
                last = next((line for line in reversed(lines) if line.strip()), "it said nothing")
                raise CannotStart(f"{server.name} did not start: {last} (see {log})")
            time.sleep(0.02)

    def start(self, *names: str) -> None:
        """Start web, worker or beat, once the servers are up and the tables are there."""
        for name in names:
            self._ask().supervisor.startProcess(f"desk:{name}", False)

    def watch(self) -> None:
        """Stay until somebody stops us; a supervisor that was killed is replaced, with all it had started."""
        while True:
            if self.process:
                self.process.wait()
            say("The supervisor died; starting again …")
            leftovers.stop(self.desk.where, quietly=True)
            self._start()
            for server in self.desk.servers:
                self.wait_for(server)
            self.start("web", "worker", "beat")

    def _start(self) -> None:
        where = self.desk.where
        path = where.run / "supervisord.conf"
        with path.open("w", encoding="utf-8") as file:
            configuration(self.desk).write(file)
        command = [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "--configuration", str(path)]
        environment = {**os.environ, "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES"}  # macOS: the worker forks
        with (where.logs / "supervisor.out").open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for us; we pass the end on in order
            )
        pids.note(where, "supervisor", self.process.pid)
        deadline = time.monotonic() + PATIENCE
        while not where.supervisor_socket.exists():
            if not self.alive() or time.monotonic() > deadline:
                reason = (where.logs / "supervisor.out").read_text(encoding="utf-8", errors="replace").strip()
                raise CannotStart(f"The supervisor did not start: {reason.splitlines()[-1] if reason else 'no reason'}")
            time.sleep(0.02)

    def _ask(self) -> Any:
        from supervisor.xmlrpc import SupervisorTransport  # in the virtual environment alone

        transport = SupervisorTransport(None, None, serverurl=f"unix://{self.desk.where.supervisor_socket}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)


def configuration(desk: Desk) -> configparser.RawConfigParser:
    """supervisord's configuration. Commands are relative and without blanks, so no path needs quoting."""
    where = desk.where
    parser = configparser.RawConfigParser()
    parser["supervisord"] = {
        "logfile": _escaped(where.logs / "supervisor.log"),
        "logfile_maxbytes": "1MB",
        "logfile_backups": "1",
        "pidfile": _escaped(where.run / "supervisord"),
        "childlogdir": _escaped(where.logs),
        **({"user": "root"} if os.geteuid() == 0 else {}),
    }
    parser["unix_http_server"] = {"file": _escaped(where.supervisor_socket), "chmod": "0700"}
    parser["rpcinterface:supervisor"] = {
        "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
    }
    for rank, server in enumerate(desk.servers):
        parser[f"program:{server.name}"] = _program() | {
            "command": f".venv/bin/python -m helpdesk.launch.program {server.name}",
            "priority": str(10 + rank),
            "stopsignal": server.stop_signal.name.removeprefix("SIG"),
            "stopwaitsecs": "30",
        }
    for name, wait in (("web", 40), ("worker", 75), ("beat", 10)):
        parser[f"program:{name}"] = _program() | {
            "command": f".venv/bin/python -m helpdesk.launch.program {name} {desk.host} {desk.port}",
            "autostart": "false",
            "stopsignal": "TERM",
            "stopwaitsecs": str(wait),
        }
    parser["group:desk"] = {"programs": "web,worker,beat", "priority": "50"}
    return parser


def _program() -> dict[str, str]:
    return {
        "directory": _escaped(ROOT),
        "autorestart": "true",
        "startsecs": "1",
        "startretries": "1000000",
        "stopasgroup": "false",  # a worker's children finish their tasks
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": "NONE",  # each writes its own log
    }


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")
