"""Resolving asks the customer (T4), ends a hold, and asks about promises (T12)."""

from datetime import timedelta

import pytest

from common.errors import Malformed
from events.models import Approval
from tickets.lifecycle import closing, confirming, escalating, holding, promising, stepping_in
from tickets.models import Closure, ClosureCause, Escalation, FollowUp, Hold, Promise, Status, Transfer

pytestmark = pytest.mark.django_db


@pytest.fixture
def promised(taken_ticket, alice, now):
    return promising.promise(taken_ticket, by=alice, kind="call_back", due_at=now + timedelta(hours=2), at=now)


def test_resolving_asks_whether_it_is_solved__T4(taken_ticket, alice, told, now):
    closure = closing.resolve(taken_ticket, by=alice, at=now)

    assert (taken_ticket.status, taken_ticket.resolved_by, taken_ticket.resolved_at) == (Status.RESOLVED, alice, now)
    assert (closure.answer, closure.asked_by) == (Closure.Answer.WAITING, alice)
    assert closure.silence_at == now + timedelta(days=7)
    assert told(taken_ticket) == ["resolved"]


def test_what_was_done_goes_to_the_customer(taken_ticket, alice, told):
    closing.resolve(taken_ticket, by=alice, text="We put out the fire.")

    assert taken_ticket.entries.last().text == "We put out the fire."
    assert told(taken_ticket) == ["replied", "resolved"]


def test_nobody_resolves_over_a_message_they_have_not_seen__T10(taken_ticket, alice, refused):
    refused(
        lambda: closing.resolve(taken_ticket, by=alice, text="Done.", seen=0), taken_ticket,
        code="new_message", rule="T10",
    )  # fmt: skip
    refused(lambda: closing.resolve(taken_ticket, by=alice, seen=0), taken_ticket, code="new_message", rule="T10")


def test_who_resolves_what_nobody_had_answers_for_it(printer_ticket, alice):
    closing.resolve(printer_ticket, by=alice)

    assert (printer_ticket.assignee, printer_ticket.first_agent) == (alice, alice)


def test_resolving_ends_a_hold__T12(taken_ticket, alice, call, hold_reasons, now):
    holding.hold(
        taken_ticket, by=alice, contact=call, reason=next(iter(hold_reasons)), consent="given",
        until=now + timedelta(minutes=3), at=now,
    )  # fmt: skip

    closing.resolve(taken_ticket, by=alice, at=now + timedelta(minutes=1))

    hold = Hold.objects.get()
    assert (hold.outcome, hold.ended_at) == (Hold.Outcome.RESOLVED, now + timedelta(minutes=1))
    assert taken_ticket.status == Status.RESOLVED


def test_each_open_promise_is_asked_about__T12(taken_ticket, alice, promised, refused):
    refused(lambda: closing.resolve(taken_ticket, by=alice), taken_ticket, code="promises_open", rule="T12")

    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    ("answer", "status", "outlives"),
    [("kept", Promise.Status.KEPT, False), ("outlive", Promise.Status.OPEN, True)],
)
def test_a_promise_is_settled_with_it__T12(taken_ticket, alice, promised, answer, status, outlives, told):
    closing.resolve(taken_ticket, by=alice, promises={promised.pk: answer})

    promised.refresh_from_db()
    assert (promised.status, promised.outlives_ticket) == (status, outlives)
    assert told(taken_ticket, "resolved") == ["resolved"]


def test_the_customer_releases_a_promise__T12(taken_ticket, alice, promised, call, now):
    closing.resolve(
        taken_ticket, by=alice, contact=call, promises={promised.pk: "released"}, at=now + timedelta(minutes=1)
    )

    promised.refresh_from_db()
    assert promised.status == Promise.Status.RELEASED


def test_an_answer_that_is_none__T12(taken_ticket, alice, promised):
    with pytest.raises(Malformed):
        closing.resolve(taken_ticket, by=alice, promises={promised.pk: "forgotten"})
    with pytest.raises(Malformed):
        closing.resolve(taken_ticket, by=alice, promises={promised.pk + 1: "kept"})


def test_a_promise_not_kept_at_closure_is_broken__T8(resolved, taken_ticket, alice, carol, now, told):
    late = promising.promise(taken_ticket, by=alice, kind="call_back", due_at=now + timedelta(hours=2), at=now)

    confirming.confirm(taken_ticket, by=carol, solved=True, via="link", at=now + timedelta(minutes=5))

    late.refresh_from_db()
    assert late.status == Promise.Status.BROKEN
    assert told(taken_ticket, "promise_broken") == ["promise_broken"]


def test_what_outlives_the_ticket_is_not_broken_by_its_end__T12(taken_ticket, alice, carol, promised, now):
    closing.resolve(taken_ticket, by=alice, promises={promised.pk: "outlive"}, at=now)

    confirming.confirm(taken_ticket, by=carol, solved=True, via="link", at=now)

    promised.refresh_from_db()
    assert promised.status == Promise.Status.OPEN


def test_refused_while_a_transfer_is_open__T12(taken_ticket, alice, billing, now, refused):
    Transfer.objects.create(
        ticket=taken_ticket, sender=alice, to_team=billing, reason="expertise", consent="told", understood="x",
        tried="y", sent_at=now, accept_by=now + timedelta(hours=4),
    )  # fmt: skip

    refused(lambda: closing.resolve(taken_ticket, by=alice), taken_ticket, code="transfer_running", rule="T12")


def test_refused_while_an_approval_is_open__T12(taken_ticket, alice, refused):
    Approval.objects.create(subject_id=taken_ticket.pk, rule="H4", act="hold", asked_by=alice)

    refused(lambda: closing.resolve(taken_ticket, by=alice), taken_ticket, code="approval_open", rule="T12")


def test_only_the_owner_of_an_escalation_resolves_and_ends_both__E3(taken_ticket, alice, sara, now, refused, told):
    escalation = escalating.escalate(taken_ticket, by=alice, reason="limit", at=now)
    refused(lambda: closing.resolve(taken_ticket, by=alice), taken_ticket, code="escalation_open", rule="E3")
    stepping_in.take_escalation(escalation, by=sara, at=now)

    closing.resolve(taken_ticket, by=sara, promises={escalation.promise_id: "kept"}, at=now)

    escalation.refresh_from_db()
    assert (escalation.status, escalation.ended_by) == (Escalation.Status.RESOLVED, sara)
    assert taken_ticket.status == Status.RESOLVED
    assert told(taken_ticket, "resolved") == ["resolved"]


def test_resolved_by_another_the_follow_up_falls_due__X5(taken_ticket, alice, bob, now):
    FollowUp.objects.create(ticket=taken_ticket, owner=bob)

    closing.resolve(taken_ticket, by=alice, at=now)

    duty = FollowUp.objects.get()
    assert duty.status == FollowUp.Status.DUE
    assert duty.due_at > now


def test_resolved_by_its_owner_nothing_is_to_ask__X5(taken_ticket, alice, now):
    FollowUp.objects.create(ticket=taken_ticket, owner=alice)

    closing.resolve(taken_ticket, by=alice, at=now)

    assert FollowUp.objects.get().status == FollowUp.Status.WAITING


def test_not_twice(resolved, taken_ticket, alice, refused):
    refused(lambda: closing.resolve(taken_ticket, by=alice), taken_ticket, code="resolved")


def test_strangers_resolve_nothing__T13(taken_ticket, make_user, theo, tier1, bella, refused):
    refused(lambda: closing.resolve(taken_ticket, by=make_user("zoe")), taken_ticket, code="not_staff", rule="T13")
    refused(lambda: closing.resolve(taken_ticket, by=theo), taken_ticket, code="not_your_team", rule="T13")
    tier1.is_restricted = True
    tier1.save(update_fields=["is_restricted"])
    refused(lambda: closing.resolve(taken_ticket, by=bella), taken_ticket, code="restricted_team", rule="T13")


def test_staff_reopen_what_is_resolved__T3(resolved, taken_ticket, alice, told):
    closing.reopen(taken_ticket, by=alice, why="It burns again.")

    resolved.refresh_from_db()
    assert (taken_ticket.status, taken_ticket.assignee, taken_ticket.reopen_count) == (Status.OPEN, alice, 1)
    assert taken_ticket.resolved_at is None
    assert resolved.answer == Closure.Answer.WITHDRAWN
    assert told(taken_ticket) == ["resolved", "note_added", "reopened"]


def test_whoever_left_gets_nothing_back__T4(resolved, taken_ticket, alice, bob):
    alice.is_active = False
    alice.save(update_fields=["is_active"])

    closing.reopen(taken_ticket, by=bob)

    assert (taken_ticket.assignee, taken_ticket.status) == (None, Status.OPEN)


def test_the_resolution_clock_runs_on_and_the_time_resolved_is_a_pause__S3(resolved, taken_ticket, alice, now):
    clock = taken_ticket.clocks.get(metric="resolution")
    assert clock.stopped_at == now

    closing.reopen(taken_ticket, by=alice, at=now + timedelta(hours=3))

    clock.refresh_from_db()
    assert clock.stopped_at is None
    assert clock.due_at == clock.started_at + timedelta(seconds=clock.target_seconds, hours=3)


def test_what_is_open_is_not_reopened__T3(taken_ticket, alice, refused):
    refused(lambda: closing.reopen(taken_ticket, by=alice), taken_ticket, code="not_resolved", rule="T3")


def test_what_is_closed_is_not_reopened__T3(resolved, taken_ticket, alice, carol, refused):
    confirming.confirm(taken_ticket, by=carol, solved=True, via="link")

    refused(lambda: closing.reopen(taken_ticket, by=alice), taken_ticket, code="closed", rule="T3")


def test_silence_closes_after_its_time__T4(resolved, taken_ticket, told, now):
    assert not closing.close_silent(resolved.pk, now + timedelta(days=6))
    assert closing.close_silent(resolved.pk, now + timedelta(days=7))
    assert not closing.close_silent(resolved.pk, now + timedelta(days=8))

    taken_ticket.refresh_from_db()
    resolved.refresh_from_db()
    assert (taken_ticket.status, taken_ticket.closure_cause) == (Status.CLOSED, ClosureCause.NO_ANSWER)
    assert resolved.answer == Closure.Answer.SILENCE
    assert told(taken_ticket) == ["resolved", "closed"]


def test_silence_does_not_close_while_a_follow_up_is_due__X5(taken_ticket, alice, bob, now, told):
    FollowUp.objects.create(ticket=taken_ticket, owner=bob)
    closure = closing.resolve(taken_ticket, by=alice, at=now)

    assert not closing.close_silent(closure.pk, now + timedelta(days=30))

    assert told(taken_ticket, "closed") == []


def test_staff_do_not_close_for_the_customer__T4(resolved, taken_ticket, sara, refused, now):
    for cause, code in (("confirmed", "customer_decides"), ("no_answer", "too_early"), ("spam", "not_spam")):
        refused(lambda cause=cause: closing.close(taken_ticket, by=sara, cause=cause, at=now), taken_ticket, code=code)


def test_spam_closes(taken_ticket, alice, told):
    from tickets.lifecycle import properties

    properties.mark_spam(taken_ticket, by=alice)
    closing.close(taken_ticket, by=alice, cause="spam")

    assert (taken_ticket.status, taken_ticket.closure_cause) == (Status.CLOSED, ClosureCause.SPAM)
    assert told(taken_ticket) == ["spam_marked", "closed"]
