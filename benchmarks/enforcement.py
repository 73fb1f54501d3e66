"""``python -m benchmarks.enforcement [--clocks 1000000] [--breaches 10000]``: what service levels cost.

A pass with nothing due at so many open clocks; so many first responses that fall due at one moment, done by two
workers; what opening a ticket pays for its clocks. It starts a PostgreSQL and a Redis of its own, as durable as those
of ``bin/up``. The table is written to README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.__main__ import _stop
from benchmarks.desk import _databases, _fingerprint, _python, _url, place
from benchmarks.report import MARK, README, machine
from helpdesk import embedded
from helpdesk.embedded import CannotStart, Places
from helpdesk.launch.install import ROOT

WORKERS, TOLD = 2, 1000
HEAD, AFTER = "## Service levels", "## In the browser"
BUDGET_IDLE, BUDGET_SECONDS, BUDGET_OPENING = 5.0, 60.0, 2.0
MODULE = "benchmarks.due"

ABOUT = """\
PostgreSQL runs beside the workers, as durable as that of `bin/up`. The time of a pass is that of all its statements,
seen from the worker: with the way there and back, and the commit of the note that it has been.
Tickets are opened in pairs, one with clocks and one without, in turns, so that what else runs hits both. Processor time
is that of the process and of its PostgreSQL: what clocks cost whoever else is waiting, and so the figure that binds; on
a busy machine the time that passed tells of the others, too. A breach's notices are those to staff, and the mail to the
customer."""


def main() -> int:
    """Measure and write the table; 0, or 1 with the reason in one line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.enforcement", description="What service levels cost.")
    parser.add_argument("--clocks", default=1_000_000, type=int, help="open clocks on the desk (1000000)")
    parser.add_argument("--breaches", default=10_000, type=int, help="that fall due at one moment (10000)")
    parser.add_argument("--var", default=ROOT / "var" / "benchmarks", type=Path, help="where the databases are kept")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _stop)
    try:
        with place(options.var) as where:
            os.environ["DJANGO_SETTINGS_MODULE"] = "helpdesk.settings"
            found = _measure(where, options.clocks, options.breaches)
    except (CannotStart, RuntimeError, OSError) as problem:
        print(f"benchmarks.enforcement: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    text = _table(found, options.breaches)
    _write(text)
    print(text)
    return 0


def _measure(where: Places, clocks: int, breaches: int) -> dict[str, Any]:
    seeded = _seeded(where, clocks)
    with embedded.running(where.var, throwaway=False):
        _databases(where, "DROP DATABASE IF EXISTS due")
        _databases(where, f'CREATE DATABASE due TEMPLATE "{seeded}" STRATEGY FILE_COPY')
        _databases(where, "CHECKPOINT")
        load = os.getloadavg()[0]
        idle = _ask(where, "idle")
        opening = _ask(where, "opening")
        due = _ask(where, "breaches", str(breaches))["due"]
        seconds = _work(where)
        told = _ask(where, "told")
        notices = _ask(where, "notices", str(min(breaches, TOLD)))
        _databases(where, "DROP DATABASE due")
    return {
        "load": load, "idle": idle, "opening": opening, "due": due, "seconds": seconds, "told": told,
        "notices": notices,
    }  # fmt: skip


def _seeded(where: Places, clocks: int) -> str:
    """The name of a database with so many open clocks: made once for each state of the tables."""
    name = f"clocks_{clocks}_{_fingerprint()}"
    with embedded.running(where.var, throwaway=True):
        if _databases(where, "SELECT 1 FROM pg_database WHERE datname = %s", name):
            return name
        print(f"Making {clocks} open clocks …", flush=True)
        _databases(where, "DROP DATABASE IF EXISTS draft")
        _databases(where, "CREATE DATABASE draft")
        _python(where, "draft", MODULE, "fill", str(clocks))
        _databases(where, f'ALTER DATABASE draft RENAME TO "{name}"')
    return name


def _work(where: Places) -> float:
    """Seconds from the moment at which the workers begin until the last of them finds nothing more."""
    start = time.time() + 6
    environment = {**os.environ, "DATABASE_URL": _url(where, "due")}
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", MODULE, "work", str(start)], cwd=ROOT, env=environment, text=True,
            stdout=subprocess.PIPE,
        )
        for _worker in range(WORKERS)
    ]  # fmt: skip
    told = [json.loads(worker.communicate()[0]) for worker in workers]
    if not all(one["finished"] for one in told):
        raise RuntimeError("The workers did not come to an end.")
    return max(one["ended"] for one in told) - start


def _ask(where: Places, *words: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(_python(where, "due", MODULE, *words, keep=True))
    return answer


def _table(found: dict[str, Any], breaches: int) -> str:
    idle, opening, told = found["idle"], found["opening"], found["told"]
    wall, fastest, work = (opening[name][0] - opening[name][1] for name in ("wall", "fastest", "work"))
    notices = found["notices"]
    rows = [
        (f"a pass with nothing due, {idle['clocks']:,} open clocks: {idle['statements']} statements, median of "
         f"{idle['passes']}", f"{idle['median']:.2f} ms", _met(idle["median"], BUDGET_IDLE, "ms")),
        ("the same, 95 % of the passes", f"{idle['p95']:.2f} ms", ""),
        (f"{breaches:,} first responses due at one moment, {WORKERS} workers: all recorded and escalated",
         f"{found['seconds']:.1f} s", _met(found["seconds"], BUDGET_SECONDS, "s")),
        ("breaches recorded", f"{told['breaches']:,}", _verdict(told["breaches"] == found["due"] == breaches)),
        ("escalations", f"{told['escalations']:,}", _verdict(told["escalations"] == breaches)),
        ("doubles", f"{told['doubles']}", _verdict(told["doubles"] == 0)),
        ("tickets whose events have a gap", f"{told['gaps']}", _verdict(told["gaps"] == 0)),
        (f"opening a ticket, median of {opening['opened']} pairs: processor time of its clocks", f"{work:.2f} ms",
         _met(work, BUDGET_OPENING, "ms")),
        ("the same: time that passed", f"{wall:.2f} ms", _met(wall, BUDGET_OPENING, "ms")),
        ("the same in the fastest tenth, when nobody else had the processor", f"{fastest:.2f} ms",
         _met(fastest, BUDGET_OPENING, "ms")),
        ("the whole of opening: processor time, with clocks to without", f"{opening['work'][0]:.2f} ms, "
         f"{opening['work'][0] / opening['work'][1]:.2f} to 1", ""),
        ("the whole of opening: time that passed, with clocks to without", f"{opening['wall'][0]:.2f} ms, "
         f"{opening['wall'][0] / opening['wall'][1]:.2f} to 1", ""),
        (f"notices and mails of a breach, mean of {notices['breaches']:,}: processor time", f"{notices['work']:.1f} ms",
         ""),
    ]  # fmt: skip
    return "\n".join(
        [
            HEAD, "", "    .venv/bin/python -m benchmarks.enforcement", "",
            f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine()}. Load of others just before: {found['load']:.1f}.",
            ABOUT,
            "", "| | measured | budget |", "|---|--:|--:|",
            *(f"| {what} | {measured} | {budget} |" for what, measured, budget in rows),
        ]
    )  # fmt: skip


def _met(value: float, budget: float, unit: str) -> str:
    return f"{budget:g} {unit} {'met' if value < budget else 'MISSED'}"


def _verdict(is_so: bool) -> str:
    return "met" if is_so else "MISSED"


def _write(text: str) -> None:
    """In the README, before what the other commands write."""
    whole = README.read_text(encoding="utf-8")
    rest = next(mark for mark in (AFTER, MARK) if mark in whole)
    head, mark, tail = whole.partition(rest)
    README.write_text("\n\n".join([head.partition(HEAD)[0].rstrip(), text, mark + tail]), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
