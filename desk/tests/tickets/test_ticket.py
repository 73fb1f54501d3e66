"""A ticket's page: the conversation, what stands beside it, and what it costs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from customers.models import Person
from tickets import lifecycle
from tickets.models import Attachment, Blob, Clock, Entry, Ticket

pytestmark = pytest.mark.django_db


def url(ticket, name="ticket"):
    return reverse(f"desk:{name}", args=[ticket.number])


def test_shows_the_conversation_and_the_customer(client, alice, taken_ticket):
    client.force_login(alice)

    html = client.get(url(taken_ticket)).content.decode()

    assert "Please help, it smokes." in html
    assert "carol@acme.example" in html
    assert "First response" in html


@pytest.mark.parametrize("size", [1, 30, 60])
def test_costs_the_same_for_any_length(client, alice, taken_ticket, now, size, django_assert_max_num_queries):
    for n in range(size):
        Entry.objects.create(
            ticket=taken_ticket, kind="message", visibility="public", text=f"Line {n}", author_name="Carol",
            happened_at=now + timedelta(seconds=n),
        )  # fmt: skip
        lifecycle.promise(taken_ticket, by=alice, kind="call_back", due_at=now + timedelta(days=1, minutes=n))
    client.force_login(alice)

    with django_assert_max_num_queries(14) as seen:
        response = client.get(url(taken_ticket))

    assert response.status_code == 200
    assert len(seen) == QUERIES


QUERIES = 13


@pytest.fixture
def long_story(taken_ticket, now):
    """800 entries, one a minute, and what they are called."""
    return Entry.objects.bulk_create(
        Entry(ticket=taken_ticket, kind="message", visibility="public", text=f"Line {n}.", author_name="Carol",
              happened_at=now + timedelta(minutes=n))
        for n in range(800)
    )  # fmt: skip


def test_a_long_story_pages_both_ways_and_leaves_nothing_out(client, alice, taken_ticket, long_story):
    client.force_login(alice)
    path, seen, turns = url(taken_ticket), [], {}
    while True:
        page = client.get(path, turns).context["page"]
        seen = [entry.pk for entry in page.window.entries] + seen
        if not page.window.earlier:
            break
        turns = {"before": page.window.earlier}

    assert seen == [taken_ticket.entries.order_by("happened_at", "pk").first().pk, *(row.pk for row in long_story)]
    assert client.get(path, {"from": "first"}).context["page"].window.entries[0].pk == seen[0]
    later = client.get(path, {"after": seen[100]}).context["page"].window
    assert (later.entries[0].pk, later.earlier) == (seen[101], seen[101])


@pytest.mark.parametrize("place", [0, 400, 799])
def test_any_entry_of_a_long_story_has_an_address(
    client, alice, taken_ticket, long_story, place, django_assert_max_num_queries
):
    client.force_login(alice)
    entry = long_story[place]

    with django_assert_max_num_queries(QUERIES + 5):
        html = client.get(url(taken_ticket), {"entry": entry.pk}).content.decode()

    assert f'id="entry-{entry.pk}"' in html
    assert f"<p>Line {place}.</p>" in html
    assert len(html.encode()) < 60_000


def test_a_day_has_an_address_and_nonsense_is_the_newest(client, alice, taken_ticket, long_story):
    client.force_login(alice)
    path, tomorrow = url(taken_ticket), timezone.localtime(long_story[-1].happened_at).date()

    on = client.get(path, {"on": tomorrow.isoformat()}).context["page"].window.entries
    newest = client.get(path).context["page"].window.entries

    assert any(timezone.localtime(entry.happened_at).date() == tomorrow for entry in on)
    for query in (
        {"on": "yesterday"},
        {"entry": "x"},
        {"before": "9" * 30},
        {"entry": "999999999"},
        {"on": "2999-01-01"},
    ):
        assert client.get(path, query).context["page"].window.entries == newest


def test_words_are_found_in_the_conversation_not_in_notes_of_others(client, alice, taken_ticket, long_story):
    client.force_login(alice)

    html = client.get(url(taken_ticket, "find"), {"q": "line 7."}).content.decode()
    none = client.get(url(taken_ticket, "find"), {"q": "zebra"}).content.decode()

    assert f"?entry={long_story[7].pk}#entry-{long_story[7].pk}" in html
    assert "These words do not stand in this conversation." in none


def test_long_messages_fold_and_many_changes_too(client, alice, taken_ticket, now):
    for n in range(30):
        Entry.objects.create(
            ticket=taken_ticket, kind="message", visibility="public", text=f"Begins {n}. " + "word " * 4000,
            author_name="Carol", happened_at=now - timedelta(minutes=30 - n),
        )  # fmt: skip
    for n in range(6):
        lifecycle.set_subject(taken_ticket, by=alice, subject=f"Name {n}")
    client.force_login(alice)

    response = client.get(url(taken_ticket))
    html = response.content.decode()
    last = response.context["page"].window.entries[-1]
    whole = client.get(reverse("desk:entry", args=[taken_ticket.number, last.pk]), headers={"HX-Request": "true"})

    kept = re.sub(r"<svg.*?</svg>", "." * 100, html)  # what a drawing takes where the static files were collected
    assert len(kept.encode()) < 60_000
    assert "Begins 29." in html
    assert "Show all (20 kB)" in html
    assert whole.content.decode().count("word") == 4000
    assert "4 changes" in html


def test_sixty_files_fold_and_pictures_of_safe_kinds_show(client, alice, taken_ticket):
    entry = taken_ticket.entries.first()
    blob = Blob.objects.create(sha256="a" * 64, size=10, content_type="image/png", storage_key="a")
    for n in range(60):
        kind = ("image/png", "image/svg+xml", "text/html")[n % 3]
        Attachment.objects.create(entry=entry, blob=blob, name=f"file{n}.x", size=10, content_type=kind)
    client.force_login(alice)

    html = client.get(url(taken_ticket)).content.decode()
    whole = client.get(reverse("desk:entry", args=[taken_ticket.number, entry.pk])).content.decode()

    assert "Show all 60 files" in html
    assert html.count("<img") == 2
    assert whole.count("file59.x") == 1
    assert whole.count("<img") == 20


def test_a_subject_of_two_thousand_characters_is_kept_whole(client, alice, carol):
    ticket = lifecycle.open_ticket(requester=carol, channel="email", subject="Long " * 400, text="The rest.", by=None)
    client.force_login(alice)

    html = client.get(url(ticket)).content.decode()

    assert '<details class="subject"><summary><h1 dir="auto">Long' in html
    assert html.count("Long") > 400


def test_a_call_is_ended_with_what_was_said(client, alice, taken_ticket, carol):
    call = lifecycle.begin_contact(by=alice, person=carol, channel="phone", direction="in", tickets=[taken_ticket])
    client.force_login(alice)
    path = reverse("desk:end_contact_here", args=[taken_ticket.number, call.pk])

    page = client.get(url(taken_ticket)).content.decode()
    client.post(path, {"text": "She tried it twice."})

    call.refresh_from_db()
    assert 'id="call-notes"' in page
    assert call.ended_at is not None
    assert taken_ticket.entries.filter(kind="call", text="She tried it twice.").exists()


def test_another_teams_restricted_ticket_is_not_there__T13(client, bella, taken_ticket, tier1):
    tier1.is_restricted = True
    tier1.save(update_fields=["is_restricted"])
    client.force_login(bella)

    for name in ("ticket", "reply", "hold", "transfer", "resolve"):
        assert client.get(url(taken_ticket, name)).status_code == 404
    assert client.post(url(taken_ticket, "reply"), {"text": "Hello"}).status_code == 404
    assert Entry.objects.filter(ticket=taken_ticket).count() == 1


def test_a_merged_ticket_leads_on__T11(client, alice, taken_ticket, make_ticket, carol, tier1):
    other = make_ticket(carol, "The same fire", team=tier1)
    lifecycle.merge(other, into=taken_ticket, by=alice)
    client.force_login(alice)

    response = client.get(url(other), follow=True)

    assert response.redirect_chain[-1][0] == url(taken_ticket)
    assert f"#{other.number} was merged into this ticket" in response.content.decode()


def test_says_before_one_tries_what_a_rule_forbids__T12(client, alice, taken_ticket):
    Ticket.objects.filter(pk=taken_ticket.pk).update(type="complaint")
    client.force_login(alice)

    html = client.get(url(taken_ticket)).content.decode()

    assert "First say your understanding of the complaint back to the customer." in html


def test_a_phone_shows_four_acts_and_keeps_the_rest_in_the_menu(client, alice, taken_ticket, now):
    lifecycle.reply(taken_ticket, by=alice, text="We look into it.")
    until = now + timedelta(hours=2)
    lifecycle.hold(taken_ticket, by=alice, reason="research", consent="told", until=until)
    client.force_login(alice)

    response = client.get(url(taken_ticket))
    acts = response.context["acts"]
    html = response.content.decode()

    assert [act.code for act in acts if not act.is_folded] == ["resume", "transfer", "promise", "resolve"]
    assert [act.code for act in acts if act.is_folded] == ["extend_hold", "escalate"]
    for code in ("extend_hold", "escalate"):
        assert html.count(f'href="{url(taken_ticket, code)}"') == 2  # a button, and a line of the menu
        assert f'id="more-{code}"' in html


def test_a_phone_shows_what_is_due_first_whatever_it_is__S6(client, alice, taken_ticket, now):
    Clock.objects.filter(ticket=taken_ticket, metric="first_response").update(due_at=now + timedelta(hours=1))
    lifecycle.promise(taken_ticket, by=alice, kind="call_back", due_at=now + timedelta(hours=16))
    client.force_login(alice)

    def line() -> str:
        html = client.get(reverse("desk:ticket", args=[taken_ticket.number])).content.decode()
        return re.sub(r"<[^>]+>", " ", html.split('<p class="now only-narrow">')[1].split("</p>")[0])

    assert "First response" in line()
    assert "Promise" not in line()
    Clock.objects.filter(ticket=taken_ticket).update(due_at=now + timedelta(hours=30))
    assert "Promise" in line()


def test_who_cannot_be_written_to_is_called_or_asked_for_an_address(client, alice, tier1):
    ticket = lifecycle.open_ticket(
        requester=Person.objects.create(), subject="No heat", text="He hung up.", channel="phone", by=alice, team=tier1
    )
    client.force_login(alice)
    reach, log = reverse("desk:customer_reach", args=[ticket.requester_id]), reverse("desk:log_contact")

    html = client.get(url(ticket)).content.decode()
    assert "No address to write to: add an e-mail address or log a call." in html
    assert f'href="{log}?ticket={ticket.number}"' in html
    assert "data-composer" not in html
    assert 'data-composer="note"' in client.get(url(ticket), {"write": "note"}).content.decode()
    back = {"next": f"{url(ticket)}#composer"}
    assert client.post(reach, {"reach": "no@", **back}).headers["Location"] == back["next"]
    elsewhere = client.post(reach, {"reach": "+49 30 555 000", "next": "//evil.example/"})
    assert elsewhere.headers["Location"] == reverse("desk:customer", args=[ticket.requester_id])
    assert "data-composer" not in client.get(url(ticket)).content.decode()  # a number is called, not written to

    assert client.post(reach, {"reach": "him@home.example", **back}).status_code == 302
    assert 'data-composer="reply"' in client.get(url(ticket)).content.decode()
