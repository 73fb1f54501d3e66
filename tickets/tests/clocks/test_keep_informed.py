"""Keep informed (S8): the customer hears something every so many hours, even when they are silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from events.models import Event
from sla.operations import Terms, latest, revise_policy
from tickets import enforcement, lifecycle
from tickets.clocks import applying
from tickets.models import Clock, Contact, Entry
from tickets.rebuilding import rebuild

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
METRIC = "keep_informed"


@pytest.fixture
def mailed(make_policy, carol, tier1, monday):
    make_policy("Told every four hours", team=tier1, keep_informed=4 * 3600)
    return lifecycle.open_ticket(
        requester=carol, subject="No light", text="It is dark.", channel="email", by=carol, team=tier1, at=monday
    )


@pytest.fixture
def said(mailed, alice, monday):
    return lifecycle.reply(mailed, by=alice, text="We look.", at=monday + HOUR)


def waits(ticket):
    return list(Clock.objects.filter(ticket=ticket, metric=METRIC, cancelled_at=None).order_by("started_at", "pk"))


def test_it_starts_with_the_first_answer_and_each_word_starts_it_anew__S8(mailed, alice, monday):
    assert waits(mailed) == []
    lifecycle.reply(mailed, by=alice, text="We look.", at=monday + HOUR)
    [first] = waits(mailed)
    assert (first.started_at, first.due_at) == (monday + HOUR, monday + 5 * HOUR)

    lifecycle.reply(mailed, by=alice, text="Still looking.", at=monday + 3 * HOUR)

    first, second = waits(mailed)
    assert (first.stopped_at, first.elapsed_seconds, first.breached_at) == (monday + 3 * HOUR, 7200, None)
    assert (second.started_at, second.due_at, second.is_running) == (monday + 3 * HOUR, monday + 7 * HOUR, True)


def test_a_live_contact_is_a_word__S8(mailed, alice, carol, monday):
    lifecycle.log_contact(
        by=alice, person=carol, channel="phone", direction="in", text="Dark.", tickets=[mailed],
        happened_at=monday + HOUR, at=monday + HOUR,
    )  # fmt: skip
    assert [clock.started_at for clock in waits(mailed)] == [monday + HOUR]


def test_a_call_that_nobody_picks_up_and_a_machine_tell_nothing__S8(mailed, said, alice, carol, monday, sara):
    lifecycle.log_contact(
        by=alice, person=carol, channel="phone", direction="out", outcome=Contact.Outcome.MISSED, tickets=[mailed],
        happened_at=monday + 2 * HOUR, at=monday + 2 * HOUR,
    )  # fmt: skip
    lifecycle.receive(mailed, person=carol, text="Away.", is_automatic=True, at=monday + 2 * HOUR)
    lifecycle.receive(mailed, person=carol, text="Well?", at=monday + 2 * HOUR)
    enforcement.enforce(at=monday + 2 * HOUR)

    assert [clock.started_at for clock in waits(mailed)] == [monday + HOUR]


def test_it_runs_on_in_pending_and_on_hold__S8(mailed, said, alice, carol, monday):
    lifecycle.await_customer(mailed, by=alice, at=monday + 2 * HOUR)
    [clock] = waits(mailed)
    assert (clock.paused_at, clock.due_at) == (None, monday + 5 * HOUR)

    asked = lifecycle.receive(mailed, person=carol, text="Wait until tomorrow.", at=monday + 2 * HOUR)
    lifecycle.hold(
        mailed, by=alice, reason="customer_asked", consent="written", consent_entry=asked, until=monday + DAY,
        at=monday + 3 * HOUR,
    )  # fmt: skip

    *_before, clock = waits(mailed)  # the announcement is a word of a person
    assert (clock.started_at, clock.paused_at, clock.due_at) == (monday + 3 * HOUR, None, monday + 7 * HOUR)
    assert Clock.objects.get(ticket=mailed, metric="resolution").paused_at == monday + 3 * HOUR


def test_silence_is_warned_of_breached_and_escalated__S8(mailed, said, sara, monday):
    did = enforcement.enforce(at=monday + 4 * HOUR)
    assert did["warned"] == 1
    did = enforcement.enforce(at=monday + 5 * HOUR)

    assert (did["breached"], did["escalated"]) == (1, 1)
    [clock] = waits(mailed)
    assert clock.breached_at == monday + 5 * HOUR
    assert Event.objects.get(kind="ticket.sla_breached").data["metric"] == METRIC


def test_resolving_ends_it_and_reopening_starts_it_anew__S8(mailed, said, alice, monday):
    lifecycle.resolve(mailed, by=alice, text="A new bulb.", at=monday + 2 * HOUR)
    [first] = waits(mailed)  # the words that resolve begin no wait
    assert (first.stopped_at, first.is_running) == (monday + 2 * HOUR, False)

    lifecycle.reopen(mailed, by=alice, at=monday + DAY)

    _first, again = waits(mailed)
    assert (again.started_at, again.due_at) == (monday + DAY, monday + DAY + 4 * HOUR)


def test_an_answer_that_bounced_told_nothing__S8(mailed, said, alice, monday):
    second = lifecycle.reply(mailed, by=alice, text="Still looking.", at=monday + 3 * HOUR)

    lifecycle.withdraw_reply(second, by=None, cause="bounced", at=monday + 4 * HOUR)

    [clock] = waits(mailed)
    assert (clock.started_at, clock.due_at, clock.is_running) == (monday + HOUR, monday + 5 * HOUR, True)


def test_an_answer_that_bounced_late_leaves_the_wait_to_the_next_word__S8(mailed, said, alice, monday):
    second = lifecycle.reply(mailed, by=alice, text="Still looking.", at=monday + 3 * HOUR)
    third = lifecycle.reply(mailed, by=alice, text="And still.", at=monday + 6 * HOUR)

    lifecycle.withdraw_reply(second, by=None, cause="bounced", at=monday + 7 * HOUR)

    first, last = waits(mailed)
    assert (first.stopped_at, first.stopped_by, first.breached_at) == (monday + 6 * HOUR, third, monday + 5 * HOUR)
    assert (last.started_at, last.is_running) == (monday + 6 * HOUR, True)


def test_both_modes_run_at_once__S8(mailed, said, carol, monday):
    lifecycle.receive(mailed, person=carol, text="Well?", at=monday + 2 * HOUR)

    running = Clock.objects.filter(ticket=mailed, stopped_at=None, cancelled_at=None)
    assert {clock.metric for clock in running} == {METRIC, "next_response", "resolution"}


def test_what_we_open_ourselves_owes_no_word__S8(make_policy, carol, alice, tier1, monday):
    make_policy("Told every four hours", team=tier1, keep_informed=4 * 3600)
    ours = lifecycle.open_ticket(
        requester=carol, subject="Your bulb", text="It came.", channel="email", by=alice, team=tier1, outbound=True,
        at=monday,
    )  # fmt: skip
    lifecycle.reply(ours, by=alice, text="It is here.", at=monday + HOUR)

    assert waits(ours) == []


def test_spam_and_merging_end_it__S8(mailed, said, make_ticket, carol, tier1, sara, monday):
    other = make_ticket(carol, "The same", team=tier1, at=monday)

    lifecycle.merge(mailed, into=other, by=sara, at=monday + 2 * HOUR)

    assert waits(mailed) == []
    assert Clock.objects.get(ticket=mailed, metric=METRIC).cancelled_at == monday + 2 * HOUR


def test_without_a_promise_there_is_no_clock__S8(make_ticket, carol, alice, tier1, monday):
    plain = make_ticket(carol, "Plain", team=tier1, at=monday)
    lifecycle.reply(plain, by=alice, text="We look.", at=monday + HOUR)

    assert Entry.objects.filter(ticket=plain, author=alice).exists()
    assert waits(plain) == []


@pytest.mark.parametrize("reopened", ["afterwards", "before the bounce"])
def test_words_that_resolved_and_bounced_leave_no_wait_behind__S8(mailed, said, alice, carol, monday, sara, reopened):
    lifecycle.resolve(mailed, by=alice, text="A new bulb.", at=monday + 2 * HOUR)
    bulb = Entry.objects.get(ticket=mailed, text__contains="bulb")
    if reopened == "before the bounce":
        lifecycle.receive(mailed, person=carol, text="No!", at=monday + 150 * MINUTE)

    lifecycle.withdraw_reply(bulb, by=None, cause="bounced", at=monday + 3 * HOUR)

    first = waits(mailed)[0]
    assert (first.stopped_at, first.is_running) == (monday + 2 * HOUR, False)
    if reopened == "afterwards":
        assert enforcement.enforce(at=monday + 8 * HOUR)["breached"] == 0
        lifecycle.receive(mailed, person=carol, text="No!", at=monday + DAY)
    assert [clock.is_running for clock in waits(mailed)] == [False, True]
    assert rebuild([mailed.pk]).differences == 0


@pytest.mark.parametrize("state", ["answered", "in the usual words", "unanswered", "resolved"])
def test_a_policy_that_asks_for_it_in_mid_case_begins_it_when_applied__S8(
    make_policy, carol, alice, tier1, hold_reasons, monday, state
):
    policy = make_policy("Tells nothing", team=tier1)
    ticket = lifecycle.open_ticket(
        requester=carol, subject="No light", text="It is dark.", channel="email", by=carol, team=tier1, at=monday
    )
    if state in ("answered", "resolved"):
        lifecycle.reply(ticket, by=alice, text="We look.", at=monday + HOUR)
    elif state == "in the usual words":
        lifecycle.hold(ticket, by=alice, reason="research", consent="told", until=monday + DAY, at=monday + HOUR)
    if state == "resolved":
        lifecycle.resolve(ticket, by=alice, at=monday + HOUR)
    terms = Terms.of(latest(policy))
    targets = {**terms.targets, METRIC: {"": 4 * 3600}}
    revise_policy(policy, replace(terms, targets=targets), by=None, valid_from=monday + 2 * HOUR, at=monday + 2 * HOUR)
    assert waits(ticket) == []

    for _twice in range(2):
        applying.apply(by=None, at=monday + 3 * HOUR)

    begun = [(clock.started_at, clock.due_at) for clock in waits(ticket)]
    assert begun == ([(monday + 3 * HOUR, monday + 7 * HOUR)] if state == "answered" else [])
    assert rebuild([ticket.pk]).differences == 0
