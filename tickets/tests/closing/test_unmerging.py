"""Unmerging gives back what came before (T11), but no breach (S5)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sla.operations import Terms, latest, revise_policy
from tickets.clocks import applying
from tickets.lifecycle import closing, conversation, escalating, merging, opening, promising, properties
from tickets.models import (
    Clock,
    ClockPause,
    Closure,
    Contact,
    Entry,
    Escalation,
    EscalationReason,
    FollowUp,
    Participant,
    Promise,
    Ticket,
    TicketLink,
)
from tickets.policy.merging import may_unmerge
from tickets.rebuilding import rebuild

pytestmark = pytest.mark.django_db


def picture(*tickets):
    """Every row of these tickets that merging may move."""
    pks = [ticket.pk for ticket in tickets]
    skipped = ("version", "updated_at", "event_seq")
    links = Contact.tickets.through.objects.filter(ticket_id__in=pks).order_by("ticket_id", "contact_id")

    def rows(model, **of):
        return list(model.objects.filter(**(of or {"ticket__in": pks})).order_by("pk").values())

    return {
        "tickets": [{k: v for k, v in row.items() if k not in skipped} for row in rows(Ticket, pk__in=pks)],
        "clocks": rows(Clock, ticket__in=pks, cancelled_at=None),
        "pauses": rows(ClockPause, clock__ticket__in=pks, clock__cancelled_at=None),
        "entries": rows(Entry),
        "contacts": list(links.values_list("ticket_id", "contact_id")),
        "participants": rows(Participant),
        "promises": rows(Promise),
        "escalations": rows(Escalation),
        "reasons": rows(EscalationReason, escalation__ticket__in=pks),
        "follow_ups": rows(FollowUp),
        "closures": rows(Closure),
        "links": rows(TicketLink, source__in=pks),
    }


def test_everything_comes_back__T11(source, target, alice, bob, ivan, sara, now, told):
    Participant.objects.create(ticket=source, person=ivan)
    FollowUp.objects.create(ticket=source, owner=bob)
    promising.promise(source, by=bob, kind="send", due_at=now + timedelta(hours=2), at=now)
    escalating.escalate(source, by=bob, reason="limit", at=now)
    conversation.reply(target, by=alice, text="Which printer?", then="pending", at=now)
    before = picture(source, target)

    row = merging.merge(source, into=target, by=alice, at=now + timedelta(minutes=1))
    assert picture(source, target) != before
    merging.unmerge(row, by=alice, at=now + timedelta(hours=1))

    assert picture(source, target) == before
    row.refresh_from_db()
    assert (row.undone_by, row.undone_at) == (alice, now + timedelta(hours=1))
    assert told(source, "unmerged") == ["unmerged"]
    assert told(target, "released") == ["released"]


def test_two_escalations_and_a_question_part_again__T11(source, target, alice, bob, sara, now):
    closing.resolve(source, by=bob, at=now)
    escalating.escalate(source, by=bob, reason="legal_threat", at=now)
    escalating.escalate(target, by=alice, reason="limit", at=now)
    before = picture(source, target)

    row = merging.merge(source, into=target, by=alice, at=now + timedelta(minutes=1))
    merging.unmerge(row, by=alice, at=now + timedelta(hours=1))

    assert picture(source, target) == before


def test_what_was_written_since_stays__T11(source, target, alice, now):
    row = merging.merge(source, into=target, by=alice, at=now)
    said = conversation.reply(target, by=alice, text="We come at once.", at=now + timedelta(minutes=1))

    merging.unmerge(row, by=alice, at=now + timedelta(hours=1))

    for one in (said, source, target):
        one.refresh_from_db()
    assert said.ticket == target
    assert source.unanswered_since == now - timedelta(hours=1)
    assert source.clocks.get(metric="first_response", cancelled_at=None).stopped_at is None
    assert target.unanswered_since is None
    assert target.clocks.get(metric="first_response", cancelled_at=None).stopped_at is not None
    assert source.entries.get().text == "It is broken."


def test_a_question_asked_since_keeps_its_clock__T11(source, target, alice, carol, now):
    conversation.reply(target, by=alice, text="Which printer?", at=now)
    row = merging.merge(source, into=target, by=alice, at=now + timedelta(minutes=1))
    conversation.reply(target, by=alice, text="Both?", at=now + timedelta(minutes=2))
    conversation.receive(target, person=carol, text="The red one.", at=now + timedelta(minutes=3))

    merging.unmerge(row, by=alice, at=now + timedelta(hours=1))

    target.refresh_from_db()
    clock = target.clocks.get(metric="next_response", stopped_at=None, cancelled_at=None)
    assert clock.started_at == target.unanswered_since == now + timedelta(minutes=3)


def test_a_wait_that_the_source_brought_goes_with_it__T11(source, target, alice, now):
    conversation.reply(target, by=alice, text="Which printer?", at=now)
    row = merging.merge(source, into=target, by=alice, at=now + timedelta(minutes=1))
    assert target.unanswered_since is not None
    conversation.add_note(target, by=alice, text="Same fire.", at=now + timedelta(minutes=2))

    merging.unmerge(row, by=alice, at=now + timedelta(hours=1))

    target.refresh_from_db()
    source.refresh_from_db()
    assert target.unanswered_since is None
    assert not target.clocks.filter(metric="next_response", stopped_at=None, cancelled_at=None).exists()
    assert source.unanswered_since == now - timedelta(hours=1)


def test_a_breach_meanwhile_stays__S5(source, target, alice, now):
    row = merging.merge(source, into=target, by=alice, at=now)
    clock = target.clocks.get(metric="first_response", cancelled_at=None)
    clock.breached_at = clock.breach_recorded_at = now + timedelta(minutes=1)
    clock.save(update_fields=["breached_at", "breach_recorded_at"])

    merging.unmerge(row, by=alice, at=now + timedelta(hours=1))

    clock.refresh_from_db()
    assert clock.breached_at == now + timedelta(minutes=1)


def test_of_a_chain_the_last_comes_first__T11(source, target, make_ticket, carol, tier1, alice, refused):
    third = make_ticket(carol, team=tier1)
    first = merging.merge(source, into=target, by=alice)
    last = merging.merge(target, into=third, by=alice)
    assert third.entries.count() == 3
    assert not may_unmerge(alice, first)

    refused(lambda: merging.unmerge(first, by=alice), source, target, third, code="merged", rule="T11")
    merging.unmerge(last, by=alice)
    merging.unmerge(first, by=alice)

    assert [ticket.entries.count() for ticket in (source, target, third)] == [1, 1, 1]


def test_only_once__T11(source, target, alice, refused):
    row = merging.merge(source, into=target, by=alice)
    merging.unmerge(row, by=alice)

    refused(lambda: merging.unmerge(row, by=alice), source, target, code="unmerged", rule="T11")


def test_a_stranger_unmerges_nothing__T13(source, target, alice, theo, refused):
    row = merging.merge(source, into=target, by=alice)

    refused(lambda: merging.unmerge(row, by=theo), source, target, code="not_your_team", rule="T13")


def test_it_can_be_merged_again__T11(source, target, alice):
    merging.unmerge(merging.merge(source, into=target, by=alice), by=alice)

    merging.merge(source, into=target, by=alice)

    assert target.entries.count() == 2


def test_what_was_done_since_keeps_its_clocks__T11(make_policy, carol, tier1, alice, sara, mia, monday):
    hour = timedelta(hours=1)
    promised = make_policy("Tier 1", team=tier1, first_response=8 * 3600, resolution={"": 40 * 3600, "4": 30 * 3600})
    source, target = (
        opening.open_ticket(
            requester=carol, subject="Dark", text="No light.", channel="email", by=carol, team=tier1, at=at
        )
        for at in (monday + hour, monday)
    )  # fmt: skip
    row = merging.merge(source, into=target, by=sara, at=monday + 2 * hour)
    conversation.reply(target, by=alice, text="Which one?", then="pending", at=monday + 3 * hour)
    properties.set_priority(target, by=alice, impact=3, urgency=3, at=monday + 4 * hour)
    terms = replace(Terms.of(latest(promised)), targets={"resolution": {"": 80 * 3600}})
    revise_policy(promised, terms, by=mia, at=monday + 5 * hour)
    applying.apply(by=mia, at=monday + 6 * hour)
    before = picture(target)

    merging.unmerge(row, by=sara, at=monday + 7 * hour)

    after = picture(target)
    assert (after["clocks"], after["pauses"]) == (before["clocks"], before["pauses"])
    assert after["pauses"] != []
    clock = target.clocks.get(metric="resolution")
    assert (clock.paused_at, clock.due_at, clock.target_seconds) == (monday + 3 * hour, None, 80 * 3600)
    assert rebuild([source.pk, target.pk]).differences == 0


def test_only_the_start_that_the_merge_set_is_given_back__T11(make_policy, carol, tier1, alice, sara, monday):
    hour = timedelta(hours=1)
    make_policy("Tier 1", team=tier1, first_response={"": 8 * 3600, "4": 6 * 3600})
    source, target = (
        opening.open_ticket(
            requester=carol, subject="Dark", text="No light.", channel="email", by=carol, team=tier1, at=at
        )
        for at in (monday, monday + hour)
    )  # fmt: skip
    row = merging.merge(source, into=target, by=sara, at=monday + 2 * hour)
    properties.set_priority(target, by=alice, impact=3, urgency=3, at=monday + 2 * hour)
    waiting = target.clocks.filter(metric="first_response")
    assert waiting.get().due_at == monday + 6 * hour

    merging.unmerge(row, by=sara, at=monday + 3 * hour)

    clock = waiting.get()
    assert (clock.started_at, clock.due_at, clock.target_seconds) == (monday + hour, monday + 7 * hour, 6 * 3600)
    assert rebuild([source.pk, target.pk]).differences == 0
