"""Merging keeps both histories (T11)."""

from datetime import timedelta

import pytest

from events.models import Approval
from tickets.lifecycle import closing, complaints, conversation, escalating, holding, merging, promising
from tickets.models import (
    ClockPause,
    Closure,
    ClosureCause,
    Entry,
    Escalation,
    Participant,
    Promise,
    Status,
    TicketLink,
    TicketMerge,
    TicketType,
    Transfer,
)
from tickets.policy.merging import may_merge

pytestmark = pytest.mark.django_db


def test_the_source_closes_and_leads_on__T11(source, target, alice, told):
    row = merging.merge(source, into=target, by=alice)

    assert (source.status, source.closure_cause) == (Status.CLOSED, ClosureCause.MERGED)
    assert not Closure.objects.filter(ticket=source).exists()
    assert (row.source, row.target) == (source, target)
    assert TicketLink.objects.get().kind == TicketLink.Kind.MERGED
    assert told(source) == ["merged"]
    assert told(target) == ["absorbed"]


def test_both_conversations_stand_in_one__T11(source, target, alice):
    count = Entry.objects.count()

    merging.merge(source, into=target, by=alice)

    assert target.entries.count() == count == 2
    assert set(target.contacts.values_list("person__name", flat=True)) == {"Carol Cole", "Oscar Olsen"}


def test_later_messages_arrive_at_the_target__T11(source, target, alice, oscar):
    merging.merge(source, into=target, by=alice)

    entry = conversation.receive(source, person=oscar, text="And the cat is gone.")

    assert entry.ticket == target


def test_the_earliest_unanswered_message_sets_the_clock__T11(source, target, alice, now):
    merging.merge(source, into=target, by=alice)

    clock = target.clocks.get(metric="first_response", cancelled_at=None)
    assert clock.started_at == target.unanswered_since == now - timedelta(hours=1)
    assert not source.clocks.filter(stopped_at=None, cancelled_at=None).exists()


def test_a_later_message_moves_no_clock__T11(source, target, bob, now):
    merging.merge(target, into=source, by=bob)

    clock = source.clocks.get(metric="first_response", cancelled_at=None)
    assert clock.started_at == now - timedelta(hours=1)


def test_other_customers_take_part__T11(source, target, alice, ivan):
    Participant.objects.create(ticket=source, person=ivan, role=Participant.Role.FOLLOWER)

    merging.merge(source, into=target, by=alice)

    people = dict(target.participants.values_list("person__name", "role"))
    assert people == {"Oscar Olsen": "cc", "Ivan Ivanov": "follower"}


def test_the_same_customer_is_not_made_a_participant__T11(make_ticket, target, carol, tier1, alice):
    merging.merge(make_ticket(carol, "Again", team=tier1), into=target, by=alice)

    assert not target.participants.exists()


def test_open_promises_move_and_settled_ones_stay__T11(source, target, alice, bob, now):
    kept = promising.promise(source, by=bob, kind="send", due_at=now + timedelta(hours=2), at=now)
    promising.keep_promise(kept, by=bob, at=now + timedelta(minutes=1))
    due = promising.promise(source, by=bob, kind="call_back", due_at=now + timedelta(hours=2), at=now)

    merging.merge(source, into=target, by=alice, at=now + timedelta(minutes=2))

    due.refresh_from_db()
    kept.refresh_from_db()
    assert (due.ticket, due.owner, due.status) == (target, bob, Promise.Status.OPEN)
    assert kept.ticket == source


def test_the_escalation_moves__T11(source, target, alice, bob, sara):
    escalation = escalating.escalate(source, by=bob, reason="limit")

    merging.merge(source, into=target, by=alice)

    escalation.refresh_from_db()
    assert (escalation.ticket, escalation.status) == (target, Escalation.Status.WAITING)


def test_reasons_join_the_escalation_that_is_there__T11(source, target, alice, bob, sara):
    moving = escalating.escalate(source, by=bob, reason="legal_threat")
    there = escalating.escalate(target, by=alice, reason="limit")

    merging.merge(source, into=target, by=alice)

    there.refresh_from_db()
    moving.refresh_from_db()
    assert set(there.reasons.values_list("reason", flat=True)) == {"legal_threat", "limit"}
    assert there.is_threat
    assert Escalation.objects.filter(status__in=Escalation.OPEN).get() == there
    assert moving.status == Escalation.Status.RESOLVED


def test_a_resolved_source_asks_no_more__T11(source, target, alice, bob, now):
    closure = closing.resolve(source, by=bob, at=now)

    merging.merge(source, into=target, by=alice, at=now)

    closure.refresh_from_db()
    assert closure.answer == Closure.Answer.WITHDRAWN
    assert not closing.close_silent(closure.pk, now + timedelta(days=30))


def test_a_pending_target_is_ours_again__T11(source, target, alice, now):
    conversation.reply(target, by=alice, text="Which printer?", then="pending", at=now)
    assert target.status == Status.PENDING

    merging.merge(source, into=target, by=alice, at=now + timedelta(minutes=5))

    assert target.status == Status.OPEN
    assert target.unanswered_since is not None
    assert not ClockPause.objects.filter(clock__ticket=target, ended_at=None).exists()


def test_into_itself__T11(target, alice, refused):
    refused(lambda: merging.merge(target, into=target, by=alice), target, code="same_ticket", rule="T11")


def test_what_was_merged_is_merged_no_further__T11(source, target, make_ticket, carol, tier1, alice, refused):
    third = make_ticket(carol, team=tier1)
    merging.merge(source, into=target, by=alice)

    for act in (
        lambda: merging.merge(source, into=third, by=alice),
        lambda: merging.merge(third, into=source, by=alice),
        lambda: merging.merge(target, into=source, by=alice),  # a ring
    ):
        refused(act, source, target, third, code="merged", rule="T11")


def test_closed_and_resolved_tickets__T11(source, target, alice, bob, now, refused):
    closure = closing.resolve(source, by=bob, at=now)
    refused(lambda: merging.merge(target, into=source, by=alice), source, target, code="resolved", rule="T11")
    closing.close_silent(closure.pk, now + timedelta(days=7))

    refused(lambda: merging.merge(source, into=target, by=alice), source, target, code="closed", rule="T3")
    refused(lambda: merging.merge(target, into=source, by=alice), source, target, code="closed", rule="T3")


@pytest.mark.parametrize("which", ["source", "target"])
def test_refused_while_a_hold_runs__T11(source, target, which, alice, make_contact, hold_reasons, now, refused):
    held = {"source": source, "target": target}[which]
    call = make_contact(held.requester, channel="phone", handled_by=alice, at=now, tickets=[held])
    reason, until = next(iter(hold_reasons)), now + timedelta(minutes=3)
    holding.hold(held, by=alice, contact=call, reason=reason, consent="given", until=until, at=now)

    refused(lambda: merging.merge(source, into=target, by=alice), source, target, code="hold_running", rule="T11")


@pytest.mark.parametrize("which", ["source", "target"])
def test_refused_while_a_transfer_runs__T11(source, target, which, alice, billing, now, refused):
    Transfer.objects.create(
        ticket={"source": source, "target": target}[which],
        sender=alice,
        to_team=billing,
        reason="expertise",
        consent="told",
        understood="x",
        tried="y",
        sent_at=now,
        accept_by=now + timedelta(hours=4),
    )

    refused(lambda: merging.merge(source, into=target, by=alice), source, target, code="transfer_running", rule="T11")
    assert not TicketMerge.objects.exists()


def test_refused_while_an_approval_is_asked__T11(source, target, alice, refused):
    Approval.objects.create(subject_id=source.pk, rule="H4", act="hold", asked_by=alice)

    refused(lambda: merging.merge(source, into=target, by=alice), source, target, code="approval_open", rule="T11")


def test_a_begun_complaint_is_not_merged_away_by_one_alone__T5(source, target, alice, bob, sara, refused):
    source.type = TicketType.COMPLAINT
    source.save(update_fields=["type"])
    complaints.take_step(source, by=bob, step="understood", text="His office burned.")

    refused(lambda: merging.merge(source, into=target, by=alice), source, target, code="supervisor_needed", rule="T5")
    merging.merge(source, into=target, by=sara)

    assert source.status == Status.CLOSED


def test_whoever_may_not_work_on_both_merges_nothing__T13(source, target, theo, make_user, refused):
    refused(lambda: merging.merge(source, into=target, by=theo), source, target, code="not_your_team", rule="T13")
    refused(lambda: merging.merge(source, into=target, by=make_user("zoe")), source, target, code="not_staff")
    assert not may_merge(theo, source)
