"""Results as a table: kept as JSON beside the README, whose second half is written from them."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS, README = HERE / "results.json", HERE / "README.md"
MARK = "<!-- written by python -m benchmarks: everything below is overwritten -->"
BUDGETS = {"list": 3, "ticket page": 3, "search": 4, "reply": 5}
BUDGET_SIZE, BUDGET_GROWTH, BUDGET_MEMORY = 100_000, 1.3, 600
GROWS = ("list", "ticket page")


def summary(samples: dict[int, dict[str, list[float]]], worked: dict[int, dict[str, float]]) -> dict[str, Any]:
    """By clients and operation: median, 95th percentile and processor time of one request (ms), the first and the last
    in floors of the same number of clients too. ``worked``: the processor time of all requests of a kind."""
    told: dict[str, Any] = {}
    for clients, by_name in samples.items():
        floor = median(by_name["floor"])
        work = {name: worked[clients][name] / len(took) for name, took in by_name.items()}
        told[str(clients)] = {
            name: {
                "median": round(median(took) * 1000, 2),
                "p95": round(quantiles(took, n=20)[-1] * 1000, 2),
                "floors": round(median(took) / floor, 2),
                "cpu": round(work[name] * 1000, 2),
                "cpu_floors": round(work[name] / (work["floor"] or 1), 2),
                "requests": len(took),
            }
            for name, took in by_name.items()
        }
    return told


def keep(size: int, measured: dict[str, Any]) -> None:
    """Replace what is known of one size and write the README anew."""
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    known[str(size)] = {"at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", "machine": machine(), **measured}
    RESULTS.write_text(json.dumps(dict(sorted(known.items(), key=lambda one: int(one[0]))), indent=1) + "\n")
    write_readme()


def machine() -> str:
    """Where it ran, in one line."""
    model = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} × {model}, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}"


def write_readme() -> None:
    """The part below the mark, from all results that are kept."""
    known = {int(size): result for size, result in json.loads(RESULTS.read_text()).items()}
    head = README.read_text(encoding="utf-8").partition(MARK)[0].rstrip()
    parts = [*(_section(size, result) for size, result in known.items()), _growth(known)]
    README.write_text("\n\n".join([head, MARK, *(part for part in parts if part)]) + "\n", encoding="utf-8")


def _section(size: int, result: dict[str, Any]) -> str:
    lines = [
        f"## {size:,} tickets",
        "",
        f"{result['at']}, {result['machine']}. Load of others just before: {result['load']:.1f} on "
        f"{result['processors']} processors.{_noisy(result)}",
        "",
        "| | clients | median ms | 95 % ms | floors | budget | at work ms | floors of work |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for clients, by_name in result["clients"].items():
        for name, one in by_name.items():
            budget = BUDGETS.get(name.partition(":")[0]) if size == BUDGET_SIZE else None
            verdict = f"{budget} {'met' if one['floors'] <= budget else 'MISSED'}" if budget else ""
            lines.append(
                f"| {name} | {clients} | {one['median']} | {one['p95']} | {one['floors']} | {verdict} | "
                f"{one['cpu']} | {one['cpu_floors']} |"
            )
    weight = result["memory"]
    told = ", ".join(f"{name} {value:.0f}" for name, value in weight.items())
    verdict = "met" if sum(weight.values()) < BUDGET_MEMORY else "MISSED"
    if weight:
        lines += [
            "",
            f"Memory (PSS): {told}, together {sum(weight.values()):.0f} MB (budget {BUDGET_MEMORY}: {verdict}).",
        ]
    return "\n".join([*lines, *([f"\n{result['note']}"] if result.get("note") else [])])


def _noisy(result: dict[str, Any]) -> str:
    busy = result["load"] > 0.5 * result["processors"]
    words = (
        " The machine was shared with other work, which makes a long request wait more often than a short one: only "
        "the columns of work can be trusted, and the verdicts are to be had again on a quiet machine."
    )
    return words if busy else ""


def _growth(known: dict[int, dict[str, Any]]) -> str:
    """What the largest desk costs compared with the smallest, in floors of each and in plain time."""
    sizes = sorted(known)
    if len(sizes) < 2:
        return ""
    small, large = sizes[0], sizes[-1]
    lines = [
        f"## Growth from {small:,} to {large:,} tickets",
        "",
        "| | clients | floors | grows by | median ms | grows by |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for clients, by_name in known[large]["clients"].items():
        for name, one in by_name.items():
            before = known[small]["clients"].get(clients, {}).get(name)
            if before is None:
                continue
            grown, slower = one["floors"] / before["floors"], one["median"] / before["median"]
            verdict = ""
            if name in GROWS and large == 1_000_000:
                verdict = f" ({BUDGET_GROWTH}: {'met' if grown <= BUDGET_GROWTH else 'MISSED'})"
            lines.append(
                f"| {name} | {clients} | {before['floors']} → {one['floors']} | {grown:.2f}{verdict} | "
                f"{before['median']} → {one['median']} | {slower:.2f} |"
            )
    return "\n".join(lines)
