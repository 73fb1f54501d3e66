"""The verbs and the clocks together: what people do is what the rows say."""

from datetime import timedelta

import pytest

from tickets import clocks, enforcement, lifecycle
from tickets.models import Clock, Contact, Entry, Escalation, Hold

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


def test_a_breach_is_escalated_once_although_its_late_answer_bounces__S4(mailed, clock, alice, sara, monday):
    assert enforcement.enforce(at=monday + DAY)["escalated"] == 1
    lifecycle.decline_escalation(Escalation.objects.get(), by=sara, why="Go on.", at=monday + 25 * HOUR)
    late = lifecycle.reply(mailed, by=alice, text="We look.", at=monday + 26 * HOUR)
    lifecycle.withdraw_reply(late, by=None, cause="bounced", at=monday + 27 * HOUR)
    again = clock(mailed, "first_response")
    assert (again.is_running, again.breached_at, again.next_at) == (True, monday + DAY, monday + 27 * HOUR)

    did = enforcement.enforce(at=monday + 27 * HOUR)

    assert (did["breached"], did["escalated"], Escalation.objects.count()) == (0, 0, 1)
    assert clock(mailed, "first_response").next_at is None


@pytest.fixture
def clock_that_waits_or_not(make_policy, carol, alice, tier1, clock, monday):
    """``("pending", **switches)``: the resolution clock of a ticket that waits since Monday 10:00 in this way."""

    def make(way, **switches):
        make_policy("Of tier 1", team=tier1, **switches)
        ticket = lifecycle.open_ticket(
            requester=carol, subject="No light", text="Not before noon!", channel="email", by=carol, team=tier1,
            at=monday,
        )  # fmt: skip
        if way == "pending":
            lifecycle.reply(ticket, by=alice, text="Which lamp?", then="pending", at=monday + HOUR)
        else:
            lifecycle.hold(
                ticket, by=alice, reason="customer_asked", consent="written", consent_entry=ticket.entries.get(),
                until=monday + 11 * HOUR, at=monday + HOUR,
            )  # fmt: skip
        return clock(ticket, "resolution")

    return make


def test_where_the_policy_says_so_it_runs_on_while_the_customer_has_the_turn__S2(clock_that_waits_or_not, monday):
    waits = clock_that_waits_or_not("pending", pauses_on_pending=False)

    assert (waits.paused_at, waits.due_at, waits.pauses.count()) == (None, monday + 5 * DAY, 0)
    assert enforcement.enforce(at=monday + 5 * DAY)["breached"] == 1


def test_where_the_policy_says_so_it_runs_on_during_a_hold_the_customer_asked_for__S2(clock_that_waits_or_not, monday):
    waits = clock_that_waits_or_not("hold", pauses_on_hold=False)

    assert Hold.objects.get().pauses_resolution
    assert (waits.paused_at, waits.due_at, waits.pauses.count()) == (None, monday + 5 * DAY, 0)


@pytest.mark.parametrize(("way", "other"), [("pending", "pauses_on_hold"), ("hold", "pauses_on_pending")])
def test_each_switch_is_about_its_own_wait__S2(clock_that_waits_or_not, monday, way, other):
    waits = clock_that_waits_or_not(way, **{other: False})

    assert (waits.paused_at, waits.due_at, waits.pauses.get().cause) == (monday + HOUR, None, way)


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
