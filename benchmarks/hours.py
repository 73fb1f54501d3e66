"""``python -m benchmarks.hours``: what an answer in working time costs, and the first one of a zone in a process."""

from __future__ import annotations

import os
import time as clock
from collections.abc import Callable
from datetime import UTC, datetime, time
from functools import partial
from statistics import median

from common import wall_time
from common.business_hours import BusinessHours

ZONES = ("Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Auckland")
ROUNDS = 9
WEEK = {day: [(time(9), time(17))] for day in range(5)}
MINUTE = {0: [(time(9), time(9, 1))]}
START = datetime(2026, 1, 5, 8, tzinfo=UTC)
ASKED = (
    ("add 10,000 working hours (5 years)", WEEK, 10_000),
    ("add 100,000 working hours (48 years)", WEEK, 100_000),
    ("one minute a week: add 60 hours (69 years)", MINUTE, 60),
    ("the same: add 6,900 hours (7,934 years)", MINUTE, 6_900),
)


def main() -> None:
    """Print the table of README.md: medians of processor time over zones and rounds."""
    print(f"Load of others just before: {os.getloadavg()[0]:.1f}.\n")
    print("| processor time, ms | cold | warm |\n|---|--:|--:|")
    for name, week, hours in ASKED:
        cold, warm = _cold_and_warm(week, hours * 3600)
        print(f"| {name} | {cold:.2f} | {warm:.3f} |")


def _cold_and_warm(week: dict[int, list[tuple[time, time]]], seconds: int) -> tuple[float, float]:
    """Milliseconds: of the first answer of a zone in a process, and of one more of the same calendar."""
    cold, warm = [], []
    for _round in range(ROUNDS):
        for zone in ZONES:
            wall_time.changes.cache_clear()
            hours = BusinessHours(zone, week)
            cold.append(_spent(partial(hours.add, START, seconds)))
            warm.append(_spent(partial(hours.add, START, seconds)))
    return median(cold), median(warm)


def _spent(act: Callable[[], object]) -> float:
    before = clock.process_time_ns()
    act()
    return (clock.process_time_ns() - before) / 1e6


if __name__ == "__main__":
    main()
