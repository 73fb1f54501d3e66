"""The customer's answer, and taking it back (T4, E1)."""

from datetime import timedelta

import pytest

from tickets.lifecycle import closing, confirming, conversation, escalating
from tickets.models import (
    Clock,
    ClockPause,
    Closure,
    ClosureCause,
    Escalation,
    EscalationReason,
    FollowUp,
    Participant,
    Promise,
    Status,
)

pytestmark = pytest.mark.django_db


def picture(ticket):
    """Everything about a ticket that taking an answer back must give back."""
    ticket.refresh_from_db()
    skipped = ("version", "updated_at", "event_seq")
    return {
        "ticket": {k: v for k, v in ticket.__class__.objects.values().get(pk=ticket.pk).items() if k not in skipped},
        "clocks": list(Clock.objects.filter(ticket=ticket, cancelled_at=None).order_by("pk").values()),
        "pauses": list(ClockPause.objects.filter(clock__ticket=ticket).order_by("pk").values()),
        "follow_ups": list(FollowUp.objects.filter(ticket=ticket).order_by("pk").values()),
        "promises": list(Promise.objects.filter(ticket=ticket, status="open").order_by("pk").values()),
        "escalations": list(Escalation.objects.filter(ticket=ticket, status__in=Escalation.OPEN).values()),
        "entries": list(ticket.entries.public().order_by("pk").values_list("pk", flat=True)),
        "closures": list(
            Closure.objects.filter(ticket=ticket).values("pk", "answer", "silence_at", "via", "answered_at", "why")
        ),
    }


def test_solved_by_the_link_closes__T4(resolved, taken_ticket, carol, now, told):
    closure = confirming.confirm(taken_ticket, by=carol, solved=True, via="link", at=now)

    assert (taken_ticket.status, taken_ticket.closure_cause) == (Status.CLOSED, ClosureCause.CONFIRMED)
    assert (closure.answer, closure.answered_by, closure.recorded_by) == (Closure.Answer.SOLVED, carol, None)
    assert closure.undo_until == now + timedelta(hours=1)
    assert told(taken_ticket, "confirmed") == ["confirmed"]


def test_solved_on_the_phone_says_by_whom__T4(resolved, taken_ticket, carol, bob, call):
    closure = confirming.confirm(taken_ticket, by=bob, solved=True, via="phone", contact=call)

    assert taken_ticket.closure_cause == ClosureCause.CONFIRMED_BY_PHONE
    assert (closure.answered_by, closure.recorded_by, closure.via) == (carol, bob, "phone")


def test_not_solved_goes_back_to_the_same_agent__T4(resolved, taken_ticket, alice, carol, told):
    closure = confirming.confirm(taken_ticket, by=carol, solved=False, via="link", why="It still smokes.")

    assert (taken_ticket.status, taken_ticket.assignee, taken_ticket.refused_count) == (Status.OPEN, alice, 1)
    assert (closure.answer, closure.why) == (Closure.Answer.NOT_SOLVED, "It still smokes.")
    assert taken_ticket.unanswered_since is not None
    assert taken_ticket.entries.last().text == "It still smokes."
    assert told(taken_ticket) == ["resolved", "refused", "message_received"]
    assert not Escalation.objects.exists()


def test_without_a_word_it_comes_back_too__T4(resolved, taken_ticket, carol, told):
    confirming.confirm(taken_ticket, by=carol, solved=False, via="link")

    assert told(taken_ticket) == ["resolved", "refused"]


def test_gone_it_goes_to_the_team__T4(resolved, taken_ticket, alice, carol, tier1):
    alice.is_active = False
    alice.save(update_fields=["is_active"])

    confirming.confirm(taken_ticket, by=carol, solved=False, via="link")

    assert (taken_ticket.assignee, taken_ticket.team, taken_ticket.status) == (None, tier1, Status.OPEN)


def test_the_second_time_it_escalates__T4_E1(resolved, taken_ticket, alice, carol, sara, now, told):
    confirming.confirm(taken_ticket, by=carol, solved=False, via="link", at=now)
    assert not Escalation.objects.exists()
    closing.resolve(taken_ticket, by=alice, at=now + timedelta(minutes=1))

    confirming.confirm(taken_ticket, by=carol, solved=False, via="link", at=now + timedelta(minutes=2))

    escalation = Escalation.objects.get()
    assert escalation.reasons.get().reason == EscalationReason.Reason.REOPENED
    assert (escalation.waits_for, escalation.raised_by) == (sara, None)
    assert told(taken_ticket, "escalated") == ["escalated"]
    assert taken_ticket.assignee == alice


def test_answered_twice_changes_nothing_more__T4(resolved, taken_ticket, carol, told):
    first = confirming.confirm(taken_ticket, by=carol, solved=True, via="link")

    second = confirming.confirm(taken_ticket, by=carol, solved=True, via="portal")

    assert first == second
    assert second.via == "link"
    assert told(taken_ticket, "confirmed") == ["confirmed"]


def test_answered_otherwise_is_refused__T4(resolved, taken_ticket, carol, refused):
    confirming.confirm(taken_ticket, by=carol, solved=True, via="link")

    refused(
        lambda: confirming.confirm(taken_ticket, by=carol, solved=False, via="link"),
        taken_ticket, code="already_answered", rule="T4",
    )  # fmt: skip


def test_nothing_was_asked__T4(taken_ticket, carol, refused):
    refused(lambda: confirming.confirm(taken_ticket, by=carol, solved=True, via="link"), taken_ticket, code="not_asked")


def test_we_work_on_it_again__T4(resolved, taken_ticket, alice, carol, refused):
    closing.reopen(taken_ticket, by=alice)

    refused(
        lambda: confirming.confirm(taken_ticket, by=carol, solved=True, via="link"),
        taken_ticket, code="no_longer_asked",
    )  # fmt: skip


def test_after_the_silence_it_is_too_late__T4(resolved, taken_ticket, carol, now, refused):
    closing.close_silent(resolved.pk, now + timedelta(days=7))

    refused(
        lambda: confirming.confirm(taken_ticket, by=carol, solved=False, via="link"),
        taken_ticket, code="closed_by_silence",
    )  # fmt: skip


def test_only_the_customer_answers__T13(resolved, taken_ticket, oscar, alice, carol, make_user, refused):
    for by, via, code in (
        (oscar, "link", "not_yours"),
        (alice, "link", "wrong_way"),
        (carol, "phone", "wrong_way"),
        (make_user("zoe"), "phone", "not_staff"),
    ):
        refused(
            lambda by=by, via=via: confirming.confirm(taken_ticket, by=by, solved=True, via=via),
            taken_ticket, code=code,
        )  # fmt: skip


def test_for_whom_it_was_asked_may_answer__T4(resolved, taken_ticket, oscar):
    Participant.objects.create(ticket=taken_ticket, person=oscar, role=Participant.Role.ON_BEHALF_OF)

    confirming.confirm(taken_ticket, by=oscar, solved=True, via="portal")

    assert taken_ticket.status == Status.CLOSED


def test_the_customers_word_meets_the_follow_up__X5(taken_ticket, alice, bob, carol):
    FollowUp.objects.create(ticket=taken_ticket, owner=bob)
    closing.resolve(taken_ticket, by=alice)

    confirming.confirm(taken_ticket, by=carol, solved=True, via="link")

    duty = FollowUp.objects.get()
    assert (duty.status, duty.met_by_customer, duty.was_solved) == (FollowUp.Status.MET, True, True)


def test_while_reopened_the_follow_up_is_suspended__X5(taken_ticket, alice, bob, carol):
    FollowUp.objects.create(ticket=taken_ticket, owner=bob)
    closing.resolve(taken_ticket, by=alice)

    confirming.confirm(taken_ticket, by=carol, solved=False, via="link")

    assert FollowUp.objects.get().status == FollowUp.Status.SUSPENDED


@pytest.mark.parametrize("solved", [True, False])
def test_taking_it_back_restores_exactly__T4(taken_ticket, alice, bob, carol, now, solved, told):
    FollowUp.objects.create(ticket=taken_ticket, owner=bob)
    closing.resolve(taken_ticket, by=alice, at=now)
    Promise.objects.create(
        ticket=taken_ticket, owner=alice, made_at=now, due_at=now + timedelta(hours=5), break_at=now + timedelta(days=2)
    )
    before = picture(taken_ticket)
    closure = confirming.confirm(
        taken_ticket, by=carol, solved=solved, via="link", why="Well …", at=now + timedelta(minutes=1)
    )
    assert picture(taken_ticket) != before

    confirming.undo_confirmation(closure, by=carol, at=now + timedelta(minutes=59))

    assert picture(taken_ticket) == before
    assert told(taken_ticket, "confirmation_undone") == ["confirmation_undone"]


def test_taking_back_the_second_no_ends_its_escalation__T4(resolved, taken_ticket, alice, carol, sara, now):
    confirming.confirm(taken_ticket, by=carol, solved=False, via="link", at=now)
    closing.resolve(taken_ticket, by=alice, at=now)
    before = picture(taken_ticket)
    closure = confirming.confirm(taken_ticket, by=carol, solved=False, via="link", at=now)
    assert Escalation.objects.filter(status="waiting").exists()

    confirming.undo_confirmation(closure, by=carol, at=now + timedelta(minutes=5))

    after = picture(taken_ticket)
    assert after["ticket"] == before["ticket"]
    assert after["clocks"] == before["clocks"]
    assert after["escalations"] == after["promises"] == []


def test_taken_back_it_can_be_answered_anew__T4(resolved, taken_ticket, carol):
    closure = confirming.confirm(taken_ticket, by=carol, solved=False, via="link")
    confirming.undo_confirmation(closure, by=carol)

    confirming.confirm(taken_ticket, by=carol, solved=True, via="link")

    taken_ticket.refresh_from_db()
    assert taken_ticket.status == Status.CLOSED


def test_taking_back_twice_changes_nothing_more__T4(resolved, taken_ticket, carol, told):
    closure = confirming.confirm(taken_ticket, by=carol, solved=True, via="link")

    confirming.undo_confirmation(closure, by=carol)
    confirming.undo_confirmation(closure, by=carol)

    assert told(taken_ticket, "confirmation_undone") == ["confirmation_undone"]


def test_after_an_hour_it_stands__T4(resolved, taken_ticket, carol, now, refused):
    closure = confirming.confirm(taken_ticket, by=carol, solved=True, via="link", at=now)

    refused(
        lambda: confirming.undo_confirmation(closure, by=carol, at=now + timedelta(minutes=61)),
        taken_ticket, code="too_late", rule="T4",
    )  # fmt: skip


def test_once_work_went_on_it_stands__T4(resolved, taken_ticket, alice, carol, now, refused):
    closure = confirming.confirm(taken_ticket, by=carol, solved=False, via="link", at=now)
    conversation.reply(taken_ticket, by=alice, text="We look again.", at=now + timedelta(minutes=2))

    refused(
        lambda: confirming.undo_confirmation(closure, by=carol, at=now + timedelta(minutes=3)),
        taken_ticket, code="moved_on", rule="T4",
    )  # fmt: skip


def test_a_stranger_takes_nothing_back__T13(resolved, taken_ticket, carol, oscar, theo, refused):
    closure = confirming.confirm(taken_ticket, by=carol, solved=True, via="link")

    refused(lambda: confirming.undo_confirmation(closure, by=oscar), taken_ticket, code="not_yours", rule="T13")
    refused(lambda: confirming.undo_confirmation(closure, by=theo), taken_ticket, code="not_your_team", rule="T13")


def test_a_message_reopens_and_withdraws_the_question__T3(resolved, taken_ticket, alice, carol, now):
    conversation.receive(taken_ticket, person=carol, text="The printer smokes again.", at=now + timedelta(hours=1))

    resolved.refresh_from_db()
    assert (taken_ticket.status, taken_ticket.assignee) == (Status.OPEN, alice)
    assert resolved.answer == Closure.Answer.WITHDRAWN


def test_an_escalation_raised_meanwhile_stops_the_silence(resolved, taken_ticket, carol, sara, now):
    escalating.escalate(taken_ticket, by=carol, reason="senior", at=now)

    assert not closing.close_silent(resolved.pk, now + timedelta(days=7))
