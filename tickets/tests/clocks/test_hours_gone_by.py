"""A calendar of which all open days have gone by keeps no ticket from being opened, and no clock from moving (T7)."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from common.errors import Refused
from sla import operations
from sla.models import Metric
from sla.operations import Terms, add_policy, latest, revise_policy
from staff import calendars
from staff.calendars import Day
from tickets import enforcement, lifecycle, tasks
from tickets.clocks import applying
from tickets.models import Clock, DueChange
from tickets.rebuilding import rebuild

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EIGHT_TO_FIVE = ((time(8), time(17)),)


def days_alone(*days):
    return calendars.Terms(time_zone="UTC", hours={}, days={day: Day(EIGHT_TO_FIVE, "Fair") for day in days})


@pytest.fixture
def fair(mia, tier1, monday):
    """Open on the first two days of the week alone; eight working hours to the first answer of the first tier."""
    days = [monday.date(), monday.date() + DAY]
    calendar = calendars.add_calendar("Fair", days_alone(*days), by=mia, at=monday - DAY)
    targets = {"first_response": {"": 8 * 3600}}
    add_policy("Fair", Terms(team=tier1, calendar=calendar, targets=targets), by=mia, at=monday - DAY)
    return calendar


def opened(carol, team, at: datetime) -> Clock:
    ticket = lifecycle.open_ticket(
        requester=carol, subject="Door", text="It jams.", channel="email", by=carol, team=team, at=at
    )
    return Clock.objects.get(ticket=ticket, metric=Metric.FIRST_RESPONSE)


def test_a_ticket_is_opened_although_no_hour_is_left_and_counts_round_the_clock__T7(fair, carol, tier1, monday, caplog):
    inside, after = opened(carol, tier1, monday), opened(carol, tier1, monday + 3 * DAY)

    assert (inside.hours.calendar, inside.due_at) == (fair, monday + 8 * HOUR)
    assert (after.hours, after.due_at) == (None, monday + 3 * DAY + 8 * HOUR)
    assert "too few hours left" in caplog.text
    assert enforcement.enforce(at=monday + 4 * DAY)["breached"] == 2
    differs: list[str] = []
    rebuild([inside.ticket_id, after.ticket_id], say=differs.append)
    assert differs == []


def test_another_priority_or_policy_moves_a_clock_that_has_no_hours_left__T7(
    fair, carol, tier1, alice, mia, sara, monday
):
    clock = opened(carol, tier1, monday + DAY + 7 * HOUR)  # Tuesday 16:00: one hour is left
    assert (clock.hours, clock.due_at) == (None, monday + DAY + 15 * HOUR)
    policy = clock.policy
    longer = replace(Terms.of(latest(policy)), targets={"first_response": {"": 40 * 3600}})
    revise_policy(policy, replace(longer, calendar=None), by=mia, at=monday + HOUR)
    lifecycle.set_priority(clock.ticket, by=alice, impact=1, urgency=1, at=monday + DAY + 8 * HOUR)

    applying.apply(by=mia, at=monday + DAY + 9 * HOUR)

    clock.refresh_from_db()
    assert (clock.hours, clock.due_at) == (None, clock.started_at + 40 * HOUR)


def test_applying_a_calendar_that_never_reaches_moves_the_clock_to_every_hour__T7(fair, carol, tier1, mia, monday):
    clock = opened(carol, tier1, monday + 7 * HOUR)
    assert clock.due_at == monday + DAY + 6 * HOUR  # an hour of Monday and seven of Tuesday
    fair.spans.all().delete()
    fair.spans.create(date=date(2020, 1, 1), opens=time(8), closes=time(17))
    calendars.publish(fair, by=mia, at=monday + 7 * HOUR)

    assert applying.preview(at=monday + 8 * HOUR).earlier == 1
    assert applying.apply(by=mia, at=monday + 8 * HOUR).earlier == 1

    clock.refresh_from_db()
    assert (clock.hours, clock.due_at) == (None, monday + 15 * HOUR)
    assert DueChange.objects.get(clock=clock).due_after == clock.due_at


def test_one_application_that_fails_keeps_no_later_one_waiting__S4(carol, tier1, mia, policy, monday, monkeypatch):
    opened(carol, tier1, monday)
    monkeypatch.setattr(applying, "AT_ONCE", 0)
    first, second = (applying.apply(by=mia, at=monday + HOUR) for _twice in range(2))
    go_on = applying.go_on

    def fails_for_the_first(pk):
        if pk == first.pk:
            raise RuntimeError("this one cannot be counted")
        return go_on(pk)

    monkeypatch.setattr(applying, "go_on", fails_for_the_first)
    tasks.apply_terms()

    first.refresh_from_db(), second.refresh_from_db()
    assert (first.finished_at is None, second.finished_at is None) == (True, False)


def test_a_planned_version_that_a_clock_counts_with_is_no_crash__S7(make_policy, carol, tier1, mia, now):
    policy = make_policy("First tier", team=tier1, first_response=8 * 3600)
    planned = revise_policy(policy, replace(Terms.of(latest(policy)), targets={}), by=mia, valid_from=now + DAY)
    Clock.objects.filter(pk=opened(carol, tier1, now).pk).update(policy_version=planned)  # then the clock went back

    for act in (
        lambda: operations.take_back(planned, by=mia),
        lambda: operations.retire_policy(policy, by=mia),
        lambda: revise_policy(policy, Terms(team=tier1), by=mia, valid_from=now + DAY),
    ):
        with pytest.raises(Refused, match="count with the planned version"):
            act()

    assert policy.versions.count() == 2
