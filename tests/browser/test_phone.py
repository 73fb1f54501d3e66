"""A ticket on a phone: what one can do is all there and nothing is cut, and what the desk says covers neither."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.conftest import press
from tickets import lifecycle
from tickets.models import Ticket

pytestmark = pytest.mark.browser

CUT = """() => [...document.querySelectorAll(".head .acts > *")].filter((one) => one.checkVisibility())
  .filter((one) => one.getBoundingClientRect().right > innerWidth || one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.textContent.trim())"""
COVERED = """() => {
  const said = document.querySelector("#messages [data-message]").getBoundingClientRect();
  return [".head .line", ".head .acts", "#composer .box", ".rail"].filter((part) => {
    const box = document.querySelector(part).getBoundingClientRect();
    return said.top < box.bottom && said.bottom > box.top && said.left < box.right && said.right > box.left;
  });
}"""


def test_a_phone_shows_four_acts_whole_and_messages_cover_nothing(
    signed_in: Callable[..., Page], alice: User, taken_ticket: Ticket, now: Any
) -> None:
    lifecycle.reply(taken_ticket, by=alice, text="We are looking into it.")
    until = now + timedelta(hours=2)
    lifecycle.hold(taken_ticket, by=alice, reason="research", consent="told", until=until)
    page = signed_in(alice, width=320, height=640)
    page.goto(f"/tickets/{taken_ticket.number}/")

    shown = page.locator(".head .acts > .button:visible")
    expect(shown).to_have_text(["Resume h", "Transfer t", "Promise p", "Resolve r"])
    assert page.evaluate(CUT) == []

    press(page, "e")  # folded into the menu, and still one key
    expect(page.locator("form[data-act]")).to_contain_text("Escalate")
    page.keyboard.press("Escape")
    expect(page.locator("form[data-act]")).to_have_count(0)
    page.locator(".head .acts summary").click()
    page.get_by_role("link", name="Change properties").click()
    page.locator("form[data-act]").get_by_role("button", name="Save").click()
    expect(page.locator("#messages")).to_contain_text("Saved.")
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_function(f"() => ({COVERED})().length === 0")  # it is put in its place in the next frame

    page.set_viewport_size({"width": 768, "height": 1024})
    page.wait_for_function(f"() => ({COVERED})().length === 0")
