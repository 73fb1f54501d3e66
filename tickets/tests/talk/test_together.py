"""Several at once, on real transactions (T10, and nothing is lost)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.db.models import Max

from common.errors import Refused
from events.models import Event
from tickets import lifecycle
from tickets.models import Attachment, Blob, Ticket

pytestmark = pytest.mark.django_db(transaction=True)


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Runs each in a thread of its own, all let go at the same moment; answers or refusals in their order."""
    gate = threading.Barrier(len(acts))
    outcomes: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        gate.wait(60)
        try:
            outcomes[place] = act()
        except Exception as error:  # told to the test below
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return outcomes


def test_of_two_agents_who_reply_at_once_one_is_shown_the_other__T10(mailed, alice, bob):
    seen = mailed.entries.aggregate(last=Max("pk"))["last"]

    outcomes = together(
        lambda: lifecycle.reply(Ticket.objects.get(pk=mailed.pk), by=alice, text="From Alice", seen=seen),
        lambda: lifecycle.reply(Ticket.objects.get(pk=mailed.pk), by=bob, text="From Bob", seen=seen),
    )

    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert [refusal.code for refusal in refused] == ["new_message"]
    assert mailed.entries.filter(kind="reply").count() == 1
    loser = outcomes.index(refused[0])
    author, text = [(alice, "From Alice"), (bob, "From Bob")][loser]
    newest = mailed.entries.aggregate(last=Max("pk"))["last"]
    lifecycle.reply(mailed, by=author, text=text, seen=newest)  # the draft was kept: it is sent once it was read
    assert mailed.entries.filter(kind="reply").count() == 2


def test_sequences_have_no_gaps_whoever_writes_at_once__T6(mailed, alice, bob, carol):
    acts = [
        lambda: lifecycle.add_note(Ticket.objects.get(pk=mailed.pk), by=alice, text="A"),
        lambda: lifecycle.add_note(Ticket.objects.get(pk=mailed.pk), by=bob, text="B"),
        lambda: lifecycle.receive(Ticket.objects.get(pk=mailed.pk), person=carol, text="C"),
        lambda: lifecycle.reply(Ticket.objects.get(pk=mailed.pk), by=alice, text="D"),
    ]
    outcomes = together(*acts)

    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    seqs = list(Event.objects.filter(subject_kind="ticket").values_list("subject_seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))
    assert len(seqs) >= 5  # the four, the opening, and what became late meanwhile


def test_one_mail_fetched_twice_at_once_is_one_ticket(carol):
    def fetch() -> Ticket:
        return lifecycle.open_ticket(
            requester=carol, subject="A", text="B", channel="email", by=carol, external_ids=[("mail", "<1@x>")]
        )

    first, second = together(fetch, fetch)

    assert first == second
    assert Ticket.objects.count() == 1


def test_the_same_bytes_sent_twice_at_once_are_one_blob(mailed, alice, bob, attachments_folder):
    def send(user: Any) -> Callable[[], Any]:
        return lambda: lifecycle.add_note(
            Ticket.objects.get(pk=mailed.pk), by=user, text="A", files=[ContentFile(b"same", name="a.txt")]
        )

    outcomes = together(send(alice), send(bob))

    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert Blob.objects.get().references == Attachment.objects.count() == 2
    assert len([path for path in attachments_folder.rglob("*") if path.is_file()]) == 1
