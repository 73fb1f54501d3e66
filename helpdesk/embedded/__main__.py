"""``python -m helpdesk.embedded postgres|redis VAR [--throwaway]``: become that server."""

import sys
from pathlib import Path

from helpdesk.embedded import pids, postgres, redis
from helpdesk.embedded.paths import CannotStart, places

name, var, *words = sys.argv[1:]
try:
    pids.note(places(Path(var)), name)
    if name == "postgres":
        postgres.serve(places(Path(var)), throwaway="--throwaway" in words)
    elif name == "redis":
        redis.serve(places(Path(var)))
    sys.exit(f"No such server: {name}.")
except (CannotStart, OSError) as problem:
    sys.exit(f"{name}: {problem}")
