"""Another priority, another policy, a merge: clocks move, never restart, never unbreach."""

from datetime import timedelta

import pytest

from events.models import Event
from sla.operations import Terms, add_policy, revise_policy
from tickets import clocks, enforcement, lifecycle
from tickets.clocks import applying
from tickets.models import FAR_FUTURE, Clock, Escalation
from tickets.rebuilding import rebuild

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def urgent(make_policy):
    return make_policy("Urgent", priority=4, first_response=4 * 3600, resolution=24 * 3600)


@pytest.fixture
def patient(make_policy):
    return make_policy("Patient", priority=1, first_response=48 * 3600, resolution=240 * 3600)


def raise_to(ticket, priority, at):
    ticket.priority = priority
    ticket.save(update_fields=["priority"])
    clocks.reprioritise(ticket, at=at)


def test_raised_early_it_is_due_by_the_new_target__S(urgent, ticket, clock, monday):
    raise_to(ticket, 4, monday + HOUR)

    first = clock(ticket, "first_response")
    assert (first.policy, first.started_at, first.due_at) == (urgent, monday, monday + 4 * HOUR)
    assert ticket.queue_at == monday + 4 * HOUR


def test_raised_late_a_quarter_of_the_target_is_left_and_the_old_time_is_kept__S(urgent, ticket, clock, policy, monday):
    raise_to(ticket, 4, monday + 20 * HOUR)

    first = clock(ticket, "first_response")
    assert first.due_at == monday + 21 * HOUR
    change = first.changes.get()
    assert (change.cause, change.due_before, change.due_after) == ("priority", monday + DAY, monday + 21 * HOUR)
    assert (change.policy_before, first.next_at) == (policy, monday + 20 * HOUR)


def test_raised_while_paused_the_lead_counts_from_when_it_runs_on__S(urgent, ticket, clock, answer, monday):
    answer(ticket, monday + HOUR)
    clocks.pause(ticket, cause="pending", at=monday + 30 * HOUR)
    raise_to(ticket, 4, monday + 40 * HOUR)
    assert clock(ticket, "resolution").due_at is None

    clocks.unpause(ticket, cause="pending", at=monday + 50 * HOUR)

    assert clock(ticket, "resolution").due_at == monday + 56 * HOUR


def test_a_breach_never_vanishes__S5(patient, ticket, clock, monday):
    raise_to(ticket, 1, monday + 25 * HOUR)

    first = clock(ticket, "first_response")
    assert (first.breached_at, first.due_at) == (monday + DAY, monday + 48 * HOUR)
    assert Event.objects.filter(kind="ticket.sla_breached").count() == 1


def test_lowered_it_is_due_later__S(patient, ticket, clock, monday):
    raise_to(ticket, 1, monday + HOUR)

    assert clock(ticket, "first_response").due_at == monday + 48 * HOUR


def test_the_same_policy_changes_nothing(ticket, clock, monday):
    clocks.reprioritise(ticket, at=monday + HOUR)

    assert not clock(ticket, "first_response").changes.exists()


def test_the_earliest_unanswered_message_of_both_sets_the_clock__T11(ticket, make_ticket, carol, clock, monday):
    earlier = make_ticket(carol, at=monday - 5 * HOUR)

    clocks.move(earlier, ticket, at=monday + HOUR)

    first = clock(ticket, "first_response")
    assert (first.started_at, first.due_at) == (monday - 5 * HOUR, monday + 19 * HOUR)
    assert ticket.unanswered_since == monday - 5 * HOUR
    assert not Clock.objects.filter(ticket=earlier, cancelled_at=None).exists()
    assert earlier.queue_at == FAR_FUTURE


def test_a_later_message_of_the_source_moves_nothing__T11(ticket, make_ticket, carol, clock, monday):
    later = make_ticket(carol, at=monday + HOUR)

    clocks.move(later, ticket, at=monday + 2 * HOUR)

    assert clock(ticket, "first_response").started_at == monday


def test_an_answered_target_waits_for_the_sources_message__T11(ticket, make_ticket, carol, clock, answer, monday):
    answer(ticket, monday + HOUR)
    source = make_ticket(carol, at=monday + 2 * HOUR)

    clocks.move(source, ticket, at=monday + 3 * HOUR)

    wait = clock(ticket, "next_response")
    assert (wait.started_at, wait.is_running) == (monday + 2 * HOUR, True)
    assert clock(ticket, "first_response").stopped_at == monday + HOUR


def test_a_breach_that_no_pass_saw_is_escalated_after_a_change__S4(
    make_policy, carol, tier1, alice, sara, monday
):  # fmt: skip
    make_policy("Tier 1", team=tier1, first_response={"": 8 * 3600, "4": 10 * 3600})
    late = lifecycle.open_ticket(
        requester=carol, subject="Dark", text="No light.", channel="email", by=carol, team=tier1, at=monday
    )

    lifecycle.set_priority(late, by=alice, impact=3, urgency=3, at=monday + 9 * HOUR)

    did = [enforcement.enforce(at=monday + 9 * HOUR)["escalated"] for _twice in range(2)]
    assert (did, Escalation.objects.count()) == ([1, 0], 1)
    assert Clock.objects.get(metric="first_response").breached_at == monday + 8 * HOUR
    assert rebuild([late.pk]).differences == 0


def test_a_bounced_late_answer_is_escalated_although_the_priority_changed__S4(
    make_policy, carol, tier1, alice, sara, monday
):  # fmt: skip
    make_policy("Tier 1", team=tier1, first_response={"": 8 * 3600, "4": 10 * 3600})
    late = lifecycle.open_ticket(
        requester=carol, subject="Dark", text="No light.", channel="email", by=carol, team=tier1, at=monday
    )
    said = lifecycle.reply(late, by=alice, text="At last.", at=monday + 9 * HOUR)
    lifecycle.withdraw_reply(said, by=None, cause="bounced", at=monday + 10 * HOUR)

    lifecycle.set_priority(late, by=alice, impact=3, urgency=3, at=monday + 10 * HOUR)

    assert rebuild([late.pk]).differences == 0
    assert enforcement.enforce(at=monday + 10 * HOUR)["escalated"] == 1
    assert rebuild([late.pk]).differences == 0


@pytest.mark.parametrize("decided", ["a new policy", "a revised one"])
def test_what_was_decided_since_for_all_times_moves_no_clock__S2(
    make_policy, carol, tier1, alice, mia, monday, decided
):  # fmt: skip
    mine = make_policy("Tier 1", team=tier1, first_response=8 * 3600)
    waiting = lifecycle.open_ticket(
        requester=carol, subject="Dark", text="No light.", channel="email", by=carol, team=tier1, at=monday
    )
    hour = {"first_response": {"": 3600}}
    if decided == "a new policy":
        add_policy("Question", Terms(team=tier1, ticket_type="question", targets=hour), by=mia, at=monday + HOUR)
    else:
        revise_policy(mine, Terms(team=tier1, targets=hour), by=mia, since_ever=True, at=monday + HOUR)

    lifecycle.set_priority(waiting, by=alice, impact=1, urgency=1, at=monday + 2 * HOUR)

    first = Clock.objects.get(ticket=waiting, metric="first_response")
    assert (first.policy, first.due_at, first.changes.count()) == (mine, monday + 8 * HOUR, 0)
    assert rebuild([waiting.pk]).differences == 0
    applying.apply(by=mia, at=monday + 2 * HOUR)
    lifecycle.set_priority(waiting, by=alice, impact=3, urgency=3, at=monday + 3 * HOUR)
    first.refresh_from_db()
    assert first.promised_seconds == 3600
    assert rebuild([waiting.pk]).differences == 0
