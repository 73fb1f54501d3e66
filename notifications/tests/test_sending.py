"""From the outbox to the server: claimed, tried again, given up, kept."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.core.files.base import ContentFile
from django.core.mail import send_mail
from django.core.mail.backends.base import BaseEmailBackend

from events import dispatch
from events.values import put
from notifications import sending
from notifications.backend import OutboxBackend
from notifications.models import Notice, OutgoingMail
from tickets import lifecycle
from tickets.models import Clock

Status = OutgoingMail.Status
MINUTE = timedelta(minutes=1)


class Server(BaseEmailBackend):
    """A mail server that answers what it is told to."""

    def __init__(self, answer=None):
        super().__init__()
        self.answer, self.got = answer, []

    def send_messages(self, messages):
        if self.answer:
            raise self.answer
        self.got += messages
        return len(messages)


REFUSES = smtplib.SMTPRecipientsRefused({"carol@acme.example": (550, b"no such user")})
BUSY = smtplib.SMTPRecipientsRefused({"carol@acme.example": (450, b"try later")})
TOO_BIG = smtplib.SMTPDataError(552, b"too big")
GONE = ConnectionRefusedError()


@pytest.fixture
def later(now):
    return now + timedelta(hours=1)


@pytest.fixture
def reply_mail(taken_ticket, alice):
    lifecycle.reply(taken_ticket, by=alice, text="Pull the plug.")
    dispatch.sweep()
    return OutgoingMail.objects.get(template="reply")


def test_goes_out_with_its_own_message_id_and_its_thread(reply_mail, later):
    server = Server()

    assert sending.send(reply_mail.pk, at=later, connection=server)

    (sent,) = server.got
    reply_mail.refresh_from_db()
    assert sent.extra_headers["Message-ID"] == reply_mail.message_id
    assert sent.extra_headers["References"] == sent.extra_headers["In-Reply-To"]
    assert (reply_mail.status, reply_mail.attempts, reply_mail.sent_at) == (Status.SENT, 1, later)


def test_a_second_run_sends_nothing(reply_mail, later):
    server = Server()
    sending.send(reply_mail.pk, at=later, connection=server)

    assert not sending.send(reply_mail.pk, at=later, connection=server)
    assert len(server.got) == 1


def test_who_claimed_a_mail_has_it_for_five_minutes(reply_mail, later):
    assert sending.claim(reply_mail.pk, at=later)

    assert sending.claim(reply_mail.pk, at=later + 4 * MINUTE) is None
    assert sending.claim(reply_mail.pk, at=later + 5 * MINUTE)


def test_the_mail_of_a_dead_worker_is_sent_under_the_same_message_id(reply_mail, later):
    claimed = sending.claim(reply_mail.pk, at=later)
    server = Server()

    sent = sending.send_due(at=later + 6 * MINUTE, sender=lambda pk, at: sending.send(pk, at=at, connection=server))

    assert sent == 1
    assert server.got[0].extra_headers["Message-ID"] == claimed.message_id


@pytest.mark.parametrize("problem", [GONE, BUSY, smtplib.SMTPServerDisconnected(), TimeoutError()])
def test_a_server_that_is_away_is_asked_again_with_growing_pauses(reply_mail, later, problem):
    waits = []
    at = later
    for _attempt in range(3):
        assert not sending.send(reply_mail.pk, at=at, connection=Server(problem))
        reply_mail.refresh_from_db()
        waits.append((reply_mail.next_attempt_at - at).total_seconds())
        assert reply_mail.status == Status.QUEUED
        at = reply_mail.next_attempt_at

    assert waits == sorted(set(waits))
    assert not sending.send(reply_mail.pk, at=at - MINUTE, connection=Server())
    assert sending.send(reply_mail.pk, at=at, connection=Server())


@pytest.mark.parametrize("problem", [REFUSES, TOO_BIG])
def test_failed_for_good_the_clock_runs_again_from_its_start__S(reply_mail, taken_ticket, later, alice, problem):
    clock = Clock.objects.get(ticket=taken_ticket, metric=Clock.Metric.FIRST_RESPONSE)
    assert clock.stopped_at is not None

    sending.send(reply_mail.pk, at=later, connection=Server(problem))
    dispatch.sweep()

    reply_mail.refresh_from_db()
    running = Clock.objects.get(
        ticket=taken_ticket, metric=Clock.Metric.FIRST_RESPONSE, stopped_at=None, cancelled_at=None
    )
    assert reply_mail.status == Status.FAILED
    assert running.started_at == clock.started_at
    assert list(Notice.objects.values_list("kind", "user")) == [("ticket.reply_withdrawn", alice.pk)]


def test_gives_up_after_the_set_attempts__S(reply_mail, later):
    put("mail.attempts", 2, by=None)
    sending.send(reply_mail.pk, at=later, connection=Server(GONE))

    sending.send(reply_mail.pk, at=later + 10 * MINUTE, connection=Server(GONE))

    reply_mail.refresh_from_db()
    assert reply_mail.status == Status.FAILED


def test_a_reply_that_reached_somebody_stands__S(reply_mail, taken_ticket, later):
    OutgoingMail.objects.create(
        event=reply_mail.event, template="reply", recipient="oscar@acme.example", entry=reply_mail.entry,
        ticket=taken_ticket, sender="a@b.example", subject="x", text="x", message_id="<x@y>", status=Status.SENT,
    )  # fmt: skip

    sending.send(reply_mail.pk, at=later, connection=Server(REFUSES))

    assert not Clock.objects.filter(ticket=taken_ticket, metric="first_response", stopped_at=None).exists()


def test_without_a_mail_server_mails_are_kept(reply_mail, later, settings):
    settings.OUTBOX_KEEPS_MAIL = True

    assert sending.send_due(at=later) >= 1

    reply_mail.refresh_from_db()
    assert reply_mail.status == Status.KEPT
    assert "Pull the plug." in reply_mail.text


def test_an_admin_can_try_again(reply_mail, later):
    sending.send(reply_mail.pk, at=later, connection=Server(REFUSES))

    assert sending.try_again(reply_mail, at=later)
    assert sending.send(reply_mail.pk, at=later, connection=Server())
    assert not sending.try_again(reply_mail, at=later)


def test_mails_about_signing_in_go_through_the_outbox_and_lose_their_text(db, later):
    backend = OutboxBackend()
    send_mail("Your code", "Your code is 123456.", "desk@else.example", ["vera@else.example"], connection=backend)

    mail = OutgoingMail.objects.get()
    assert (mail.event, mail.recipient, mail.text) == (None, "vera@else.example", "Your code is 123456.")
    sending.send(mail.pk, at=later, connection=django_mail.get_connection())
    mail.refresh_from_db()
    assert (mail.status, mail.text, mail.html) == (Status.SENT, "", "")


def test_a_subject_with_a_line_break_is_refused_before_anything_is_written(db, later):
    backend = OutboxBackend()
    send_mail("Code\nBcc: x@y.example", "123", "desk@else.example", ["vera@else.example"], connection=backend)

    mail = OutgoingMail.objects.get()
    sending.send(mail.pk, at=later, connection=django_mail.get_connection())
    assert all(sent.message()["Bcc"] is None for sent in django_mail.outbox)


def test_the_files_of_a_reply_go_with_it(taken_ticket, alice, later):
    entry = lifecycle.reply(
        taken_ticket, by=alice, text="The guide is attached.", files=[ContentFile(b"press here", name="guide.txt")]
    )
    dispatch.sweep()
    server = Server()

    assert sending.send(OutgoingMail.objects.get(entry=entry).pk, at=later, connection=server)
    assert [(name, content) for name, content, _kind in server.got[0].attachments] == [("guide.txt", "press here")]


def test_files_too_large_for_a_mail_stay_on_the_portal(taken_ticket, alice, later, monkeypatch):
    monkeypatch.setattr(sending, "MOST_BYTES", 4)
    lifecycle.reply(taken_ticket, by=alice, text="See there.", files=[ContentFile(b"too large", name="big.txt")])
    dispatch.sweep()
    server = Server()

    assert sending.send(OutgoingMail.objects.get(template="reply").pk, at=later, connection=server)
    assert server.got[0].attachments == []
