"""The verbs and the clocks together: what people do is what the rows say."""

from datetime import timedelta

import pytest

from tickets import clocks, enforcement, lifecycle
from tickets.models import Clock, Contact, Entry

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def mailed(carol, tier1, monday):
    return lifecycle.open_ticket(
        requester=carol, subject="No light", text="It is dark.", channel="email", by=carol, team=tier1, at=monday
    )


def test_a_reply_stops_the_first_response_and_the_next_message_starts_a_wait__S3(mailed, clock, alice, carol, monday):
    lifecycle.reply(mailed, by=alice, text="We look.", at=monday + HOUR)
    assert clock(mailed, "first_response").elapsed_seconds == 3600

    lifecycle.receive(mailed, person=carol, text="Still dark.", at=monday + 3 * HOUR)

    wait = clock(mailed, "next_response")
    assert (wait.started_at, wait.is_running) == (monday + 3 * HOUR, True)


def test_pending_pauses_and_the_customers_word_runs_it_on__S3(mailed, clock, alice, carol, monday):
    lifecycle.reply(mailed, by=alice, text="Which lamp?", then="pending", at=monday + HOUR)
    assert clock(mailed, "resolution").paused_at == monday + HOUR

    lifecycle.receive(mailed, person=carol, text="The left one.", at=monday + 11 * HOUR)

    assert clock(mailed, "resolution").due_at == monday + 5 * DAY + 10 * HOUR


def test_a_reply_that_bounces_starts_it_again_from_its_original_start__S(mailed, clock, alice, monday):
    entry = lifecycle.reply(mailed, by=alice, text="We look.", at=monday + HOUR)

    lifecycle.withdraw_reply(entry, by=None, cause="bounced", at=monday + 2 * HOUR)

    assert (clock(mailed, "first_response").is_running, clocks.latest_answer_at(mailed)) == (True, monday + DAY)


def test_resolved_and_reopened_by_the_customer_the_same_row_runs_on__S(mailed, clock, alice, carol, monday):
    lifecycle.reply(mailed, by=alice, text="We look.", at=monday + HOUR)
    lifecycle.resolve(mailed, by=alice, text="A new bulb.", at=monday + DAY)
    row = clock(mailed, "resolution")
    assert row.elapsed_seconds == 86_400

    lifecycle.receive(mailed, person=carol, text="Dark again.", at=monday + 2 * DAY)

    again = clock(mailed, "resolution")
    assert (again.pk, again.is_running, again.due_at) == (row.pk, True, monday + 6 * DAY)
    assert clock(mailed, "next_response").started_at == monday + 2 * DAY


def test_a_call_is_answered_at_once_and_a_voicemail_is_not__S(carol, alice, tier1, clock, monday):
    _contact, [spoken] = lifecycle.log_contact(
        by=alice, person=carol, channel="phone", direction="in", text="Dark.", subject="No light", happened_at=monday,
        at=monday, duration_seconds=60,
    )  # fmt: skip
    _contact, [missed] = lifecycle.log_contact(
        by=alice, person=carol, channel="phone", direction="in", text="Call me.", subject="No light",
        happened_at=monday, at=monday, outcome=Contact.Outcome.VOICEMAIL,
    )  # fmt: skip

    assert clock(spoken, "first_response").is_live
    assert not clock(spoken, "first_response").is_running
    assert clock(missed, "first_response").is_running


def test_spam_is_not_enforced(mailed, alice, sara, monday):
    lifecycle.mark_spam(mailed, by=alice, at=monday + HOUR)

    assert not any(enforcement.enforce(at=monday + 9 * DAY).values())


def test_nothing_automatic_is_an_answer__S3(mailed, clock, sara, monday):
    """The breach of this ticket writes an automatic word to the customer (E5): it stops nothing."""
    enforcement.enforce(at=monday + DAY)

    assert Entry.objects.filter(ticket=mailed, is_automatic=True).exists()
    assert clock(mailed, "first_response").is_running
    assert Clock.objects.filter(ticket=mailed, metric="next_response").count() == 0
