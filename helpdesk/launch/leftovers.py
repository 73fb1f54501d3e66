"""What a killed or crashed start left running: found by its notes, stopped in order, its sockets removed."""

import signal
from pathlib import Path

from helpdesk.embedded import pids
from helpdesk.embedded.paths import Places
from helpdesk.embedded.postgres import is_ours, lock_holder
from helpdesk.launch.install import say

# Who is stopped, in this order, with which signal, and for how many seconds it may finish its work.
ORDER = {
    "supervisor": (signal.SIGTERM, 150.0),
    "beat": (signal.SIGTERM, 10.0),
    "worker": (signal.SIGTERM, 75.0),
    "web": (signal.SIGTERM, 40.0),
    "redis": (signal.SIGTERM, 30.0),
    "postgres": (signal.SIGINT, 30.0),
}


def stop(where: Places, *, quietly: bool = False) -> None:
    """Stop every process of this installation; returns when none is left."""
    if (pids.running(where) or _unnoted_postgres(where)) and not quietly:
        say("Stopping what an earlier start left running …")
    for name, (first, patience) in ORDER.items():
        # Asked anew each time: the supervisor takes the others with it.
        if pid := pids.running(where).get(name):
            pids.stop(pid, first, patience)
        pids.forget(where, name)
    if pid := _unnoted_postgres(where):
        pids.stop(pid, signal.SIGINT, 30.0)
    for stale in (where.redis_socket, where.supervisor_socket, Path(f"{where.supervisor_socket}.lock")):
        stale.unlink(missing_ok=True)


def _unnoted_postgres(where: Places) -> int | None:
    """The server that holds the data, though its note is gone."""
    holder = lock_holder(where.postgres_data / "postmaster.pid")
    return holder if holder and is_ours(where, holder) else None
