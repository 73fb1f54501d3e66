"""A customer's whole way without any script: write, follow, reply, say it is solved, answer the survey."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from customers.models import Person
from events.models import Event
from feedback import operations
from feedback.links import survey_path
from feedback.models import Answer, Invitation
from helpdesk.testing import LiveDesk
from tests.browser.conftest import watch
from tickets import lifecycle
from tickets.models import Closure, Escalation, Status, Ticket

pytestmark = pytest.mark.browser


@pytest.fixture
def plain(new_context: Callable[..., BrowserContext], live_desk: LiveDesk, troubles: list[str], carol: Person) -> Page:
    """Carol's phone, with JavaScript switched off; she is signed in."""
    carol.user = User.objects.create_user("carol@acme.example", "a long pass phrase", name=carol.name)
    carol.save(update_fields=["user"])
    client = Client()
    client.force_login(carol.user)
    context = new_context(base_url=live_desk.url, java_script_enabled=False, viewport={"width": 390, "height": 844})
    cookie: Any = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_desk.url}
    context.add_cookies([cookie])
    page = context.new_page()
    watch(page, troubles)
    return page


def test_from_the_request_to_the_survey_without_javascript__T4_E9_F2(plain: Page, alice: User, sara: User) -> None:
    ticket = _writes_in(plain)
    lifecycle.take(ticket, by=alice)
    lifecycle.reply(ticket, by=alice, text="We send somebody.")
    _replies_and_asks_for_somebody_senior(plain, ticket)
    lifecycle.take_escalation(Escalation.objects.get(ticket=ticket), by=sara)
    kept = {promise.pk: "kept" for promise in ticket.promises.filter(status="open")}
    lifecycle.resolve(Ticket.objects.get(pk=ticket.pk), by=sara, promises=kept)
    _says_it_is_solved_and_takes_it_back(plain, ticket)
    _answers_the_survey(plain, ticket)


def _writes_in(page: Page) -> Ticket:
    page.goto("/portal/new/")
    page.get_by_label("What is it about?").fill("No heat")
    page.get_by_role("button", name="Send my request").click()
    expect(page.get_by_text("Tell us what happened, in your own words.")).to_be_visible()
    expect(page.get_by_label("What is it about?")).to_have_value("No heat")
    page.get_by_label("Tell us more").fill("Since Monday.")
    page.get_by_role("button", name="Send my request").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("We have your request")
    expect(page.get_by_role("main")).to_contain_text("at the latest")
    page.get_by_role("link", name="See my request", exact=True).click()
    return Ticket.objects.get(subject="No heat")


def _replies_and_asks_for_somebody_senior(page: Page, ticket: Ticket) -> None:
    page.goto("/portal/")
    page.get_by_role("link", name="No heat").click()
    expect(page.locator(".letter[data-from=desk]")).to_contain_text("We send somebody.")
    page.get_by_label("Your message").fill("Today, please.")
    page.get_by_label("Pictures or documents").set_input_files(
        {"name": "boiler.txt", "mimeType": "text/plain", "buffer": b"E7"}
    )
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".letter[data-from=me]").last).to_contain_text("Today, please.")
    expect(page.get_by_role("link", name="boiler.txt")).to_be_visible()

    page.get_by_text("Would you like somebody senior").click()
    page.get_by_label("What should they know?").fill("It is cold.")
    page.get_by_role("button", name="Ask somebody senior").click()
    expect(page.locator(".status")).to_contain_text("Somebody senior was asked to step in")
    expect(page.get_by_role("main")).to_contain_text("You asked for somebody senior")
    expect(page.get_by_role("button", name="Ask somebody senior")).to_have_count(0)


def _says_it_is_solved_and_takes_it_back(page: Page, ticket: Ticket) -> None:
    page.goto("/portal/")
    expect(page.get_by_role("heading", name="Waiting for you")).to_be_visible()
    page.get_by_role("link", name="No heat").click()
    page.get_by_role("button", name="Yes, it is solved").click()
    expect(page.locator(".status")).to_contain_text("You told us")
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("button", name="Yes, it is solved")).to_be_visible()
    assert Closure.objects.get(ticket=ticket).answer == Closure.Answer.WAITING
    page.get_by_role("button", name="Yes, it is solved").click()
    expect(page.locator(".status")).to_contain_text("You told us")
    ticket.refresh_from_db()
    assert ticket.status == Status.CLOSED


def _answers_the_survey(page: Page, ticket: Ticket) -> None:
    closed = Event.objects.filter(kind="ticket.confirmed", subject_id=ticket.pk).latest("pk")
    invitation = operations.invite(ticket, closed_by=closed)
    assert invitation is not None
    now = timezone.now()
    week = timedelta(days=7)
    Invitation.objects.filter(pk=invitation.pk).update(status="sent", sent_at=now, expires_at=now + week)
    invitation.refresh_from_db()

    page.goto(survey_path(invitation, 4))
    expect(page.get_by_role("radio", name="4")).to_be_checked()
    assert not Answer.objects.exists()
    page.get_by_role("button", name="Send my answer").click()
    expect(page.get_by_role("main")).to_contain_text("You chose 4 of 5: Mostly.")
    page.get_by_label("Your words").fill("An hour sooner.")
    page.get_by_role("button", name="Send my words").click()
    expect(page.get_by_text("a person reads what you wrote")).to_be_visible()
    page.get_by_role("link", name="Change it").click()
    page.get_by_role("radio", name="5").check()
    page.get_by_role("button", name="Save my change").click()
    expect(page.get_by_role("main")).to_contain_text("You chose 5 of 5")
    given = Answer.objects.get()
    assert (given.score, given.comment) == (5, "An hour sooner.")
