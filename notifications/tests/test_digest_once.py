"""The mail of notices: once, without what was read, to where and while its reader may have it (N1, T13)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import connections, transaction

from events import dispatch
from notifications import sending
from notifications.models import Notice, NoticeChoice, OutgoingMail
from notifications.tests.mailing import DAY, HOUR, MINUTE, many_notices, send
from notifications.tests.test_sending import Server
from staff.models import StaffProfile
from tickets.models import Participant, Ticket

Status = OutgoingMail.Status


def test_a_second_pass_writes_no_second_mail__N1(ticket, alice, choose, writes, deliver, mails, monday):
    choose(alice)
    writes(ticket, monday)

    assert [deliver(monday), deliver(monday), deliver(monday + DAY)] == [1, 0, 0]
    assert len(mails()) == 1


def test_a_worker_that_dies_before_its_commit_leaves_all_to_the_next__N1(
    ticket, alice, choose, writes, deliver, mails, monday, monkeypatch
):
    choose(alice)
    writes(ticket, monday)

    def die(_name):
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr("common.faults.point", die)
        assert deliver(monday) == 0
    assert mails() == []
    assert deliver(monday) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_one_person_write_one_mail__N1(ticket, alice, choose, writes, deliver, mails, monday):
    choose(alice)
    writes(ticket, monday)

    with transaction.atomic():
        NoticeChoice.objects.select_for_update().get(user=alice)  # one is at it
        assert in_a_thread(lambda: deliver(monday)) == 0
    assert deliver(monday) == 1


def in_a_thread(work):
    """What another worker would do, on a connection of its own."""

    def run():
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(run).result()


def test_a_mail_whose_worker_died_leaves_once_under_its_own_id__N1(
    ticket, alice, choose, writes, deliver, mails, monday
):
    choose(alice)
    writes(ticket, monday)
    deliver(monday)
    (mail,) = mails()
    server = Server()
    sending.claim(mail.pk, at=monday)

    assert not send(mail, monday + MINUTE, server)
    assert send(mail, monday + 10 * MINUTE, server)
    assert not send(mail, monday + 20 * MINUTE, server)
    assert [one.extra_headers["Message-ID"] for one in server.got] == [mail.message_id]


def test_without_a_queue_the_rows_wait_for_the_next_pass__N1(ticket, alice, choose, writes, deliver, mails, monday):
    def no_redis(_name, _pk):
        raise ConnectionError

    choose(alice)
    dispatch.set_task_sender(no_redis)
    try:
        writes(ticket, monday)
        assert deliver(monday) == 1
    finally:
        dispatch.set_task_sender(None)
    with time_machine.travel(monday, tick=False):
        sending.send_due()

    assert mails()[0].status == Status.KEPT


def test_what_was_read_in_the_desk_is_not_mailed__N1(ticket, alice, choose, writes, deliver, mails, monday):
    choose(alice)
    writes(ticket, monday + 12 * HOUR)
    Notice.objects.update(read_at=monday + 13 * HOUR)

    assert deliver(monday + 23 * HOUR) == 0


def test_what_is_read_while_the_server_is_away_is_taken_out__N1(
    ticket, alice, choose, make_ticket, carol, tier1, writes, deliver, mails, monday
):
    choose(alice)
    other = make_ticket(carol, "The lamp", at=monday, team=tier1, assignee=alice, status="open")
    writes(ticket, monday)
    writes(other, monday)
    deliver(monday)
    (mail,) = mails()
    assert not send(mail, monday, Server(ConnectionRefusedError()))
    Notice.objects.filter(ticket=ticket).update(read_at=monday)
    server = Server()

    assert send(mail, monday + 5 * MINUTE, server)
    assert "The lamp" in server.got[0].body
    assert "printer" not in server.got[0].body


def test_a_mail_of_which_all_was_read_never_leaves__N1(ticket, alice, choose, writes, deliver, mails, monday):
    choose(alice)
    writes(ticket, monday)
    deliver(monday)
    Notice.objects.update(read_at=monday)
    server = Server()

    assert not send(mails()[0], monday, server)
    assert (mails()[0].status, server.got) == (Status.CANCELLED, [])


def test_a_mail_held_up_until_the_evening_leaves_in_the_morning__N1(
    ticket, alice, choose, writes, deliver, mails, monday
):
    choose(alice)
    writes(ticket, monday)
    deliver(monday)
    server = Server()

    assert not send(mails()[0], monday + 11 * HOUR, server)
    assert mails()[0].next_attempt_at == monday + 23 * HOUR
    assert send(mails()[0], monday + 23 * HOUR, server)


def test_it_goes_to_the_address_that_they_have_when_it_leaves__N1(
    ticket, alice, choose, writes, deliver, mails, monday
):
    choose(alice)
    writes(ticket, monday)
    deliver(monday)
    type(alice).objects.filter(pk=alice.pk).update(email="alice@new.example")
    server = Server()

    assert send(mails()[0], monday, server)
    assert server.got[0].to == ["alice@new.example"]
    assert mails()[0].recipient == "alice@new.example"


def test_an_address_that_was_a_colleagues_keeps_neither_mail_back__N1(
    ticket, alice, bob, choose, deliver, mails, monday
):
    event = many_notices(alice, [ticket], created_at=monday, deliver_at=monday)[0].event
    Notice.objects.create(
        user=bob, event=event, kind="ticket.sla_breached", ticket=ticket, created_at=monday, deliver_at=monday
    )
    for one in (alice, bob):
        choose(one)
    deliver(monday)
    people, server = type(alice).objects, Server()
    people.filter(pk=bob.pk).update(email="bob@new.example")
    people.filter(pk=alice.pk).update(email=bob.email)  # his mail of the same event still bears it

    assert send(mails(alice)[0], monday, server)
    assert send(mails(bob)[0], monday, server)
    assert [one.to for one in server.got] == [[bob.email], ["bob@new.example"]]


# --- What its reader may see ------------------------------------------------------


def test_a_ticket_that_moved_out_of_sight_is_not_mailed__N1_T13(
    ticket, theo, choose, billing, tier1, deliver, mails, monday
):
    choose(theo)  # third-party, of billing alone
    many_notices(theo, [ticket], created_at=monday, deliver_at=monday)

    assert deliver(monday) == 0
    assert Notice.objects.get().deliver_at is None


def test_sight_is_looked_at_again_when_it_leaves__N1_T13(ticket, theo, choose, billing, tier1, deliver, mails, monday):
    choose(theo)
    Ticket.objects.filter(pk=ticket.pk).update(team=billing)
    many_notices(theo, [ticket], created_at=monday, deliver_at=monday)
    assert deliver(monday) == 1
    Ticket.objects.filter(pk=ticket.pk).update(team=tier1)
    server = Server()

    assert not send(mails()[0], monday, server)
    assert server.got == []


@pytest.mark.parametrize("role", ["requester", Participant.Role.CC])
def test_nobody_is_mailed_of_a_ticket_where_they_are_the_customer__N1_T13(
    ticket, sara, carol, oscar, choose, deliver, monday, role
):
    choose(sara)
    person = carol if role == "requester" else oscar
    person.user = sara
    person.save(update_fields=["user"])
    if role != "requester":
        Participant.objects.create(ticket=ticket, person=oscar, role=role)
    many_notices(sara, [ticket], created_at=monday, deliver_at=monday)

    assert deliver(monday) == 0


def test_who_left_is_mailed_no_more__N1(ticket, alice, choose, writes, deliver, mails, monday):
    choose(alice)
    writes(ticket, monday)
    deliver(monday)
    type(alice).objects.filter(pk=alice.pk).update(is_active=False)
    StaffProfile.objects.filter(user=alice).update(availability="off")
    server = Server()

    assert not send(mails()[0], monday, server)
    assert mails()[0].status == Status.CANCELLED
    writes(ticket, monday + HOUR)
    assert deliver(monday + HOUR) == 0
