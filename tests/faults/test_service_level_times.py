"""Whatever the clocks, the calendars and the policies do, a promise falls due when it was said to (S2, S4, S5).

The faults of time, with the time of day told by the test; those that kill processes are in ``test_service_levels``.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from events.models import Event
from sla import operations
from staff import calendars
from staff.models import Calendar, CalendarSpan, Holiday
from tickets import enforcement, lifecycle
from tickets.models import Clock, EnforcementTally, Escalation

HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
EVERY_DAY = range(7)


@pytest.fixture
def open_hours(db):
    """``open_hours("Nights", "Europe/Oslo", EVERY_DAY, "00:30", "05:00")``."""

    def make(name, zone, weekdays, opens, closes):
        calendar = Calendar.objects.create(name=name, time_zone=zone)
        CalendarSpan.objects.bulk_create(
            CalendarSpan(
                calendar=calendar, weekday=day, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes)
            )
            for day in weekdays
        )
        return calendar

    return make


@pytest.fixture
def first(carol, tier1, sara, make_ticket):
    """``first(at)``: the first response of a mail of Carol's, who writes at that moment."""

    def make(at):
        ticket = make_ticket(carol, at=at, team=tier1)
        Clock.objects.filter(ticket=ticket).exclude(metric="first_response").update(next_at=None)
        return ticket.clocks.get(metric="first_response")

    return make


def did(at):
    """What a pass at that moment did."""
    return {name: many for name, many in enforcement.enforce(at=at).items() if many and name != "late_seconds_max"}


def told(kind):
    return list(Event.objects.filter(kind=f"ticket.{kind}").order_by("pk").values_list("happened_at", flat=True))


# --- The machine's clock ----------------------------------------------------------


def test_a_clock_set_back_does_nothing_twice__S4(first, monday):
    clock = first(monday)
    assert did(monday + DAY) == {"breached": 1, "escalated": 1}

    assert did(monday + DAY - HOUR) == {}
    assert did(monday + DAY) == {}
    assert did(monday + DAY + SECOND) == {}

    clock.refresh_from_db()
    assert clock.breached_at == monday + DAY
    assert told("sla_breached") == [monday + DAY]


def test_what_was_late_before_the_clock_went_back_is_done_when_it_is_due_again__S4(first, monday):
    first(monday)

    assert did(monday + 20 * HOUR) == {"warned": 1}
    assert did(monday + 10 * HOUR) == {}
    assert did(monday + DAY) == {"breached": 1, "escalated": 1}
    assert told("sla_breached") == [monday + DAY]
    assert EnforcementTally.objects.get(job="clock").late_seconds >= 0


def test_an_answer_after_the_clock_went_back_is_an_answer__S3(printer_ticket, alice, time_machine, now):
    asked = printer_ticket.last_customer_at
    time_machine.move_to(now - HOUR)  # before the question

    entry = lifecycle.reply(printer_ticket, by=alice, text="Pull the plug.")

    clock = printer_ticket.clocks.get(metric="first_response")
    assert (clock.stopped_at, clock.elapsed_seconds, clock.breached_at) == (asked, 0, None)
    assert entry.happened_at == asked
    printer_ticket.refresh_from_db()
    assert printer_ticket.unanswered_since is None


# --- Clock changes of summer and winter -------------------------------------------

CHANGES = {
    "Europe/Oslo forward": ("Europe/Oslo", date(2026, 3, 29)),
    "Europe/Oslo back": ("Europe/Oslo", date(2026, 10, 25)),
    "America/New_York forward": ("America/New_York", date(2026, 3, 8)),
    "America/New_York back": ("America/New_York", date(2026, 11, 1)),
    "Pacific/Auckland back": ("Pacific/Auckland", date(2026, 4, 5)),
    "Pacific/Auckland forward": ("Pacific/Auckland", date(2026, 9, 27)),
    "Australia/Lord_Howe half an hour back": ("Australia/Lord_Howe", date(2026, 4, 5)),
    "Australia/Lord_Howe half an hour forward": ("Australia/Lord_Howe", date(2026, 10, 4)),
}


def counted(start, minutes, zone, opens, closes):
    """The end of so many open minutes, counted one by one by the clock on the wall."""
    at, left = start, minutes
    while left:
        left -= opens <= at.astimezone(zone).time() < closes
        at += timedelta(minutes=1)
    return at


@pytest.mark.parametrize(("zone", "day"), CHANGES.values(), ids=CHANGES)
def test_an_hour_that_is_skipped_or_comes_twice_counts_as_it_passes__S2(first, make_policy, open_hours, zone, day):
    opens, closes = "00:30", "05:00"
    make_policy("Nights", channel="email", first_response=5 * 3600,
                calendar=open_hours("Nights", zone, EVERY_DAY, opens, closes))  # fmt: skip
    where = ZoneInfo(zone)
    start = datetime.combine(day - DAY, time(4), where).astimezone(UTC)
    hours = time.fromisoformat(opens), time.fromisoformat(closes)
    warned, supervisor, due = (counted(start, minutes, where, *hours) for minutes in (225, 270, 300))
    wall = datetime.combine(day, time(4, 30), where)
    assert due != wall.astimezone(UTC)  # four hours after it opened, had the clocks not been changed

    clock = first(start)

    assert clock.due_at == due
    assert did(warned - SECOND) == {}
    assert did(warned) == {"warned": 1}
    assert did(supervisor - SECOND) == {}
    assert did(supervisor) == {"warned": 1}
    assert did(due - SECOND) == {}
    assert did(due) == {"breached": 1, "escalated": 1}
    assert told("sla_warned") == [warned, supervisor]
    assert told("sla_breached") == [due]


# --- Closed weeks, no time at all -------------------------------------------------


def test_a_ticket_of_a_closed_week_waits_for_the_doors_to_open__S2(first, make_policy, open_hours):
    office = open_hours("Oslo", "Europe/Oslo", range(5), "08:00", "16:00")
    Holiday.objects.bulk_create(
        Holiday(calendar=office, date=date(2026, 12, 24) + timedelta(days=day)) for day in range(11)
    )
    make_policy("Office", channel="email", first_response=4 * 3600, calendar=office)
    opened = datetime(2026, 12, 26, 10, tzinfo=UTC)
    monday = datetime(2027, 1, 4, 7, tzinfo=UTC)  # 08:00 in Oslo

    clock = first(opened)

    assert clock.due_at == monday + 4 * HOUR
    for hours in range(0, 9 * 24, 6):
        assert did(opened + timedelta(hours=hours)) == {}
    assert did(monday + 3 * HOUR) == {"warned": 1}
    assert did(monday + 4 * HOUR) == {"breached": 1, "escalated": 1}
    assert told("sla_breached") == [monday + 4 * HOUR]


@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
def test_no_time_at_all_is_over_at_once_and_once__S4(first, make_policy, open_hours, monday, closed):
    hours = open_hours("Afternoons", "UTC", EVERY_DAY, "13:00", "17:00") if closed else None
    make_policy("At once", channel="email", first_response=0, calendar=hours)

    clock = first(monday)

    assert clock.due_at == monday
    assert did(monday - SECOND) == {}
    assert did(monday) == {"breached": 1, "escalated": 1}
    assert did(monday + SECOND) == {}
    assert told("sla_breached") == [monday]
    assert told("sla_warned") == [monday, monday]
    assert {event.data["overtaken"] for event in Event.objects.filter(kind="ticket.sla_warned")} == {True}
    assert Escalation.objects.count() == 1


# --- What is taken away or changed under a running clock --------------------------


def test_a_policy_in_use_is_not_deleted_and_its_promises_stand_when_it_is_retired__S5(first, make_policy, monday):
    gold = make_policy("Gold", channel="email", first_response=4 * 3600)
    clock = first(monday)
    with pytest.raises(ProtectedError):
        gold.delete()
    with pytest.raises(ProtectedError):
        clock.policy_version.delete()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM sla_policyversion WHERE id = %s; SET CONSTRAINTS ALL IMMEDIATE",
                       [clock.policy_version_id])  # fmt: skip

    operations.retire_policy(gold, by=None, at=monday + HOUR)

    later = first(monday + 2 * HOUR)
    assert later.policy != gold
    clock.refresh_from_db()
    assert (clock.policy, clock.due_at) == (gold, monday + 4 * HOUR)
    assert did(monday + 4 * HOUR) == {"breached": 1, "escalated": 1}
    assert told("sla_breached") == [monday + 4 * HOUR]


def test_a_calendar_that_changes_moves_no_clock_that_runs__S5(first, make_policy, open_hours, monday):
    office = open_hours("Office", "UTC", EVERY_DAY, "08:00", "17:00")
    make_policy("Office", channel="email", first_response=10 * 3600, calendar=office)
    clock = first(monday)  # 09:00: eight hours today, two tomorrow
    due = monday + DAY + HOUR
    assert clock.due_at == due

    CalendarSpan.objects.filter(calendar=office).update(opens=time(8), closes=time(9))
    Holiday.objects.create(calendar=office, date=(monday + DAY).date())
    calendars.publish(office, at=monday + HOUR)

    later = first(monday + 2 * HOUR)
    assert later.due_at == datetime(2026, 3, 13, 9, tzinfo=UTC)  # an hour a day, and none tomorrow
    assert did(due - SECOND).get("breached") is None
    assert did(due)["breached"] == 1
    clock.refresh_from_db()
    assert clock.breached_at == due
