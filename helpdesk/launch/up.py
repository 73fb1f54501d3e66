"""What ``bin/up`` does: set up, start everything, say where it is, and stop everything in order."""

import argparse
import contextlib
import errno
import fcntl
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from helpdesk import embedded
from helpdesk.embedded import CannotStart, Places
from helpdesk.launch import install, leftovers, vendor
from helpdesk.launch.install import PYTHON, ROOT, say
from helpdesk.launch.supervision import Desk, Supervisor

LEAST_FREE = 300 * 1024 * 1024  # bytes: a new database with its log takes some 80 MB
FIRST_ANSWER = 60.0  # seconds


class Stopped(BaseException):
    """Somebody asked for the end: Ctrl-C, TERM, or a terminal that was closed."""


def main(arguments: Sequence[str]) -> int:
    """Run the desk until it is stopped; 0 after an orderly end, else 1 with one line of reason."""
    options = _options(arguments)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        if not install.in_venv():
            install.packages("requirements.txt")
            install.npm_packages()
            vendor.vendor()
            install.move_into_venv("up", arguments)
        where = embedded.places(Path(os.environ.get("HELPDESK_VAR") or ROOT / "var"))
        make_var(where)
        with only_one(where):
            return _run(where, options)
    except Stopped:
        return 0
    except CannotStart as problem:
        reason = str(problem)
    except OSError as problem:
        reason = _plain(problem)
    print(f"bin/up: {reason}", file=sys.stderr)
    return 1


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/up", description="Start the help desk on this machine.")
    parser.add_argument("--port", type=_port, default=8000, help="where the pages are served (8000)")
    parser.add_argument("--host", default=os.environ.get("WEB_HOST") or "127.0.0.1", help="the address to listen on")
    parser.add_argument("--no-demo", action="store_true", help="leave a new database empty")
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    if text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text} is not a port (1 to 65535)")


def _stop(number: int, frame: FrameType | None) -> None:
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)  # the end is on its way; a second Ctrl-C must not cut it short
    raise Stopped


def _run(where: Places, options: argparse.Namespace) -> int:
    leftovers.stop(where)
    check_port(options.host, options.port)
    os.environ["HELPDESK_VAR"] = str(where.var)
    os.environ.setdefault("PUBLIC_URL", f"http://localhost:{options.port}")
    desk = Desk(where, options.host, options.port, _own_servers(where))
    with Supervisor(desk) as supervisor:
        for server in desk.servers:
            supervisor.wait_for(server)
        _prepare(options)
        supervisor.start("web")  # alone, so that the first page comes sooner
        _wait_for_web(options.host, options.port, supervisor)
        supervisor.start("worker", "beat")
        _welcome(where, options)
        supervisor.watch()
    return 1


def _own_servers(where: Places) -> list[embedded.PostgresServer | embedded.RedisServer]:
    """The embedded servers, but for those that the environment replaces; their folders are made here."""
    servers: list[embedded.PostgresServer | embedded.RedisServer] = []
    if not _given("DATABASE_URL"):
        if not (where.postgres_data / "PG_VERSION").exists():
            say("Making the database …")
        servers.append(embedded.PostgresServer(where))
    if not _given("REDIS_URL"):
        servers.append(embedded.RedisServer(where))
    for server in servers:
        server.prepare()
    return servers


def _given(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def make_var(where: Places) -> None:
    """Make ``var`` with its folders, and find out now whether it can be written."""
    try:
        for folder in (where.var, where.logs, where.run):
            folder.mkdir(parents=True, exist_ok=True)
        probe = where.run / "probe"
        probe.write_bytes(b"x" * 65536)
        probe.unlink()
    except OSError as problem:
        raise CannotStart(f"{where.var} cannot be written: {problem.strerror}.") from None
    free = shutil.disk_usage(where.var).free
    if free < LEAST_FREE:
        raise CannotStart(f"{where.var} is full: {free // 2**20} MB are left, {LEAST_FREE // 2**20} MB are needed.")


@contextlib.contextmanager
def only_one(where: Places) -> Iterator[None]:
    """Hold the lock of ``var``; it falls when this process ends, however it ends."""
    with (where.var / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise CannotStart(
                f"The desk already runs on {where.var} (process {holder}); stop that one first."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def check_port(host: str, port: int) -> None:
    """Refuse a port that something else listens on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            line.bind((host, port))
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                raise CannotStart(f"Port {port} is in use; choose another with --port.") from None
            raise CannotStart(f"Cannot listen on {host} port {port}: {problem.strerror}.") from None


def _prepare(options: argparse.Namespace) -> None:
    """Static files, migrations and demo data, in a process that ends and gives its memory back."""
    words = ["--no-demo"] if options.no_demo else []
    done = subprocess.run(
        [PYTHON, "-m", "helpdesk.launch.prepare", *words], cwd=ROOT, stderr=subprocess.PIPE, check=False
    )
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {done.returncode}"]
        log = embedded.places(Path(os.environ["HELPDESK_VAR"])).logs / "prepare.log"
        log.write_bytes(done.stderr)
        raise CannotStart(f"{lines[-1]} (all of it in {log}).")


def _wait_for_web(host: str, port: int, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + FIRST_ANSWER
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    while time.monotonic() < deadline and supervisor.alive():
        line = http.client.HTTPConnection(target, port, timeout=5)
        try:
            line.request("GET", "/healthz", headers={"Host": "localhost"})
            if line.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            line.close()
        time.sleep(0.05)
    raise CannotStart(f"The web process did not answer; see {supervisor.desk.where.logs / 'web.log'}.")


def _welcome(where: Places, options: argparse.Namespace) -> None:
    say(f"\nThe help desk is at {os.environ['PUBLIC_URL']}/")
    sign_ins = where.var / "demo-signins.txt"
    if sign_ins.exists() and not options.no_demo:
        say(f"\n{sign_ins.read_text(encoding='utf-8').rstrip()}\n")
    else:
        say("Nobody can sign in yet? Make the first admin: ./manage.py createsuperuser")
    say(f"Logs are in {where.logs}. Ctrl-C stops everything.")


def _plain(problem: OSError) -> str:
    """An operating system's error as one line."""
    name = f"{problem.filename}: " if problem.filename else ""
    return f"{name}{problem.strerror or problem}."
