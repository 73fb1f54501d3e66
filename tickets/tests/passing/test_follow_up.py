from datetime import timedelta

import pytest

from common.errors import Refused
from events.models import Event
from tickets.lifecycle import following
from tickets.models import FollowUp, Status


@pytest.fixture
def duty(taken_ticket, alice, bella, monday):
    """Alice passed the ticket on, bella resolved it."""
    following.owe_follow_up(taken_ticket, alice, at=monday)
    taken_ticket.status, taken_ticket.resolved_by = Status.RESOLVED, bella
    taken_ticket.save(update_fields=["status", "resolved_by"])
    following.follow_up_on_resolve(taken_ticket, at=monday)
    return FollowUp.objects.get()


def test_falls_due_after_the_ticket_resolves__X5(duty, alice, monday):
    assert (duty.status, duty.owner) == (FollowUp.Status.DUE, alice)
    assert duty.due_at == monday + timedelta(days=1)


def test_not_where_the_first_agent_resolved_it__X5(taken_ticket, alice, monday):
    following.owe_follow_up(taken_ticket, alice, at=monday)
    taken_ticket.resolved_by = alice

    assert following.follow_up_on_resolve(taken_ticket, at=monday) is None
    assert FollowUp.objects.get().due_at is None


def test_only_the_first_who_passes_it_on_owes_it__X5(taken_ticket, alice, bob, monday):
    following.owe_follow_up(taken_ticket, alice, at=monday)
    following.owe_follow_up(taken_ticket, bob, at=monday)

    assert FollowUp.objects.get().owner == alice


def test_asked_twice_without_an_answer_ends_it__X5(duty, alice, monday):
    first = following.follow_up(duty, by=alice, solved=None, at=monday + timedelta(days=1))
    assert (first.status, first.asked, first.due_at) == (FollowUp.Status.DUE, 1, monday + timedelta(days=2))

    second = following.follow_up(duty, by=alice, solved=None, at=monday + timedelta(days=2))
    assert (second.status, second.due_at) == (FollowUp.Status.UNANSWERED, None)
    assert Event.objects.filter(kind="ticket.followed_up").count() == 2
    with pytest.raises(Refused, match="nothing to ask"):
        following.follow_up(duty, by=alice, solved=True)


def test_the_answer_is_written_down__X5(duty, alice):
    done = following.follow_up(duty, by=alice, solved=True, text="All warm again.")

    assert (done.status, done.was_solved, done.met_by_customer) == (FollowUp.Status.MET, True, False)
    assert done.ticket.entries.get(kind="note").text == "All warm again."


def test_strangers_do_not_ask__X5(duty, bob):
    with pytest.raises(Refused, match="Alice asks"):
        following.follow_up(duty, by=bob, solved=True)
    assert not Event.objects.filter(kind="ticket.followed_up").exists()


def test_the_customers_own_word_meets_it__X5(duty, taken_ticket, monday):
    following.follow_up_on_confirm(taken_ticket, at=monday)

    duty.refresh_from_db()
    assert (duty.status, duty.met_by_customer, duty.due_at) == (FollowUp.Status.MET, True, None)


def test_suspended_while_reopened_and_back_after__X5(duty, taken_ticket, monday):
    following.follow_up_on_reopen(taken_ticket, at=monday)
    duty.refresh_from_db()
    assert (duty.status, duty.due_at) == (FollowUp.Status.SUSPENDED, None)

    following.follow_up_on_resolve(taken_ticket, at=monday)
    duty.refresh_from_db()
    assert duty.status == FollowUp.Status.DUE


def test_passes_to_the_supervisor_of_one_who_left__X5(duty, alice, sara, monday):
    alice.is_active = False
    alice.save(update_fields=["is_active"])

    assert following.hand_on_follow_ups(alice, at=monday) == 1
    assert following.hand_on_follow_ups(alice, at=monday) == 0
    duty.refresh_from_db()
    assert duty.owner == sara
