"""The mail of notices: one for all that waits, once, without what was read, and of what its reader may see (N1)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from events import dispatch
from events.models import Event
from notifications import delivering, sending
from notifications.models import Notice, NoticeChoice, OutgoingMail
from notifications.tests.test_sending import Server
from staff.models import Brand, StaffProfile
from tickets import lifecycle
from tickets.models import Channel, Participant, Ticket

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Status = OutgoingMail.Status


@pytest.fixture
def ticket(make_ticket, carol, tier1, alice, monday):
    ticket = make_ticket(carol, "The printer is on fire", at=monday - HOUR, team=tier1)
    Ticket.objects.filter(pk=ticket.pk).update(assignee=alice, status="open")
    return ticket


@pytest.fixture
def writes(carol):
    """``writes(ticket, at)``: the customer writes, and the desk reacts."""

    def write(ticket, moment, text="It burns."):
        with time_machine.travel(moment, tick=False):
            lifecycle.receive(ticket, person=ticket.requester, text=text, channel=Channel.EMAIL)
            dispatch.sweep()

    return write


@pytest.fixture
def deliver(db):
    """``deliver(at)``: write what is due."""

    def run(moment):
        with time_machine.travel(moment, tick=False):
            return delivering.deliver_due()

    return run


def send(mail, moment, server=None):
    with time_machine.travel(moment, tick=False):
        return sending.send(mail.pk, connection=server)


def many_notices(user, tickets, kind="ticket.sla_breached", **fields):
    events = Event.objects.bulk_create(
        Event(
            kind=kind, subject_kind="ticket", subject_id=ticket.pk, subject_seq=900 + place, actor_kind="system",
            happened_at=fields["created_at"],
        )
        for place, ticket in enumerate(tickets)
    )  # fmt: skip
    return Notice.objects.bulk_create(
        Notice(user=user, event=event, kind=kind, ticket=ticket, **fields)
        for ticket, event in zip(tickets, events, strict=True)
    )


# --- On the channels they chose, in their time ------------------------------------


@pytest.mark.parametrize(("by_mail", "count"), [("never", 0), ("urgent", 0), ("all", 1)])
def test_a_customers_words_are_mailed_to_who_chose_all__N1(
    ticket, alice, choose, writes, deliver, mails, monday, told, by_mail, count
):
    choose(alice, by_mail)

    writes(ticket, monday)
    deliver(monday)

    assert told("ticket.message_received") == ["Alice"]  # in the desk always
    assert len(mails()) == count


@pytest.mark.parametrize(("by_mail", "count"), [("never", 0), ("urgent", 1), ("all", 1), (None, 1)])
def test_what_is_urgent_is_mailed_unless_they_chose_never__N1(
    ticket, alice, sara, choose, deliver, mails, monday, by_mail, count
):
    if by_mail:
        choose(sara, by_mail)
    with time_machine.travel(monday, tick=False):
        lifecycle.escalate(ticket, by=alice, reason="legal_threat")
        dispatch.sweep()

    deliver(monday)

    assert len(mails()) == count


def test_what_can_wait_waits_for_the_next_working_time_by_mail_and_not_in_the_desk__N1(
    ticket, alice, choose, writes, deliver, mails, monday, told
):
    choose(alice, quiet=("07:00", "09:30"))
    night = monday + 12 * HOUR
    writes(ticket, night)

    for moment in (night, monday + 22 * HOUR, monday + 23 * HOUR, monday + 24 * HOUR):
        assert deliver(moment) == 0
    assert told("ticket.message_received") == ["Alice"]
    assert deliver(monday + 24 * HOUR + 30 * MINUTE) == 1


def test_a_worker_that_was_down_until_the_evening_waits_for_the_morning__N1(
    ticket, alice, choose, writes, deliver, mails, monday
):
    choose(alice)
    writes(ticket, monday + HOUR)

    assert deliver(monday + 10 * HOUR) == 0
    assert deliver(monday + 23 * HOUR) == 1


def test_a_choice_made_meanwhile_counts__N1(ticket, alice, choose, writes, deliver, mails, monday):
    choose(alice)
    writes(ticket, monday + 12 * HOUR)
    choose(alice, "never")

    assert deliver(monday + 23 * HOUR) == 0
    assert Notice.objects.get(kind="ticket.message_received").deliver_at is None


# --- Several become one -----------------------------------------------------------


def test_several_notices_on_one_ticket_become_one_mail__N1(ticket, alice, bob, choose, writes, deliver, mails, monday):
    choose(alice)
    night = monday + 12 * HOUR
    writes(ticket, night)
    writes(ticket, night + MINUTE, "And now the desk.")
    with time_machine.travel(night + 2 * MINUTE, tick=False):
        lifecycle.add_note(ticket, by=bob, text="Look, @Alice", mentions=[alice])
        dispatch.sweep()

    deliver(monday + 23 * HOUR)

    (mail,) = mails()
    assert mail.subject == f"#{ticket.number} 3 notices: The printer is on fire"
    first, second = mail.text.index("The customer wrote (2 times)"), mail.text.index("You were mentioned in a note")
    assert first < second
    assert f"/tickets/{ticket.number}/" in mail.text
    assert "burns" not in mail.text + mail.html  # no word of the customer's, none of the note
    assert "Look" not in mail.text + mail.html


def test_what_waits_on_the_same_ticket_comes_with_what_is_urgent__N1(
    ticket, alice, sara, choose, writes, deliver, mails, monday
):
    Ticket.objects.filter(pk=ticket.pk).update(assignee=sara)
    choose(sara)
    night = monday + 12 * HOUR
    writes(ticket, night)
    with time_machine.travel(night, tick=False):
        lifecycle.escalate(ticket, by=alice, reason="physical_threat")
        dispatch.sweep()

    deliver(night)
    deliver(monday + 23 * HOUR)

    (mail,) = mails(sara)
    assert "The customer wrote" in mail.text
    assert "Somebody asks you to step in" in mail.text


def test_tickets_stand_in_the_order_in_which_they_began_urgent_ones_first__N1(
    ticket, alice, choose, make_ticket, carol, tier1, deliver, mails, monday
):
    choose(alice)
    second = make_ticket(carol, "The second", at=monday, team=tier1)
    third = make_ticket(carol, "The third", at=monday, team=tier1)
    many_notices(alice, [ticket], created_at=monday, deliver_at=monday)
    many_notices(alice, [second], created_at=monday + MINUTE, deliver_at=monday)
    many_notices(alice, [third], created_at=monday + 2 * MINUTE, deliver_at=monday, is_urgent=True, at_once=True)

    deliver(monday + HOUR)

    text = mails()[0].text
    assert text.index("The third") < text.index("The printer") < text.index("The second")
    assert mails()[0].subject == "Urgent: 3 notices on 3 tickets"


def test_it_says_why_it_went_to_this_reader__N1(ticket, alice, bob, choose, deliver, mails, monday):
    choose(bob)
    due = {"created_at": monday, "deliver_at": monday, "due_at": monday + 6 * HOUR}
    many_notices(bob, [ticket], "ticket.sla_warned", instead_of=alice, because="away", until=monday + 23 * HOUR, **due)

    deliver(monday)

    assert "To you because Alice is away until Tue 08:00." in mails()[0].text
    assert "Due Mon 15:00" in mails()[0].text


def test_times_are_the_readers_own__N1(ticket, alice, choose, deliver, mails, monday):
    alice.time_zone = "Asia/Kolkata"
    alice.save(update_fields=["time_zone"])
    choose(alice)
    many_notices(alice, [ticket], created_at=monday, deliver_at=monday, due_at=monday + 6 * HOUR)

    deliver(monday)

    assert "Due Mon 20:30" in mails()[0].text


def test_what_comes_soon_after_waits_for_company__N1(ticket, alice, choose, writes, deliver, mails, monday):
    choose(alice)
    writes(ticket, monday)
    deliver(monday)
    writes(ticket, monday + MINUTE)
    writes(ticket, monday + 5 * MINUTE)

    assert [deliver(monday + minutes * MINUTE) for minutes in (1, 5, 9, 10)] == [0, 0, 0, 1]
    assert "(2 times)" in mails()[1].text


def test_a_clock_that_stepped_back_holds_no_mail_up__N1(ticket, alice, choose, writes, deliver, monday):
    choose(alice, mailed_at=monday + DAY)
    writes(ticket, monday)

    assert deliver(monday) == 1


SWARM = 400


def test_many_breaches_at_one_moment_are_one_mail_with_counts__N1(
    ticket, sara, choose, make_ticket, carol, tier1, deliver, mails, monday
):
    choose(sara)
    model = Ticket.objects.get(pk=ticket.pk)
    tickets = Ticket.objects.bulk_create(
        Ticket(subject=f"Late {n}", requester=carol, team=tier1, channel=model.channel) for n in range(SWARM)
    )
    many_notices(sara, tickets, created_at=monday, deliver_at=monday)
    many_notices(sara, tickets[25:30], "ticket.escalated", created_at=monday, deliver_at=monday)

    with CaptureQueriesContext(connection) as queries:
        assert deliver(monday) == 1

    (mail,) = mails()
    assert mail.subject == "405 notices on 400 tickets"
    assert "And 380 more tickets:" in mail.text
    assert "- 380 × The answer is overdue\n- 5 × Somebody asks you to step in" in mail.text
    assert mail.text.count("/tickets/") == 20
    assert len(queries) <= 35
    assert deliver(monday) == 0


# --- Once, and only what is news --------------------------------------------------


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


def test_it_wears_the_tickets_brand_and_says_that_a_machine_wrote_it__N1(
    ticket, alice, choose, writes, deliver, mails, monday
):
    brand = Brand.objects.create(name="Aurora", sender_name="Aurora help", sender_address="help@aurora.example")
    Ticket.objects.filter(pk=ticket.pk).update(brand=brand)
    choose(alice)
    writes(ticket, monday)

    deliver(monday)

    (mail,) = mails()
    assert mail.sender == "Aurora help <help@aurora.example>"
    assert "Aurora" in mail.html
    assert mail.headers["Auto-Submitted"] == "auto-generated"
    assert mail.recipient == "alice@desk.example"
