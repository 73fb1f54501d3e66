"""``python -m benchmarks [--sizes 10000,100000,1000000] [--clients 1,8] [--requests 40]``."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from benchmarks import report
from benchmarks.client import Client, measure, operations
from benchmarks.desk import HOST, memory, place, serving, spent, template
from helpdesk.embedded import CannotStart, Places
from helpdesk.launch.install import ROOT

ROUNDS = 4
WARM = 5


def main() -> int:
    """Measure every size, write the README; 0, or 1 with the reason in one line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="What a page costs, in floors.")
    parser.add_argument("--sizes", default="100000", type=_numbers, help="tickets on the desk (100000)")
    parser.add_argument("--clients", default="1,8", type=_numbers, help="how many ask at once (1,8)")
    parser.add_argument("--requests", default=40, type=int, help="of each kind, per number of clients (40)")
    parser.add_argument("--var", default=ROOT / "var" / "benchmarks", type=Path, help="where the databases are kept")
    parser.add_argument("--note", default="", help="a sentence for the README about this run")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _stop)
    try:
        with place(options.var) as where:
            for size in options.sizes:
                _one(where, size, options)
    except (CannotStart, RuntimeError, OSError) as problem:
        print(f"benchmarks: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _one(where: Places, size: int, options: argparse.Namespace) -> None:
    seeded = template(where, size)
    load = os.getloadavg()[0]
    with serving(where, seeded, max(options.clients)) as (port, targets):
        clients = [Client(HOST, port, targets["cookie"], session) for session in targets["sessions"]]
        asks = operations(targets)
        samples: dict[int, dict[str, list[float]]] = {}
        worked: dict[int, dict[str, float]] = {}
        for many in options.clients:
            at_once, times = clients[:many], max(options.requests // ROUNDS // many, 2)
            samples[many], worked[many] = {name: [] for name in asks}, dict.fromkeys(asks, 0.0)
            for name in asks:
                measure(at_once, asks[name], WARM)
            for _round in range(ROUNDS):  # in turns, so that what others do on the machine hits all alike
                for name in asks:
                    before = spent(where)
                    samples[many][name] += measure(at_once, asks[name], times)
                    worked[many][name] += spent(where) - before
        weight = memory(where)
    told = report.summary(samples, worked)
    result: dict[str, Any] = {
        "clients": told,
        "memory": weight,
        "load": load,
        "processors": os.cpu_count() or 1,
    }
    report.keep(size, {**result, "note": options.note})
    for many, by_name in told.items():
        for name, one in by_name.items():
            print(
                f"{size:>8} tickets, {many} clients: {name:<24} {one['median']:>8} ms  {one['floors']:>5} floors, "
                f"{one['cpu']:>7} ms at work  {one['cpu_floors']:>5} floors"
            )


def _numbers(text: str) -> list[int]:
    numbers = [int(word) for word in text.split(",") if word.strip().isdigit() and int(word) > 0]
    if len(numbers) != len(text.split(",")):
        raise argparse.ArgumentTypeError(f"{text} is no list of numbers")
    return numbers


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
