"""When somebody may be told: working hours, quiet hours, availability, in any zone and through every clock change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from common.business_hours import BadHours
from notifications.presence import presence_of, waking_hours
from staff.calendars import publish
from staff.models import Calendar, CalendarSpan, Membership, StaffProfile, Team

HOUR = timedelta(hours=1)
OSLO = ZoneInfo("Europe/Oslo")
WEEK = tuple(range(7))


def quiet(tz, since, until, days=WEEK):
    awake = waking_hours(tz, time.fromisoformat(since), time.fromisoformat(until), days)
    return lambda *when: not awake.is_open(datetime(*when, tzinfo=ZoneInfo(tz)))


def calendar(name, tz, opens, closes):
    made = Calendar.objects.create(name=name, time_zone=tz)
    CalendarSpan.objects.bulk_create(
        CalendarSpan(calendar=made, weekday=day, opens=time(opens), closes=time(closes)) for day in range(5)
    )
    publish(made)
    return made


def test_quiet_hours_over_midnight_belong_to_the_day_on_which_they_begin__N1():
    is_quiet = quiet("Europe/Oslo", "22:00", "07:00", (4,))  # Friday

    assert not is_quiet(2026, 3, 6, 21, 59)
    assert is_quiet(2026, 3, 6, 22)
    assert is_quiet(2026, 3, 7, 6, 59)
    assert not is_quiet(2026, 3, 7, 7)
    assert not is_quiet(2026, 3, 7, 23)  # Saturday evening


def test_the_same_time_twice_is_a_whole_day__N1():
    is_quiet = quiet("UTC", "00:00", "00:00", (5, 6))

    assert is_quiet(2026, 3, 7, 0)
    assert is_quiet(2026, 3, 8, 23, 59)
    assert not is_quiet(2026, 3, 9, 0)


def test_quiet_hours_that_never_end_are_refused__N1():
    with pytest.raises(BadHours):
        waking_hours("UTC", time(9), time(9), WEEK)


@pytest.mark.parametrize(
    ("night", "hours"), [((2026, 3, 28), 8), ((2026, 10, 24), 10), ((2026, 6, 6), 9)], ids=["spring", "autumn", "else"]
)
def test_a_night_in_which_the_clocks_change_is_quiet_by_the_wall__N1(alice, choose, night, hours):
    alice.time_zone = "Europe/Oslo"
    alice.save(update_fields=["time_zone"])
    everywhere = Calendar.objects.create(name="Around the clock")
    publish(everywhere)
    choose(alice, quiet=("22:00", "07:00"), calendar=everywhere)
    begins = datetime(*night, 22, tzinfo=OSLO).astimezone(UTC)

    me = presence_of(alice, begins)

    assert me.next_hearing(begins) == begins + hours * HOUR
    assert me.next_hearing(begins).astimezone(OSLO).hour == 7


def test_works_by_the_calendar_of_the_team__N1(alice, tier1, monday):
    tier1.calendar = calendar("Tokyo", "Asia/Tokyo", 9, 18)  # 00:00 to 09:00 UTC
    tier1.save(update_fields=["calendar"])

    me = presence_of(alice, monday)

    assert not me.may_hear(monday)
    assert me.next_hearing(monday) == monday + 15 * HOUR


def test_a_team_without_a_calendar_works_as_the_one_above__N1(alice, tier1, monday):
    tier1.parent = Team.objects.create(name="Asia", calendar=calendar("Tokyo", "Asia/Tokyo", 9, 18))
    tier1.save(update_fields=["parent"])

    assert presence_of(alice, monday).next_hearing(monday) == monday + 15 * HOUR


def test_who_serves_in_two_teams_is_at_work_with_either__N1(alice, billing, monday):
    billing.calendar = calendar("Tokyo", "Asia/Tokyo", 9, 18)
    billing.save(update_fields=["calendar"])
    Membership.objects.create(team=billing, user=alice)

    me = presence_of(alice, monday)

    assert me.may_hear(monday)
    assert me.may_hear(monday - 6 * HOUR)
    assert me.next_hearing(monday + 10 * HOUR) == monday + 15 * HOUR


def test_an_own_calendar_wins_over_the_teams__N1(alice, choose, monday):
    choose(alice, calendar=calendar("Evenings", "UTC", 14, 20))

    assert presence_of(alice, monday).next_hearing(monday) == monday + 5 * HOUR


def test_who_has_no_team_works_by_the_desks_hours__N1(adam, monday):
    assert presence_of(adam, monday).may_hear(monday)
    assert presence_of(adam, monday).next_hearing(monday + 9 * HOUR) == monday + 23 * HOUR


def test_quiet_hours_are_of_the_persons_own_zone__N1(alice, choose, monday):
    alice.time_zone = "America/New_York"  # 09:00 UTC is 04:00
    alice.save(update_fields=["time_zone"])
    choose(alice, quiet=("22:00", "07:00"))

    me = presence_of(alice, monday)

    assert me.is_quiet(monday)
    assert me.next_hearing(monday) == monday + 3 * HOUR
    assert me.absence(monday).because == "quiet"


def test_quiet_throughout_all_working_hours_may_never_hear__N1(alice, choose, monday):
    choose(alice, quiet=("07:00", "18:00"))

    assert presence_of(alice, monday).next_hearing(monday) is None


@pytest.mark.parametrize(("said", "because"), [("away", "away"), ("off", "off")])
def test_who_is_away_at_work_is_back_with_the_next_working_hours__N1_P6(alice, monday, said, because):
    StaffProfile.objects.filter(user=alice).update(availability=said)

    absence = presence_of(alice, monday).absence(monday)

    assert (absence.because, absence.until) == (because, monday + 23 * HOUR)


def test_who_went_home_and_said_so_is_expected_in_the_morning__N1_P6(alice, monday):
    StaffProfile.objects.filter(user=alice).update(availability="off")
    evening = monday + 10 * HOUR

    absence = presence_of(alice, evening).absence(evening)

    assert (absence.because, absence.until) == ("after_hours", monday + 23 * HOUR)


def test_who_works_around_the_clock_and_is_away_is_not_expected__N1_P6(alice, choose, monday):
    everywhere = Calendar.objects.create(name="Around the clock")
    publish(everywhere)
    choose(alice, calendar=everywhere)
    StaffProfile.objects.filter(user=alice).update(availability="away")

    assert presence_of(alice, monday).absence(monday).until is None


def test_who_left_is_never_back__N1(alice, monday):
    alice.is_active = False
    alice.save(update_fields=["is_active"])

    me = presence_of(alice, monday)

    assert (me.absence(monday).because, me.back_at(monday), me.is_there(monday)) == ("left", None, False)
