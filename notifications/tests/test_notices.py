"""What staff are told: once per event, and never what they did themselves (N1)."""

from events import dispatch
from events.models import Delivery
from notifications import notices
from notifications.models import Notice
from staff.models import StaffProfile
from tickets import lifecycle
from tickets.models import Channel


def told(kind):
    return sorted(Notice.objects.filter(kind=kind).values_list("user__name", flat=True))


def test_the_agent_hears_what_the_customer_wrote__N1(taken_ticket, carol):
    lifecycle.receive(taken_ticket, person=carol, text="Now it burns.", channel=Channel.EMAIL)
    dispatch.sweep()

    assert told("ticket.message_received") == ["Alice"]


def test_nobody_hears_of_a_machine__T3(taken_ticket, carol):
    lifecycle.receive(taken_ticket, person=carol, text="I am away.", channel=Channel.EMAIL, is_automatic=True)
    dispatch.sweep()

    assert Notice.objects.count() == 0


def test_nobody_is_told_what_they_did__N1(printer_ticket, alice, bob, sara):
    lifecycle.assign(printer_ticket, by=sara, to=bob)
    lifecycle.assign(printer_ticket, by=sara, to=sara)
    dispatch.sweep()

    assert told("ticket.assigned") == ["Bob"]


def test_a_reaction_that_runs_twice_tells_once__N1(printer_ticket, bob, sara):
    lifecycle.assign(printer_ticket, by=sara, to=bob)
    dispatch.sweep()
    Delivery.objects.filter(reaction="notifications.tell_assignee").update(done_at=None)

    dispatch.sweep()

    assert told("ticket.assigned") == ["Bob"]


def test_unread_are_the_newest_first(printer_ticket, bob, sara, alice):
    lifecycle.assign(printer_ticket, by=sara, to=bob)
    lifecycle.assign(printer_ticket, by=sara, to=alice)
    lifecycle.assign(printer_ticket, by=sara, to=bob)
    dispatch.sweep()

    assert [notice.user_id for notice in notices.unread(bob)] == [bob.pk, bob.pk]
    newest, oldest = notices.unread(bob)
    assert newest.created_at >= oldest.created_at


def test_a_transfer_that_comes_back_to_nobody_is_told_to_the_whole_chain__X3(taken_ticket, alice, sara, adam, billing):
    StaffProfile.objects.filter(user__in=[sara, adam]).update(availability="off")
    sent = lifecycle.transfer(
        taken_ticket, by=alice, to_team=billing, reason="expertise", consent="told", understood="A.", tried="B."
    )
    assert lifecycle.return_due_transfer(sent.pk, at=sent.accept_by)
    dispatch.sweep()

    assert {"Adam", "Sara"} <= set(told("ticket.transfer_returned"))
