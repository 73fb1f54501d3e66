"""Calendars that managers keep: each change is a version, planned or at once, and nothing is lost silently."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.admin import site
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.business_hours import BusinessHours
from common.errors import Malformed, Refused
from events.models import Event
from staff import calendar_use, calendars, hours
from staff.calendar_terms import Terms as AnyTerms
from staff.calendars import Day, Terms
from staff.holiday_refresh import refresh_holidays
from staff.models import Calendar, CalendarVersion, Holiday
from staff.words import parse_hours

OSLO = ZoneInfo("Europe/Oslo")
CHRISTMAS = date(2026, 12, 25)


def terms(text="Mon-Fri 8-18", **more):
    return Terms(**{"time_zone": "Europe/Oslo", "hours": parse_hours(text)} | more)


def on_one_day(*day):
    return Terms(time_zone="Europe/Oslo", hours={}, days={date(*day): Day(((time(8), time(9)),), "Fair")})


def closed(*days, name=""):
    return {date(2026, *day): Day((), name) for day in days}


@pytest.fixture
def oslo(mia, monday):
    return calendars.add_calendar("Oslo", terms(country="NO"), by=mia, at=monday)


def noon(*day):
    return datetime(*day, 12, tzinfo=OSLO)


def test_a_calendar_is_added_with_the_holidays_of_its_country__S2(oslo, mia):
    found = hours.business_hours(oslo)

    assert found.is_open(noon(2026, 12, 24))
    assert not found.is_open(noon(2026, 12, 25))
    assert not found.is_open(noon(2040, 12, 25))
    assert found.is_open(noon(1999, 3, 1))  # the first version holds since ever
    assert [(one.kind, one.actor) for one in Event.objects.filter(kind__startswith="calendar").order_by("pk")] == [
        ("calendar.added", mia), ("calendar.published", mia),
    ]  # fmt: skip


def test_a_calendar_that_opens_no_more_is_refused_and_one_of_days_to_come_is_not__T7(oslo, mia, monday):
    gone, coming = on_one_day(2026, 3, 1), on_one_day(2026, 5, 1)

    for act in (
        lambda: calendars.change_calendar(oslo, gone, by=mia, at=monday),
        lambda: calendars.change_calendar(oslo, coming, by=mia, valid_from=date(2026, 6, 1), at=monday),
        lambda: calendars.add_calendar("Fair", gone, by=mia, at=monday),
    ):
        with pytest.raises(Refused, match=r"Nothing is open any more|lies before"):
            act()
    assert oslo.versions.count() == 1

    calendars.change_calendar(oslo, coming, by=mia, at=monday)
    assert oslo.versions.count() == 2


def test_a_calendar_keeps_reaching_what_policies_promise_in_it__T7(oslo, mia, monday, monkeypatch):
    monkeypatch.setattr(calendar_use, "_PROMISED", [lambda pk: [("Gold", 2 * 3600)] if pk == oslo.pk else []])
    coming = on_one_day(2026, 5, 1)

    with pytest.raises(Refused, match="“Gold” promises more time"):
        calendars.change_calendar(oslo, coming, by=mia, at=monday)

    calendars.add_calendar("Fair", coming, by=mia, at=monday)


def test_the_hours_that_a_date_has_of_its_own_win_over_a_public_holiday(oslo, mia):
    calendars.change_calendar(oslo, terms(country="NO", days={CHRISTMAS: Day(((time(9), time(13)),), "Sale")}), by=mia)

    assert hours.business_hours(oslo).is_open(noon(2026, 12, 25))


def test_a_change_holds_from_now_on_and_the_past_stays__S5(oslo, mia, monday):
    later = monday + timedelta(days=2)

    calendars.change_calendar(oslo, terms("Mon-Fri 10-14"), by=mia, at=later)

    assert hours.business_hours(oslo, at=monday).is_open(noon(2026, 3, 2).replace(hour=16))
    assert not hours.business_hours(oslo, at=later).is_open(noon(2026, 3, 2).replace(hour=16))


def test_a_planned_change_holds_from_its_day_in_the_calendars_zone(oslo, mia, monday):
    version = calendars.change_calendar(oslo, terms("Mon-Fri 10-14"), by=mia, valid_from=date(2026, 6, 1), at=monday)

    assert version.valid_from == datetime(2026, 5, 31, 22, tzinfo=UTC)
    before, after = (hours.business_hours(oslo, at=version.valid_from + timedelta(seconds=n)) for n in (-1, 0))
    assert before.is_open(noon(2026, 3, 2).replace(hour=16))
    assert not after.is_open(noon(2026, 3, 2).replace(hour=16))
    assert calendars.plan(oslo, monday) == version


def test_a_change_at_once_replaces_what_was_planned(oslo, mia, monday):
    calendars.change_calendar(oslo, terms("Mon-Fri 10-14"), by=mia, valid_from=date(2026, 6, 1), at=monday)

    calendars.change_calendar(oslo, terms("Mon-Fri 9-15"), by=mia, at=monday)

    assert calendars.plan(oslo, monday) is None
    assert hours.business_hours(oslo, at=noon(2026, 7, 1)) == BusinessHours("Europe/Oslo", parse_hours("Mon-Fri 9-15"))


def test_a_plan_is_taken_back_and_the_form_starts_from_what_holds(oslo, mia, monday):
    before = Terms.of(oslo)
    change = terms("Mon-Fri 10-14", country="SE", days={date(2026, 7, 3): Day((), "Fair")})
    calendars.change_calendar(oslo, change, by=mia, valid_from=date(2026, 6, 1), at=monday)

    calendars.take_back_plan(oslo, by=mia, at=monday)

    oslo.refresh_from_db()
    assert Terms.of(oslo) == before
    assert hours.business_hours(oslo, at=noon(2026, 7, 1)).is_open(noon(2026, 7, 1).replace(hour=17))
    assert Event.objects.filter(kind="calendar.plan_taken_back", actor=mia).count() == 1


def test_a_day_before_the_plan_would_not_count_and_is_named(oslo, mia, monday):
    with pytest.raises(Malformed, match="4 May 2026 lies before") as refusal:
        calendars.change_calendar(
            oslo, terms(country="NO", days=closed((5, 4))), by=mia, valid_from=date(2026, 6, 1), at=monday
        )
    assert refusal.value.field == "days"
    assert not Holiday.objects.exists()


def test_two_who_change_it_at_once_lose_nothing_silently(oslo, mia, adam, monday):
    seen = calendars.stamp(oslo)
    calendars.change_calendar(oslo, terms("Mon-Fri 9-17", country="NO"), by=adam, seen=seen, at=monday)

    with pytest.raises(Refused, match="Somebody changed this calendar") as refusal:
        calendars.change_calendar(oslo, terms("Mon-Fri 8-16", country="NO"), by=mia, seen=seen, at=monday)

    assert refusal.value.code == "changed_meanwhile"
    assert Terms.of(oslo).hours[0] == ((time(9), time(17)),)
    calendars.change_calendar(oslo, Terms.of(oslo), by=adam, name="Oslo office", at=monday)
    assert calendars.stamp(Calendar.objects.get(pk=oslo.pk)) != seen


def test_saving_what_stands_makes_no_version(oslo, mia, monday):
    calendars.change_calendar(oslo, Terms.of(oslo), by=mia, at=monday)

    assert oslo.versions.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"country": "ZZ"}, "country"),
        ({"country": "NO", "subdivision": "Bavaria"}, "subdivision"),
        ({"subdivision": "03"}, "country"),
        ({"hours": {}}, "hours"),
        ({"hours": {7: [(time(8), time(9))]}}, "hours"),
        ({"hours": {0: [(time(9), time(8))]}}, "hours"),
        ({"days": {date(1889, 1, 1): Day()}}, "days"),
        ({"days": {date(2026, 5, 1): Day((), "x" * 121)}}, "days"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(mia, monday, wrong, field):
    with pytest.raises(Malformed) as refusal:
        calendars.add_calendar("Wrong", terms(**wrong), by=mia, at=monday)
    assert refusal.value.field == field
    assert not Calendar.objects.filter(name="Wrong").exists()


def test_names_are_there_once_and_the_default_is_one(oslo, office_hours, mia, monday):
    with pytest.raises(Refused, match="a calendar of this name"):
        calendars.add_calendar("OSLO", terms(), by=mia, at=monday)

    calendars.change_calendar(oslo, Terms.of(oslo), by=mia, is_default=True, at=monday)

    assert list(Calendar.objects.filter(is_default=True)) == [oslo]


def test_only_managers_and_admins_keep_calendars(oslo, alice, sara, monday):
    for who in (alice, sara):
        for act in (
            lambda who=who: calendars.add_calendar("Mine", terms(), by=who, at=monday),
            lambda who=who: calendars.change_calendar(oslo, terms(), by=who, at=monday),
            lambda who=who: calendars.take_back_plan(oslo, by=who, at=monday),
            lambda who=who: calendar_use.remove_calendar(oslo, by=who, at=monday),
        ):
            with pytest.raises(Refused, match="manager or an admin"):
                act()


def test_one_in_use_is_not_removed_and_says_who_uses_it(oslo, office_hours, tier1, mia, monday):
    tier1.calendar = oslo
    tier1.save(update_fields=["calendar"])
    with pytest.raises(Refused, match="in use: Tier 1"):
        calendar_use.remove_calendar(oslo, by=mia)
    with pytest.raises(Refused, match="no other is named"):
        calendar_use.remove_calendar(office_hours, by=mia)
    assert oslo.versions.exists()

    tier1.calendar = None
    tier1.save(update_fields=["calendar"])
    calendar_use.remove_calendar(oslo, by=mia)

    assert not Calendar.objects.filter(pk=oslo.pk).exists()
    assert not CalendarVersion.objects.filter(calendar=oslo.pk).exists()


def test_the_database_pages_show_calendars_and_change_none():
    shown = site.get_model_admin(Calendar)

    assert not any(
        may(None) for may in (shown.has_add_permission, shown.has_change_permission, shown.has_delete_permission)
    )
    assert not any(one.has_change_permission(shown, None) for one in shown.inlines)


# --- The holidays of the years to come ------------------------------------------


def test_holidays_that_soon_end_are_written_out_anew(oslo, monday):
    assert refresh_holidays(at=monday) == []

    (refreshed,) = refresh_holidays(at=monday.replace(year=2038))

    assert (refreshed.version.valid_from, refreshed.version.made_by) == (monday.replace(year=2038), None)
    assert not hours.of_version(refreshed.version.pk).is_open(noon(2050, 5, 17))
    assert (refreshed.more > 100, refreshed.fewer) == (True, 0)
    assert Event.objects.get(kind="calendar.holidays_refreshed").data["more"] == refreshed.more
    assert refresh_holidays(at=monday.replace(year=2038)) == []


def test_a_holiday_that_the_library_learns_of_counts_from_tomorrow_and_never_before(oslo, mia, monday, monkeypatch):
    calendars.change_calendar(oslo, terms(country="NO", days=closed((8, 3), name="Fair")), by=mia, at=monday)
    original = calendars.public_holidays_of

    def learned(country, subdivision, years, language=""):
        known = original(country, subdivision, years, language)
        known[date(2026, 2, 2)] = "Too late"
        known[date(2026, 10, 1)] = "New day"
        del known[date(2026, 5, 17)]
        return known

    monkeypatch.setattr("staff.calendar_terms.public_holidays_of", learned)

    (refreshed,) = refresh_holidays(at=monday)

    found = hours.business_hours(oslo, at=monday)
    assert (refreshed.more, refreshed.fewer) == (1, 1)
    assert not found.is_open(noon(2026, 10, 1))
    assert found.is_open(noon(2026, 2, 2))
    assert not found.is_open(noon(2026, 8, 3))
    assert refresh_holidays(at=monday) == []


def test_a_plan_keeps_its_day_and_stays_the_last_word_when_holidays_are_written_out(oslo, mia, monday):
    later = monday.replace(year=2038)
    calendars.change_calendar(
        oslo,
        terms("Mon-Fri 10-14", country="NO"),
        by=mia,
        valid_from=date(2038, 6, 1),
        at=later - timedelta(days=3700),
    )

    refresh_holidays(at=later)

    assert hours.business_hours(oslo, at=later).is_open(noon(2038, 3, 2).replace(hour=16))
    planned = calendars.plan(oslo, later)
    assert (planned.made_by, planned.valid_from.astimezone(OSLO).date()) == (mia, date(2038, 6, 1))
    assert calendars.last_version(oslo) == planned


# --- A version says what its rows say --------------------------------------------------

edges = st.sets(st.integers(0, 95), min_size=4, max_size=4).map(sorted)
spans = edges.map(lambda quarters: [time(quarter // 4, quarter % 4 * 15) for quarter in quarters]).map(
    lambda walls: ((walls[0], walls[1]), (walls[2], walls[3]))
)
dates = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    week=st.dictionaries(st.integers(0, 6), spans, min_size=1),
    days=st.dictionaries(dates, st.just(()) | spans, max_size=5),
    tz=st.sampled_from(["UTC", "Europe/Oslo", "Australia/Lord_Howe"]),
)
def test_a_version_counts_as_the_rows_it_was_published_from__S2(oslo, mia, week, days, tz):
    given_days = {day: Day(tuple(one)) for day, one in days.items()}
    version = calendars.change_calendar(oslo, Terms(time_zone=tz, hours=week, days=given_days), by=mia)

    oslo.refresh_from_db()
    rows = BusinessHours(
        oslo.time_zone,
        {n: [(s.opens, s.closes) for s in oslo.spans.filter(weekday=n)] for n in range(7)},
        set(oslo.holidays.values_list("date", flat=True)),
        {s.date: [(x.opens, x.closes) for x in oslo.spans.filter(date=s.date)] for s in oslo.spans.exclude(date=None)},
    )
    assert hours.of_version(version.pk) == rows
    assert AnyTerms.of_version(version) == Terms.of(oslo)
