"""A whole desk of its own for each run: a copy of the story's database, real processes, a mail server that listens."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message as Mail
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg2
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from kombu import Connection

from helpdesk.embedded import Servers
from helpdesk.embedded.paths import USER
from helpdesk.launch.install import ROOT
from helpdesk.testing import LiveDesk, a_port

PATIENCE = 300.0  # seconds until what has to happen has happened, on a busy machine
STORY = "story"
TICKS = (
    "events.tasks.sweep_deliveries",
    "tickets.tasks.enforce_sla",
    "notifications.tasks.send_due_mail",
    "feedback.tasks.send_due_surveys",
)
"""What beat sends every few seconds; a run need not wait for the next time."""

OWED = """
    SELECT 'reaction' FROM events_delivery WHERE done_at IS NULL
    UNION ALL SELECT 'mail' FROM notifications_outgoingmail WHERE status IN ('queued', 'sending')
    UNION ALL SELECT 'survey' FROM feedback_invitation WHERE status = 'waiting' AND send_at <= now()
    UNION ALL SELECT 'clock' FROM tickets_clock
        WHERE next_at <= now() AND stopped_at IS NULL AND cancelled_at IS NULL
    UNION ALL SELECT 'hold' FROM tickets_hold WHERE until <= now() AND ended_at IS NULL
    UNION ALL SELECT 'transfer' FROM tickets_transfer WHERE accept_by <= now() AND status = 'waiting'
    UNION ALL SELECT 'promise' FROM tickets_promise WHERE break_at <= now() AND status = 'open'
    UNION ALL SELECT 'reminder' FROM tickets_promise
        WHERE remind_at <= now() AND reminded_at IS NULL AND status = 'open'
    UNION ALL SELECT 'escalation' FROM tickets_escalation WHERE climbs_at <= now() AND status = 'waiting'
    UNION ALL SELECT 'silence' FROM tickets_closure WHERE silence_at <= now() AND answer = 'waiting'
"""


class Inbox(Message):
    """Keeps what arrives, as a customer's mail server would."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Mail] = []

    def handle_message(self, message: Mail) -> None:
        self.mails.append(message)

    @property
    def ids(self) -> list[str]:
        """The Message-IDs in the order in which they came; one that came twice stands twice."""
        return [str(mail["Message-ID"]) for mail in self.mails]


@dataclass
class House:
    """One run. ``kill`` ends processes with their children as a power cut would."""

    servers: Servers
    database: str
    folder: Path
    desk: LiveDesk
    inbox: Inbox
    may_end: frozenset[str] = frozenset()
    orphans: set[str] = field(default_factory=set)
    """Message-IDs of mails that a hand had when its worker died: each may have left, and leaves again."""

    @property
    def marker(self) -> Path:
        return self.folder / "died"

    def start(self, *names: str) -> None:
        for name in names:
            self.desk.start(name)

    def kill(self, *names: str) -> None:
        """KILL, the parent first stopped and its children noted, so that it makes no child that outlives it."""
        for name in names:
            process = self.desk.processes.pop(name)
            with suppress(psutil.NoSuchProcess):
                family = psutil.Process(process.pid)
                family.suspend()
                doomed = [*family.children(recursive=True), family]
                for one in doomed:
                    with suppress(psutil.NoSuchProcess):
                        one.kill()
            process.wait()

    def query(self, words: str, *values: Any) -> list[tuple[Any, ...]]:
        with connected(self.servers, self.database) as cursor:
            cursor.execute(words, values)
            return cursor.fetchall() if cursor.description else []

    def tick(self, *names: str) -> None:
        """Ask for the passes that beat asks for, or for some of them; a Redis that is gone hears nothing."""
        from helpdesk.celery import app

        broker = self.servers.places.redis_url.replace("unix://", "redis+socket://", 1)
        with suppress(Exception), Connection(broker, transport_options={"global_keyprefix": "helpdesk:queue:"}) as line:
            for name in names or TICKS:
                app.send_task(name, connection=line, retry=False)

    def wait_until(self, so: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
        deadline = time.monotonic() + patience
        while not so():
            log = "".join(file.read_text(errors="replace")[-1500:] for file in sorted(self.folder.glob("*.log")))
            assert time.monotonic() < deadline, f"{what} did not happen. {Counter(self.query(OWED))}\n{log}"
            self.supervise()
            time.sleep(0.05)

    def supervise(self) -> None:
        """Start again what ended by itself, as supervisor does, where a test says that it may (``may_end``).

        A Celery worker whose child was killed in the moment in which Redis went may stumble over the dead child when it
        connects again, and ends.
        """
        for name in self.may_end:
            process = self.desk.processes.get(name)
            if process is not None and process.poll() is not None:
                self.five_minutes_pass()
                self.start(name)

    def five_minutes_pass(self) -> None:
        """The claims of a dead worker run out; then its mails are anybody's."""
        found = self.query(
            "UPDATE notifications_outgoingmail SET claimed_until = claimed_until - interval '5 minutes' "
            "WHERE status = 'sending' RETURNING message_id"
        )
        self.orphans |= {message_id for (message_id,) in found}

    def settle(self) -> None:
        """Return when nothing is owed, nothing is due and nothing waits to be sent."""
        last = 0.0

        def at_rest() -> bool:
            nonlocal last
            if not self.query(OWED):
                return True
            if time.monotonic() - last > 1:
                last = time.monotonic()
                self.tick()
            return False

        self.wait_until(at_rest, "Coming to rest")


@contextmanager
def connected(servers: Servers, database: str) -> Iterator[Any]:
    line = psycopg2.connect(host=str(servers.places.postgres_sockets), user=USER, dbname=database)
    line.autocommit = True
    try:
        yield line.cursor()
    finally:
        line.close()


def environment(servers: Servers, database: str, folder: Path) -> dict[str, str]:
    """The processes' environment: this run's database and Redis, and no mail server yet."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "REDIS_", "SMTP_"))}
    return kept | {
        "DATABASE_URL": f"postgresql://{USER}@{quote(str(servers.places.postgres_sockets), safe='')}/{database}",
        "REDIS_URL": servers.places.redis_url,
        "HELPDESK_VAR": str(folder),
        "LOG_LEVEL": "WARNING",
        "WORKER_PROCESSES": "2",
    }


def play(servers: Servers, folder: Path, begun: str) -> None:
    """Tell the story once, into the database that every run copies."""
    with connected(servers, "helpdesk") as cursor:
        cursor.execute(f"CREATE DATABASE {STORY}")
    _tell(servers, STORY, folder, "tests.faults.story", begun)


def pile_up(servers: Servers, folder: Path, begun: str, many: int) -> str:
    """A copy of the story with so many unanswered mails more, due while nobody worked; the name of its database."""
    name = f"backlog_{many}"
    with connected(servers, "helpdesk") as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {STORY}")
    _tell(servers, name, folder, "tests.faults.backlog", begun, str(many))
    return name


def _tell(servers: Servers, database: str, folder: Path, *words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env=environment(servers, database, folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]


@contextmanager
def house(servers: Servers, folder: Path, *, fault: str = "", story: str = STORY) -> Iterator[House]:
    """A run on a copy of the story; ``fault`` names the point at which a process dies, once."""
    database = f"run_{abs(hash((str(folder), fault, story))):x}"
    folder.mkdir(parents=True, exist_ok=True)
    with connected(servers, "helpdesk") as cursor:
        cursor.execute(f"CREATE DATABASE {database} TEMPLATE {story}")
    inbox = Inbox()
    keeping = ExitStack()
    server = Controller(inbox, hostname="127.0.0.1", port=keeping.enter_context(a_port()))
    server.start()
    port = keeping.enter_context(a_port())
    url = f"http://localhost:{port}"
    more = {
        "PUBLIC_URL": url,
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(server.port),
        "SMTP_SECURITY": "none",
        "HELPDESK_FAULT": f"{fault}={folder / 'died'}" if fault else "",
    }
    run = House(
        servers,
        database,
        folder,
        LiveDesk(url, port, folder, environment(servers, database, folder) | more),
        inbox,
    )
    try:
        yield run
    finally:
        run.kill(*list(run.desk.processes))
        server.stop()
        keeping.close()
        if servers.redis.process is None:
            servers.redis.start()
        _forget_queue(servers)
        with connected(servers, "helpdesk") as cursor:
            cursor.execute(f"DROP DATABASE {database} WITH (FORCE)")
        shutil.rmtree(folder, ignore_errors=True)


def _forget_queue(servers: Servers) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(servers.places.redis_socket))
        line.sendall(b"FLUSHALL\r\n")
        line.recv(100)
