"""Every page of the table of screens, for every role: axe-core on light and dark, and what axe cannot see.

One desk, a browser per processor, one visit per page: the scheme and the width change under an open page.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import pytest
from django.template import TemplateDoesNotExist
from playwright.sync_api import Error, Page, sync_playwright

from helpdesk import testing
from helpdesk.launch.install import ROOT
from helpdesk.screens import browsing, desk, pages, shooting
from helpdesk.testing import LiveDesk

pytestmark = pytest.mark.browser

AXE = ROOT / "node_modules/axe-core/axe.min.js"
FITNESS = Path(__file__).with_name("fitness.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SHARE = 0.02  # of the demo's stories: each is told once at least
RUNS = (
    ("light", {"type": "tag", "values": RULES}),
    ("dark", {"type": "rule", "values": ["color-contrast"]}),
)
NARROW = 320
TOO_WIDE = """() => {
  const over = document.documentElement.scrollWidth - innerWidth;
  const last = (el) => ![...el.children].some((child) => child.getBoundingClientRect().right > innerWidth + 1);
  const first = over > 0 && [...document.body.querySelectorAll("*")].find(
    (el) => el.getBoundingClientRect().right > innerWidth + 1 && last(el));
  const cut = [...document.querySelectorAll(".acts")].find((el) => el.scrollWidth > el.clientWidth + 1);
  if (cut) return [`acts are cut at ${innerWidth}: ${cut.textContent.replace(/  +/g, " ").slice(0, 80)}`];
  return over > 0 ? [`${over} pixels too wide at ${innerWidth}: ${first ? first.outerHTML.slice(0, 120) : "?"}`] : [];
}"""


@pytest.fixture
def live_desk(transactional_db: None, tmp_path: Path) -> Iterator[LiveDesk]:
    """The desk, offered in Hebrew too: its pages have to be fit from right to left before they are translated."""
    with testing.live_desk(tmp_path, "web", extra={"DESK_LANGUAGES": "en,he"}) as live:
        yield live


Visit = tuple[pages.Screen, str, str, str | None]


def test_every_page_is_fit_for_everybody(live_desk: LiveDesk) -> None:
    desk.fill_demo(share=SHARE)
    looked_at = [page for page in pages.PAGES if page.desk == "demo" and not page.name.startswith(("busy", "lost"))]
    sessions = desk.sign_in({role for page in looked_at for role in page.roles})
    todo: SimpleQueue[Visit] = SimpleQueue()
    missing = []
    for screen in looked_at:
        try:
            html = screen.serve() if screen.serve else None
            for role in screen.roles:
                todo.put((screen, role, screen.address(), html))
        except (LookupError, TemplateDoesNotExist) as problem:
            missing.append(f"{screen.name}: {problem}")
    number = max(2, os.cpu_count() or 2)

    with ThreadPoolExecutor(max_workers=number) as browsers:
        work = [browsers.submit(_look, todo, live_desk.url, sessions) for _n in range(number)]
        wrong = [*missing, *(line for one in work for line in one.result())]

    assert not wrong, f"{len(wrong)} findings:\n" + "\n".join(sorted(wrong))


def _look(todo: SimpleQueue[Visit], url: str, sessions: dict[str, str]) -> list[str]:
    """Take pages from the list until it is empty; say what is wrong with them."""
    source, fitness = AXE.read_text(encoding="utf-8"), FITNESS.read_text(encoding="utf-8")
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**browsing.launch_options())
        contexts: dict[str, Any] = {}
        while True:
            try:
                screen, role, address, html = todo.get_nowait()
            except Empty:
                break
            if role not in contexts:
                contexts[role] = browser.new_context(**browsing.context_options(url, role, sessions))
                contexts[role].set_default_timeout(60_000)
            page = contexts[role].new_page()
            found: list[str] = []
            try:
                shooting.watch(page, screen, found)
                shooting.open_screen(page, screen, address, html, found)
                found += _axe(page, source)
                found += page.evaluate(fitness)
                page.set_viewport_size({"width": NARROW, "height": 640})
                found += page.evaluate(TOO_WIDE)
            except Error as problem:
                found.append(str(problem).splitlines()[0])
            wrong += [f"{screen.name} as {role}: {line}" for line in dict.fromkeys(found)]
            page.close()
        browser.close()
    return wrong


def _axe(page: Page, source: str) -> list[str]:
    """All findings on light; on dark only the contrast, since nothing else knows the scheme."""
    page.evaluate(source)
    found = []
    for scheme, run in (
        ("light", {"type": "tag", "values": RULES}),
        ("dark", {"type": "rule", "values": ["color-contrast"]}),
    ):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        answer: dict[str, Any] = page.evaluate(
            "(run) => axe.run(document, {runOnly: run, resultTypes: ['violations']})", run
        )
        found += [
            f"{scheme} {violation['id']}: {node['html'][:140]} {' '.join(node['failureSummary'].split())[:260]}"
            for violation in answer["violations"]
            for node in violation["nodes"]
        ]
    return found
