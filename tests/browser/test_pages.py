"""The main pages in a real browser: by keyboard alone, pressed twice, for every eye, on a phone, under the policy."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from customers.models import Person
from events.models import Event
from feedback import operations
from feedback.links import token_of
from feedback.models import Invitation
from helpdesk.launch.install import ROOT
from tests.browser.conftest import axe, press
from tickets import lifecycle
from tickets.links import closure_token
from tickets.models import Contact, Entry, Hold, Status, Ticket

pytestmark = pytest.mark.browser


@pytest.fixture
def axe_source() -> str:
    """axe-core as npm brought it."""
    source = Path(ROOT / "node_modules/axe-core/axe.min.js")
    if not source.exists():
        pytest.skip("axe-core is not in node_modules: bin/test brings it.")
    return source.read_text(encoding="utf-8")


def test_a_call_is_logged_held_and_resolved_by_keyboard_alone(
    signed_in: Callable[..., Page], alice: User, carol: Person, sara: User
) -> None:
    page = signed_in(alice)
    page.goto("/today/")

    press(page, "c")
    expect(page.get_by_role("combobox", name="Who")).to_be_focused()
    page.keyboard.type("carol")
    expect(page.get_by_role("option").filter(has_text="Carol Cole")).to_be_visible()
    page.keyboard.press("Enter")
    _tab_to(page, "What they say")
    page.keyboard.type("The lamp hums.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("The lamp hums.")

    press(page, "h")
    expect(page.locator("form[data-act]")).to_be_visible()
    page.keyboard.press("2")
    expect(page.locator("form[data-act]").get_by_role("radio").nth(1)).to_be_checked()
    page.keyboard.press("y")  # the call goes on, so they are asked
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    time = page.locator("form[data-act] label", has=page.locator("[name=until]:checked"))
    expect(page.locator(".act .say")).to_contain_text("We are asking another department.")
    expect(page.locator(".act .say")).to_contain_text(re.findall(r"\d\d:\d\d", time.inner_text())[-1])
    expect(time.locator("input")).to_be_focused()
    _tab_to(page, "Put on hold")
    page.keyboard.press("Enter")
    expect(page.locator(".head .chip").first).to_contain_text("On hold")
    assert Hold.objects.count() == 1

    press(page, "r")
    expect(page.locator("form[data-act]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("form[data-act]")).to_have_count(0)
    press(page, "r")
    expect(page.locator("form[data-act]")).to_be_visible()
    _tab_to(page, "Last words to the customer")
    page.keyboard.type("It is a new lamp now.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".head .chip").first).to_contain_text("Resolved")
    assert Ticket.objects.get().status == Status.RESOLVED


def test_pressed_twice_it_is_sent_once(signed_in: Callable[..., Page], alice: User, taken_ticket: Ticket) -> None:
    page = signed_in(alice)
    page.goto(f"/tickets/{taken_ticket.number}/")
    page.wait_for_load_state("load")
    page.locator("#composer trix-editor").fill("Only once, please.")  # once it is mounted, the text area is hidden

    page.get_by_role("button", name="Send", exact=True).dblclick()
    expect(page.locator("article.entry", has_text="Only once, please.")).to_have_count(1)

    page.goto("/contacts/log/")
    page.wait_for_load_state("load")
    page.get_by_label("What they say").fill("A call, once")
    page.get_by_role("button", name="Save and work on it").dblclick()
    expect(page.get_by_role("heading", level=1)).to_contain_text("A call, once")
    assert Entry.objects.filter(text="Only once, please.").count() == 1
    assert Contact.objects.filter(channel="phone").count() == 1


@pytest.mark.takes(15)
def test_every_main_page_is_fit_for_every_eye_and_every_width(
    signed_in: Callable[..., Page], visitor: Callable[..., Page], axe_source: str, adam: User, alice: User, sara: User,
    taken_ticket: Ticket, make_ticket: Any, carol: Person, oscar: Person, now: Any,
) -> None:  # fmt: skip
    """No serious finding of axe-core, no error on the console (the policy's breaches stand there), nothing sideways."""
    addresses = _a_desk_with_everything(taken_ticket, make_ticket, carol, oscar, alice, now)
    user = User.objects.create_user("carol@acme.example", "a long pass phrase", name="Carol Cole")
    carol.user = user
    carol.save(update_fields=["user"])
    readers = {"staff": signed_in(adam), "customer": signed_in(user), "nobody": visitor()}
    wrong = []
    for reader, paths in addresses.items():
        page = readers[reader]
        for path in paths:
            page.set_viewport_size({"width": 1280, "height": 900})
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == 200, path
            page.wait_for_load_state("load")
            wrong += axe(page, axe_source)
            page.set_viewport_size({"width": 390, "height": 844})
            across = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if across > 0:
                wrong.append(f"{path} is {across} pixels too wide at 390.")
    assert not wrong, "\n".join(wrong)


def _a_desk_with_everything(
    ticket: Ticket, make_ticket: Any, carol: Person, oscar: Person, alice: User, now: Any
) -> dict[str, list[str]]:
    """A running escalation, promise and hold, a question to the customer, a survey: who looks at which address."""
    lifecycle.promise(ticket, by=alice, kind="call_back", due_at=now + timedelta(hours=3))
    lifecycle.reply(ticket, by=alice, text="We are looking into it.")
    lifecycle.add_note(ticket, by=alice, text="Ask the plumber.")
    lifecycle.hold(ticket, by=alice, reason="research", consent="told", until=now + timedelta(hours=2))
    lifecycle.escalate(ticket, by=alice, reason="limit", note="What may I offer?")
    asked = make_ticket(carol, "Asked", team=ticket.team, assignee=alice, status="open")
    closure = lifecycle.resolve(asked, by=alice)
    closed = make_ticket(oscar, "Closed", team=ticket.team, assignee=alice, status="open")
    lifecycle.resolve(closed, by=alice)
    lifecycle.confirm(closed, by=oscar, solved=True, via="link")

    invitation = operations.invite(closed, closed_by=Event.objects.get(kind="ticket.confirmed"))
    Invitation.objects.update(status="sent", sent_at=now, expires_at=now + timedelta(days=7))
    assert invitation is not None
    return {
        "staff": [
            "/tickets/?view=all", f"/tickets/{ticket.number}/", f"/tickets/{ticket.number}/transfer/",
            f"/tickets/{asked.number}/", "/contacts/log/", "/today/", "/escalations/", "/reports/sla/", "/outbox/",
            f"/customers/{carol.pk}/", "/customers/", "/settings/",
        ],
        "customer": ["/portal/", f"/portal/requests/{ticket.number}/", "/portal/new/"],
        "nobody": [
            "/accounts/login/", "/portal/new/", f"/confirm/{closure_token(closure)}/",
            f"/survey/{token_of(invitation)}/?score=4",
        ],
    }  # fmt: skip


def _tab_to(page: Page, name: str) -> None:
    """Go on with Tab until the element of that name has the focus."""
    for _n in range(40):
        here = page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).textContent"
            " + ' ' + (document.activeElement.getAttribute('aria-label') ?? '')"
        )
        if re.search(re.escape(name), here) and page.evaluate("document.activeElement !== document.body"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reached {name}.")
