"""The mail of notices: on the channel that they chose, in their time, one for all that waits (N1)."""

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events import dispatch
from notifications.models import Notice
from notifications.tests.mailing import DAY, HOUR, MINUTE, many_notices
from staff.models import Brand
from tickets import lifecycle
from tickets.models import Ticket

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


# --- Whose words ------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("language", "spoken", "html"),
    [("he", ["en", "de"], '<html lang="en" dir="ltr"'), ("de", ["en", "de"], '<html lang="de" dir="ltr"'),
     ("", ["en"], '<html lang="en" dir="ltr"')],
)  # fmt: skip
def test_it_is_in_a_language_that_the_desk_speaks__N1(
    ticket, alice, choose, deliver, mails, monday, settings, language, spoken, html
):
    settings.DESK_LANGUAGES = spoken
    type(alice).objects.filter(pk=alice.pk).update(language=language)
    choose(alice)
    many_notices(alice, [ticket], created_at=monday, deliver_at=monday)

    deliver(monday)

    assert html in mails()[0].html
