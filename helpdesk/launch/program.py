"""``python -m helpdesk.launch.program NAME [HOST PORT]``: write down our process id, then become that program."""

import os
import sys
from pathlib import Path
from typing import NoReturn

from helpdesk.embedded import CannotStart, pids, places, postgres, redis

LARGEST_LOG = 10 * 1024 * 1024  # bytes; looked at when a process starts


def commands(host: str, port: str) -> dict[str, list[str]]:
    """The modules that are the desk's own processes, with their arguments."""
    celery = ["celery", "--app", "helpdesk.celery", "--quiet"]
    proxy = ["--proxy-headers"] if os.environ.get("BEHIND_PROXY", "").lower() in {"1", "true", "yes", "on"} else []
    return {
        "web": [
            *["uvicorn", "helpdesk.asgi:application", "--host", host, "--port", port],
            *["--workers", os.environ.get("WEB_PROCESSES") or "1", "--lifespan", "off", "--no-access-log"],
            *["--no-server-header", "--log-level", "warning", "--timeout-graceful-shutdown", "30"],
            *(proxy or ["--no-proxy-headers"]),
        ],
        "worker": [*celery, "worker", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"],
        "beat": [*celery, "beat", "--loglevel", "WARNING", "--pidfile="],
    }


def main(name: str, host: str = "", port: str = "") -> NoReturn:
    """Become the program; the supervisor sees the program itself."""
    where = places(Path(os.environ["HELPDESK_VAR"]))
    pids.note(where, name)
    log_to(where.logs / f"{name}.log")
    if name == "postgres":
        postgres.serve(where)
    if name == "redis":
        redis.serve(where)
    os.execv(sys.executable, [sys.executable, "-m", *commands(host, port)[name]])


def log_to(file: Path) -> None:
    """Write to a file of our own; a pipe to the supervisor would break with it, and a worker could not even stop."""
    if file.exists() and file.stat().st_size > LARGEST_LOG:
        file.replace(file.with_suffix(".log.1"))
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    os.dup2(handle, 1)
    os.dup2(handle, 2)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (CannotStart, OSError) as problem:
        sys.exit(f"{sys.argv[1]}: {problem}")
