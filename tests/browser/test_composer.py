"""Writing an answer in a real browser: canned, refused, compared, undone, lost on the way, sent once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from customers.models import Person
from events import announcing, values
from helpdesk.testing import LiveDesk
from tests.browser.conftest import eventually, press
from tickets import lifecycle
from tickets.models import Draft, Entry, Ticket

pytestmark = pytest.mark.browser


def test_an_answer_is_canned_filled_compared_undone_and_sent_once__T9__T10(
    signed_in: Callable[..., Page], alice: User, carol: Person, taken_ticket: Ticket, troubles: list[str]
) -> None:
    values.put("reply.undo_seconds", 120, by=None)
    page = signed_in(alice)
    page.goto(f"/tickets/{taken_ticket.number}/")
    expect(page.locator("trix-editor")).to_be_visible()

    _fill_a_canned_reply(page)
    with announcing.silenced():  # what stood in sight for a second counts as seen
        lifecycle.receive(taken_ticket, person=carol, text="Please not on Monday.")
    page.keyboard.type("Tuesday")
    expect(page.locator("trix-editor")).to_contain_text("planned for Tuesday.")
    eventually(lambda: Draft.objects.filter(user=alice, text__contains="for Tuesday.").first(), patience=60)
    _send_after_what_came_meanwhile(page)
    _undo_and_send_over_a_lost_line(page)
    sent = Entry.objects.filter(ticket=taken_ticket, kind="reply")
    assert [entry.undone_at is None for entry in sent.order_by("pk")] == [False, True]
    assert not Draft.objects.exists()
    at = timezone.now() + timedelta(hours=1)
    lifecycle.promise(taken_ticket, by=alice, kind="call_back", due_at=at, text="Call back")
    _send_and_resolve(page)

    # the lost connection was asked for
    troubles[:] = [one for one in troubles if "ERR_CONNECTION_RESET" not in one and "htmx:" not in one]


def _fill_a_canned_reply(page: Page) -> None:
    """By keyboard; its open place is selected, and stops the sending (T9)."""
    press(page, "w")
    expect(page.locator("trix-editor")).to_be_focused()
    page.keyboard.type("#deliv")
    expect(page.get_by_role("option", name="New delivery date")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.locator("trix-editor")).to_contain_text("Hello Carol")
    expect(page.locator("[data-say]")).to_contain_text("date of delivery")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#write-errors")).to_contain_text("Fill in “date of delivery”")


def _send_after_what_came_meanwhile(page: Page) -> None:
    """What came meanwhile is shown, the draft stays (T10); the second press sends."""
    field = page.locator("trix-editor")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".diff")).to_contain_text("Please not on Monday.")
    expect(field).to_contain_text("planned for Tuesday.")
    page.get_by_role("button", name="Send anyway").click()
    expect(page.locator("article.entry", has_text="planned for Tuesday.")).to_have_count(1)
    expect(field).to_be_empty()


def _undo_and_send_over_a_lost_line(page: Page) -> None:
    """Undone, it is a draft again; sent while the connection is lost, it arrives once."""
    field = page.locator("trix-editor")
    page.get_by_role("button", name="Undo").click()
    expect(field).to_contain_text("planned for Tuesday.")
    answers: list[int] = []

    def lose_the_first(route: Route) -> None:
        answer = route.fetch()
        answers.append(answer.status)
        if len(answers) == 1:
            route.abort("connectionreset")
        else:
            route.fulfill(response=answer)

    page.route("**/reply/", lose_the_first)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("[data-say]")).to_contain_text("there is no connection")
    expect(field).to_contain_text("planned for Tuesday.")
    expect(field).to_be_empty(timeout=60_000)
    page.unroute("**/reply/")
    assert len(answers) == 2


def _send_and_resolve(page: Page) -> None:
    """With a promise to answer for it asks first; what it then sent stands in the box no more."""
    field = page.locator("trix-editor")
    field.click()
    page.keyboard.type("It is on its way.")
    page.get_by_label("Send and …").click()
    page.get_by_role("button", name="Send and resolve").click()
    page.locator("#act").get_by_label("Kept").check()
    page.locator("#act [data-default]").click()
    expect(page.locator("article.entry", has_text="It is on its way.")).to_have_count(1)
    expect(field).to_be_empty()


def test_the_last_letters_typed_are_sent_and_seen_and_by_nobody_else(
    signed_in: Callable[..., Page], alice: User, bob: User, carol: Person, taken_ticket: Ticket, live_desk: LiveDesk,
    troubles: list[str],
) -> None:  # fmt: skip
    for n in range(12):
        lifecycle.receive(taken_ticket, person=carol, text=f"Message {n} of a long story.")
    page = signed_in(alice)
    page.goto(f"/tickets/{taken_ticket.number}/")
    expect(page.locator("trix-editor")).to_be_visible()
    # typed and sent before the editor drew it
    page.evaluate(
        """() => { const field = document.querySelector("trix-editor"); field.focus();
        const typed = { inputType: "insertText", data: "to the very end", bubbles: true, cancelable: true };
        field.dispatchEvent(new InputEvent("beforeinput", typed)); field.closest("form").requestSubmit(); }"""
    )
    mine = page.locator("#items > article.entry", has_text="to the very end")
    expect(mine).to_have_count(1)
    page.wait_for_function(
        """() => {
          const all = [...document.querySelectorAll("#items > article.entry")];
          const mine = all.find((one) => one.textContent.includes("to the very end"))?.getBoundingClientRect();
          const box = document.getElementById("composer").getBoundingClientRect();
          return mine && mine.bottom <= box.top + 1 && mine.top > 0;
        }"""
    )

    # somebody else signs in, in another tab of this browser: nothing is written in their name, nothing typed is lost
    press(page, "w")
    page.keyboard.type("Words of Alice")
    other = Client()
    other.force_login(bob)
    page.context.add_cookies([{"name": "sessionid", "value": other.cookies["sessionid"].value, "url": live_desk.url}])
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog")).to_contain_text("You are signed in as Bob now")
    page.keyboard.press("Enter")
    page.keyboard.type(", and more")
    expect(page.locator("trix-editor")).to_contain_text("Words of Alice, and more")
    expect(page.locator("[data-saved]")).to_contain_text("somebody else is signed in")
    assert not Entry.objects.filter(author=bob).exists()
    assert not Draft.objects.filter(user=bob).exists()
    troubles[:] = [one for one in troubles if "Status Error Code 403 from" not in one]  # htmx says it on the console
