"""The main job from the first call to the manager's report, in browsers, against the real web, worker and beat.

Alice answers Carol's call, holds, promises and passes the case on; Bella accepts it and asks for help; Sven steps in
and coaches; Bella keeps the promise and resolves; Carol confirms and answers the survey; a second request is left
alone until the 24 hours are over; Mia reads the report. Time passes by moving times in the database, never by waiting.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db.models import F
from playwright.sync_api import Page, expect

from accounts.models import User
from customers.models import Person
from events.models import Event
from feedback.models import Answer, Invitation
from helpdesk.testing import LiveDesk
from notifications.models import OutgoingMail
from staff.models import Team
from tests.browser.conftest import eventually, hurry_beat, press
from tickets.models import Clock, Closure, Contact, Entry, Escalation, Hold, Promise, Status, Ticket, Transfer

pytestmark = pytest.mark.browser

SAYS = "The heating shows E7 since this morning"


@pytest.fixture
def cast(
    live_desk: LiveDesk, alice: User, bella: User, sara: User, sven: User, dora: User, mia: User, adam: User,
    carol: Person, tier1: Team, billing: Team,
) -> SimpleNamespace:  # fmt: skip
    """Everybody, while worker and beat run beside the web process."""
    live_desk.start("worker")
    live_desk.start("beat")
    return SimpleNamespace(
        alice=alice, bella=bella, sara=sara, sven=sven, dora=dora, mia=mia, adam=adam, carol=carol, tier1=tier1,
        billing=billing,
    )  # fmt: skip


@pytest.mark.takes(50)
def test_from_the_first_call_to_the_managers_report(
    cast: SimpleNamespace, visitor: Callable[..., Page], signed_in: Callable[..., Page], tmp_path: Path
) -> None:
    alice, bella, sven, adam = visitor(), signed_in(cast.bella), signed_in(cast.sven), signed_in(cast.adam)
    carol, mia = visitor(), signed_in(cast.mia)

    ticket = _alice_answers_the_call(alice, cast)
    _alice_holds_promises_and_replies(alice, ticket)
    _alice_passes_it_on(alice, ticket, cast)
    _bella_accepts_and_asks_for_help(bella, ticket, cast)
    _sven_takes_it_and_coaches(sven, ticket, cast)
    _bella_keeps_the_promise_and_resolves(bella, ticket)
    hurry_beat()
    _carol_says_it_is_solved(carol, adam, ticket)
    _carol_answers_the_survey(carol, adam, ticket, bella)
    late = _nobody_answers_in_24_hours(carol, signed_in(cast.dora))
    _mia_reads_the_report(mia, ticket, late, tmp_path)


def _alice_answers_the_call(page: Page, cast: SimpleNamespace) -> Ticket:
    page.goto("/")
    page.get_by_label("Your e-mail address").fill(cast.alice.email)
    page.get_by_label("Password").fill("a long pass phrase")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Alice")

    press(page, "c")
    expect(page.get_by_role("checkbox", name="Still talking")).to_be_checked()
    page.get_by_role("combobox", name="Who").press_sequentially("carol c")
    expect(page.get_by_role("option").filter(has_text="carol@acme.example")).to_be_visible()
    page.keyboard.press("Enter")
    page.get_by_label("What they say").fill(f"{SAYS}. All floors are cold.")
    page.get_by_role("button", name="Save and work on it").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text(SAYS)
    expect(page.get_by_role("button", name="End call")).to_be_visible()
    ticket = Ticket.objects.get()
    assert (ticket.requester, ticket.channel) == (cast.carol, "phone")
    return ticket


def _alice_holds_promises_and_replies(page: Page, ticket: Ticket) -> None:
    if page.get_by_role("link", name="Take").count():
        _act(page, "a", "Take it")
    press(page, "h")
    act = page.locator("form[data-act]")
    expect(act).to_contain_text("May I put you on hold")
    act.get_by_role("radio").first.check()
    act.get_by_label("Yes").check()
    act.get_by_role("button", name="Put on hold").click()
    expect(page.locator(".head .chip").first).to_contain_text("On hold")
    assert Hold.objects.get(ticket=ticket).consent == "given"

    _act(page, "h", "Take it up again")
    expect(page.locator(".head .chip").first).to_contain_text("Open")
    page.get_by_role("button", name="End call").click()
    expect(page.get_by_role("button", name="End call")).to_have_count(0)
    assert Contact.objects.get(tickets=ticket, channel="phone").ended_at

    press(page, "p")
    page.locator("form[data-act]").get_by_label("In your words").fill("Say whether the spare part is there")
    page.get_by_role("button", name="Promise it").click()
    expect(page.get_by_label("About this ticket").get_by_text("Say whether the spare part is there")).to_be_visible()

    page.get_by_label("Your reply").fill("Dear Carol, E7 is the pump. We look into it.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("article.entry").last).to_contain_text("E7 is the pump")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def _alice_passes_it_on(page: Page, ticket: Ticket, cast: SimpleNamespace) -> None:
    press(page, "t")
    act = page.locator("form[data-act]")
    act.get_by_label("Billing").check()
    act.get_by_role("group", name="Why").get_by_role("radio").first.check()
    act.get_by_label("The problem as you understand it").fill("The pump is dead; the guarantee is a question of money.")
    act.get_by_label("What was tried").fill("Restarted the heating.")
    act.get_by_role("button", name="Ask them to take it over").click()
    expect(page.get_by_role("heading", name="Waits for Billing")).to_be_visible()
    ticket.refresh_from_db()
    assert ticket.assignee == cast.alice  # until they accept (X3)


def _bella_accepts_and_asks_for_help(page: Page, ticket: Ticket, cast: SimpleNamespace) -> None:
    page.goto("/today/")
    expect(page.get_by_role("main")).to_contain_text(SAYS)
    page.goto(f"/tickets/{ticket.number}/")
    page.get_by_role("link", name="Accept", exact=True).click()
    act = page.locator("form[data-act]")
    act.get_by_label("Say whether the spare part is there").check()
    act.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("It is yours now.")).to_be_visible()
    assert Transfer.objects.get(ticket=ticket).status == "accepted"
    assert Promise.objects.get(ticket=ticket).owner == cast.bella

    press(page, "e")
    act = page.locator("form[data-act]")
    act.get_by_role("radio").first.check()
    act.get_by_label("What they should know").fill("May I replace the pump for free?")
    act.get_by_role("button", name="Escalate").click()
    expect(page.get_by_role("heading", name="Escalation")).to_be_visible()


def _sven_takes_it_and_coaches(page: Page, ticket: Ticket, cast: SimpleNamespace) -> None:
    page.goto("/")
    row = page.get_by_role("listitem").filter(has_text="May I replace the pump for free?")
    row.get_by_role("link", name="Step in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Escalations")
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_text("It is yours now.")).to_be_visible()

    page.goto("/escalations/?list=mine")
    press(page, "b")
    page.get_by_label("What the agent should do").fill("Yes: it is within the two years.")
    page.get_by_role("button", name="Give it back").click()
    page.wait_for_url("**/escalations/")
    page.goto(f"/tickets/{ticket.number}/")
    expect(page.locator(".event", has_text="coached and gave it back").first).to_be_visible()
    assert Escalation.objects.get(ticket=ticket).status not in Escalation.OPEN
    ticket.refresh_from_db()
    assert ticket.assignee == cast.bella


def _bella_keeps_the_promise_and_resolves(page: Page, ticket: Ticket) -> None:
    page.goto(f"/tickets/{ticket.number}/")
    page.get_by_role("link", name="Kept", exact=True).first.click()
    page.get_by_role("button", name="It was done").click()
    expect(page.locator(".event", has_text="kept a promise")).to_be_visible()

    press(page, "r")
    act = page.locator("form[data-act]")
    act.get_by_label("Last words to the customer").fill("Dear Carol, the new pump runs.")
    for group in act.get_by_role("group").all():
        group.get_by_label("Kept").check()
    act.get_by_role("button", name="Resolve and ask the customer").click()
    expect(page.locator(".head .chip").first).to_contain_text("Resolved")
    assert not Promise.objects.filter(ticket=ticket).exclude(status__in=["kept", "released"]).exists()


def _carol_says_it_is_solved(page: Page, adam: Page, ticket: Ticket) -> None:
    link = _link_in_mail(adam, ticket, "confirm", "/confirm/")
    page.goto(link)
    expect(page.get_by_role("heading", name="Is it solved?")).to_be_visible()
    ticket.refresh_from_db()
    assert (ticket.status, Closure.objects.get(ticket=ticket).answer) == (Status.RESOLVED, "waiting")

    page.get_by_role("button", name="Yes, it is solved").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("glad it is solved")
    ticket.refresh_from_db()
    assert ticket.status == Status.CLOSED


def _carol_answers_the_survey(page: Page, adam: Page, ticket: Ticket, agent: Page) -> None:
    eventually(lambda: Invitation.objects.filter(ticket=ticket).exists())
    assert not OutgoingMail.objects.filter(template="survey").exists()  # the closure may still be undone

    hours_ago = timedelta(hours=2)
    Closure.objects.filter(ticket=ticket).update(undo_until=F("undo_until") - hours_ago)
    Invitation.objects.filter(ticket=ticket).update(send_at=F("send_at") - hours_ago)
    page.goto(_link_in_mail(adam, ticket, "survey", "score=4"))
    expect(page.get_by_role("radio", name="4")).to_be_checked()
    assert not Answer.objects.exists()

    page.get_by_role("button", name="Send my answer").click()
    expect(page.get_by_role("heading", name="What would have made it a five?")).to_be_visible()
    page.get_by_label("Your words").fill("One call less.")
    page.get_by_role("button", name="Send my words").click()
    expect(page.get_by_text("Your answer is saved, and a person reads what you wrote")).to_be_visible()
    assert Answer.objects.get().score == 4
    agent.goto(f"/tickets/{ticket.number}/")
    expect(agent.get_by_label("About this ticket")).to_contain_text("4 of 5")


def _nobody_answers_in_24_hours(page: Page, supervisor: Page) -> Ticket:
    page.goto("/portal/new/")
    page.get_by_label("What is it about?").fill("The bill is wrong")
    page.get_by_label("Tell us more").fill("You count the pump twice.")
    page.get_by_label("Your name").fill("Carol Cole")
    page.get_by_label("Your e-mail address").fill("carol@acme.example")
    page.get_by_role("button", name="Send my request").click()
    expect(page.get_by_role("heading", name="We have your request")).to_be_visible()
    ticket = Ticket.objects.get(subject="The bill is wrong")
    expect(page.get_by_role("main")).to_contain_text(f"#{ticket.number}")

    _a_day_passes([ticket])
    eventually(lambda: Event.objects.filter(kind="ticket.sla_breached", subject_id=ticket.pk).exists())
    eventually(lambda: Escalation.objects.filter(ticket=ticket).exists())
    supervisor.goto("/escalations/")
    expect(supervisor.get_by_role("main")).to_contain_text("The bill is wrong")
    expect(supervisor.locator("article.esc", has_text="The bill is wrong")).to_contain_text("Service level breached")
    assert Event.objects.filter(kind="ticket.sla_breached", subject_id=ticket.pk).count() == 1
    return ticket


def _mia_reads_the_report(page: Page, ticket: Ticket, late: Ticket, folder: Path) -> None:
    late.refresh_from_db()
    first, last = sorted((late.opened_at.date(), ticket.opened_at.date()))
    page.goto("/")
    expect(page.get_by_role("heading", name="Service levels")).to_be_visible()
    page.locator("summary", has_text="This month").first.click()
    page.get_by_label("From", exact=True).fill(first.isoformat())
    page.get_by_label("To, that day too").fill(last.isoformat())
    page.get_by_role("button", name="Show").click()

    main = page.get_by_role("main")
    expect(main.locator(".tile").first).to_contain_text("1 of 2")  # the call at once, the bill not in its day
    expect(page.locator("#breaches")).to_contain_text("The bill is wrong")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    download.value.save_as(folder / "report.csv")
    rows = list(csv.reader((folder / "report.csv").read_text(encoding="utf-8-sig").splitlines()))
    total = dict(zip(rows[0], next(row for row in rows if row[0].lower() in ("total", "all")), strict=True))
    assert [total[name] for name in ("Tickets", "First response: met", "First response: missed")] == ["2", "1", "1"]


def _act(page: Page, key: str, button: str) -> None:
    """Open an act by its key and press its button."""
    press(page, key)
    page.locator("form[data-act]").get_by_role("button", name=button).click()
    expect(page.locator("form[data-act]")).to_have_count(0)


def _link_in_mail(adam: Page, ticket: Ticket, template: str, part: str) -> str:
    """The admin reads the outbox, once the worker has taken the mail there, and follows the link of the customer."""
    mail = eventually(lambda: OutgoingMail.objects.filter(ticket=ticket, template=template, status="kept").first())
    adam.goto("/outbox/")
    adam.get_by_role("link", name=mail.subject).first.click()
    expect(adam.get_by_role("heading", level=1)).to_contain_text(mail.subject)
    return str(adam.locator(f"main a[href*='{part}']").first.get_attribute("href"))


def _a_day_passes(tickets: Iterable[Ticket]) -> None:
    """These tickets came 25 hours earlier than they did."""
    span = timedelta(hours=25)
    for ticket in tickets:
        times = ("opened_at", "created_at", "last_customer_at", "unanswered_since")
        Ticket.objects.filter(pk=ticket.pk).update(**{name: F(name) - span for name in times})
        Entry.objects.filter(ticket=ticket).update(happened_at=F("happened_at") - span)
        Clock.objects.filter(ticket=ticket).update(
            started_at=F("started_at") - span, due_at=F("due_at") - span, next_at=F("next_at") - span
        )
