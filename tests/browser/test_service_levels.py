"""A manager sets up "gold customers: 1 h, Mon–Fri 8–18 Europe/Oslo; everyone else: 24 h" in under two minutes."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from customers.models import Organisation, Person
from sla import policies
from tests.browser.conftest import press
from tickets import lifecycle

pytestmark = pytest.mark.browser

LOOKS = 4.0
"""Seconds that somebody looks at a page before the first press; twice what readers of forms took."""
PRESSES = 0.35
"""Seconds for each letter typed and each press, a slow typist's."""


class Manager:
    """A page, and how long somebody who had never seen it would have taken so far."""

    def __init__(self, page: Page) -> None:
        self.page, self.began, self.spent = page, time.monotonic(), 0.0

    def looks(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(heading)
        self.spent += LOOKS

    def writes(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=False).first.fill(text)
        self.spent += PRESSES * (len(text) + 2)

    def presses(self, role: str, name: str) -> None:
        self.page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]  # roles are literals there
        self.spent += PRESSES + 1.0

    @property
    def seconds(self) -> float:
        return self.spent + time.monotonic() - self.began


def test_gold_customers_an_hour_everybody_else_a_day_in_two_minutes__S2(
    signed_in: Callable[..., Page], mia: User, carol: Person, ivan: Person, acme: Organisation
) -> None:
    User.objects.filter(pk=mia.pk).update(time_zone="Europe/Oslo")
    page = signed_in(mia)
    page.goto("/settings/")
    manager = Manager(page)

    manager.looks("Settings")
    manager.presses("link", "Set up service levels")
    manager.looks("Service levels")
    expect(page.locator(".promise")).to_contain_text("Everybody else → First response 24 h")  # stands as it is
    press(page, "n")
    manager.looks("Add a policy")
    page.locator(".choices label", has_text="External").click()
    manager.writes("Support plan", "Gold")
    manager.writes("First response", "1 h")
    expect(page.get_by_label("Opening hours")).to_have_value("Mon–Fri 8–18")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Oslo")
    manager.presses("button", "Save the policy")
    manager.looks("Gold")
    page.get_by_label("Organisation", exact=False).first.press_sequentially("acm")
    page.get_by_role("option").filter(has_text="Acme").click()
    manager.spent += PRESSES * 5
    manager.presses("button", "Give them Gold")
    expect(page.locator(".todo", has_text="All its people")).to_contain_text("Acme")
    taken = manager.seconds

    page.goto("/settings/service-levels/simulator/?at=2026-12-18T16:30&zone=Europe/Oslo")
    expect(page.locator("#picked")).to_contain_text("Everybody else")
    expect(page.locator("#due-times article").first).to_contain_text("Sat 19 Dec 2026, 16:30")
    page.get_by_label("Support plan").select_option(label="Gold")
    page.get_by_role("button", name="Show the due times").click()
    expect(page.locator("#picked")).to_contain_text("Gold external customers")
    expect(page.locator("#due-times article").first).to_contain_text("Fri 18 Dec 2026, 17:30")
    assert taken < 120

    clocks = {
        one: lifecycle.open_ticket(requester=one, subject="Smoke", text="It smokes", channel="email", by=one)
        .clocks.get(metric="first_response")
        for one in Person.objects.filter(pk__in=[carol.pk, ivan.pk])
    }  # fmt: skip
    assert [clocks[one].target_seconds for one in (carol, ivan)] == [3600, 86_400]
    assert clocks[ivan].policy == policies.default().policy


def test_the_form_is_filled_and_the_order_changed_by_keyboard_alone(
    signed_in: Callable[..., Page], mia: User, make_policy: Callable[..., object]
) -> None:
    make_policy("Mail", channel="email")
    make_policy("Chat", channel="chat")
    page = signed_in(mia)
    page.goto("/settings/service-levels/")

    page.get_by_role("button", name="Try Chat before Mail").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".promise h3 a").first).to_have_text("Chat")

    press(page, "n")
    expect(page.get_by_role("heading", level=1)).to_have_text("Add a policy")
    page.wait_for_load_state("load")
    first = page.locator("[name=first_response]")
    for _tab in range(40):
        page.keyboard.press("Tab")
        if first.evaluate("field => field === document.activeElement"):
            break
    expect(first).to_be_focused()
    page.keyboard.type("soon")
    page.keyboard.press("Enter")
    expect(page.locator("[name=first_response]")).to_be_focused()  # the field that is wrong
    expect(page.locator(".target .errors")).to_contain_text("Write a number with its unit")
    page.keyboard.press("Control+a")
    page.keyboard.type("2 h")
    page.keyboard.press("Enter")
    expect(page.locator(".promise", has_text="Everybody").first).to_contain_text("First response 2 h")
