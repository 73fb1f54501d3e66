"""Whom a warning reaches: the owner, else the next person on duty, and never only after the due time (N1, S4)."""

from datetime import time, timedelta

import pytest
import time_machine

from events import dispatch
from notifications import delivering
from notifications.models import Notice
from staff.models import Calendar, Membership, StaffProfile
from tickets import lifecycle
from tickets.models import Promise, Ticket

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WARNED, BREACHED = "ticket.sla_warned", "ticket.sla_breached"


@pytest.fixture
def opened(make_ticket, carol, tier1, alice):
    """``opened(at)``: alice's ticket with 24 hours to the first answer: warned after 18 and 21.6 hours."""

    def make(at, **fields):
        ticket = make_ticket(carol, at=at, team=tier1)
        Ticket.objects.filter(pk=ticket.pk).update(**{"assignee": alice, "status": "open", **fields})
        return ticket

    return make


@pytest.fixture
def at_nine(opened, monday):
    """A ticket whose owner is warned on Monday at 09:00; due at 15:00."""
    return opened(monday - 18 * HOUR)


@pytest.fixture
def at_midnight(opened, monday):
    """A ticket whose owner is warned on Tuesday at 00:00; due at 06:00, two hours before anybody comes."""
    return opened(monday - 3 * HOUR)


def be(said, *people):
    StaffProfile.objects.filter(user__in=people).update(availability=said)


# --- The owner, or the next person on duty ----------------------------------------


def test_the_owner_is_warned_while_there__S4_N1(at_nine, alice, bob, sara, play, monday, told):
    play(monday)

    assert told(WARNED) == ["Alice"]
    assert Notice.objects.get().instead_of is None


def test_in_quiet_hours_it_goes_to_a_colleague_who_is_there_and_says_why__N1(
    at_nine, alice, bob, sara, choose, play, monday, told
):
    choose(alice, quiet=("08:00", "11:00"))

    play(monday)

    assert told(WARNED) == ["Bob"]
    notice = Notice.objects.get()
    assert (notice.instead_of, notice.because, notice.until) == (alice, "quiet", monday + 2 * HOUR)


@pytest.mark.parametrize("said", ["away", "off"])
def test_an_owner_who_is_away_or_off_is_passed_over__N1_P6(at_nine, alice, bob, play, monday, told, said):
    be(said, alice)

    play(monday)

    assert told(WARNED) == ["Bob"]
    assert Notice.objects.get().because == said


def test_a_break_is_no_absence__N1_P6(at_nine, alice, bob, play, monday, told):
    be("on_break", alice)

    play(monday)

    assert told(WARNED) == ["Alice"]


def test_a_colleague_on_a_break_is_not_asked_in_anothers_place__N1_P6(at_nine, alice, bob, sara, play, monday, told):
    be("away", alice)
    be("on_break", bob)

    play(monday)

    assert told(WARNED) == ["Sara"]


def test_after_the_team_comes_the_chain_in_its_order__N1(
    at_nine, alice, bob, sara, dora, adam, billing, sven, tier1, play, monday, told
):
    tier1.parent = billing
    tier1.save(update_fields=["parent"])
    be("away", alice, bob, sara)

    play(monday)

    assert told(WARNED) == ["Sven"]


def test_then_the_duty_supervisor_then_the_admins__N1(at_nine, alice, sara, dora, adam, play, monday, told):
    be("off", alice, sara, dora)

    play(monday)

    assert told(WARNED) == ["Adam"]


def test_an_owner_who_left_is_passed_over__N1(at_nine, alice, bob, play, monday, told):
    type(alice).objects.filter(pk=alice.pk).update(is_active=False)

    play(monday)

    assert told(WARNED) == ["Bob"]
    assert Notice.objects.get().because == "left"


def test_nobody_owns_it_the_chain_does__N1_X(at_nine, bob, sara, play, monday, told):
    Ticket.objects.filter(pk=at_nine.pk).update(assignee=None)

    play(monday)

    assert told(WARNED) == ["Sara"]


def test_a_ticket_of_no_team_goes_to_the_duty_supervisor__N1(at_nine, alice, bob, dora, adam, play, monday, told):
    Ticket.objects.filter(pk=at_nine.pk).update(team=None)
    be("away", alice)

    play(monday)

    assert told(WARNED) == ["Dora"]


def test_nobody_is_warned_of_their_own_request__N1_T13(at_nine, alice, bob, sara, carol, play, monday, told):
    carol.user = bob
    carol.save(update_fields=["user"])
    be("away", alice)

    play(monday)

    assert told(WARNED) == ["Sara"]


def test_of_a_restricted_team_only_who_may_see_it_is_told__N1_T13(
    at_nine, alice, dora, adam, tier1, make_user, play, monday, told
):
    tier1.is_restricted = True
    tier1.save(update_fields=["is_restricted"])
    head = make_user("hana", team=tier1, team_role=Membership.TeamRole.SUPERVISOR)
    be("away", alice)
    be("off", head)

    play(monday)

    assert told(WARNED) == ["Hana"]  # the only one above it who may read it, though she is off


# --- Never to after the due time --------------------------------------------------


def test_before_work_it_waits_for_the_owner_if_they_come_in_time__N1(opened, alice, bob, sara, play, monday, told):
    opened(monday - 20 * HOUR)  # warned at 07:00, due at 13:00

    play(monday - 2 * HOUR)

    assert told(WARNED) == ["Alice"]  # in the desk it is there
    assert Notice.objects.get().deliver_at == monday - HOUR


def test_who_does_not_come_after_all_hands_it_on_before_it_is_due__N1(
    opened, alice, bob, sara, choose, play, monday, told, mails
):
    opened(monday - 20 * HOUR)
    choose(alice), choose(bob)
    play(monday - 2 * HOUR)
    be("off", alice)

    play(monday - HOUR)

    assert told(WARNED) == ["Alice", "Bob"]
    bobs = Notice.objects.get(user=bob)
    assert (bobs.instead_of, bobs.because) == (alice, "off")
    play(monday - HOUR)
    assert [mail.user for mail in mails()] == [bob]


def test_who_was_counted_on_before_is_told_again_when_all_of_the_chain_are__N1(
    opened, alice, sara, choose, play, monday, told, mails
):
    opened(monday - 20 * HOUR)  # warned at 07:00, due at 13:00
    calendars = [Calendar.objects.create(name=f"From {opens}", time_zone="UTC") for opens in (8, 10)]
    for calendar, opens in zip(calendars, (8, 10), strict=True):
        calendar.spans.create(weekday=0, opens=time(opens), closes=time(17))
    choose(sara, "urgent", calendar=calendars[0]), choose(alice, "urgent", calendar=calendars[1])
    play(monday - 2 * HOUR)
    assert told(WARNED) == ["Sara"]  # expected at 8:00
    be("away", sara)
    play(monday - HOUR)
    assert told(WARNED) == ["Alice", "Sara"]  # handed on to who is expected at 10:00
    be("away", alice)

    play(monday + HOUR)
    play(monday + HOUR + timedelta(minutes=1))

    assert [mail.user for mail in mails()] == [sara]
    saras = Notice.objects.get(user=sara, kind=WARNED)
    assert (saras.at_once, saras.mail, saras.due_at) == (True, mails()[0], monday + 4 * HOUR)
    play(monday + HOUR + timedelta(minutes=10))
    assert len(mails()) == 1  # once


def test_what_was_answered_meanwhile_is_handed_on_to_nobody__N1(opened, alice, bob, play, monday, told):
    ticket = opened(monday - 20 * HOUR)
    play(monday - 2 * HOUR)
    be("off", alice)
    with time_machine.travel(monday - 2 * HOUR, tick=False):
        lifecycle.reply(ticket, by=bob, text="Use the other one.")

    play(monday - HOUR)

    assert told(WARNED) == ["Alice"]
    assert Notice.objects.get(kind=WARNED).deliver_at is None


def test_nobody_is_there_before_it_is_due_so_all_of_the_chain_are_told_at_once__N1(
    at_midnight, alice, bob, sara, dora, adam, play, monday, told, mails
):
    play(monday + 15 * HOUR)

    assert told(WARNED) == ["Adam", "Dora", "Sara"]
    assert {mail.user for mail in mails()} == {sara, dora, adam}
    assert all(mail.status == "kept" for mail in mails())


def test_a_due_time_inside_the_quiet_hours_is_told_before_it__N1(
    at_nine, alice, bob, sara, dora, choose, play, monday, told, mails
):
    for one in (alice, bob, sara, dora):
        choose(one, quiet=("08:00", "16:00"))

    play(monday)

    assert told(WARNED) == ["Dora", "Sara"]
    assert {mail.user for mail in mails()} == {sara, dora}


def test_with_no_chain_at_all_the_owner_is_told_at_once__N1(at_midnight, alice, play, monday, told, mails):
    play(monday + 15 * HOUR)

    assert told(WARNED) == ["Alice"]
    assert [mail.user for mail in mails()] == [alice]


def test_the_supervisors_warning_goes_up_the_chain__S4_N1(at_nine, alice, sara, dora, choose, play, monday, told):
    choose(sara, quiet=("12:00", "13:00"))
    Notice.objects.all().delete()

    play(monday + 4 * HOUR - timedelta(minutes=24))  # 90 %

    whom = dict(Notice.objects.values_list("user__name", "instead_of__name"))
    assert whom == {"Alice": None, "Dora": "Sara"}


def test_a_promise_reminds_who_is_there_in_its_owners_place__T8_N1(at_nine, alice, bob, choose, play, monday, told):
    with time_machine.travel(monday, tick=False):
        lifecycle.promise(at_nine, by=alice, kind="call_back", due_at=monday + 6 * HOUR)
    choose(alice, quiet=("10:00", "17:00"))
    remind_at = Promise.objects.get().remind_at

    play(remind_at)

    assert told("ticket.promise_due_soon") == ["Bob"]


# --- Breaches, and what is urgent -------------------------------------------------


def test_a_breach_is_told_to_owner_and_supervisor__S4(at_nine, alice, bob, sara, play, monday, told):
    play(monday + 6 * HOUR)

    assert told(BREACHED) == ["Alice", "Sara"]
    assert not Notice.objects.filter(kind=BREACHED, is_urgent=True).exists()


def test_a_breach_at_night_waits_by_mail_for_the_working_day__N1(
    at_midnight, alice, sara, choose, play, monday, told, mails
):
    choose(alice), choose(sara)

    play(monday + 21 * HOUR)  # 06:00

    assert {"Alice", "Sara"} <= set(told(BREACHED))
    assert mails() == []
    play(monday + 23 * HOUR)
    assert {mail.user for mail in mails()} == {alice, sara}


def test_the_breach_of_a_critical_ticket_is_told_at_once_quiet_hours_or_not__N1(
    opened, alice, sara, choose, play, monday, told, mails
):
    opened(monday - 3 * HOUR, priority=4)
    for one in (alice, sara):
        choose(one, "urgent", quiet=("18:00", "07:00"))

    play(monday + 21 * HOUR)  # 06:00, due

    assert {mail.user for mail in mails()} == {alice, sara}
    assert all(mail.subject.startswith("Urgent: ") for mail in mails())


def test_a_threat_is_told_at_once_quiet_hours_or_not__N1(at_nine, alice, sara, choose, monday, play, mails):
    choose(sara, "urgent", quiet=("18:00", "07:00"))
    with time_machine.travel(monday + 13 * HOUR, tick=False):
        lifecycle.escalate(at_nine, by=alice, reason="physical_threat")
        dispatch.sweep()
        assert delivering.deliver_due() == 1

    assert [mail.user for mail in mails()] == [sara]
