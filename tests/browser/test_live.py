"""Two browsers on one ticket see each other and each other's changes, whatever becomes of the line between them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from accounts.models import User
from customers.models import Person
from events import announcing
from helpdesk import testing
from helpdesk.embedded import places
from helpdesk.embedded.redis import RedisServer
from helpdesk.testing import LiveDesk
from tests.browser.conftest import press
from tickets import lifecycle
from tickets.models import Ticket

pytestmark = pytest.mark.browser


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that this test may kill. What the test itself does is announced elsewhere: as news that were lost."""
    where = places(tmp_path / "var")
    server = RedisServer(where, throwaway=True)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(where.sockets, ignore_errors=True)


@pytest.fixture
def live_desk(transactional_db: None, tmp_path: Path, redis: RedisServer) -> Iterator[LiveDesk]:
    with testing.live_desk(tmp_path, "web", extra={"REDIS_URL": places(tmp_path / "var").redis_url}) as desk:
        yield desk


@pytest.mark.takes(30)
def test_two_browsers_on_one_ticket__T10(
    signed_in: Callable[..., Page], redis: RedisServer, alice: User, bob: User, carol: Person, printer_ticket: Ticket
) -> None:
    alices, bobs = signed_in(alice), signed_in(bob)
    for page in (alices, bobs):
        page.goto(f"/tickets/{printer_ticket.number}/")
        page.evaluate("window.neverLoadedAgain = true")

    _they_see_each_other(alices, bobs)
    _an_act_shows_at_once_and_at_the_others(alices, bobs)
    _a_stale_reply_is_caught(bobs, alices, carol, printer_ticket)
    _a_dropped_line_catches_up(alices, bob, carol, printer_ticket)
    _a_row_changes_in_its_place(bobs, alice, printer_ticket)
    _without_redis_the_beat_finds_it(alices, bobs, redis, carol, printer_ticket)
    _who_is_let_in_and_sent_away_again_has_no_connection(bobs)


def _they_see_each_other(alices: Page, bobs: Page) -> None:
    expect(alices.locator("[data-presence] .avatar")).to_have_attribute("title", "Bob is looking at this ticket")
    expect(alices.locator("#here")).to_have_text("Bob is looking at this ticket")
    expect(bobs.locator("[data-presence] .avatar")).to_have_count(1)
    _editor(bobs).press_sequentially("Have you tried")
    expect(alices.locator("[data-presence] .avatar")).to_have_attribute("data-here", "writing")


def _an_act_shows_at_once_and_at_the_others(alices: Page, bobs: Page) -> None:
    press(alices, "a")
    expect(alices.locator("form[data-act]")).to_be_visible()
    alices.locator("form[data-act] [data-default]").press("Enter")

    expect(alices.locator("#items .event")).to_contain_text("took the ticket")
    expect(alices.locator("form[data-act]")).to_have_count(0)
    expect(alices.locator("#ticket:focus-within")).to_have_count(1)  # the focus is not lost
    expect(bobs.locator("#items .event")).to_contain_text("Alice took the ticket")
    expect(bobs.locator("#messages")).to_contain_text("Alice took the ticket")
    expect(bobs.locator("#ticket-head")).to_contain_text("Alice")
    assert bobs.evaluate("document.activeElement.closest('#composer') !== null")
    assert "Have you tried" in _text(bobs)
    for page in (alices, bobs):
        assert page.evaluate("window.neverLoadedAgain")


def _a_stale_reply_is_caught(bobs: Page, alices: Page, carol: Person, ticket: Ticket) -> None:
    with announcing.silenced():  # what stood in sight for a second counts as seen
        lifecycle.receive(ticket, person=carol, text="It is out now, thanks to the neighbour!")
    bobs.keyboard.press("Control+Enter")

    expect(bobs.get_by_text("It is out now, thanks to the neighbour!").first).to_be_visible()
    assert "Have you tried" in _text(bobs)
    assert not ticket.entries.filter(kind="reply").exists()


def _a_dropped_line_catches_up(alices: Page, bob: User, carol: Person, ticket: Ticket) -> None:
    alices.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # a look at the page is a beat, too
    expect(alices.get_by_text("It is out now, thanks to the neighbour!").first).to_be_visible()  # fetched before
    alices.context.set_offline(True)
    expect(alices.locator("#messages")).to_contain_text("No connection")
    for n in range(3):
        lifecycle.receive(ticket, person=carol, text=f"Message {n} while you were away")
        lifecycle.add_note(ticket, by=bob, text=f"Note {n} while you were away")
    alices.context.set_offline(False)

    expect(alices.get_by_text("Note 2 while you were away")).to_be_visible()
    expect(alices.locator("#messages")).to_contain_text("Connected again")
    _nothing_missing_nothing_twice(alices, ticket)


def _a_row_changes_in_its_place(bobs: Page, alice: User, ticket: Ticket) -> None:
    bobs.goto("/tickets/?view=open")
    row = bobs.locator("tr[data-row]").filter(has_text="The printer is on fire")
    row.get_by_role("checkbox").check()
    bobs.wait_for_load_state("networkidle")
    lifecycle.set_priority(ticket, by=alice, impact=3, urgency=3)
    bobs.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(row.locator(".priority")).to_have_attribute("data-level", "urgent")
    expect(row.get_by_role("checkbox")).to_be_checked()


def _without_redis_the_beat_finds_it(
    alices: Page, bobs: Page, redis: RedisServer, carol: Person, ticket: Ticket
) -> None:
    redis.kill()
    lifecycle.receive(ticket, person=carol, text="Nobody announced this")
    alices.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # a look at the page is a beat, too
    expect(alices.get_by_text("Nobody announced this")).to_be_visible()
    redis.start()

    bobs.goto(f"/tickets/{ticket.number}/mark-spam/")
    bobs.locator("form[data-act] [data-default]").click()
    expect(alices.locator("#ticket-head")).to_contain_text("Spam")
    _nothing_missing_nothing_twice(alices, ticket)
    assert alices.evaluate("window.neverLoadedAgain")


def _who_is_let_in_and_sent_away_again_has_no_connection(bobs: Page) -> None:
    """A desk without its database accepts a line and ends it: that is no connection, and is tried ever more seldom."""
    tries: list[WebSocketRoute] = []

    def end(line: WebSocketRoute) -> None:
        tries.append(line)
        line.close(code=1013)

    bobs.route_web_socket("**/live/", end)
    begun = time.monotonic()
    bobs.goto("/tickets/")
    expect(bobs.locator("#messages")).to_contain_text("No connection")
    needed = 0.5 * (2 ** (len(tries) - 1) - 1)  # seconds for so many: half of one, of two, of four, ...
    assert needed <= time.monotonic() - begun


def _nothing_missing_nothing_twice(page: Page, ticket: Ticket) -> None:
    ticket.refresh_from_db()
    expect(page.locator("#ticket")).to_have_attribute("data-seq", str(ticket.event_seq))
    shown = page.locator("#items > .entry").evaluate_all("all => all.map(one => one.id)")
    assert shown == [f"entry-{pk}" for pk in ticket.entries.order_by("happened_at", "pk").values_list("pk", flat=True)]
    lines = page.locator("#items > .event").evaluate_all("all => all.map(one => one.id)")
    assert len(lines) == len(set(lines))


def _editor(page: Page) -> object:
    return page.locator("#composer trix-editor, #composer textarea#write-text").locator("visible=true").first


def _text(page: Page) -> str:
    """What stands in the composer, whichever editor is there."""
    rich = page.evaluate("document.querySelector('#composer trix-editor')?.textContent")
    return str(rich or page.evaluate("document.getElementById('write-text').value"))
