"""How mails look: the tokens' colours in every tag, the brand's face, dark screens, both directions, a plain twin."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives

from common import palette
from events import dispatch
from notifications import sending
from notifications.backend import OutboxBackend
from notifications.models import OutgoingMail
from staff.branding import face_of
from staff.models import Brand
from tickets import lifecycle
from tickets.models import Channel

COLOUR = re.compile(r"#[0-9a-f]{6}\b")


@pytest.fixture
def mails(taken_ticket, alice, carol, now):
    """One of each: acknowledgement, reply, announcement of a hold, question; by template, the hold's apart."""
    lifecycle.reply(taken_ticket, by=alice, text="Pull the plug.\n\nThen <wait>.")
    dispatch.sweep()
    lifecycle.hold(taken_ticket, by=alice, reason="supplier", consent="told", until=now + timedelta(hours=5))
    dispatch.sweep()
    lifecycle.resume(taken_ticket, by=alice)
    lifecycle.resolve(taken_ticket, by=alice)
    dispatch.sweep()
    found = {mail.template: mail for mail in OutgoingMail.objects.order_by("-pk")}
    found["hold"] = OutgoingMail.objects.filter(template="reply").order_by("-pk")[0]
    found["reply"] = OutgoingMail.objects.filter(template="reply").order_by("pk")[0]
    return found


def test_every_colour_is_a_token_or_the_brands(mails):
    looks = face_of(Brand.objects.filter(is_default=True).first()).looks
    shades = [getattr(looks, name) for name in looks.__slots__]
    known = {*palette.plain("light").values(), *palette.plain("dark").values(), *shades}

    for mail in mails.values():
        used = set(COLOUR.findall(mail.html))
        assert len(used) > 5
        assert used <= known


def test_style_stands_in_the_tags_and_dark_screens_have_their_own(mails):
    html = mails["reply"].html

    assert f'style="margin: 0;padding: 0;background: {palette.plain("light")["paper_2"]}' in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert '<meta name="color-scheme" content="light dark">' in html
    assert "class=" in html  # what the dark rules are bound to
    assert not re.search(r"<(script|link|iframe)\b", html)
    assert not re.search(r'src="(?!http://testserver/)', html)


def test_a_persons_words_are_text_in_both_twins(mails):
    reply = mails["reply"]

    assert "Then &lt;wait&gt;." in reply.html
    assert "Then <wait>." in reply.text
    message = sending.message(reply)
    assert isinstance(message, EmailMultiAlternatives)
    assert [part.mimetype for part in message.alternatives] == ["text/html"]


def test_the_announcement_of_a_hold_has_its_time_on_top__H1(mails):
    assert "You hear from us by" in mails["hold"].html
    assert "You hear from us by" not in mails["reply"].html


def test_the_question_has_a_button_for_each_answer__T4(mails):
    html = mails["confirm"].html

    assert len(re.findall(r'href="[^"]+/confirm/[^"]+\?solved=(?:yes|no)"', html)) == 2
    assert "/confirm/" in mails["confirm"].text


def test_a_mail_wears_the_brand(mails, taken_ticket, alice):
    Brand.objects.filter(is_default=True).update(name="Acme Care", colour="#ffee00")
    lifecycle.reply(taken_ticket, by=alice, text="Once more.")
    dispatch.sweep()

    html = OutgoingMail.objects.filter(template="reply").order_by("-pk")[0].html
    assert "Acme Care" in html
    assert face_of(Brand.objects.get(is_default=True)).looks.accent in html
    assert "#ffee00" not in html.split("</head>")[1]  # nobody could read words in it on white


def test_hebrew_runs_from_right_to_left(make_person, tier1):
    reader = make_person("Yael Levi", email="yael@else.example", language="he")
    lifecycle.open_ticket(requester=reader, subject="קר", text="קר מאוד", channel=Channel.EMAIL, by=reader, team=tier1)
    dispatch.sweep()

    html = OutgoingMail.objects.get().html
    assert 'dir="rtl"' in html
    assert "text-align: right" in html


def test_mails_about_signing_in_wear_the_same_dress(db):
    words = "The code is 123456.\n\nhttps://desk.example/x"
    OutboxBackend().send_messages([EmailMessage("Your code", words, settings.DEFAULT_FROM_EMAIL, ["a@b.example"])])

    mail = OutgoingMail.objects.get()
    assert mail.text.startswith("The code is 123456.")
    assert "The code is 123456." in mail.html
    assert 'href="https://desk.example/x"' in mail.html
    assert palette.plain("light")["paper"] in mail.html
