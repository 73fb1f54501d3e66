"""What is done on a page before its picture is taken: a form opened, a menu, a dialog, an answer that never comes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from playwright.sync_api import Error, Page

Act = Callable[[Page], None]


def key(letter: str, then: str = "") -> Act:
    """Press a key; wait for what appears."""

    def act(page: Page) -> None:
        page.wait_for_load_state("load")
        page.wait_for_timeout(100)
        page.keyboard.press(letter)
        page.wait_for_timeout(300)
        if then:
            page.wait_for_selector(then, state="visible", timeout=4000)

    return act


def click(selector: str, then: str = "") -> Act:
    """Press the first such element; wait for what appears."""

    def act(page: Page) -> None:
        page.wait_for_load_state("load")
        page.locator(selector).first.click(timeout=4000)
        if then:
            page.wait_for_selector(then, state="visible", timeout=4000)
        page.wait_for_timeout(150)

    return act


def send_empty(form: str) -> Act:
    """Send a form with nothing in it: what its errors look like."""

    def act(page: Page) -> None:
        page.wait_for_load_state("load")
        page.evaluate("(form) => document.querySelector(form).noValidate = true", form)
        page.locator(f"{form} [type=submit]").last.click(timeout=4000)
        page.wait_for_selector("[aria-invalid=true], .form-errors, .refusal", timeout=6000)

    return act


def type_in(selector: str, text: str, then: str) -> Act:
    """Type as a person does; wait for the answer."""

    def act(page: Page) -> None:
        page.wait_for_load_state("load")
        page.locator(selector).first.press_sequentially(text, delay=5)
        page.wait_for_selector(then, state="visible", timeout=4000)
        page.wait_for_timeout(150)

    return act


def check(selector: str, count: int = 2) -> Act:
    """Pick the first rows of a list."""

    def act(page: Page) -> None:
        page.wait_for_load_state("load")
        for index in range(count):
            box = page.locator(selector).nth(index)
            if box.is_visible():
                box.check()
        page.wait_for_timeout(150)

    return act


def busy(act: Act, pattern: str = "**/*") -> Act:
    """Do it while the server never answers: what waiting looks like."""

    def wait(page: Page) -> None:
        page.wait_for_load_state("load")
        page.route(pattern, lambda route: None)
        with contextlib.suppress(Error):  # what it waited for does not come
            act(page)
        page.wait_for_timeout(400)

    return wait


def offline(act: Act) -> Act:
    """Do it while the network is away."""

    def lost(page: Page) -> None:
        page.wait_for_load_state("load")
        page.context.set_offline(True)
        with contextlib.suppress(Error):  # nothing comes back
            act(page)
        page.wait_for_timeout(400)

    return lost


def both(first: Act, second: Act) -> Act:
    """One after the other."""

    def act(page: Page) -> None:
        first(page)
        second(page)

    return act
