"""Calendar rows become working time."""

from datetime import UTC, date, datetime, time, timedelta

from staff import hours
from staff.models import Calendar, CalendarSpan, Holiday, Team


def test_the_default_calendar_is_office_hours__S2(office_hours, monday):
    assert hours.business_hours().is_open(monday)
    assert not hours.business_hours().is_open(monday.replace(hour=17))
    assert not hours.business_hours(office_hours).is_open(monday + timedelta(days=5))


def test_working_time_goes_on_the_next_morning(office_hours, monday):
    assert hours.add_working_seconds(monday.replace(hour=16), 2 * 3600) == datetime(2026, 3, 3, 9, tzinfo=UTC)


def test_one_working_day_over_a_weekend(office_hours, monday):
    assert hours.working_day_after(monday + timedelta(days=4)) == monday + timedelta(days=7)


def test_holidays_special_days_and_midnight(db):
    calendar = Calendar.objects.create(name="Night shift", time_zone="Europe/Oslo")
    CalendarSpan.objects.create(calendar=calendar, weekday=0, opens=time(22), closes=time(0))
    CalendarSpan.objects.create(calendar=calendar, date=date(2026, 3, 4), opens=time(10), closes=time(12))
    Holiday.objects.create(calendar=calendar, date=date(2026, 3, 9))

    found = hours.business_hours(calendar)

    assert found.is_open(datetime(2026, 3, 2, 22, 30, tzinfo=UTC))
    assert not found.is_open(datetime(2026, 3, 2, 23, 30, tzinfo=UTC))
    assert found.is_open(datetime(2026, 3, 4, 9, 30, tzinfo=UTC))
    assert not found.is_open(datetime(2026, 3, 9, 22, 30, tzinfo=UTC))


def test_no_hours_at_all_is_around_the_clock(db, monday):
    empty = Calendar.objects.create(name="Empty")
    assert hours.business_hours(empty).is_round_the_clock

    Calendar.objects.update(is_default=False)

    assert hours.business_hours().is_round_the_clock


def test_a_team_without_a_calendar_has_its_parents(tier1, db):
    nights = Calendar.objects.create(name="Nights")
    CalendarSpan.objects.create(calendar=nights, weekday=0, opens=time(20), closes=time(23))
    parent = Team.objects.create(name="Support", calendar=nights)
    tier1.parent = parent

    assert hours.for_team(tier1) == hours.business_hours(nights)
    assert hours.for_team(None) == hours.business_hours()
