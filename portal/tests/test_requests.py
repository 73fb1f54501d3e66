"""My requests: one's own and nobody else's, never a word that was meant for colleagues (T3, T13, E9)."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tickets import lifecycle
from tickets.models import Closure, Consent, Escalation, Status, Ticket

SECRET = "She is difficult."


def page_of(ticket, name="request"):
    return reverse(f"portal:{name}", args=[ticket.number])


@pytest.fixture
def carols(signed_in, carol):
    return signed_in(carol)


def test_lists_ones_own(carols, printer_ticket, make_ticket, ivan):
    make_ticket(ivan, "Not hers")

    page = carols.get(reverse("portal:home")).content.decode()

    assert printer_ticket.subject in page
    assert "Not hers" not in page


def test_a_visitor_is_asked_what_they_need(client, db):
    assert client.get(reverse("portal:home")).url == reverse("portal:submit")


@pytest.mark.parametrize("name", ["request", "reply", "answer", "supervisor"])
def test_anothers_request_looks_like_none__T13(signed_in, oscar, printer_ticket, name):
    browser = signed_in(oscar)
    method = browser.get if name == "request" else browser.post

    assert method(page_of(printer_ticket, name), {"text": "hello", "solved": "yes"}).status_code == 404
    assert method(reverse(f"portal:{name}", args=[99_999_999])).status_code == 404
    assert printer_ticket.entries.count() == 1


def test_an_organisation_that_shares_shows_its_colleagues__T13(signed_in, oscar, printer_ticket, acme):
    acme.shares_tickets = True
    acme.save(update_fields=["shares_tickets"])

    assert signed_in(oscar).get(page_of(printer_ticket)).status_code == 200


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.PENDING])
def test_a_colleague_is_not_asked_what_only_the_customer_can_say__T4(
    signed_in, oscar, carol, alice, taken_ticket, acme, status
):
    acme.shares_tickets = True
    acme.save(update_fields=["shares_tickets"])
    lifecycle.reply(taken_ticket, by=alice, text="Is it this?", then="pending" if status == Status.PENDING else "")
    if status == Status.RESOLVED:
        lifecycle.resolve(taken_ticket, by=alice)

    for reader, is_asked in ((oscar, False), (carol, True)):
        browser = signed_in(reader)
        page, home = browser.get(page_of(taken_ticket)), browser.get(reverse("portal:home"))
        assert ("Carol Cole" in str(page.context["standing"].sentence)) is not is_asked
        assert ("Yes, it is solved" in page.content.decode()) is (is_asked and status == Status.RESOLVED)
        assert [ticket for ticket, _ in home.context["waiting"]] == ([taken_ticket] if is_asked else [])


def test_no_internal_word_reaches_a_customer__T13(carols, taken_ticket, alice, sara):
    lifecycle.add_note(taken_ticket, by=alice, text=SECRET)
    lifecycle.add_note(taken_ticket, by=alice, text=SECRET, restricted=True)
    lifecycle.escalate(taken_ticket, by=alice, reason="limit", note=SECRET)
    entry = lifecycle.reply(taken_ticket, by=alice, text="Taken back.")
    lifecycle.withdraw_reply(entry, by=alice)

    for page in (carols.get(page_of(taken_ticket)), carols.get(reverse("portal:home"))):
        assert SECRET not in page.content.decode()
        assert "Taken back." not in page.content.decode()


def test_staff_who_are_its_customer_see_no_notes_either__T13(signed_in, taken_ticket, bob, carol, client):
    lifecycle.add_note(taken_ticket, by=bob, text=SECRET)
    carol.user = bob
    carol.save(update_fields=["user"])
    client.force_login(bob)

    page = client.get(page_of(taken_ticket))

    assert page.status_code == 200
    assert SECRET not in page.content.decode()


def test_a_file_of_a_note_is_not_served__T13(carols, taken_ticket, alice):
    note = lifecycle.add_note(taken_ticket, by=alice, text="x", files=[SimpleUploadedFile("a.txt", b"secret")])
    mine = lifecycle.reply(taken_ticket, by=alice, text="y", files=[SimpleUploadedFile("b.txt", b"hello")])

    def get(entry):
        return carols.get(reverse("portal:attachment", args=[taken_ticket.number, entry.attachments.get().public_id]))

    assert get(note).status_code == 404
    answer = get(mine)
    assert b"".join(answer.streaming_content) == b"hello"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    answer.close()


def test_a_reply_brings_a_solved_request_back__T3(carols, taken_ticket, alice):
    lifecycle.resolve(taken_ticket, by=alice)

    answer = carols.post(page_of(taken_ticket, "reply"), {"text": "It is back."})

    taken_ticket.refresh_from_db()
    assert answer.url == page_of(taken_ticket)
    assert taken_ticket.status == Status.OPEN
    assert "It is back." in carols.get(answer.url).content.decode()


def test_a_reply_sent_twice_is_one_message(carols, taken_ticket):
    for _press in range(2):
        carols.post(page_of(taken_ticket, "reply"), {"text": "Hello?", "idempotency_key": "k"})

    assert taken_ticket.entries.filter(text="Hello?").count() == 1


def test_an_empty_reply_is_asked_for_words(carols, taken_ticket):
    answer = carols.post(page_of(taken_ticket, "reply"), {"text": " "})

    assert answer.status_code == 422
    assert taken_ticket.entries.count() == 1


def test_a_reply_to_a_closed_request_opens_one_that_knows_it__T3(carols, taken_ticket, alice, carol):
    lifecycle.resolve(taken_ticket, by=alice)
    lifecycle.confirm(taken_ticket, by=carol, solved=True, via=Closure.Via.PORTAL)

    answer = carols.post(page_of(taken_ticket, "reply"), {"text": "Another thing."})

    follow_up = Ticket.objects.exclude(pk=taken_ticket.pk).get()
    assert answer.url == page_of(follow_up)
    assert b"opened a new one" in carols.get(answer.url).content


@pytest.mark.parametrize(("solved", "status"), [("yes", Status.CLOSED), ("no", Status.OPEN)])
def test_says_whether_it_is_solved__T4(carols, taken_ticket, alice, solved, status):
    lifecycle.resolve(taken_ticket, by=alice)
    assert b"Solved?" in carols.get(page_of(taken_ticket)).content

    carols.post(page_of(taken_ticket, "answer"), {"solved": solved})

    taken_ticket.refresh_from_db()
    assert (taken_ticket.status, taken_ticket.closures.get().via) == (status, Closure.Via.PORTAL)


def test_asks_for_somebody_senior_once_a_day__E9(carols, taken_ticket, sara):
    carols.post(page_of(taken_ticket, "supervisor"))
    first = carols.get(page_of(taken_ticket)).content.decode()
    carols.post(page_of(taken_ticket, "supervisor"))

    escalation = Escalation.objects.get(ticket=taken_ticket)
    assert escalation.waits_for == sara
    assert escalation.reasons.count() == 1
    assert "Somebody senior was asked to step in and gets back to you by" in first
    assert "Ask somebody senior" not in first
    assert "You asked for somebody senior" in first


def test_tells_how_long_we_make_them_wait__H1(carols, taken_ticket, alice, hold_reasons, now):
    lifecycle.reply(taken_ticket, by=alice, text="We look.")
    lifecycle.hold(taken_ticket, by=alice, reason="research", consent=Consent.TOLD, until=now + timedelta(hours=3))

    assert b"Waiting" in carols.get(page_of(taken_ticket)).content


def test_pages_work_without_a_script(carols, taken_ticket):
    page = carols.get(page_of(taken_ticket)).content.decode()

    assert f'action="{page_of(taken_ticket, "reply")}"' in page
    assert 'method="post"' in page
    assert not re.search(r"<script[^>]*htmx", page)
    assert "onclick" not in page


@pytest.mark.parametrize("size", [1, 12])
def test_home_costs_the_same_for_any_number(carols, carol, make_ticket, size, queries_of):
    make_ticket(carol, "Only one")
    few = queries_of(carols, reverse("portal:home"))
    for n in range(size):
        make_ticket(carol, f"T{n}")

    assert queries_of(carols, reverse("portal:home")) == few <= 20


def test_a_request_costs_the_same_for_any_length(carols, taken_ticket, alice, queries_of):
    lifecycle.reply(taken_ticket, by=alice, text="One", files=[SimpleUploadedFile("a.txt", b"1")])
    few = queries_of(carols, page_of(taken_ticket))
    for n in range(4):
        lifecycle.reply(taken_ticket, by=alice, text=f"T{n}", files=[SimpleUploadedFile("b.txt", b"2")])

    assert queries_of(carols, page_of(taken_ticket)) == few <= 20
