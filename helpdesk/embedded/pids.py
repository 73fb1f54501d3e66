"""Which processes of an installation run: one small file each, proof against reused process ids."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from helpdesk.embedded.paths import Places


def note(where: Places, name: str, pid: int | None = None) -> None:
    """Write down that process ``pid`` (ourselves) is ``name``; it keeps the id when it becomes another program."""
    pid = pid or os.getpid()
    where.run.mkdir(parents=True, exist_ok=True)
    (where.run / f"{name}.pid").write_text(f"{pid} {started(pid)}\n", encoding="utf-8")


def forget(where: Places, name: str) -> None:
    """Drop the note; the process ended in order."""
    (where.run / f"{name}.pid").unlink(missing_ok=True)


def running(where: Places) -> dict[str, int]:
    """Noted processes that are alive, or whose process group is, by name."""
    found = {}
    for path in sorted(where.run.glob("*.pid")) if where.run.is_dir() else []:
        if pid := _noted(path):
            found[path.stem] = pid
    return found


def _noted(path: Path) -> int | None:
    try:
        number, start = path.read_text(encoding="utf-8").strip().split(" ", 1)
        pid = int(number)
    except (OSError, ValueError):
        return None
    if alive(pid):
        return pid if started(pid) == start else None
    # The leader is dead: its id cannot be given away while a process of its group lives.
    return pid if group_alive(pid) else None


def alive(pid: int) -> bool:
    """Whether the process runs (a zombie that nobody has collected does not)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _stat(pid)[:1] != ["Z"]


def group_alive(pid: int) -> bool:
    """Whether a process of the group led by ``pid`` runs."""
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    others = [fields for path in Path("/proc").glob("[0-9]*") if (fields := _stat(int(path.name)))]
    return not others or any(fields[2] == str(pid) and fields[0] != "Z" for fields in others)


def started(pid: int) -> str:
    """When the process started, as a word to compare; empty when it is gone."""
    fields = _stat(pid)
    if fields:
        return fields[19]
    return _ps(pid, "lstart=")


def command(pid: int) -> str:
    """The command line of a process; empty when it is gone or another user's secret."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return _ps(pid, "command=")


def stop(pid: int, first: signal.Signals, patience: float) -> None:
    """Ask with ``first``; after ``patience`` seconds end the whole group by KILL. Returns when it is gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, first)
    deadline = time.monotonic() + patience
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on (state first); empty where there is no such file."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _ps(pid: int, column: str) -> str:
    with suppress(OSError):
        done = subprocess.run(["ps", "-o", column, "-p", str(pid)], capture_output=True, text=True, check=False)
        return done.stdout.strip()
    return ""
