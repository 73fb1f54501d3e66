"""``python -m benchmarks.browser [--tickets 100000]``: what a person waits for, measured in Chromium.

HTML of list and ticket, bytes of a first and of a next visit, largest contentful paint, layout shift, and how long an
act takes from the key to its visible result. The table is written to README.md.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page, sync_playwright

from benchmarks.desk import HOST, place, serving, template
from benchmarks.report import MARK, README, machine
from helpdesk.embedded import CannotStart
from helpdesk.launch.install import ROOT

CHROMIUM = "/usr/bin/chromium"
TIMES = 10
HEAD = "## In the browser"
BUSY = ": it was shared with other work, which makes every time longer; bytes and layout are what they are."
OBSERVE = """
window.seen = {lcp: 0, cls: 0};
new PerformanceObserver((list) => { for (const one of list.getEntries()) seen.lcp = one.startTime; })
  .observe({type: "largest-contentful-paint", buffered: true});
const add = (one) => { if (!one.hadRecentInput) seen.cls += one.value; };
new PerformanceObserver((list) => list.getEntries().forEach(add))
  .observe({type: "layout-shift", buffered: true});
"""
BUDGETS = {
    "HTML": 60,
    "first visit": 250,
    "next visit": 15,
    "LCP": 1000,
    "layout shift": 0.001,
    "act": 150,
    "search": 150,
}


def main() -> int:
    """Measure, print the table and write it down; 0, or 1 with the reason."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browser", description="What a person waits for.")
    parser.add_argument("--tickets", default=100_000, type=int, help="tickets on the desk (100000)")
    parser.add_argument("--var", default=ROOT / "var" / "benchmarks", type=Path, help="where the databases are kept")
    options = parser.parse_args()
    try:
        with place(options.var) as where:
            load = os.getloadavg()[0]
            with serving(where, template(where, options.tickets), 1) as (port, targets):
                rows = measured(f"http://{HOST}:{port}", targets)
    except (CannotStart, RuntimeError, OSError) as problem:
        print(f"benchmarks: {problem}", file=sys.stderr)
        return 1
    text = table(rows, options.tickets, load)
    print(text)
    _write(text)
    return 0


def measured(base: str, targets: dict[str, Any]) -> list[tuple[str, str, float, str]]:
    """What, of which budget, how much, in which unit."""
    rows: list[tuple[str, str, float, str]] = []
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])

        def context() -> BrowserContext:
            made = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=base)
            made.add_cookies([{"name": targets["cookie"], "value": targets["sessions"][0], "url": base}])
            made.add_init_script(OBSERVE)
            return made

        for name in ("list", "ticket"):
            rows += _visits(context(), name, targets[name])
        acting = context().new_page()
        paths = [path.removesuffix("reply/") for path, _seen in targets["replies"]]
        rows += [(name, "act", took, "ms") for name, took in _acts(acting, paths, targets["takes"])]
        rows.append((f"search as one types, median of {TIMES}", "search", _search(acting, targets), "ms"))
        browser.close()
    return rows


def _visits(context: BrowserContext, name: str, path: str) -> list[tuple[str, str, float, str]]:
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    sent: list[float] = []
    line.on("Network.loadingFinished", lambda event: sent.append(event["encodedDataLength"]))
    answer = page.goto(path, wait_until="networkidle")
    assert answer is not None
    html, first = len(answer.body()) / 1000, sum(sent) / 1000
    page.wait_for_timeout(500)
    shift = page.evaluate("seen.cls")
    times, nexts = [], []
    for _time in range(TIMES):
        sent.clear()
        page.goto(path, wait_until="networkidle")
        page.wait_for_timeout(200)
        times.append(page.evaluate("seen.lcp"))
        nexts.append(sum(sent) / 1000)
        shift = max(shift, page.evaluate("seen.cls"))
    page.close()
    return [
        (f"{name}: HTML", "HTML", html, "kB"),
        (f"{name}: first visit, compressed", "first visit", first, "kB"),
        (f"{name}: next visit, compressed", "next visit", median(nexts), "kB"),
        (f"{name}: largest contentful paint", "LCP", median(times), "ms"),
        (f"{name}: layout shift", "layout shift", shift, ""),
    ]


def _acts(page: Page, paths: list[str], takes: list[str]) -> list[tuple[str, float]]:
    """Each on tickets of its own: the form opens, the hold stands, it is taken, the reply is there."""
    opened: list[float] = []
    held: list[float] = []
    taken: list[float] = []
    written: list[float] = []
    for path in takes[:TIMES]:
        page.goto(path, wait_until="networkidle")
        page.keyboard.press("a")
        page.locator("#act form [data-default]:focus").wait_for()
        taken.append(_took(page, lambda: page.keyboard.press("Enter"), "#ticket-head:not(:has(a[data-key=a]))"))
    for path in paths[: len(paths) - TIMES]:
        if len(held) == TIMES:
            break
        page.goto(path, wait_until="networkidle")
        if not page.locator("a[data-key=h]").count():
            continue
        opened.append(_took(page, lambda: page.keyboard.press("h"), "#act form"))
        page.keyboard.press("1")
        held.append(_took(page, lambda: page.keyboard.press("Control+Enter"), "#ticket-head .chip[data-tone=warn]"))
    for path in paths[-TIMES:]:
        page.goto(path, wait_until="networkidle")
        before = page.locator("#items > .entry").count()
        page.locator("#composer trix-editor").click()
        page.keyboard.type("Thank you, we look into it.")
        newest = f"#items > .entry >> nth={before}"
        written.append(_took(page, lambda: page.keyboard.press("Control+Enter"), newest))
    took = {
        "the form of a hold opens": opened,
        "a hold stands": held,
        "a ticket is taken": taken,
        "a reply is there": written,
    }
    return [(f"{name}, median of {len(times)}", median(times)) for name, times in took.items() if times]


def _search(page: Page, targets: dict[str, Any]) -> float:
    """From the last letter to the first answer."""
    took = []
    for name in targets["words"]["a name"][:TIMES]:
        page.goto(targets["list"], wait_until="networkidle")
        page.keyboard.press("/")
        page.keyboard.type(name[:3])
        page.wait_for_timeout(800)
        with page.expect_response(lambda answer: "q=" in answer.url):
            start = time.perf_counter()
            page.keyboard.type(name[3:4] or "a")
        took.append((time.perf_counter() - start) * 1000)
    return median(took)


def _took(page: Page, act: Callable[[], object], shows: str) -> float:
    """Milliseconds from the key to what it shows, as the page itself sees it."""
    page.evaluate(
        """(selector) => {
          window.shown = new Promise((done) => {
            const start = () => { window.pressed ??= performance.now(); };
            window.pressed = undefined;
            addEventListener("keydown", start, {capture: true, once: true});
            const look = () => {
              const [css, place] = selector.split(" >> nth=");
              const found = document.querySelectorAll(css)[Number(place || 0)];
              const finish = () => done(performance.now() - window.pressed);
              requestAnimationFrame(window.pressed !== undefined && found ? finish : look);
            };
            look();
          });
        }""",
        shows,
    )
    start = time.perf_counter()
    act()
    try:
        return float(page.evaluate("window.shown"))
    except Error:  # it led to another page
        print(f"An act led to {page.url}", file=sys.stderr)
        css, _nth, place = shows.partition(" >> nth=")
        page.locator(css).nth(int(place or 0)).wait_for()
        return (time.perf_counter() - start) * 1000


def table(rows: list[tuple[str, str, float, str]], tickets: int, load: float) -> str:
    """The table as it stands in the README."""
    busy = BUSY if load > (os.cpu_count() or 1) else "."
    lines = [
        f"{HEAD}: {tickets:,} tickets",
        "",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine()}, Chromium at 1440 × 900.",
        f"Load of others just before: {load:.1f} on {os.cpu_count()} processors{busy}",
        "",
        "| | measured | budget |",
        "|---|--:|--:|",
    ]
    for what, name, value, unit in rows:
        budget = BUDGETS[name]
        verdict = "met" if value <= budget else "MISSED"
        shown = f"{value:.3f}" if not unit else f"{value:.1f} {unit}"
        lines.append(f"| {what} | {shown} | {'none' if not unit else f'{budget} {unit}'} {verdict} |")
    return "\n".join(lines)


def _write(text: str) -> None:
    """In the README, before what the other command writes."""
    head, mark, rest = README.read_text(encoding="utf-8").partition(MARK)
    README.write_text("\n\n".join([head.partition(HEAD)[0].rstrip(), text, mark + rest]), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
