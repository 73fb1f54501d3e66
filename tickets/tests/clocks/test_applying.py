"""A changed policy or calendar moves running clocks only when asked, and never unbreaches (S2, S5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from common.errors import Refused
from customers.plans import add_plan, give_plan
from events.models import Event
from sla.operations import Terms, latest, revise_policy
from tickets import enforcement, lifecycle, tasks
from tickets.clocks import applying
from tickets.models import Clock, DueChange, TermsApplication
from tickets.rebuilding import rebuild

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def ticket(make_policy, carol, tier1, monday):
    make_policy("Tier 1", team=tier1, first_response=8 * 3600, resolution=40 * 3600)
    return lifecycle.open_ticket(
        requester=carol, subject="Dark", text="No light.", channel="email", by=carol, team=tier1, at=monday
    )


def revise(ticket, at, **targets):
    policy = ticket.clocks.first().policy
    terms = Terms.of(latest(policy))
    said = {**terms.targets, **{metric: {"": seconds} for metric, seconds in targets.items()}}
    return revise_policy(policy, replace(terms, targets=said), by=None, valid_from=at, at=at)


def due(ticket, metric="first_response"):
    return Clock.objects.get(ticket=ticket, metric=metric).due_at


def test_nothing_moves_until_it_is_asked_for__S2(ticket, mia, monday):
    revise(ticket, monday + HOUR, first_response=12 * 3600)
    assert due(ticket) == monday + 8 * HOUR

    done = applying.apply(by=mia, at=monday + 2 * HOUR)

    assert due(ticket) == monday + 12 * HOUR
    assert (done.clocks, done.moved, done.later, done.earlier, done.tickets) == (2, 1, 1, 0, 1)
    assert done.finished_at is not None
    change = DueChange.objects.get(clock__metric="first_response")
    assert (change.cause, change.due_before, change.due_after) == ("policy", monday + 8 * HOUR, monday + 12 * HOUR)
    event = Event.objects.get(kind="ticket.terms_applied")
    assert (event.actor, event.data["application"]) == (mia, done.pk)


def test_a_shorter_promise_leaves_a_quarter_of_itself__S(ticket, mia, monday):
    revise(ticket, monday + HOUR, first_response=2 * 3600)

    applying.apply(by=mia, at=monday + 6 * HOUR)

    assert due(ticket) == monday + 6 * HOUR + HOUR / 2
    assert enforcement.enforce(at=monday + 6 * HOUR)["breached"] == 0


def test_a_breach_stays__S5(ticket, mia, sara, monday):
    enforcement.enforce(at=monday + 9 * HOUR)
    revise(ticket, monday + 10 * HOUR, first_response=30 * 3600)

    applying.apply(by=mia, at=monday + 10 * HOUR)

    clock = Clock.objects.get(ticket=ticket, metric="first_response")
    assert (clock.breached_at, clock.due_at) == (monday + 8 * HOUR, monday + 30 * HOUR)


def test_a_preview_counts_and_changes_nothing__S2(ticket, mia, monday):
    revise(ticket, monday + HOUR, first_response=2 * 3600, resolution=80 * 3600)
    before = list(Clock.objects.order_by("pk").values())

    seen = applying.preview(at=monday + 6 * HOUR)

    assert (seen.clocks, seen.tickets, seen.earlier, seen.later, seen.unchanged, seen.overdue) == (2, 1, 1, 1, 0, 0)
    assert list(Clock.objects.order_by("pk").values()) == before
    assert not TermsApplication.objects.exists()


def test_only_the_policies_that_are_named__S2(ticket, policy, mia, monday):
    revise(ticket, monday + HOUR, first_response=12 * 3600)

    assert applying.apply(by=mia, at=monday + 2 * HOUR, policies=[policy]).moved == 0
    assert due(ticket) == monday + 8 * HOUR


def test_an_agent_does_not_ask_for_it(ticket, alice, monday):
    with pytest.raises(Refused, match="manager"):
        applying.apply(by=alice, at=monday + HOUR)
    assert not TermsApplication.objects.exists()


def test_many_are_done_in_batches_by_a_task_and_each_once__S2(ticket, carol, tier1, mia, monday, monkeypatch):
    for _more in range(4):
        lifecycle.open_ticket(
            requester=carol, subject="Dark", text="Here, too.", channel="web", by=carol, team=tier1, at=monday
        )
    revise(ticket, monday + HOUR, first_response=12 * 3600)
    monkeypatch.setattr(applying, "AT_ONCE", 2)
    monkeypatch.setattr(applying, "BATCH", 2)

    asked = applying.apply(by=mia, at=monday + 2 * HOUR)
    assert (asked.finished_at, asked.moved) == (None, 0)
    assert applying.go_on(asked.pk)
    tasks.apply_terms()
    tasks.apply_terms(asked.pk)

    asked.refresh_from_db()
    assert asked.finished_at is not None
    assert (asked.tickets, asked.later, asked.clocks) == (5, 5, 10)
    assert Event.objects.filter(kind="ticket.terms_applied").count() == 5
    said = []
    rebuild(say=said.append)
    assert said == []


def test_asked_for_running_tickets_follow_their_customers_plan__S2(policy, make_policy, carol, acme, mia, monday):
    gold = add_plan("Gold", by=mia)
    promised = make_policy("Gold", plan=gold, first_response=8 * 3600)
    waiting = lifecycle.open_ticket(
        requester=carol, subject="Dark", text="No light.", channel="email", by=carol, at=monday
    )
    give_plan(acme, gold, by=mia)
    assert applying.preview(at=monday + HOUR).earlier == 1
    assert due(waiting) == monday + DAY

    applying.apply(by=mia, at=monday + HOUR, policies=[promised])

    waiting.refresh_from_db()
    assert (waiting.plan, due(waiting)) == (gold, monday + 8 * HOUR)
    event = Event.objects.get(kind="ticket.terms_applied")
    assert (event.data["plan_from"], event.data["plan_to"]) == (None, gold.pk)
    assert rebuild([waiting.pk]).differences == 0


def test_a_preview_reads_so_many_clocks_and_no_more__S2(ticket, make_policy, mia, monday, monkeypatch):
    other = make_policy("By phone", channel="phone", first_response=8 * 3600)
    monkeypatch.setattr(applying, "LOOKED_AT", 1)

    seen = applying.preview(at=monday + HOUR, policies=[other])

    assert (seen.clocks, seen.is_whole) == (0, False)
    monkeypatch.setattr(applying, "LOOKED_AT", 3)
    assert applying.preview(at=monday + HOUR, policies=[other]).is_whole


def test_a_late_batch_leaves_a_quarter_from_its_own_time__S(ticket, mia, monday, monkeypatch):
    revise(ticket, monday + HOUR, first_response=2 * 3600)
    monkeypatch.setattr(applying, "AT_ONCE", 0)
    asked = applying.apply(by=mia, at=monday + 5 * HOUR)

    applying.go_on(asked.pk, at=monday + 6 * HOUR)

    clock = Clock.objects.get(ticket=ticket, metric="first_response")
    assert (clock.due_at, clock.terms_at) == (monday + 6 * HOUR + HOUR / 2, monday + 5 * HOUR)
    assert enforcement.enforce(at=monday + 6 * HOUR)["breached"] == 0
    assert Event.objects.get(kind="ticket.terms_applied").happened_at == monday + 6 * HOUR
    assert rebuild([ticket.pk]).differences == 0


def test_a_clock_that_began_after_it_was_asked_is_left_alone__S2(ticket, carol, tier1, mia, monday, monkeypatch):
    revise(ticket, monday + HOUR, first_response=12 * 3600)
    monkeypatch.setattr(applying, "AT_ONCE", 0)
    asked = applying.apply(by=mia, at=monday + 2 * HOUR)
    revise(ticket, monday + 3 * HOUR, first_response=20 * 3600)
    later = lifecycle.open_ticket(
        requester=carol, subject="Dark", text="Here, too.", channel="web", by=carol, team=tier1, at=monday + 4 * HOUR
    )

    applying.go_on(asked.pk, at=monday + 5 * HOUR)

    asked.refresh_from_db()
    assert (asked.clocks, asked.tickets) == (2, 1)
    assert (due(ticket), due(later)) == (monday + 12 * HOUR, monday + 24 * HOUR)
    assert not DueChange.objects.filter(clock__ticket=later).exists()


def test_a_preview_says_which_clocks_lose_their_time__S1(ticket, monday):
    policy = ticket.clocks.first().policy
    terms = replace(Terms.of(latest(policy)), targets={"first_response": {"": 8 * 3600}})
    revise_policy(policy, terms, by=None, valid_from=monday + HOUR, at=monday + HOUR)

    found = applying.preview(at=monday + 2 * HOUR)

    assert (found.clocks, found.earlier, found.later, found.lost, found.unchanged) == (2, 0, 0, 1, 1)
    assert (found.losing, found.moved, found.tickets) == ({ticket.pk}, 1, 1)


def test_what_was_done_says_the_same_kinds_as_the_preview__S6(ticket, mia, monday):
    policy = ticket.clocks.first().policy
    terms = replace(Terms.of(latest(policy)), targets={"first_response": {"": 2 * 3600}})
    revise_policy(policy, terms, by=None, valid_from=monday + HOUR, at=monday + HOUR)
    found = applying.preview(at=monday + 2 * HOUR)

    done = applying.apply(by=mia, at=monday + 2 * HOUR)

    assert (done.earlier, done.later, done.lost, done.tickets) == (1, 0, 1, 1)
    assert (found.earlier, found.later, found.lost, found.tickets) == (1, 0, 1, 1)
    assert (done.moved, done.still, found.unchanged) == (2, 0, 0)


def test_a_version_that_says_the_same_moves_nothing_and_the_event_says_so__S7(ticket, mia, monday):
    policy = ticket.clocks.first().policy
    changed = replace(Terms.of(latest(policy)), warn_owner_percent=50)
    version = revise_policy(policy, changed, by=None, valid_from=monday + HOUR, at=monday + HOUR)
    found = applying.preview(at=monday + 2 * HOUR)
    assert (found.moved, found.tickets, found.renewed, found.unchanged) == (0, 0, 2, 2)

    done = applying.apply(by=mia, at=monday + 2 * HOUR)

    assert (done.moved, done.tickets, done.still) == (0, 0, 2)
    changes = Event.objects.get(kind="ticket.terms_applied").data["changes"]
    assert sorted(one["metric"] for one in changes) == ["first_response", "resolution"]
    assert all(one["due_from"] == one["due_to"] and one["version_to"] == version.pk for one in changes)
    assert rebuild([ticket.pk]).differences == 0
