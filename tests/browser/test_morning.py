"""A morning's work by keyboard alone, and the keys themselves: nothing here touches a mouse or places a focus."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from customers.models import Person
from staff.models import Team
from tests.browser.conftest import eventually, press
from tickets import lifecycle
from tickets.models import Contact, Entry, Hold, Promise, Status, Ticket, Transfer

pytestmark = pytest.mark.browser

HERE = """() => {
  const here = document.activeElement;
  if (here === document.body) return "";
  const legend = here.closest("fieldset")?.querySelector("legend")?.textContent ?? "";
  const name = here.getAttribute("aria-label") ?? (here.labels?.[0] ?? here).textContent;
  return `${legend}: ${name}`.replace(/\\s+/g, " ");
}"""


def test_a_mornings_work(
    visitor: Callable[..., Page], alice: User, carol: Person, sara: User, bella: User, tier1: Team, billing: Team,
    printer_ticket: Ticket, make_ticket: Any,
) -> None:  # fmt: skip
    invoice = make_ticket(carol, "The invoice is wrong", team=tier1)
    page = visitor()

    _sign_in(page)
    _take_the_next(page, printer_ticket)
    _reply(page, printer_ticket)
    _hold_as_they_asked(page, printer_ticket)
    _take_the_next(page, invoice)
    _transfer(page, invoice)
    _promise(page, invoice)
    _log_a_call_and_resolve_it(page, carol)


def _sign_in(page: Page) -> None:
    page.goto("/accounts/login/")
    _reach(page, "Your e-mail address")
    page.keyboard.type("alice@desk.example")
    _reach(page, "Password")
    page.keyboard.type("a long pass phrase")
    page.keyboard.press("Enter")
    page.wait_for_url("**/today/")


def _take_the_next(page: Page, ticket: Ticket) -> None:
    press(page, "g")
    with page.expect_navigation(url="**/today/"):  # she may be there already: the next key is for the new page
        page.keyboard.press("d")
    press(page, "n")
    page.wait_for_url(f"**/tickets/{ticket.number}/")
    assert Ticket.objects.get(pk=ticket.pk).assignee.name == "Alice"


def _reply(page: Page, ticket: Ticket) -> None:
    press(page, "w")
    expect(page.locator("trix-editor")).to_be_focused()
    page.keyboard.type("#got")
    expect(page.locator("#write-list [role=option]").first).to_contain_text("We have it")
    page.keyboard.press("Enter")
    expect(page.locator("trix-editor")).to_contain_text("thank you for writing")
    page.keyboard.press("Control+Enter")
    expect(page.locator("article.entry", has_text="thank you for writing")).to_be_visible()
    reply = Entry.objects.get(ticket=ticket, kind="reply")
    assert reply.text.startswith("Hello Carol")
    assert f"#{ticket.number}" in reply.text


def _hold_as_they_asked(page: Page, ticket: Ticket) -> None:
    _act(page, "h")
    page.keyboard.press("4")
    _reach(page, "They asked for it or agreed", arrow="ArrowDown", start="know")
    _reach(page, "The message in which they said so")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#ticket-head .chip").first).to_contain_text("On hold")
    assert Hold.objects.get(ticket=ticket).consent == "written"


def _transfer(page: Page, ticket: Ticket) -> None:
    _act(page, "t")
    page.keyboard.press("1")
    _reach(page, "Why:")
    page.keyboard.press("Space")
    _reach(page, "The problem as you understand it")
    page.keyboard.type("The sum on the invoice is wrong.")
    _reach(page, "What was tried")
    page.keyboard.type("I read it with her.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("form[data-act]")).to_have_count(0)
    assert Transfer.objects.get(ticket=ticket).to_team.name == "Billing"


def _promise(page: Page, ticket: Ticket) -> None:
    _act(page, "p")
    _reach(page, "In your words")
    page.keyboard.type("Billing says when it is mended")
    page.keyboard.press("Control+Enter")
    expect(page.locator("form[data-act]")).to_have_count(0)
    assert Promise.objects.get(ticket=ticket).kind == "call_back"


def _log_a_call_and_resolve_it(page: Page, carol: Person) -> None:
    press(page, "c")
    expect(page.get_by_role("combobox", name="Who")).to_be_focused()
    page.keyboard.type("carol")
    expect(page.get_by_role("option").filter(has_text="Carol Cole")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_label("What they say")).to_be_focused()
    page.keyboard.type("The lamp hums.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("The lamp hums.")
    ticket = Ticket.objects.get(subject="The lamp hums.")
    assert (ticket.requester, Contact.objects.get(tickets=ticket).is_live) == (carol, True)

    _act(page, "r")
    _reach(page, "Last words to the customer")
    page.keyboard.type("It is a new lamp now.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#ticket-head .chip").first).to_contain_text("Resolved")
    assert Ticket.objects.get(pk=ticket.pk).status == Status.RESOLVED


def test_keys_of_ones_own_a_palette_and_a_focus_that_stays(
    signed_in: Callable[..., Page], alice: User, taken_ticket: Ticket
) -> None:
    """One page, many keys: changed, switched off, in Hebrew; the list, the palette, what takes the focus away."""
    alice.own_keys = {"h": "y", "t": ""}
    alice.save(update_fields=["own_keys"])
    page = signed_in(alice)
    page.goto(f"/tickets/{taken_ticket.number}/")

    _the_list_of_keys(page)
    _changed_and_switched_off(page)
    _the_focus_stays(page)
    _in_hebrew(page)
    _the_palette_and_the_search(page, taken_ticket)

    User.objects.filter(pk=alice.pk).update(keys_enabled=False)
    page.goto(f"/tickets/{taken_ticket.number}/")
    press(page, "y")
    page.keyboard.press("e")
    page.keyboard.press("Control+k")
    expect(page.locator("dialog#palette")).to_be_visible()
    assert page.locator("form[data-act]").count() == 0


def _the_list_of_keys(page: Page) -> None:
    press(page, "?")
    keys = page.locator("dialog#keys")
    expect(keys.locator("div", has_text=re.compile("^Hold"))).to_contain_text("y")
    expect(keys).not_to_contain_text("Transfer")
    page.emulate_media(color_scheme="dark")
    scheme = page.evaluate("getComputedStyle(document.querySelector('#keys')).colorScheme").strip()
    assert scheme in ("light dark", "normal")
    page.keyboard.press("Escape")
    expect(keys).to_have_count(0)


def _changed_and_switched_off(page: Page) -> None:
    page.keyboard.press("h")
    page.keyboard.press("t")
    _act(page, "y")
    assert page.evaluate("Boolean(document.activeElement.closest('[data-act]'))")
    page.keyboard.press("Escape")
    expect(page.locator("form[data-act]")).to_have_count(0)
    expect(page.locator("[data-key=h]")).to_be_focused()  # back to what opened it


def _the_focus_stays(page: Page) -> None:
    page.evaluate("document.activeElement.replaceWith(document.activeElement.cloneNode(true))")
    expect(page.locator("[data-key=h]")).to_be_focused()  # drawn anew: the same again
    page.evaluate("document.activeElement.remove()")
    eventually(lambda: page.evaluate("document.activeElement !== document.body"))  # gone: near by


def _in_hebrew(page: Page) -> None:
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: '\\u05e4', code: 'KeyP', bubbles: true}))"
    )
    expect(page.locator("form[data-act]")).to_contain_text("Promise")
    page.keyboard.press("Escape")


def _the_palette_and_the_search(page: Page, ticket: Ticket) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option").filter(has_text="Escalate")).to_be_visible()
    page.keyboard.type("> resol")
    expect(page.get_by_role("option", selected=True)).to_contain_text("Resolve")
    page.keyboard.press("Enter")
    expect(page.locator("form[data-act]")).to_contain_text("Resolve")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("printer")
    expect(page.locator("#search-list [role=option]").first).to_contain_text(str(ticket.number))
    page.keyboard.press("Escape")
    expect(page.locator("#search-list")).to_be_hidden()
    page.keyboard.press("Control+k")
    page.keyboard.type(str(ticket.number))
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_what_is_pressed_the_moment_it_stands_there_never_leads_away(
    signed_in: Callable[..., Page], alice: User, bob: User, printer_ticket: Ticket
) -> None:
    """A swap is one change: its forms and links are htmx's at once, and the focus is there."""
    page = signed_in(alice)
    page.goto(f"/tickets/{printer_ticket.number}/")
    page.evaluate("window.neverLoadedAgain = true")
    page.evaluate(
        """() => {
          window.focused = [];
          new MutationObserver(() => {
            const form = document.querySelector("#act form[data-act]");
            const head = document.getElementById("ticket-head");
            if (window.sent) window.focused.push(document.activeElement.closest("#ticket") !== null);
            if (form && !window.sent) { window.sent = form; form.requestSubmit(); }
            else if (window.sent && !form && !window.asked && !head.querySelector("[data-key=a]")) {
              window.asked = true;
              head.querySelector("[data-key=h]").click();
            }
          }).observe(document.getElementById("ticket"), { childList: true, subtree: true });
        }"""
    )
    press(page, "a")
    expect(page.locator("#items .event")).to_contain_text("took the ticket")
    expect(page.locator("#act form[data-act]")).to_contain_text("Put on hold")
    expect(page.locator("#act form[data-act] [name=reason]").first).to_be_focused()
    assert page.evaluate("window.neverLoadedAgain && window.asked")
    assert page.evaluate("window.focused.length && window.focused.every(Boolean)")

    # refused, then left: back to what had opened the form; what others do meanwhile takes the focus from nobody
    page.keyboard.press("1")
    page.locator("#act [name=until][value=other]").check()
    page.locator("#act [data-default]").press("Enter")
    expect(page.locator("#act [name=until_other][aria-invalid=true]")).to_be_focused()
    page.locator("#act [name=text]").focus()
    seq = page.locator("#ticket").get_attribute("data-seq")
    lifecycle.add_note(printer_ticket, by=bob, text="A note beside it")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#items")).to_contain_text("A note beside it")
    expect(page.locator("#ticket")).not_to_have_attribute("data-seq", str(seq))
    expect(page.locator("#act [name=text]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#act form")).to_have_count(0)
    expect(page.locator("[data-key=h]")).to_be_focused()


def _act(page: Page, key: str) -> None:
    """A key that opens its form beside the conversation."""
    press(page, key)
    expect(page.locator("form[data-act]")).to_be_visible()


def _reach(page: Page, name: str, *, arrow: str = "", start: str = "") -> None:
    """Go on with Tab, in a group of choices with the arrows, until what is called so has the focus."""
    if start:
        _reach(page, start)
    for _n in range(60):
        if re.search(name, page.evaluate(HERE)):
            return
        page.keyboard.press(arrow or "Tab")
    raise AssertionError(f"{name} was never reached.")
