"""Every page of the table of screens, for every role: axe-core on light and dark, and what axe cannot see.

One desk, a browser per processor, one page per person in it: the scheme and the width change under an open page.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import quote

import pytest
from django.template import TemplateDoesNotExist
from playwright.sync_api import Browser, Error, Page, ViewportSize, sync_playwright

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
CHECK = """async (rules) => {
  const { violations } = await axe.run(document, { runOnly: rules, reporter: "no-passes" });
  const why = (node) => [...node.any, ...node.all, ...node.none].map((check) => check.message).join("; ");
  return violations.map(({ id, nodes }) => ({ id, nodes: nodes.map((node) => ({ html: node.html, why: why(node) })) }));
}"""
FORGET = "() => { try { sessionStorage.clear(); } catch { /* a page that keeps nothing */ } }"
"""What a page leaves in its tab is not the next one's."""
USUAL: ViewportSize = {"width": 1280, "height": 720}
NARROW: ViewportSize = {"width": 320, "height": 640}
WRONG = """<!doctype html><html lang="en"><title>Wrong</title><style>
  p { background: #aaa; color: #999 } @media (prefers-color-scheme: dark) { p { background: #222; color: #333 } }
  button { block-size: 10px; inline-size: 10px; padding: 0; border: 0; background: none }
  button:focus { outline: none } main { inline-size: 600px }
</style><main><h1>Wrong</h1><p>Too pale to read</p><img src="data:,"><button>x</button><button>y</button>
<a href="/" tabindex="3">first</a></main>"""
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


@pytest.mark.takes(140)
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


def test_the_eyes_see_what_is_wrong(browser: Browser) -> None:
    """What finds nothing on any page finds this: else the test above could not fail."""
    page = _page_of(browser, {}, AXE.read_text(encoding="utf-8"))
    page.goto(f"data:text/html,{quote(WRONG)}")

    found = [*_axe(page), *page.evaluate(FITNESS.read_text(encoding="utf-8"))]
    page.set_viewport_size(NARROW)
    found += page.evaluate(TOO_WIDE)
    page.context.close()

    for sign in (
        "light image-alt", "light color-contrast", "dark color-contrast", "target of", "the focus cannot be seen",
        "a tabindex of its own", "pixels too wide at 320",
    ):  # fmt: skip
        assert any(line.startswith(sign) or sign in line for line in found), (sign, found)


def _look(todo: SimpleQueue[Visit], url: str, sessions: dict[str, str]) -> list[str]:
    """Take pages from the list until it is empty; say what is wrong with them."""
    source, fitness = AXE.read_text(encoding="utf-8"), FITNESS.read_text(encoding="utf-8")
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**browsing.launch_options())
        kept: dict[str, Page] = {}
        while True:
            try:
                screen, role, address, html = todo.get_nowait()
            except Empty:
                break
            if role not in kept:
                kept[role] = _page_of(browser, browsing.context_options(url, role, sessions), source)
            found = _visit(kept[role], screen, address, html, fitness)
            if found:  # whatever it was, it is not the next page's
                kept.pop(role).context.close()
            wrong += [f"{screen.name} as {role}: {line}" for line in dict.fromkeys(found)]
        browser.close()
    return wrong


def _page_of(browser: Browser, options: dict[str, Any], axe: str) -> Page:
    """A person's one page: another for each visit, and axe sent to it anew, would take as long as the visit."""
    context = browser.new_context(**options)
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.add_init_script(axe)
    return page


def _visit(page: Page, screen: pages.Screen, address: str, html: str | None, fitness: str) -> list[str]:
    found: list[str] = []
    unwatch = shooting.watch(page, screen, found)
    try:
        page.set_viewport_size(USUAL)
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        shooting.open_screen(page, screen, address, html, found)
        found += _axe(page)
        found += page.evaluate(fitness)
        page.set_viewport_size(NARROW)
        found += page.evaluate(TOO_WIDE)
        page.evaluate(FORGET)
    except Error as problem:
        found.append(str(problem).splitlines()[0])
    finally:
        page.unroute_all()
        unwatch()
    return found


def _axe(page: Page) -> list[str]:
    """All findings on light; on dark only the contrast, since nothing else knows the scheme."""
    found = []
    for scheme, rules in RUNS:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        violations: list[dict[str, Any]] = page.evaluate(CHECK, rules)
        found += [
            f"{scheme} {violation['id']}: {node['html'][:140]} {node['why'][:260]}"
            for violation in violations
            for node in violation["nodes"]
        ]
    return found
