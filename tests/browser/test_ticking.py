"""Scripts that count by themselves, in a page of nothing else: no server, and the browser's clock set by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, Route

from common.business_hours import BusinessHours
from common.templatetags import desk_ui

DESK = "http://desk.test"
FRIDAY = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
OFFICE = BusinessHours("UTC", {day: ((time(8), time(18)),) for day in range(5)})
WALL = """<div data-wallboard="/part"><time data-wall-clock></time><button data-whole-screen></button>
<p data-wall-old hidden data-words="Old: %(time)s, %(span)s" data-ended="Ended: %(time)s"><span></span><a></a></p>
<main>{}</main></div>"""
PARTS = '<b data-part="soon">{}</b><b data-part="late">{}</b>'


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A page of this body with these scripts, at a time of the machine; ``drawn`` by the server's clock, whose
    ``answers`` stand by path."""
    context = browser.new_context(timezone_id="UTC", locale="en-GB")

    def serve(route: Route, answers: dict[str, Callable[[], str | None]], html: str) -> None:
        path = route.request.url.removeprefix(DESK)
        if path.startswith("/js/"):
            code = Path(settings.BASE_DIR, "static", path[1:]).read_text()
            route.fulfill(body=code, content_type="text/javascript")
        elif (answer := answers.get(path, lambda: html)()) is None:
            route.abort()
        else:
            route.fulfill(body=answer, content_type="text/html; charset=utf-8")

    def _opened(
        body: str, *scripts: str, at: datetime, drawn: datetime | None = None, **answers: Callable[[], str | None]
    ) -> Page:
        page = context.new_page()
        page.clock.install(time=at)
        tags = "".join(f'<script type="module" src="/js/{name}"></script>' for name in scripts)
        told = f' data-server-time="{drawn.isoformat()}"' if drawn else ""
        html = f'<!doctype html><html lang="en-GB"><body{told}>{body}{desk_ui.js_words()}{tags}</body></html>'
        by_path = {f"/{name}": answer for name, answer in answers.items()}
        page.route(f"{DESK}/**", lambda route: serve(route, by_path, html))
        page.goto(f"{DESK}/")
        return page

    yield _opened
    context.close()


def test_working_time_ticks_to_closing_and_stands_still_until_monday(opened):
    due = OFFICE.add(FRIDAY, 3 * 3600 + 600)
    body = desk_ui.due_chip(due, FRIDAY, now=FRIDAY, hours=OFFICE, target=4 * 3600)
    page = opened(body + desk_ui.due_line(due, FRIDAY, OFFICE), "countdown.js", at=FRIDAY)
    chip, line = page.locator(".chip"), page.locator("[data-countdown=told]")
    said = {}

    for hours in (1, 2, 20, 64, 64.5, 66):  # Friday 17:30, 18:30, Saturday, Monday 8:30, 9:00, 10:30
        page.clock.set_system_time(FRIDAY + timedelta(hours=hours))
        page.clock.run_for(1000)
        said[hours] = chip.locator("time").text_content()

    assert said == {
        1: "2 h 9 min left", 2: "1 h 40 min left", 20: "1 h 40 min left", 64: "1 h 9 min left", 64.5: "39 min left",
        66: "Overdue 50 min",
    }  # fmt: skip
    assert chip.get_attribute("data-tone") == "bad"
    assert line.text_content() == "over by 50 min, since Mon 09:40"


@pytest.mark.parametrize("wrong", [timedelta(hours=-3), timedelta(minutes=20), timedelta(hours=3)])
def test_a_wrong_clock_of_the_machine_makes_nothing_late__S6(opened, wrong):
    due = FRIDAY + timedelta(minutes=10)
    since = FRIDAY - timedelta(minutes=7)
    body = f"<p data-due>{desk_ui.due_chip(due, FRIDAY, now=FRIDAY)}</p>{desk_ui.due_line(due, FRIDAY)}"
    body += f'<b data-timer-start="{since.isoformat()}"></b>{desk_ui.time_ago(since, FRIDAY)}'
    page = opened(body, "countdown.js", "timer.js", "local-time.js", at=FRIDAY + wrong, drawn=FRIDAY)
    chip = page.locator(".chip")

    page.clock.run_for(60_000)
    assert chip.text_content() in ("9 min left", "8 min left")  # as long as the page took to come
    assert page.locator("[data-timer-start]").text_content()[:2] in ("08", "09")
    assert page.locator("time[data-ago]").text_content() in ("8 min ago", "9 min ago")
    page.clock.run_for(11 * 60_000)
    assert chip.text_content().startswith("Overdue")


def test_a_right_clock_is_not_put_back_by_a_slow_page_or_by_an_old_one__S6(opened):
    page = opened(desk_ui.due_chip(FRIDAY + timedelta(minutes=10), FRIDAY, now=FRIDAY), "countdown.js", at=FRIDAY)
    page.clock.run_for(1000)
    learned = """async ([at, asked, received]) => {
        const time = await import("/js/server-time.js");
        document.body.dataset.ahead = "0";
        time.learn(at, asked, received);
        return Number(document.body.dataset.ahead);
    }"""

    assert page.evaluate(learned, [5_000, 1_000, 9_000]) == 0
    assert page.evaluate(learned, [5_000, 6_000, 9_000]) == -1_000  # at least a second fast
    assert page.evaluate(learned, [5_000, 1_000, 4_000]) == 1_000  # at least a second slow


def test_the_wall_tells_the_readers_time_by_the_servers_clock__S6(opened):
    now = {"board": PARTS.format(3, 0)}
    wall = WALL.format(PARTS.format(3, 0)).replace("<div ", '<div data-zone="Asia/Kolkata" ', 1)
    page = opened(
        wall, "wallboard.js", at=FRIDAY + timedelta(hours=2), drawn=FRIDAY, part=lambda: now["board"]
    )  # a fast machine in another zone
    face = page.locator("[data-wall-clock]")

    page.clock.run_for(1000)
    assert face.text_content() == "22:00"  # 16:30 UTC

    told = FRIDAY + timedelta(minutes=5)
    now["board"] = f'<i data-at="{told.isoformat()}"></i>{PARTS.format(4, 0)}'
    page.clock.run_for(16_000)
    page.locator("[data-part=soon]", has_text="4").wait_for()
    page.clock.run_for(1000)
    assert face.text_content() == "22:05"

    now["board"] = None
    with page.expect_event("requestfailed"):
        page.clock.run_for(16_000)
    page.clock.run_for(6 * 60_000)
    assert page.locator("[data-wall-old]").text_content().startswith("Old: 22:05, 6 min")


def test_a_zone_that_the_browser_does_not_know_leaves_the_board_at_work(opened):
    wall = WALL.format(PARTS.format(3, 0)).replace("<div ", '<div data-zone="Mars/Olympus" ', 1)
    page = opened(wall, "wallboard.js", at=FRIDAY)

    page.clock.run_for(1000)

    assert page.locator("[data-wall-clock]").text_content() == "16:30"


def test_the_wall_changes_what_is_different_and_says_how_old_it_is(opened):
    now = {"board": PARTS.format(3, 0)}
    page = opened(WALL.format(PARTS.format(3, 0)), "wallboard.js", at=FRIDAY, part=lambda: now["board"])
    page.evaluate("document.querySelector('[data-part=late]').mark = true")

    now["board"] = PARTS.format(4, 0)
    page.clock.run_for(16_000)
    page.locator("[data-part=soon]", has_text="4").wait_for()
    assert page.evaluate("document.querySelector('[data-part=late]').mark") is True  # not drawn anew: no flicker

    now["board"] = None
    with page.expect_event("requestfailed"):
        page.clock.run_for(16_000)
    page.clock.run_for(6 * 60_000)
    old = page.locator("[data-wall-old]")
    assert old.text_content().startswith("Old: 16:30, 6 min")
    assert page.locator("[data-part=soon]").text_content() == "4"

    now["board"] = PARTS.format(5, 1)
    page.clock.run_for(16_000)
    page.locator("[data-part=late]", has_text="1").wait_for()
    old.wait_for(state="hidden")
