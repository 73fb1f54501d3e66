"""Taking the pictures: several browsers side by side, one visit per page and role; widths and schemes by resizing."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Response, sync_playwright

from helpdesk.screens import browsing
from helpdesk.screens.pages import Screen

TALLEST = 3000  # pixels of a long page that are pictured
ABORTED = ("htmx:sendAbort", "htmx:afterRequest")
"""What htmx writes when a newer search takes the place of an older one; a line that is down is ``htmx:sendError``."""
HEIGHTS = {1440: 900, 768: 1024, 390: 844}


@dataclass(slots=True)
class Shot:
    """One visit: the files it gave and what was wrong."""

    name: str
    role: str
    files: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        return f"{self.name} as {self.role}"


@dataclass(frozen=True, slots=True)
class Visit:
    """What one browser is to do next; addresses are found before, since browsers run in threads of their own."""

    screen: Screen
    role: str
    address: str
    html: str | None


Todo = SimpleQueue[tuple[Visit, Shot]]


def shoot(screens: Sequence[Screen], url: str, sessions: dict[str, str], options: argparse.Namespace) -> list[Shot]:
    """Picture these pages; the shots come back in the table's order."""
    shots: list[Shot] = []
    todo: Todo = SimpleQueue()
    for screen in screens:
        for role in screen.roles:
            shot = Shot(screen.name, role)
            shots.append(shot)
            try:
                html = screen.serve() if screen.serve else None
                todo.put((Visit(screen, role, screen.address(), html), shot))
            except Exception as problem:  # what cannot be found is a line in the list, not the end of the run
                shot.troubles.append(f"not found: {type(problem).__name__}: {problem}")
    with ThreadPoolExecutor(max_workers=options.at_once) as browsers:
        for done in [browsers.submit(_work, todo, url, sessions, options) for _n in range(options.at_once)]:
            done.result()
    return shots


def _work(todo: Todo, url: str, sessions: dict[str, str], options: argparse.Namespace) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**browsing.launch_options())
        contexts: dict[str, BrowserContext] = {}
        while True:
            try:
                visit, shot = todo.get_nowait()
            except Empty:
                break
            _visit(_context(browser, contexts, visit.role, url, sessions), visit, shot, options)
        browser.close()


def _context(
    browser: Browser, contexts: dict[str, BrowserContext], role: str, url: str, sessions: dict[str, str]
) -> BrowserContext:
    """The browser of this person, kept, so that style and scripts are fetched once."""
    if role not in contexts:
        contexts[role] = browser.new_context(**browsing.context_options(url, role, sessions))
        contexts[role].set_default_timeout(60_000)
    return contexts[role]


def _visit(context: BrowserContext, visit: Visit, shot: Shot, options: argparse.Namespace) -> None:
    page = context.new_page()
    try:
        page.set_viewport_size({"width": options.widths[0], "height": HEIGHTS.get(options.widths[0], 900)})
        watch(page, visit.screen, shot.troubles)
        open_screen(page, visit.screen, visit.address, visit.html, shot.troubles)
        for width in options.widths:
            page.set_viewport_size({"width": width, "height": HEIGHTS.get(width, 900)})
            page.wait_for_timeout(40)
            across = page.evaluate("document.documentElement.scrollWidth")
            if across > width:
                shot.troubles.append(f"{across - width} pixels too wide at {width}")
            for scheme in options.schemes:
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                name = f"{visit.screen.name}.{visit.role}.{width}.{scheme}.png"
                _picture(page, options.out / name, width)
                shot.files.append(name)
    except Error as problem:
        shot.troubles.append(str(problem).splitlines()[0])
    finally:
        context.set_offline(False)
        page.close()


def open_screen(page: Page, screen: Screen, address: str, html: str | None, troubles: list[str]) -> None:
    """Go to the page and do what it wants done; an answer other than the expected is a trouble."""
    if html is not None:
        page.route(
            f"**{address}",
            lambda route: route.fulfill(status=screen.status, body=html, content_type="text/html; charset=utf-8"),
        )
    answer = page.goto(address)
    if answer is not None and screen.status and answer.status != screen.status:
        troubles.append(f"answered {answer.status} instead of {screen.status}")
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready")
    if screen.do:
        screen.do(page)
    page.wait_for_timeout(60)


def watch(page: Page, screen: Screen, troubles: list[str]) -> Callable[[], None]:
    """Note errors of scripts, breaches of the content policy and answers of 500; what comes back ends it."""

    def console(message: ConsoleMessage) -> None:
        if message.type == "error" and not screen.may_fail and not message.text.startswith(ABORTED):
            troubles.append(f"console: {message.text}")

    def answered(response: Response) -> None:
        if response.status >= 500 and response.status != screen.status:
            troubles.append(f"{response.request.method} {response.url}: {response.status}")

    def failed(error: Error) -> None:
        troubles.append(f"script: {error}")

    page.on("console", console)
    page.on("response", answered)
    page.on("pageerror", failed)

    def unwatch() -> None:
        page.remove_listener("console", console)
        page.remove_listener("response", answered)
        page.remove_listener("pageerror", failed)

    return unwatch


def _picture(page: Page, path: Path, width: int) -> None:
    page.evaluate("scrollTo(0, 0)")  # what sticks to an edge stands at the edge of the picture
    tall = min(TALLEST, max(HEIGHTS.get(width, 900), page.evaluate("document.documentElement.scrollHeight")))
    clip: Any = {"x": 0, "y": 0, "width": width, "height": tall}
    page.screenshot(path=path, full_page=True, clip=clip, animations="disabled", caret="hide")
