"""bin/up as a person uses it: started, doubled, killed, stopped."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

import psycopg2
import pytest

from helpdesk import embedded
from helpdesk.embedded import Places, pids
from helpdesk.launch import leftovers, up
from helpdesk.launch.install import ROOT
from helpdesk.testing import a_port

PARTS = ("beat", "postgres", "redis", "web", "worker")
STANDSTILL = 180.0  # seconds in which a start writes nothing at all
PATIENCE = 300.0  # seconds for anything else, on a busy machine
REAL = re.compile("^(DATABASE_|REDIS_|SECRET_KEY|PUBLIC_URL|PYTEST|COV_|DJANGO_)")


class Up:
    """One start of ``bin/up``."""

    all: ClassVar[list["Up"]] = []

    def __init__(self, where: Places, port: int) -> None:
        self.where, self.port = where, port
        self.output = Path(tempfile.mkdtemp(dir=where.var.parent.parent)) / "up.txt"
        with self.output.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "bin" / "up"), "--port", str(port), "--no-demo"],
                env=_environment(where),
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        self.all.append(self)

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def is_ready(self) -> bool:
        with suppress(urllib.error.URLError, OSError):
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5).status == 200
        return False

    def waits_until_ready(self) -> None:
        """For as long as it gets on: a slow machine may take its time, only a start that stands still has failed."""
        self.until(lambda: "The help desk is at" in self.said() or self.process.poll() is not None)
        self.until(lambda: self.is_ready() or self.process.poll() is not None)
        assert self.process.poll() is None, self.told()

    def until(self, come_true: Callable[[], object]) -> None:
        """Wait for it while files of the desk come and grow; STANDSTILL seconds without that are the end."""
        grown, since, looked_at = -1, time.monotonic(), 0.0
        while not come_true():
            if time.monotonic() - looked_at > 1:
                looked_at = time.monotonic()
                if (size := len(self.said()) + _size(self.where.var)) != grown:
                    grown, since = size, looked_at
            assert time.monotonic() - since < STANDSTILL, f"It stands still.\n{self.told()}"
            time.sleep(0.05)

    def told(self) -> str:
        """What it said so far, and the end of each log: why it failed."""
        logs = "".join(
            f"\n--- {log.name}\n{log.read_text(encoding='utf-8', errors='replace')[-1500:]}"
            for log in sorted(self.where.logs.glob("*"))
        )
        return f"exit code {self.process.poll()}; it said:\n{self.said()}{logs}"


def _size(folder: Path) -> int:
    """Every byte below it, and a little for each file; what goes meanwhile does not count."""
    size = 0
    for above, _folders, names in os.walk(folder):  # passes over a folder that is gone, or moved, by now
        for name in names:
            with suppress(OSError):
                size += 1 + os.stat(os.path.join(above, name)).st_size
    return size


def _environment(where: Places) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not REAL.match(name)}
    return kept | {"HELPDESK_VAR": str(where.var)}


def until(come_true: Callable[[], object], start: Up) -> None:
    """Wait for what does not show in files; fails with all that the start has told."""
    deadline = time.monotonic() + PATIENCE
    while not come_true():
        assert time.monotonic() < deadline, f"It did not come true in time.\n{start.told()}"
        time.sleep(0.05)


@pytest.fixture
def where(tmp_path: Path) -> Iterator[Places]:
    where = embedded.places(tmp_path / "var")
    yield where
    for start in Up.all:
        start.process.kill()
        start.process.wait()
    Up.all.clear()
    leftovers.stop(where, quietly=True)
    shutil.rmtree(where.sockets, ignore_errors=True)


@pytest.fixture
def port() -> Iterator[int]:
    with a_port() as port:
        yield port


@pytest.mark.servers
@pytest.mark.takes(70)
def test_the_story_of_a_desk_that_is_doubled_killed_and_stopped(where: Places, port: int) -> None:
    first = Up(where, port)
    first.waits_until_ready()

    second = Up(where, port)
    assert second.process.wait(PATIENCE) == 1
    assert second.said().splitlines() == [
        f"bin/up: The desk already runs on {where.var} (process {first.process.pid}); stop that one first."
    ]

    before = pids.running(where)
    for name in PARTS:
        os.kill(before[name], signal.SIGKILL)
    until(lambda: all(pids.running(where).get(name) not in {None, before[name]} for name in PARTS), first)
    until(first.is_ready, first)

    os.kill(pids.running(where)["supervisor"], signal.SIGKILL)
    until(lambda: pids.running(where).get("supervisor") not in {None, before["supervisor"]}, first)
    until(first.is_ready, first)

    first.process.kill()
    first.process.wait()
    left = pids.running(where)
    assert set(PARTS) < set(left)
    third = Up(where, port)
    third.waits_until_ready()
    assert "Stopping what an earlier start left running" in third.said()
    assert not any(pids.alive(pid) for pid in left.values())

    with BusyWorker(where, third) as finish:
        third.process.terminate()
        until(lambda: "beat" not in pids.running(where), third)
        assert pids.alive(pids.running(where)["worker"]), "a running task is waited for"
        finish()
    assert third.process.wait(PATIENCE) == 0
    assert pids.running(where) == {}
    assert _processes_of(where) == []
    assert _attempts(where) == 1, "the running task came to its end"


class BusyWorker:
    """A task that waits for a lock which ``finish()`` gives free."""

    def __init__(self, where: Places, start: Up) -> None:
        self.where, self.start = where, start

    def __enter__(self) -> Callable[[], None]:
        self.line = _connect(self.where)
        with self.line.cursor() as cursor:
            cursor.execute("LOCK TABLE events_delivery IN ACCESS EXCLUSIVE MODE")
            cursor.execute(
                "INSERT INTO events_event (kind, version, subject_kind, subject_id, subject_seq, actor_kind, origin,"
                " happened_at, recorded_at, correlation_id, data) VALUES ('x', 1, 'x', 1, 1, 'system', 'live',"
                " now(), now(), gen_random_uuid(), '{}') RETURNING id"
            )
            columns = "(event_id, reaction, created_at, due_at, attempts, error)"
            values = "(%s, 'unknown', now(), now(), 0, '')"
            cursor.execute(f"INSERT INTO events_delivery {columns} VALUES {values}", cursor.fetchone())
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'events_delivery'::regclass"

        def somebody_waits() -> bool:
            with self.line.cursor() as cursor:
                cursor.execute(waiting)
                return cursor.fetchone() != (0,)

        subprocess.run(
            [
                sys.executable,
                "manage.py",
                "shell",
                "-v0",
                "-c",
                "from events import tasks; tasks.sweep_deliveries.delay()",
            ],
            cwd=ROOT,
            env=_environment(self.where),
            check=True,
        )
        until(somebody_waits, self.start)
        return self.line.commit

    def __exit__(self, *problem: object) -> None:
        self.line.close()


def _connect(where: Places) -> "psycopg2.extensions.connection":
    return psycopg2.connect(host=str(where.postgres_sockets), user="helpdesk", dbname="helpdesk")


def _attempts(where: Places) -> int:
    server = embedded.PostgresServer(where)
    server.start()
    try:
        with _connect(where) as line, line.cursor() as cursor:
            cursor.execute("SELECT attempts FROM events_delivery")
            row = cursor.fetchone()
            assert row is not None
            return int(row[0])
    finally:
        line.close()
        server.stop()


def _processes_of(where: Places) -> list[str]:
    """Whatever still names this desk's folders, by looking at every process."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
            if (str(where.var).encode() in words or where.sockets.name.encode() in words) and folder.name != str(
                os.getpid()
            ):
                found.append(words.decode(errors="replace"))
    return found


def test_a_port_in_use_is_one_line(where: Places) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        start = Up(where, taken.getsockname()[1])

        assert start.process.wait(PATIENCE) == 1
        assert start.said() == f"bin/up: Port {start.port} is in use; choose another with --port.\n"


def test_a_var_that_cannot_be_written_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "write_bytes", refuse)

    with pytest.raises(embedded.CannotStart, match=r"var cannot be written: Read-only file system\.$"):
        up.make_var(embedded.places(tmp_path / "var"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_of_somebody_else_is_one_line(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    start = Up(embedded.places(closed / "var"), 8000)

    assert start.process.wait(PATIENCE) == 1
    assert "cannot be written: Permission denied." in start.said()


def test_a_full_var_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "shutil.disk_usage", lambda path: os.statvfs_result([0] * 10) and type("U", (), {"free": 5 << 20})
    )

    with pytest.raises(embedded.CannotStart, match="is full: 5 MB are left"):
        up.make_var(embedded.places(tmp_path / "var"))


def test_without_a_redis_one_line_says_what_to_install(where: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpdesk.embedded.redis.importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(embedded.CannotStart, match="install redis-server or valkey-server"):
        embedded.RedisServer(where).prepare()


@pytest.mark.parametrize("script", ["up", "test"])
def test_an_old_python_reads_the_script_and_gets_one_line(script: str) -> None:
    source = (ROOT / "bin" / script).read_text(encoding="utf-8")
    old = source.replace("sys.version_info", "(3, 9, 2)")

    done = subprocess.run([sys.executable, "-c", old], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr == f"bin/{script} needs Python 3.11 or later; this is Python 3.9.\n"
    assert not re.search(r"\bf[\"']|:=|->|\bmatch\b", source), "Python 2 and 3.5 must be able to read it"


def test_a_lock_whose_process_id_now_belongs_to_another_is_dropped(where: Places) -> None:
    server = embedded.PostgresServer(where)
    server.start()
    server.kill()
    lock = where.postgres_data / "postmaster.pid"
    lines = lock.read_text(encoding="utf-8").splitlines()
    lock.write_text("\n".join([str(os.getppid()), *lines[1:]]), encoding="utf-8")

    server.start()

    assert server.ready()
    server.stop()
