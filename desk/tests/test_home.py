"""My day: what waits for one member of staff (P6, E3, X3, X5, T8, H3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from common.business_hours import ROUND_THE_CLOCK
from desk.home.day import day_of
from events.models import Approval, Event
from notifications.models import Notice, OutgoingMail
from reports.forecast import loading
from staff.models import StaffProfile, Team
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


@pytest.fixture
def past(carol, tier1, now):
    """Thirty first answers of the team that took a day and more."""
    day = timedelta(days=1)
    for n in range(30):
        ticket = Ticket.objects.create(
            requester=carol, subject="Old", channel="email", team=tier1, status="closed", opened_at=now - 20 * day,
            closed_at=now - day,
        )  # fmt: skip
        start = now - 20 * day
        Clock.objects.create(
            ticket=ticket, metric="first_response", target_seconds=86_400, started_at=start, terms_at=start,
            due_at=start + day, stopped_at=start + 9 * day + n * HOUR, team=tier1,
        )  # fmt: skip


@pytest.fixture
def _always_at_work(monkeypatch):
    monkeypatch.setattr(loading, "hours_of_teams", lambda _at: {None: ROUND_THE_CLOCK})


def test_a_supervisor_sees_what_is_late_what_will_be_and_what_nobody_has__S4(
    client, sara, alice, carol, tier1, billing, make_ticket, taken_ticket, past, _always_at_work, now
):
    free = make_ticket(carol, "Nobody has it", team=tier1)
    make_ticket(carol, "Of others", team=billing)
    late = make_ticket(carol, "Late and free", team=tier1)
    Clock.objects.all().filter(ticket=free).update(due_at=now + 90 * 24 * HOUR)
    Clock.objects.filter(ticket=late, metric="first_response").update(due_at=now - HOUR)
    Clock.objects.filter(ticket=taken_ticket, metric="first_response").update(due_at=now + HOUR)

    board = day_of(sara, now).board

    assert [(one.ticket, bool(one.helpers)) for one in board.late] == [(late, True)]
    assert [(one.ticket, bool(one.helpers)) for one in board.at_risk] == [(taken_ticket, False)]
    assert [one.ticket for one in board.free] == [free]
    assert {load.user for load in board.free[0].helpers} >= {alice}
    assert day_of(alice, now).board is None

    client.force_login(sara)
    answer = client.post(reverse("desk:assign", args=[free.number]), {"to": alice.pk, "next": "/today/"})
    free.refresh_from_db()
    assert (answer["Location"], free.assignee) == ("/today/", alice)
    elsewhere = client.post(reverse("desk:assign", args=[late.number]), {"to": alice.pk, "next": "//evil.example/"})
    assert elsewhere["Location"] == reverse("desk:ticket", args=[late.number])


def test_what_no_team_has_is_found_by_its_supervisors_and_counted_where_it_is_listed__X_T13(
    client, alice, sven, carol, tier1, billing, make_ticket, now
):
    waiting = [
        make_ticket(carol, "Routed to nobody"),
        make_ticket(carol, "Late and routed to nobody"),
        make_ticket(carol, "Of their team", team=billing),
    ]
    make_ticket(carol, "Of others", team=tier1)
    make_ticket(carol, "In work", team=billing, assignee=alice)
    Clock.objects.filter(ticket=waiting[1]).update(due_at=now - HOUR)
    client.force_login(sven)

    day = day_of(sven, now)

    listed = [one.ticket for one in (*day.board.late, *day.board.free) if one.ticket.assignee is None]
    assert sorted(listed, key=lambda one: one.pk) == waiting
    assert "3 tickets wait for somebody." in client.get(reverse("desk:home")).content.decode()

    StaffProfile.objects.filter(user=sven).update(provider=StaffProfile.Provider.THIRD_PARTY)
    day = day_of(User.objects.get(pk=sven.pk), now)
    assert ([one.ticket.subject for one in day.board.free], day.waiting) == (["Of their team"], 1)


def test_what_nobody_has_and_is_escalated_is_one_row(alice, sara, printer_ticket, now):
    assert [one.ticket for one in day_of(sara, now).board.free] == [printer_ticket]

    lifecycle.escalate(printer_ticket, by=alice, reason="limit")

    day = day_of(sara, now)
    assert (len(day.stepping_in), day.board.free) == (1, [])


def test_what_is_late_and_escalated_is_one_row(alice, sara, taken_ticket, now):
    Clock.objects.filter(ticket=taken_ticket).update(due_at=now - HOUR)
    assert [one.ticket for one in day_of(sara, now).board.late] == [taken_ticket]

    lifecycle.escalate(taken_ticket, by=alice, reason="limit")

    day = day_of(sara, now)
    assert (len(day.stepping_in), day.board.late) == (1, [])


def test_the_chance_and_the_reason_stand_beside_what_will_be_late__S6(
    client, sara, taken_ticket, past, _always_at_work, now
):
    Clock.objects.filter(ticket=taken_ticket, metric="first_response").update(due_at=now + HOUR)
    client.force_login(sara)

    page = client.get(reverse("desk:home")).content.decode()

    assert "99 %, nearly certain" in page
    assert "Nothing is due before it" in page
    assert "Late already" not in page


def test_where_little_is_known_the_time_used_is_told(client, sara, taken_ticket, _always_at_work, now):
    Clock.objects.filter(ticket=taken_ticket, metric="first_response").update(due_at=now + HOUR)
    client.force_login(sara)
    assert "No clock of your teams has used three quarters of its time." in client.get("/today/").content.decode()

    Clock.objects.filter(ticket=taken_ticket, metric="first_response").update(warned_90_at=now)
    page = client.get(reverse("desk:home")).content.decode()

    assert "90 % of its time is used. Too few like it are finished to say more." in page


def test_the_forecast_of_the_last_minute_shows_nothing_that_was_answered_since__S6(
    client, sara, alice, taken_ticket, past, _always_at_work, now, monkeypatch
):
    Clock.objects.filter(ticket=taken_ticket, metric="first_response").update(due_at=now + HOUR)
    Clock.objects.filter(ticket=taken_ticket, metric="resolution").update(due_at=now + 900 * HOUR)
    first = day_of(sara, now).board
    reckoned = []
    monkeypatch.setattr("reports.forecast.lately.waits_now", lambda at: reckoned.append(at) or [])

    lifecycle.reply(taken_ticket, by=alice, text="Use the extinguisher.")
    second = day_of(sara, now + timedelta(seconds=59)).board

    assert ([one.ticket for one in first.at_risk], second.at_risk) == ([taken_ticket], [])
    assert reckoned == []
    day_of(sara, now + timedelta(seconds=61))
    assert len(reckoned) == 1


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
