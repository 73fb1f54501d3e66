"""What customers are sent: once per event, in their language, when it can no longer be undone."""

from datetime import timedelta

import pytest
from django.core import mail as django_mail

from events import dispatch
from events.models import Event
from events.values import put
from notifications import outbox, sending
from notifications.models import OutgoingMail
from staff.models import Brand
from tickets import clocks, lifecycle
from tickets.models import Channel, Closure, Participant

HOUR = timedelta(hours=1)
Status = OutgoingMail.Status


@pytest.fixture
def writes(tier1):
    """``writes(carol, "Broken")``: a customer's mail, with all that follows from it."""

    def write(person, subject="Broken", **fields):
        ticket = lifecycle.open_ticket(
            requester=person, subject=subject, text="It smokes.", channel=Channel.EMAIL, by=person, team=tier1, **fields
        )
        dispatch.sweep()
        return ticket

    return write


def mails(template=""):
    found = OutgoingMail.objects.order_by("pk")
    return list(found.filter(template=template) if template else found)


def test_the_acknowledgement_says_number_and_latest_answer_and_stops_no_clock__S1_S3(writes, carol, now):
    ticket = writes(carol)

    (mail,) = mails()
    latest = clocks.latest_answer_at(ticket)
    assert (mail.template, mail.recipient) == ("acknowledgement", "carol@acme.example")
    assert str(ticket.number) in mail.subject
    assert str(ticket.number) in mail.text
    assert latest == ticket.opened_at + timedelta(hours=24)
    assert latest.strftime("%H:%M") in mail.text
    assert mail.headers["Auto-Submitted"] == "auto-generated"
    assert not ticket.clocks.exclude(stopped_at=None).exists()


def test_a_machine_gets_no_acknowledgement__T3(writes, carol):
    writes(carol, is_automatic=True)

    assert mails() == []


def test_one_mail_for_each_event_recipient_and_template(writes, carol):
    ticket = writes(carol)
    event = Event.objects.get(kind="ticket.opened")

    again = outbox.queue_to_person(event, "acknowledgement", person=carol, ticket=ticket)

    assert mails() == [again]


def test_a_mail_is_in_its_customers_language_and_direction(writes, make_person):
    writes(make_person("Yael Levi", email="yael@else.example", language="he"))
    writes(make_person("Vera", email="vera@else.example", language="en"))

    hebrew, english = mails()
    assert '<html lang="he" dir="rtl">' in hebrew.html
    assert '<html lang="en" dir="ltr">' in english.html


def test_who_has_no_address_gets_no_mail(writes, make_person):
    writes(make_person("Unknown"))

    assert mails() == []


def test_a_reply_leaves_when_it_can_no_longer_be_undone__S3(taken_ticket, alice):
    put("reply.undo_seconds", 30, by=None)
    entry = lifecycle.reply(taken_ticket, by=alice, text="Pull the plug.")
    dispatch.sweep()

    (mail,) = mails("reply")
    over = entry.happened_at + timedelta(seconds=30)
    assert over < mail.next_attempt_at < over + timedelta(seconds=5)
    assert sending.send(mail.pk, at=over) is False
    assert sending.send(mail.pk, at=over + timedelta(seconds=5)) is True
    assert "Pull the plug." in mail.text
    assert "Alice" in mail.text


@pytest.mark.parametrize("told_in_time", [True, False])
def test_an_undone_reply_never_leaves__S3(taken_ticket, alice, told_in_time):
    entry = lifecycle.reply(taken_ticket, by=alice, text="Oops.")
    dispatch.sweep()
    lifecycle.withdraw_reply(entry, by=alice)
    if told_in_time:
        dispatch.sweep()

    sent = sending.send_due(at=entry.happened_at + HOUR)

    assert sent == 0
    assert mails("reply")[0].status == (Status.CANCELLED if told_in_time else Status.QUEUED)


def test_people_in_copy_get_the_reply_too(taken_ticket, alice, oscar):
    Participant.objects.create(ticket=taken_ticket, person=oscar, role=Participant.Role.CC)
    lifecycle.reply(taken_ticket, by=alice, text="Pull the plug.")
    dispatch.sweep()

    assert {mail.recipient for mail in mails("reply")} == {"carol@acme.example", "oscar@acme.example"}


def test_resolving_with_a_text_is_one_mail_that_asks__T4(taken_ticket, alice, oscar, settings):
    Participant.objects.create(ticket=taken_ticket, person=oscar, role=Participant.Role.CC)
    lifecycle.resolve(taken_ticket, by=alice, text="A new one is on your desk.")
    dispatch.sweep()

    to_carol = [mail for mail in mails() if mail.recipient == "carol@acme.example"]
    assert [mail.template for mail in to_carol] == ["confirm"]
    assert "A new one is on your desk." in to_carol[0].text
    assert f"\n{settings.PUBLIC_URL}/confirm/" in to_carol[0].text
    to_oscar = [mail for mail in mails() if mail.recipient == "oscar@acme.example"]
    assert [mail.template for mail in to_oscar] == ["reply"]
    assert "/confirm/" not in to_oscar[0].text


def test_words_taken_back_leave_the_question__T4(taken_ticket, alice):
    lifecycle.resolve(taken_ticket, by=alice, text="Not what I meant.")
    dispatch.sweep()

    lifecycle.withdraw_reply(taken_ticket.entries.get(kind="reply"), by=alice)
    dispatch.sweep()

    first, second = mails("confirm")
    assert first.status == Status.CANCELLED
    assert second.status == Status.QUEUED
    assert "Not what I meant." not in second.text
    assert "/confirm/" in second.text


def test_words_reach_a_customer_who_answered_before_the_mail_was_written__T4(taken_ticket, alice, carol):
    lifecycle.resolve(taken_ticket, by=alice, text="On your desk.")
    lifecycle.confirm(taken_ticket, by=carol, solved=True, via=Closure.Via.PORTAL)
    dispatch.sweep()

    assert mails("confirm") == []
    (told,) = mails("reply")
    assert "On your desk." in told.text


def test_complaint_steps_reach_the_customer_once__T5(make_ticket, carol, tier1, alice):
    ticket = make_ticket(carol, "Rude", team=tier1, type="complaint")
    lifecycle.take(ticket, by=alice)
    lifecycle.take_step(ticket, by=alice, step="understood", text="Was shouted at.")
    lifecycle.take_step(ticket, by=alice, step="confirmed", text="You were shouted at.")
    closure = lifecycle.resolve(ticket, by=alice)
    lifecycle.confirm(ticket, by=carol, solved=True, via=closure.Via.PORTAL)
    lifecycle.take_step(ticket, by=alice, step="thanked", text="Thank you for telling us.")
    dispatch.sweep()

    texts = [mail.text for mail in mails("reply")]
    assert len(texts) == 2
    assert "You were shouted at." in texts[0]
    assert "Thank you for telling us." in texts[1]
    assert not any("Was shouted at." in mail.text for mail in mails())


def test_our_own_first_message_goes_out__T1(carol, tier1, alice):
    lifecycle.open_ticket(
        requester=carol, subject="Your invoice", text="It was too high.", channel=Channel.EMAIL, by=alice, team=tier1,
        outbound=True,
    )  # fmt: skip
    dispatch.sweep()

    (mail,) = mails()
    assert mail.template == "reply"
    assert "It was too high." in mail.text


def test_internal_notes_are_never_mailed__T13(taken_ticket, alice):
    lifecycle.add_note(taken_ticket, by=alice, text="Difficult customer.")
    dispatch.sweep()

    assert mails() == []


@pytest.mark.parametrize("hostile", ["Broken\r\nBcc: all@else.example", "Broken\nBcc: all@else.example", "Bro\x00ken"])
def test_no_header_gets_in_through_a_subject_or_a_name(writes, make_person, hostile):
    writes(make_person(hostile.replace("\x00", ""), email="vera@else.example"), hostile)

    (mail,) = mails()
    django_mail.outbox.clear()
    sending.send(mail.pk, connection=django_mail.get_connection())
    (sent,) = django_mail.outbox
    built = sent.message()
    assert built["Bcc"] is None
    assert sent.to == ["vera@else.example"]
    assert "\n" not in mail.subject
    assert "\x00" not in mail.text


def test_a_brand_name_cannot_make_a_header(writes, carol):
    Brand.objects.filter(is_default=True).update(
        sender_name="Desk\r\nBcc: all@else.example", sender_address="desk@else.example"
    )
    writes(carol)

    (mail,) = mails()
    django_mail.outbox.clear()
    sending.send(mail.pk, connection=django_mail.get_connection())
    assert all(sent.message()["Bcc"] is None for sent in django_mail.outbox)


def test_markup_of_a_customer_stays_words(writes, carol):
    writes(carol, "<script>alert(1)</script>")

    (mail,) = mails()
    assert "<script>" not in mail.html
