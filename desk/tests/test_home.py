"""My day: what waits for one member of staff (P6, E3, X3, X5, T8, H3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from desk.home.day import day_of
from events.models import Approval, Event
from notifications.models import Notice, OutgoingMail
from staff.models import Team
from tickets import lifecycle
from tickets.clocks import refresh_queue
from tickets.models import Clock, Contact, FollowUp, Promise, Ticket, Transfer

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def titles(todos) -> list[str]:
    return [todo.title for todo in todos]


@pytest.fixture
def desk(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def notice(alice, printer_ticket):
    def make(times: int = 1, **fields) -> list[Notice]:
        made = []
        for _n in range(times):
            lifecycle.add_note(printer_ticket, by=alice, text="Look at this")
            event = Event.objects.latest("pk")
            kind = "ticket.message_received"
            made.append(Notice.objects.create(user=alice, event=event, kind=kind, ticket=printer_ticket, **fields))
        return made

    return make


# --- What each list shows ---------------------------------------------------------


def test_a_customer_of_mine_who_waits_stands_by_when_it_is_due(alice, bob, taken_ticket, make_ticket, carol, now):
    make_ticket(carol, "Of bob", assignee=bob, status="open")

    day = day_of(alice, now)
    assert titles(day.later) == ["The printer is on fire"]
    assert titles(day.now) == []

    Clock.objects.filter(ticket=taken_ticket, metric="first_response").update(due_at=now + HOUR)
    day = day_of(alice, now)
    assert titles(day.now) == ["The printer is on fire"]
    assert day.now[0].due_at == now + HOUR


def test_an_answered_customer_waits_no_more(alice, taken_ticket, now):
    lifecycle.reply(taken_ticket, by=alice, text="Use the extinguisher.")

    assert titles(day_of(alice, now).later) == []


def test_back_from_hold_comes_first__H3(alice, taken_ticket, now):
    refresh_queue(taken_ticket, returned=True)
    Clock.objects.filter(ticket=taken_ticket).update(due_at=now - HOUR)

    day = day_of(alice, now)

    assert day.now[0].detail.endswith("back from hold")


def test_shows_my_open_promises__T8(alice, bob, taken_ticket, now):
    lifecycle.promise(taken_ticket, by=alice, kind="call_back", due_at=now + 2 * HOUR, text="Call about the smoke")
    lifecycle.promise(taken_ticket, by=bob, kind="call_back", due_at=now + 2 * HOUR, text="Not mine")

    assert [title for title in titles(day_of(alice, now).now) if "printer" not in title] == [
        "Call back: Call about the smoke"
    ]


def test_shows_what_my_team_is_asked_to_accept__X3(alice, bella, sven, taken_ticket, billing, now):
    ticket = taken_ticket
    Transfer.objects.create(
        ticket=ticket, sender=alice, from_team=ticket.team, to_team=billing, reason="expertise", consent="told",
        understood="Smoke", tried="Water", sent_at=now, accept_by=now + HOUR,
    )  # fmt: skip

    assert titles(day_of(bella, now).now) == ["Accept: The printer is on fire"]
    assert not [title for title in titles(day_of(alice, now).now) if title.startswith("Accept")]


def test_what_is_asked_of_one_colleague_is_not_asked_of_the_others__X3(alice, bella, theo, taken_ticket, billing, now):
    Transfer.objects.create(
        ticket=taken_ticket, sender=alice, to_team=billing, to_agent=bella, reason="expertise", consent="told",
        understood="Smoke", tried="Water", sent_at=now, accept_by=now + HOUR,
    )  # fmt: skip

    assert titles(day_of(bella, now).now) == ["Accept: The printer is on fire"]
    assert titles(day_of(theo, now).now) == []


def test_shows_whom_I_still_have_to_ask__X5(alice, taken_ticket, now):
    FollowUp.objects.create(ticket=taken_ticket, owner=alice, status=FollowUp.Status.DUE, due_at=now + HOUR)

    assert "Ask Carol Cole whether it is solved" in titles(day_of(alice, now).now)


def test_shows_an_agreement_in_my_name(alice, sara, taken_ticket, now):
    Approval.objects.create(
        subject_kind="ticket", subject_id=taken_ticket.pk, rule="H4", act="third hold", asked_by=alice, asked_at=now,
        named=sara, answer=Approval.Answer.GIVEN, confirm_by=now + HOUR,
    )  # fmt: skip

    assert [todo.action for todo in day_of(sara, now).now] == ["Confirm"]
    assert [todo for todo in day_of(alice, now).now if todo.action == "Confirm"] == []


def test_a_supervisor_sees_what_waits_and_an_agent_does_not__E3(alice, sara, sven, taken_ticket, now):
    lifecycle.escalate(taken_ticket, by=alice, reason="limit")

    assert titles(day_of(sara, now).stepping_in) == ["The printer is on fire"]
    assert day_of(alice, now).stepping_in == []
    assert day_of(sven, now).stepping_in == []


def test_the_week_counts_what_was_answered_in_time__P2(alice, taken_ticket, now):
    empty = day_of(alice, now).week
    assert (empty.answered, empty.percent) == (0, None)

    lifecycle.reply(taken_ticket, by=alice, text="Use the extinguisher.")
    week = day_of(alice, now).week
    assert (week.met, week.answered, week.percent) == (1, 1, 100)

    Clock.objects.filter(ticket=taken_ticket, metric="first_response").update(breached_at=now)
    assert day_of(alice, now).week.percent == 0


def test_a_supervisor_sees_the_team_and_how_full_it_is__P6(alice, sara, taken_ticket, now):
    loads = {load.user: load for load in day_of(sara, now).team}

    assert (loads[alice].open, loads[alice].availability) == (1, "online")
    assert day_of(alice, now).team == []


def test_one_ticket_is_one_row_that_names_all_it_waits_for(alice, taken_ticket, now):
    refresh_queue(taken_ticket, returned=True)
    Clock.objects.filter(ticket=taken_ticket).update(due_at=now - HOUR)
    lifecycle.promise(taken_ticket, by=alice, kind="call_back", due_at=now + 2 * HOUR, text="Call about the smoke")

    day = day_of(alice, now)

    assert titles([*day.now, *day.later]) == ["The printer is on fire"]
    assert [more.reason for more in day.now[0].also] == ["the customer waits for an answer", "you promised: call back"]
    assert day.tickets == []


def test_an_escalation_and_the_answer_promised_with_it_are_one_row__E5(alice, sara, taken_ticket, now):
    escalation = lifecycle.escalate(taken_ticket, by=alice, reason="legal_threat", note="Her lawyer called")
    assert escalation.promise.owner == sara

    day = day_of(sara, now)

    assert [*day.now, *day.later] == []
    [row] = day.stepping_in
    assert "Legal threat · Her lawyer called" in row.detail
    assert row.is_threat


def test_a_notice_says_nothing_that_a_row_says(desk, alice, taken_ticket, now):
    lifecycle.add_note(taken_ticket, by=alice, text="x")
    event = Event.objects.latest("pk")
    told = Notice.objects.create(user=alice, event=event, kind="ticket.message_received", ticket=taken_ticket)

    assert day_of(alice, now).news == []

    lifecycle.reply(taken_ticket, by=alice, text="Use the extinguisher.")
    assert [one.notice for one in day_of(alice, now).news] == [told]


def test_an_admin_sees_whether_the_desk_is_well__N2(client, adam, alice, sara, tier1, billing):
    Team.objects.update(supervisor=sara)
    client.force_login(adam)
    assert client.get(reverse("desk:landing"))["Location"] == reverse("desk:home")
    assert "All is well" in client.get(reverse("desk:home")).content.decode()

    OutgoingMail.objects.create(
        template="reply", recipient="carol@acme.example", sender="desk@x.example", subject="Your bill", text="x",
        message_id="<1@x>", status=OutgoingMail.Status.FAILED,
    )  # fmt: skip
    page = client.get(reverse("desk:home")).content.decode()
    assert "1 mail could not be delivered" in page
    assert "Your bill" in page

    client.force_login(alice)
    assert "could not be delivered" not in client.get(reverse("desk:home")).content.decode()


def test_an_admin_sees_when_deadlines_are_enforced_late__N2(client, adam, sara, tier1, printer_ticket, now):
    Team.objects.update(supervisor=sara)
    Clock.objects.filter(ticket=printer_ticket).update(next_at=now - timedelta(hours=1))
    client.force_login(adam)

    page = client.get(reverse("desk:home")).content.decode()

    assert "Deadlines are enforced late" in page
    assert "All is well" not in page


def test_an_empty_day_says_what_to_do(desk):
    page = desk.get(reverse("desk:home")).content.decode()

    assert "Nothing waits for you" in page
    assert reverse("desk:log_contact") in page


@pytest.mark.parametrize(
    ("who", "route"), [("alice", "desk:home"), ("sara", "desk:home"), ("mia", "desk:sla_report"), ("adam", "desk:home")]
)
def test_each_role_lands_on_what_it_needs(client, request, who, route):
    client.force_login(request.getfixturevalue(who))

    assert client.get(reverse("desk:landing"))["Location"] == reverse(route)


# --- Notices -------------------------------------------------------------------------


def test_news_are_shown_until_they_are_read(desk, alice, bob, printer_ticket, notice):
    [mine] = notice()
    theirs = Notice.objects.create(user=bob, event=mine.event, kind=mine.kind, ticket=printer_ticket)
    assert "The customer wrote" in desk.get(reverse("desk:home")).content.decode()

    desk.post(reverse("desk:read_notices"))

    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert mine.read_at
    assert theirs.read_at is None
    assert "The customer wrote" not in desk.get(reverse("desk:home")).content.decode()


def test_opening_a_notice_leads_to_its_ticket_and_reads_it(desk, printer_ticket, notice):
    [mine] = notice()

    response = desk.get(reverse("desk:notice", args=[mine.pk]))

    assert response["Location"] == reverse("desk:ticket", args=[printer_ticket.number])
    mine.refresh_from_db()
    assert mine.read_at


def test_a_colleagues_notice_does_not_exist(client, bob, notice):
    [mine] = notice()
    client.force_login(bob)

    assert client.get(reverse("desk:notice", args=[mine.pk])).status_code == 404
    mine.refresh_from_db()
    assert mine.read_at is None


def test_a_notice_about_what_one_may_not_see_any_more_leads_home__T13(desk, tier1, alice, billing, notice):
    [mine] = notice()
    Ticket.objects.update(team=billing)
    billing.is_restricted = True
    billing.save(update_fields=["is_restricted"])

    assert desk.get(reverse("desk:notice", args=[mine.pk]))["Location"] == reverse("desk:home")


# --- What it costs -------------------------------------------------------------------


@pytest.fixture
def busy(alice, sara, carol, tier1, make_ticket, notice, now):
    """One of everything, as often as asked, for alice, who is a supervisor of her team too."""

    def make(times: int) -> None:
        for n in range(times):
            at = now - timedelta(minutes=n + 1)
            ticket = make_ticket(carol, f"Case {n}", at=at, team=tier1, assignee=alice, status="open")
            Promise.objects.create(
                ticket=ticket, made_by=alice, owner=alice, made_at=at, due_at=now + HOUR, break_at=now + 9 * HOUR
            )
            Transfer.objects.create(
                ticket=ticket, sender=sara, to_team=tier1, reason="expertise", consent="told", understood="x",
                tried="y", sent_at=at, accept_by=now + HOUR,
            )  # fmt: skip
            FollowUp.objects.create(ticket=ticket, owner=alice, status=FollowUp.Status.DUE, due_at=now + HOUR)
            Approval.objects.create(
                subject_kind="ticket", subject_id=ticket.pk, rule="H4", act="third hold", asked_by=sara, asked_at=at,
                named=alice, answer=Approval.Answer.GIVEN, confirm_by=now + HOUR,
            )  # fmt: skip
            lifecycle.escalate(ticket, by=sara, reason="limit")
        notice(times)

    tier1.supervisor = alice
    tier1.save(update_fields=["supervisor"])
    return make


def test_costs_the_same_however_full_the_day_is(desk, busy):
    busy(1)
    desk.get(reverse("desk:home"))
    with CaptureQueriesContext(connection) as few:
        first = desk.get(reverse("desk:home"))
    busy(7)
    with CaptureQueriesContext(connection) as many:
        second = desk.get(reverse("desk:home"))

    assert len(first.context["day"].stepping_in) == 1
    assert len(second.context["day"].stepping_in) == 8
    assert len(second.context["day"].now) > len(first.context["day"].now)
    assert len(few) == len(many)


def test_a_page_of_everything_is_shown_to_a_customers_eyes_never(client, carol, make_user, taken_ticket, call):
    carol.user = make_user("outsider")
    carol.user.is_active = True
    carol.save(update_fields=["user"])
    client.force_login(carol.user)

    assert client.get(reverse("desk:home")).status_code == 404
    assert Contact.objects.filter(handled_by=carol.user).count() == 0
