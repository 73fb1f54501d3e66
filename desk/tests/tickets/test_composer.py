"""The composer's doors: drafts, canned replies, mentions, limits in words, undo, one key for one message."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from common.errors import Refused
from events.models import Event
from tickets import canned, lifecycle
from tickets.models import CannedReply, Draft, Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, alice, taken_ticket):
    """Alice's browser on her ticket: ``desk(name, *words, **data)`` posts, as htmx does."""
    client.force_login(alice)

    def post(name, *words, **data):
        where = reverse(f"desk:{name}", args=[taken_ticket.number, *words])
        return client.post(where, data, headers={"HX-Request": "true", "X-Ticket-Seq": str(taken_ticket.event_seq)})

    post.get = lambda name, *words, **query: client.get(
        reverse(f"desk:{name}", args=[taken_ticket.number, *words]), query
    )
    return post


def replies(ticket):
    return Entry.objects.filter(ticket=ticket, kind="reply")


def test_a_refused_reply_keeps_the_words_and_names_the_place__T9(desk, taken_ticket):
    answer = desk("reply", html="<div>It comes <strong>on</strong> {{ ?day }}</div>", text="")

    html = answer.content.decode()
    assert answer.status_code == 409
    assert answer["HX-Retarget"] == "#composer"
    assert "Fill in “day”" in html
    assert "&lt;strong&gt;on&lt;/strong&gt; {{ ?day }}" in html
    assert not replies(taken_ticket).exists()


def test_markup_is_made_safe_and_its_text_derived(desk, taken_ticket):
    desk("reply", html='<div onclick="x()">Dear <em>Carol</em><script>alert(1)</script></div>', text="other words")

    entry = replies(taken_ticket).get()
    assert (entry.html, entry.text) == ("<div>Dear <em>Carol</em></div>", "Dear Carol")


def test_a_lost_answer_is_asked_for_again_with_the_same_key(desk, taken_ticket):
    first = desk("reply", text="Once", idempotency_key="k1")
    again = desk("reply", text="Once", idempotency_key="k1")

    assert (first.status_code, again.status_code) == (200, 200)
    assert replies(taken_ticket).count() == 1


def test_a_key_that_sent_other_words_loses_none(desk, taken_ticket):
    desk("reply", text="It comes on Monday.", idempotency_key="k1")

    answer = desk("reply", text="It comes on Tuesday.", idempotency_key="k1")

    assert answer.status_code == 409
    assert "What you wrote first was sent after all." in answer.content.decode()
    assert "It comes on Tuesday." in answer.content.decode()
    assert [entry.text for entry in replies(taken_ticket)] == ["It comes on Monday."]


def test_too_long_or_too_many_is_said_in_words_and_kept(desk, taken_ticket):
    long = desk("reply", html=f"<div>{'word ' * 200_000}</div>", text="")
    files = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(60)]
    many = desk("reply", text="With files", files=files)
    forbidden = desk("reply", text="With a program", files=[SimpleUploadedFile("setup.exe", b"x")])

    assert [answer.status_code for answer in (long, many, forbidden)] == [422, 422, 422]
    assert "at most 100000 characters fit" in long.content.decode()
    assert "word word" in long.content.decode()
    assert "at most 10 files; you chose 60" in many.content.decode()
    assert "With files" in many.content.decode()
    assert "“setup.exe” could run" in forbidden.content.decode()
    assert not replies(taken_ticket).exists()


def test_a_draft_waits_on_the_server_until_it_is_sent(desk, taken_ticket, alice):
    saved = desk("draft", "reply", html="<div>Dear <strong>C</strong></div>", version="0").json()

    page = desk.get("ticket").content.decode()
    assert saved["version"] == 1
    assert "Draft saved" in page
    assert "Dear &lt;strong&gt;C&lt;/strong&gt;" in page
    desk("reply", html="<div>Dear Carol</div>")
    assert not Draft.objects.exists()
    assert replies(taken_ticket).count() == 1


def test_a_newer_draft_of_another_tab_is_never_overwritten_unseen(desk, alice):
    desk("draft", "reply", text="One", version="0")
    desk("draft", "reply", text="One and two", version="1")

    behind = desk("draft", "reply", text="One or so", version="1")

    assert behind.status_code == 409
    assert behind.json()["text"] == "One and two"
    assert Draft.objects.get().text == "One and two"
    assert desk("draft", "reply", text="One or so", version="1", keep="1").json()["version"] == 3
    assert desk("draft", "reply", text=" ", version="3").json()["version"] == 0
    assert not Draft.objects.exists()


def test_drafts_are_their_writers_alone(desk, client, bob, taken_ticket):
    desk("draft", "note", text="Mine", version="0")
    client.force_login(bob)

    assert "Mine" not in desk.get("note").content.decode()
    assert desk("draft", "letter", text="x").status_code == 404
    assert desk("draft", "note", text="x" * 400_001).status_code == 422


def test_undo_puts_the_words_back_into_the_composer(desk, alice, taken_ticket):
    desk("reply", html="<div>Too <em>soon</em></div>", text="")
    desk("draft", "reply", text="Begun since", version="0")
    entry = replies(taken_ticket).get()

    answer = desk("withdraw_reply", entry.pk)

    entry.refresh_from_db()
    draft = Draft.objects.get()
    assert answer.status_code == 200
    assert entry.undone_at is not None
    assert draft.text == "Too soon\n\nBegun since"
    assert "Too soon" in answer.content.decode()


def test_what_came_meanwhile_is_shown_beside_the_draft__T10(desk, carol, taken_ticket):
    seen = taken_ticket.entries.latest("pk").pk
    lifecycle.receive(taken_ticket, person=carol, text="Stop, it works.")

    answer = desk("reply", text="We send somebody.", seen=seen)

    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Stop, it works." in html
    assert "We send somebody." in html
    assert "Send anyway" in html
    newest = taken_ticket.entries.latest("pk").pk
    assert f'name="seen" value="{newest}"' in html
    assert desk("reply", text="We send somebody.", seen=newest).status_code == 200


def test_ones_own_words_are_no_news_to_oneself__T10(desk, alice, bob, carol, taken_ticket):
    seen = taken_ticket.entries.latest("pk").pk
    desk("draft", "reply", text="We send somebody.", seen=seen, version="0")
    lifecycle.add_note(taken_ticket, by=alice, text="They have a spare one.")
    lifecycle.reply(taken_ticket, by=alice, text="One moment, please.")
    assert "since you began this draft" not in desk.get("ticket").content.decode()

    lifecycle.receive(taken_ticket, person=carol, text="Stop, it works.")
    assert "since you began this draft" in desk.get("ticket").content.decode()

    shown = desk("reply", text="We send somebody.", seen=seen).content.decode()
    news = shown[shown.index('class="diff"') : shown.index("</section>", shown.index('class="diff"'))]
    assert "Stop, it works." in news
    assert "They have a spare one." not in news
    assert "One moment, please." not in news


def test_another_tab_of_the_composer_shows_no_message__T10(client, desk, carol, taken_ticket):
    shown = taken_ticket.entries.latest("pk").pk
    lifecycle.receive(taken_ticket, person=carol, text="Stop, it works.")
    where = reverse("desk:reply", args=[taken_ticket.number])

    composer = client.get(where, headers={"HX-Request": "true", "X-Ticket-Entry": str(shown)}).content.decode()

    assert f'name="seen" value="{shown}"' in composer
    assert "Stop, it works." not in composer
    assert desk("reply", text="We send somebody.", seen=shown).status_code == 409


def test_canned_replies_are_found_filled_and_counted(desk, taken_ticket):
    listed = desk.get("canned", q="delivery").content.decode()
    row = CannedReply.objects.get(shortcut="delivery")

    filled = desk("canned_reply_here", row.pk).json()

    assert "#delivery" in listed
    assert "Hello Carol" in listed  # as it will read here
    assert '<span class="place">date of delivery</span>' in listed
    assert "{{" not in listed
    assert filled["left"] == ["date of delivery"]
    assert "Hello Carol" in filled["text"]
    row.refresh_from_db()
    assert row.times_used == 1


def test_colleagues_are_offered_and_mentioned(desk, bob, theo, taken_ticket):
    listed = desk.get("colleagues", q="b").content.decode()

    assert "Bob" in listed
    assert "Theo" not in desk.get("colleagues", q="theo").content.decode()
    assert desk("note", text="@Bob please", mentions=[bob.pk]).status_code == 200
    assert Event.objects.get(kind="ticket.note_added").data["mentions"] == [bob.pk]
    refused = desk("note", text="@Theo please", mentions=[theo.pk])
    assert refused.status_code == 409
    assert "Theo cannot see this ticket" in refused.content.decode()


def test_a_name_behind_an_at_tells_them_even_where_the_pick_was_lost__T13(desk, bob, theo, taken_ticket):
    """A draft that was taken up on another machine holds the words alone; who may not read the note is not told."""
    assert desk("note", text="Could @bob look at it? And @Theo, or bob@desk.example").status_code == 200
    assert Event.objects.get(kind="ticket.note_added").data["mentions"] == [bob.pk]


def test_it_says_who_gets_the_message(desk, taken_ticket, oscar, alice):
    lifecycle.add_participant(taken_ticket, by=alice, person=oscar)

    html = desk.get("ticket").content.decode()

    assert "<bdi>Carol Cole</bdi>, <bdi>Oscar" in html


def test_leaders_write_canned_replies_and_see_them_on_a_ticket(client, mia, alice, taken_ticket):
    add = reverse("desk:canned_reply_add")
    words = {
        "name": "New",
        "shortcut": "#new",
        "language": "de",
        "is_active": "on",
        "html": "<div>Hi {{ agent.name }} {{ ?x }}</div>",
    }
    client.force_login(mia)

    seen = client.post(add, {**words, "preview": "1"})
    assert "Hi Mia" in seen.content.decode()
    assert not CannedReply.objects.filter(shortcut="new").exists()
    assert client.post(add, words).status_code == 302
    row = CannedReply.objects.get(shortcut="new")
    assert (row.text, row.language, row.changed_by) == ("Hi {{ agent.name }} {{ ?x }}", "de", mia)
    assert "Another canned reply has this shortcut." in client.post(add, words).content.decode()
    client.post(reverse("desk:canned_reply", args=[row.pk]), {**words, "is_active": ""})
    row.refresh_from_db()
    assert not row.is_active
    listed = client.get(reverse("desk:canned_replies")).content.decode()
    assert "#new" in listed
    assert 'Hi <span class="place">agent&#x27;s name</span> <span class="place">x</span>' in listed
    client.force_login(alice)
    assert client.get(reverse("desk:canned_replies")).status_code == 404


def test_a_teams_supervisor_changes_their_teams_alone(client, sara, tier1, billing):
    client.force_login(sara)
    theirs = CannedReply.objects.create(name="B", shortcut="b", html="x", text="x", team=billing)
    words = {"name": "Ours", "shortcut": "ours", "text": "Hello", "is_active": "on"}

    assert client.get(reverse("desk:canned_reply", args=[theirs.pk])).status_code == 404
    assert client.post(reverse("desk:canned_reply_add"), words).status_code == 422
    assert client.post(reverse("desk:canned_reply_add"), {**words, "team": billing.pk}).status_code == 422
    assert client.post(reverse("desk:canned_reply_add"), {**words, "team": tier1.pk}).status_code == 302
    assert CannedReply.objects.get(shortcut="ours").team == tier1
    with pytest.raises(Refused):
        canned.write(theirs, by=sara, team=tier1, text="Taken")


def test_every_place_has_a_short_name_for_the_list():
    assert set(canned.IN_SHORT) == set(canned.PLACES) - {"?anything"}
