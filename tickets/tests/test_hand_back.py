"""Who leaves hands open tickets back to the queue, and none is nobody's for long."""

from events import dispatch
from events.models import Delivery, Event
from staff import operations
from tickets.models import FollowUp, Status


def test_open_tickets_of_who_leaves_go_back_to_the_queue(alice, adam, bob, taken_ticket, make_ticket, carol, tier1):
    closed = make_ticket(carol, "Done", team=tier1, assignee=alice, status=Status.RESOLVED)
    other = make_ticket(carol, "Bob's", team=tier1, assignee=bob, status=Status.OPEN)

    operations.deactivate_user(alice, by=adam)
    assert taken_ticket.assignee == alice  # not in the transaction of leaving
    assert dispatch.sweep() >= 1

    for ticket in (taken_ticket, closed, other):
        ticket.refresh_from_db()
    assert (taken_ticket.assignee, taken_ticket.team, taken_ticket.status) == (None, tier1, Status.OPEN)
    assert closed.assignee is None
    assert other.assignee == bob
    event = Event.objects.get(kind="ticket.assigned", subject_id=taken_ticket.pk)
    assert (event.data["from"], event.data["to"], event.actor_kind) == (alice.pk, None, "system")


def test_a_second_run_hands_nothing_back_twice(alice, adam, bob, taken_ticket):
    operations.deactivate_user(alice, by=adam)
    dispatch.sweep()
    Delivery.objects.filter(reaction="tickets.hand_back").update(done_at=None)

    dispatch.sweep()

    assert Event.objects.filter(kind="ticket.assigned").count() == 1


def test_the_duty_to_ask_goes_to_the_supervisor_of_who_leaves__X5(alice, adam, sara, taken_ticket):
    duty = FollowUp.objects.create(ticket=taken_ticket, owner=alice)

    operations.deactivate_user(alice, by=adam)
    dispatch.sweep()

    duty.refresh_from_db()
    assert duty.owner == sara
