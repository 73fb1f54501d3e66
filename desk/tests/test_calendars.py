"""Calendars in the settings: hours in words, a year to look at, plans, and two managers at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from desk.settings.calendars.forms import CalendarForm
from desk.settings.calendars.year import year_of
from events.models import Event
from sla import operations as promises
from staff import calendars
from staff.calendars import Day, Terms
from staff.models import Calendar
from staff.words import parse_hours

FIELDS = {"name": "Gold", "how": "line", "hours": "Mon-Fri 8-18", "time_zone": "Oslo", "country": "NO"}
LIST = "/settings/calendars/"


@pytest.fixture
def as_manager(client, mia):
    client.force_login(mia)
    return client


@pytest.fixture
def gold(mia, monday):
    terms = Terms(time_zone="Europe/Oslo", hours=parse_hours("Mon-Fri 8-18"), country="NO")
    return calendars.add_calendar("Gold", terms, by=mia, at=monday)


def text_of(answer):
    return unescape(answer.content.decode())


def fields(client, calendar, **changes):
    """The form as it comes, with these changes."""
    form = client.get(reverse("desk:calendar_edit", args=[calendar.pk])).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields if name != "is_default"}
    rows = [row for row in form.rows if not row.is_empty]
    sent |= {
        "day_date": [r.date for r in rows],
        "day_hours": [r.hours for r in rows],
        "day_name": [r.name for r in rows],
    }
    return sent | ({"is_default": "on"} if form["is_default"].value() else {}) | changes


def test_a_manager_adds_a_calendar_in_one_line__S2(as_manager, mia):
    answer = as_manager.post(LIST + "new/", FIELDS | {"subdivision": "03", "idempotency_key": "k"}, follow=True)
    as_manager.post(LIST + "new/", FIELDS | {"subdivision": "03", "idempotency_key": "k"})  # a double click

    gold = Calendar.objects.get(name="Gold")
    version = gold.versions.get()
    assert (gold.time_zone, gold.country, gold.subdivision) == ("Europe/Oslo", "NO", "03")
    assert (version.hours["4"], version.made_by) == ([["08:00", "18:00"]], mia)
    page = text_of(answer)
    assert "Mon–Fri 8:00–18:00" in page
    assert "Norway, Oslo" in page
    assert Event.objects.filter(kind="calendar.added").count() == 1


def test_day_by_day_and_days_that_differ(as_manager):
    soon = timezone.localdate() + timedelta(days=40)
    days = {"day_date": [soon.isoformat(), str(soon + timedelta(days=1)), ""], "day_hours": ["8-12", "", ""]}
    sent = (
        FIELDS | days | {"how": "days", "day_0": "8-12, 13-17", "day_4": "22-2", "day_name": ["Half day", "Fair", ""]}
    )

    assert as_manager.post(LIST + "new/", sent).status_code == 302

    said = Terms.of(Calendar.objects.get(name="Gold"))
    assert {day: list(spans) for day, spans in said.hours.items()} == parse_hours("Mon 8-12, 13-17, Fri 22-2")
    assert said.days == {soon: Day(((time(8), time(12)),), "Half day"), soon + timedelta(days=1): Day((), "Fair")}


@pytest.mark.parametrize(
    ("wrong", "field", "answer"),
    [
        ({"name": ""}, "name", "This field is required"),
        ({"name": "office HOURS"}, "name", "a calendar of this name"),
        ({"hours": ""}, "hours", "Write the opening hours"),
        ({"hours": "Mon-Fri 9-5"}, "hours", "“9–5” would end the next morning. Write 9–17"),
        ({"hours": "closed"}, "hours", "at least one span"),
        ({"how": "days", "day_2": "Fri 8-9"}, "day_2", "one day alone"),
        ({"how": "days"}, "day_0", "at least one span"),
        ({"time_zone": "Osla"}, "time_zone", "Do you mean Europe/Oslo?"),
        ({"time_zone": "Qqqq"}, "time_zone", "Write the town"),
        ({"country": "ZZ"}, "country", "valid choice"),
        ({"day_date": "2026-13-01", "day_hours": "8-9"}, "__all__", "days that differ"),
        ({"day_date": ["2027-01-04", "2027-01-04"], "day_hours": "8-9"}, "__all__", "days that differ"),
        ({"day_date": "2027-01-04", "day_hours": "20-3"}, "__all__", "days that differ"),
        ({"day_date": "9999-01-04"}, "__all__", "Give a day between"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_written(as_manager, office_hours, wrong, field, answer):
    before = Calendar.objects.count()

    found = as_manager.post(LIST + "new/", FIELDS | wrong)

    assert found.status_code == 422
    assert answer in str(found.context["form"].errors[field])
    assert "Gold" in text_of(found) or "name" in wrong
    assert Calendar.objects.count() == before


def test_a_row_more_the_regions_and_a_preview_save_nothing(as_manager):
    before = Calendar.objects.count()
    rows = {"day_date": ["2030-05-02", "2030-05-03"], "day_hours": ["", "8-9"], "day_name": ["Fair", ""]}

    more = as_manager.post(LIST + "new/", FIELDS | rows | {"more": "1", "hours": "Mon 8-"})
    fewer = as_manager.post(LIST + "new/", FIELDS | rows | {"remove": "0"})
    regions = as_manager.post(LIST + "new/", FIELDS | {"country": "DE", "regions": "1"})
    preview = as_manager.post(LIST + "new/", FIELDS | {"hours": "24h", "preview": "1"})

    assert [one.status_code for one in (more, fewer, regions, preview)] == [200] * 4
    assert [row.date for row in more.context["form"].rows] == ["2030-05-02", "2030-05-03", ""]
    assert 'value="Mon 8-"' in text_of(more)
    assert [row.date for row in fewer.context["form"].rows] == ["2030-05-03", ""]
    assert "Bayern" in text_of(regions)
    assert len(preview.context["preview"]["days"]) == 10
    assert "Around the clock" in text_of(preview)
    assert Calendar.objects.count() == before


def test_a_change_is_planned_shown_and_taken_back(as_manager, gold):
    day = timezone.localdate() + timedelta(days=30)
    url = reverse("desk:calendar", args=[gold.pk])
    as_manager.post(url + "edit/", fields(as_manager, gold, hours="Mon-Thu 8-18, Fri 8-14", valid_from=day.isoformat()))

    page = text_of(as_manager.get(url))

    assert "Mon–Thu 8:00–18:00, Fri 8:00–14:00 instead of Mon–Fri 8:00–18:00" in page
    assert "Planned from" in page
    said = "Clocks that start before that day keep the hours they started under"
    assert page.count(said) == 2  # once as it is saved, once beside the plan
    assert text_of(as_manager.get(url)).count(said) == 1
    assert "From" in text_of(as_manager.get(LIST))
    assert as_manager.get(url + "edit/").context["form"]["valid_from"].value() == day.isoformat()
    as_manager.post(url + "plan/")
    assert calendars.plan(gold, timezone.now()) is None
    assert "Planned from" not in text_of(as_manager.get(url))


def test_a_plan_begins_on_the_same_day_for_a_reader_in_the_west(as_manager, gold, mia):
    mia.time_zone = "America/New_York"
    mia.save(update_fields=["time_zone"])
    day = timezone.localdate() + timedelta(days=30)
    terms = replace(Terms.of(gold), hours=parse_hours("Mon-Fri 9-18"))
    calendars.change_calendar(gold, terms, by=mia, valid_from=day)
    url = reverse("desk:calendar", args=[gold.pk])

    for page in (LIST, url, f"{url}?year={day.year}", url + "edit/"):
        text = text_of(as_manager.get(page))
        assert date_format(day, "j F Y") in text
        assert date_format(day - timedelta(days=1), "j F Y") not in text


@pytest.mark.parametrize("zone", ["Tokyo", "Honolulu"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "9999-12-25", "1999-01-01"])
@pytest.mark.parametrize("button", [{"preview": "1"}, {}])
def test_a_day_beyond_all_plans_is_refused_at_its_field(as_manager, gold, day, zone, button):
    answer = as_manager.post(
        reverse("desk:calendar_edit", args=[gold.pk]), FIELDS | {"time_zone": zone, "valid_from": day} | button
    )

    assert answer.status_code == 422
    assert "within ten years" in str(answer.context["form"].errors["valid_from"])
    assert gold.versions.count() == 1


def test_saving_the_form_as_it_comes_changes_nothing(as_manager, gold, mia, monday):
    days = {
        date(2020, 5, 4): Day((), "Long ago"),
        timezone.localdate() + timedelta(days=9): Day(((time(8), time(9)),), "Fair"),
    }
    terms = Terms(time_zone="Europe/Oslo", hours=parse_hours("Mon 8-12, 13-17, Fri 22-6"), country="NO", days=days)
    calendars.change_calendar(gold, terms, by=mia)

    as_manager.post(reverse("desk:calendar_edit", args=[gold.pk]), fields(as_manager, gold))

    assert gold.versions.count() == 2
    assert Terms.of(gold).days == days


def test_the_second_of_two_managers_is_told_what_the_first_saved__S7(as_manager, gold, adam):
    url = reverse("desk:calendar_edit", args=[gold.pk])
    mine = fields(as_manager, gold, hours="Mon-Fri 9-15")
    seen = calendars.stamp(gold)
    calendars.change_calendar(gold, Terms(time_zone="Europe/Oslo", hours=parse_hours("Mon 7-8")), by=adam, seen=seen)

    told = as_manager.post(url, mine)

    assert told.status_code == 422
    page = text_of(told)
    assert "Somebody changed this calendar" in page
    assert "Mon 7:00–8:00 instead of Mon–Fri 8:00–18:00" in page
    assert 'value="Mon-Fri 9-15"' in page
    assert Terms.of(gold).hours == {0: ((time(7), time(8)),)}
    assert as_manager.post(url, mine | {"seen": told.context["seen"]}).status_code == 302
    assert len(Terms.of(gold).hours) == 5


def test_an_unused_one_is_removed_and_one_in_use_says_by_whom(as_manager, gold, tier1):
    url = reverse("desk:calendar", args=[gold.pk])
    tier1.calendar = gold
    tier1.save(update_fields=["calendar"])
    promises.add_policy("Gold customers", promises.Terms(calendar=gold), by=None)

    assert "in use: Gold customers, Tier 1" in text_of(as_manager.get(url)).replace(
        "Tier 1, Gold customers", "Gold customers, Tier 1"
    )
    as_manager.post(url + "remove/")
    assert Calendar.objects.filter(pk=gold.pk).exists()
    other = calendars.add_calendar("Other", Terms.of(gold), by=None)
    as_manager.post(reverse("desk:calendar_remove", args=[other.pk]))
    assert not Calendar.objects.filter(pk=other.pk).exists()


def test_a_changed_calendar_offers_to_move_the_clocks_that_run__S5(as_manager, gold, mia):
    version = promises.add_policy("Gold customers", promises.Terms(calendar=gold), by=None)
    url, offer = reverse("desk:calendar", args=[gold.pk]), f"/apply/?policy={version.policy_id}"
    assert offer not in text_of(as_manager.get(url))

    calendars.change_calendar(gold, Terms(time_zone="Europe/Oslo", hours=parse_hours("Mon 7-8")), by=mia)

    assert offer in text_of(as_manager.get(url))


def test_a_year_shows_holidays_special_days_and_its_working_hours(as_manager, gold, mia, monday):
    half_day = {date(2026, 12, 24): Day(((time(8), time(12)),), "Half day")}
    terms = Terms(time_zone="Europe/Oslo", hours=parse_hours("Mon-Fri 8-18"), country="NO", days=half_day)
    calendars.change_calendar(gold, terms, by=mia, at=monday.replace(month=1, day=1, hour=0))

    year = year_of(gold, 2026)
    page = text_of(as_manager.get(reverse("desk:calendar", args=[gold.pk]) + "?year=2026"))

    december = {one.day.day: one for week in year.months[11].weeks for one in week if one}
    assert (december[24].kind, december[25].kind, december[26].kind, december[27].kind) == (
        "special", "holiday", "holiday", "closed",
    )  # fmt: skip
    # 261 weekdays less seven holidays on a weekday (in Norway, 2026); the half day lacks six hours
    assert (year.days, year.hours) == (253, 253 * 10 - 6)
    assert "2,524" in page
    assert "Christmas Day" in page
    assert "Half day" in page
    assert 'href="?year=2027"' in page
    for odd in ("0", "99999", "x", "-3"):
        assert as_manager.get(reverse("desk:calendar", args=[gold.pk]) + f"?year={odd}").status_code == 200


def test_a_year_in_which_the_hours_changed_counts_each_part_as_it_was(gold, mia):
    day = date(timezone.localdate().year + 1, 7, 1)
    before = year_of(gold, day.year).hours

    calendars.change_calendar(
        gold, Terms(time_zone="Europe/Oslo", hours=parse_hours("Mon-Fri 8-13"), country="NO"), by=mia, valid_from=day
    )

    found = year_of(gold, day.year)
    assert before / 2 < found.hours < before
    assert [one.date() for one in found.changes] == [day - timedelta(days=1)]  # midnight in Oslo, told in UTC
    june, july = (found.months[month].weeks[1][2] for month in (5, 6))  # Wednesdays: Whit Monday may be in June
    assert (june.hours, july.hours) == ("8:00–18:00", "8:00–13:00")


@pytest.mark.parametrize("more", [0, 12])
def test_the_pages_cost_the_same_for_any_number(as_manager, gold, mia, more, django_assert_num_queries):
    for n in range(more):
        made = calendars.add_calendar(f"C{n}", Terms.of(gold), by=mia)
        calendars.change_calendar(made, Terms(time_zone="UTC", hours=parse_hours("Mon 8-9")), by=mia)
        calendars.change_calendar(gold, Terms(time_zone="UTC", hours=parse_hours(f"Mon 8-{n + 9}")), by=mia)
    as_manager.get(LIST)

    with django_assert_num_queries(
        11
    ):  # four for who asks, one for the rail; calendars, versions, in force; teams, policies
        as_manager.get(LIST)
    with django_assert_num_queries(19):
        as_manager.get(reverse("desk:calendar", args=[gold.pk]))


def test_the_settings_lead_there_for_managers_alone(as_manager, client, sara):
    assert f'href="{LIST}"' in text_of(as_manager.get(reverse("desk:settings")))

    client.force_login(sara)
    assert f'href="{LIST}"' not in text_of(client.get(reverse("desk:settings")))


def test_the_form_offers_every_time_zone_and_country_by_name(as_manager):
    page = text_of(as_manager.get(LIST + "new/"))

    assert "<option>America/New York</option>" in page
    assert ">United Kingdom</option>" in page
    assert issubclass(type(as_manager.get(LIST + "new/").context["form"]), CalendarForm)
