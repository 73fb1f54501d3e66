"""What a customer's message does (T3)."""

from datetime import timedelta

import pytest

from common.errors import Refused
from tickets import lifecycle
from tickets.lifecycle.thanks import is_bare_thanks
from tickets.models import (
    Clock,
    ClockPause,
    Closure,
    ClosureCause,
    Consent,
    Entry,
    Hold,
    Participant,
    Status,
    Ticket,
    TicketLink,
    TicketMerge,
    Transfer,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def answered(mailed, alice, monday):
    """Alice answered after an hour and it is Carol's turn."""
    lifecycle.reply(mailed, by=alice, text="Did you try water?", then="pending", at=monday + HOUR)
    return mailed


def in_state(ticket, status, at, *, by, cause=""):
    """Puts a ticket into a late state with what belongs to it, as its verb would leave it."""
    Ticket.objects.filter(pk=ticket.pk).update(
        status=status,
        resolved_at=at,
        resolved_by=by,
        closed_at=at if status == Status.CLOSED else None,
        closure_cause=cause,
        unanswered_since=None,
    )
    if status == Status.RESOLVED:
        Closure.objects.create(ticket=ticket, asked_at=at, asked_by=by)
    ticket.refresh_from_db()


def test_a_message_brings_pending_back_to_open__T3(answered, carol, monday, events_of):
    assert answered.status == Status.PENDING

    entry = lifecycle.receive(answered, person=carol, text="Yes, it burns still.", at=monday + 3 * HOUR)

    assert answered.status == Status.OPEN
    assert answered.unanswered_since == monday + 3 * HOUR
    pause = ClockPause.objects.get(cause="pending")
    assert (pause.started_at, pause.ended_at) == (monday + HOUR, monday + 3 * HOUR)
    waiting = Clock.objects.get(ticket=answered, metric="next_response")
    assert (waiting.started_at, waiting.started_by) == (monday + 3 * HOUR, entry)
    event = events_of(answered)[-1]
    assert event.kind == "ticket.message_received"
    assert (event.data["from"], event.data["to"], event.data["entry"]) == ("pending", "open", entry.pk)


def test_a_message_on_a_new_ticket_leaves_it_new(mailed, carol):
    lifecycle.receive(mailed, person=carol, text="And it smells.")

    assert mailed.status == Status.NEW


def test_a_message_ends_a_hold_outside_the_rate__H3(mailed, carol, alice, hold_reasons, monday):
    reason = next(one for one in hold_reasons.values() if one.side == "ours")
    lifecycle.reply(mailed, by=alice, text="Hello", at=monday + HOUR)
    from tickets.lifecycle.holding import hold

    hold(mailed, by=alice, reason=reason, consent=Consent.TOLD, until=monday + 9 * HOUR, at=monday + 2 * HOUR)
    assert Ticket.objects.get(pk=mailed.pk).status == Status.ON_HOLD

    lifecycle.receive(mailed, person=carol, text="Never mind waiting", at=monday + 3 * HOUR)

    assert Hold.objects.get().outcome == Hold.Outcome.ENDED_BY_CUSTOMER
    assert mailed.status == Status.OPEN
    assert Clock.objects.filter(ticket=mailed, metric="next_response", stopped_at=None).exists()


def test_a_message_reopens_what_was_resolved__T3(answered, carol, alice, monday, events_of):
    in_state(answered, Status.RESOLVED, monday + 2 * HOUR, by=alice)

    lifecycle.receive(answered, person=carol, text="It burns again.", at=monday + 4 * HOUR)

    assert (answered.status, answered.reopen_count, answered.assignee) == (Status.OPEN, 1, alice)
    assert Closure.objects.get().answer == Closure.Answer.WITHDRAWN
    assert events_of(answered)[-1].data["from"] == "resolved"


def test_after_closed_it_opens_a_linked_follow_up__T3(answered, carol, alice, tier1, monday):
    in_state(answered, Status.CLOSED, monday + 2 * HOUR, by=alice, cause=ClosureCause.CONFIRMED)

    entry = lifecycle.receive(answered, person=carol, text="It burns again.", at=monday + 4 * HOUR)

    assert entry.ticket != answered
    assert (entry.ticket.subject, entry.ticket.team, entry.ticket.status) == ("Printer", tier1, Status.NEW)
    link = TicketLink.objects.get()
    assert (link.source, link.target, link.kind) == (entry.ticket, answered, "follow_up")
    answered.refresh_from_db()
    assert answered.status == Status.CLOSED


def test_nobody_reads_the_trash_so_a_message_to_it_opens_a_follow_up__T7(mailed, carol, monday):
    Ticket.objects.filter(pk=mailed.pk).update(trashed_at=monday)

    entry = lifecycle.receive(mailed, person=carol, text="Hello?")

    assert entry.ticket_id != mailed.pk


def test_spam_stays_spam(mailed, carol):
    Ticket.objects.filter(pk=mailed.pk).update(is_spam=True, status=Status.PENDING)

    entry = lifecycle.receive(mailed, person=carol, text="Buy!")

    assert entry.ticket_id == mailed.pk
    assert mailed.status == Status.PENDING


@pytest.mark.parametrize("status", [Status.PENDING, Status.RESOLVED, Status.CLOSED])
def test_a_machines_message_changes_no_state_owner_or_clock__T3(answered, carol, alice, monday, status, events_of):
    in_state(answered, status, monday + 2 * HOUR, by=alice)
    before = list(Clock.objects.order_by("pk").values())

    entry = lifecycle.receive(answered, person=carol, text="I am away", is_automatic=True, at=monday + 3 * HOUR)

    assert (entry.kind, entry.is_automatic, entry.ticket) == (Entry.Kind.AUTOMATIC, True, answered)
    assert (answered.status, answered.assignee, answered.reopen_count) == (status, alice, 0)
    assert list(Clock.objects.order_by("pk").values()) == before
    assert events_of(answered)[-1].data["automatic"] is True


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CLOSED])
def test_a_bare_thank_you_offers_to_stay_closed__T3(answered, carol, alice, monday, status, events_of):
    in_state(answered, status, monday + 2 * HOUR, by=alice, cause=ClosureCause.NO_ANSWER)

    entry = lifecycle.receive(answered, person=carol, text="Thank you so much!\n\nCarol", at=monday + 4 * HOUR)

    assert (entry.ticket, answered.status, answered.reopen_count) == (answered, status, 0)
    assert answered.unanswered_since is None
    assert events_of(answered)[-1].data["thanks"] is True


def test_thanks_with_a_file_says_more(answered, carol, alice, monday, file):
    in_state(answered, Status.RESOLVED, monday + 2 * HOUR, by=alice)

    lifecycle.receive(answered, person=carol, text="Thanks!", files=[file("scan.txt")], at=monday + 4 * HOUR)

    assert answered.status == Status.OPEN


@pytest.mark.parametrize(
    "text",
    [
        "Thanks!", "Hello,\nthanks", "Thank you very much 🙏",
        "Vielen Dank für Ihre Hilfe!\n\nMit freundlichen Grüßen\nJürgen Maß",
        "Merci beaucoup.", "Tusen takk for hjelpen!", "תודה רבה", "ขอบคุณครับ", "Perfect, thanks a lot!",
        "Thanks!\n\nOn Mon, 2 Mar 2026 at 09:00, Desk <d@x> wrote:\n> Is it solved?",
    ],
)  # fmt: skip
def test_knows_a_bare_thank_you__T3(text):
    assert is_bare_thanks(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "Thanks, but it still burns.", "Thank you. When does it arrive?", "Thanks for nothing",
        "Danke, aber es geht nicht", "No thanks to you", "Thanks. One more thing: the invoice", "Thanks?", "Alice",
        "Hi Alice,\nthanks", "Thanks, my new number is 12345", "ok", "Thanks in advance for a quick solution",
        "Thanks\nBroken Again\nCarol Cole",
    ],
)  # fmt: skip
def test_in_doubt_it_is_no_thank_you__T3(text):
    assert not is_bare_thanks(text)


def test_messages_to_a_merged_ticket_arrive_at_its_target__T11(mailed, make_ticket, carol, alice, now):
    target = make_ticket(carol, "The other")
    Ticket.objects.filter(pk=mailed.pk).update(status=Status.CLOSED, closed_at=now, closure_cause=ClosureCause.MERGED)
    TicketMerge.objects.create(source=mailed, target=target, merged_by=alice)

    entry = lifecycle.receive(mailed, person=carol, text="More")

    assert entry.ticket == target


def test_a_message_during_a_transfer_is_told_to_both__X3(mailed, carol, alice, billing, bella, monday, events_of):
    lifecycle.reply(mailed, by=alice, text="Hello", at=monday + HOUR)
    sent = Transfer.objects.create(
        ticket=mailed, sender=alice, to_team=billing, to_agent=bella, reason="expertise", consent="told",
        understood="u", tried="t", sent_at=monday, accept_by=monday + 4 * HOUR,
    )  # fmt: skip

    lifecycle.receive(mailed, person=carol, text="More", at=monday + 2 * HOUR)

    data = events_of(mailed)[-1].data
    assert (data["transfer"], data["sender"], data["to_agent"]) == (sent.pk, alice.pk, bella.pk)


def test_a_colleague_who_answers_is_a_participant__T13(mailed, oscar, carol):
    entry = lifecycle.receive(mailed, person=oscar, text="I have it too.")

    mailed.refresh_from_db()
    assert (entry.author_person, mailed.requester) == (oscar, carol)
    assert Participant.objects.get(ticket=mailed).person == oscar


def test_a_stranger_is_heard_but_not_let_in__T13(mailed, ivan, events_of):
    lifecycle.receive(mailed, person=ivan, text="I guessed the number.")

    assert not Participant.objects.exists()
    assert events_of(mailed)[-1].data["stranger"] == ivan.pk


def test_the_same_message_arrives_once(mailed, carol):
    first = lifecycle.receive(mailed, person=carol, text="A", external_ids=[("mail", "<2@x>")])
    again = lifecycle.receive(mailed, person=carol, text="A", external_ids=[("mail", "<2@x>")])

    assert first == again
    assert mailed.entries.count() == 2


def test_a_letter_counts_from_its_receipt__T1(mailed, carol, alice, monday):
    lifecycle.reply(mailed, by=alice, text="Hello", at=monday + HOUR)

    lifecycle.receive(mailed, person=carol, text="By post", channel="letter", at=monday + 2 * HOUR)

    assert Clock.objects.get(ticket=mailed, metric="next_response").started_at == monday + 2 * HOUR


def test_too_long_a_body_is_kept_as_a_file_and_shown_in_part__T7(mailed, carol):
    entry = lifecycle.receive(mailed, person=carol, text="word " * 50_000, html="<p>" + "word " * 50_000)

    assert len(entry.text) == 200_000
    attachment = entry.attachments.get()
    assert (attachment.name, attachment.refused, attachment.content_type) == ("message.txt", "", "text/plain")
    assert attachment.size == len(("word " * 50_000).strip())


def test_twenty_megabytes_of_nuls_emoji_and_markup_do_no_harm(mailed, carol):
    entry = lifecycle.receive(mailed, person=carol, text="\x00🔥<script>alert(1)</script>" * 700_000)

    assert "\x00" not in entry.text
    assert entry.attachments.count() == 1


def test_scripts_in_markup_are_gone(mailed, carol):
    entry = lifecycle.receive(
        mailed, person=carol, text="", html="<p onclick=x()>Hi<script>alert(1)</script><img src=x onerror=y()></p>"
    )

    assert "script" not in entry.html
    assert "onclick" not in entry.html
    assert "onerror" not in entry.html
    assert entry.text.startswith("Hi")


def test_the_second_reopening_escalates__T4(answered, carol, alice, sara, monday):
    Ticket.objects.filter(pk=answered.pk).update(reopen_count=1)
    in_state(answered, Status.RESOLVED, monday + 2 * HOUR, by=alice)

    lifecycle.receive(answered, person=carol, text="It burns again.", at=monday + 4 * HOUR)

    assert answered.reopen_count == 2
    assert answered.escalations.get().reasons.get().reason == "reopened"


def test_a_text_of_a_merged_person_is_its_new_selfs(mailed, make_person, carol):
    old = make_person("Carol C.", merged_into=carol)

    entry = lifecycle.receive(mailed, person=old, text="Me again")

    assert entry.author_person == carol


def test_refused_leaves_nothing(mailed, alice):
    count = mailed.entries.count()
    with pytest.raises(Refused):
        lifecycle.reply(mailed, by=alice, text="   ")
    assert mailed.entries.count() == count
