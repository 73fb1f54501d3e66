"""Long things on narrow pages: a story of 800 entries, a subject without an end, at 320 px (which is 640 at 200 %)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.conftest import press
from tickets.models import Entry, Ticket

pytestmark = pytest.mark.browser

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_any_part_of_a_long_story_is_reached_and_nothing_goes_sideways(
    signed_in: Callable[..., Page], alice: User, taken_ticket: Ticket, now: Any
) -> None:
    entries = Entry.objects.bulk_create(
        Entry(ticket=taken_ticket, kind="message", visibility="public", text=f"Line {n}. {'x' * 400}",
              author_name="ธนพล שרה Carol", happened_at=now + timedelta(minutes=n))
        for n in range(800)
    )  # fmt: skip
    Ticket.objects.filter(pk=taken_ticket.pk).update(subject="Heizungssteuerung " * 13)
    page = signed_in(alice, width=320, height=640)

    page.goto(f"/tickets/{taken_ticket.number}/?entry={entries[400].pk}#entry-{entries[400].pk}")
    expect(page.locator(f"#entry-{entries[400].pk}")).to_be_in_viewport()
    assert page.evaluate(SIDEWAYS) == 0

    page.set_viewport_size({"width": 1280, "height": 900})
    before = page.locator("#items > .entry").count()
    press(page, "u")
    expect(page.locator("#items > .entry")).not_to_have_count(before)
    ids = page.locator("#items > .entry").evaluate_all("all => all.map((one) => one.id)")
    assert len(ids) == len(set(ids))
    assert ids == sorted(ids, key=lambda name: int(name.removeprefix("entry-")))

    press(page, "f")
    page.get_by_label("Words or a name").fill("Line 7.")
    page.get_by_role("link", name="Line 7.").first.click()
    expect(page.locator(f"#entry-{entries[7].pk}")).to_be_in_viewport()

    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/tickets/?view=open")
    expect(page.get_by_role("link", name="Heizungssteuerung").first).to_be_visible()
    assert page.evaluate(SIDEWAYS) == 0
