"""My account: how and when I am told (N1)."""

from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.urls import reverse

from notifications.choices import choose_notices
from notifications.models import NoticeChoice
from notifications.presence import Presence
from staff.models import Membership, Team

FRIDAY = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
QUERIES = 13
"""Session, user and roles, the rail's counts, presence (person, teams, memberships, calendar), calendars to choose."""


@pytest.fixture
def desk(client, alice):
    client.force_login(alice)
    return client


def send(desk, **fields):
    return desk.post(reverse("desk:account_notices"), {"by_mail": "all", **fields}, follow=True)


def test_one_chooses_channel_and_quiet_hours__N1(desk, alice, office_hours):
    answer = send(
        desk, quiet_from="22:00", quiet_to="07:00", quiet_days=["0", "4"], calendar=str(office_hours.pk)
    ).content.decode()

    choice = NoticeChoice.objects.get(user=alice)
    assert (choice.by_mail, choice.quiet_from, choice.quiet_days) == ("all", time(22), [0, 4])
    assert choice.calendar == office_hours
    assert "Your notices come as you chose." in answer
    assert 'value="22:00"' in answer


def test_half_of_quiet_hours_comes_back_with_words_at_the_field__N1(desk):
    answer = send(desk, quiet_from="22:00")

    assert answer.status_code == 422
    assert "Give both: from when and until when." in answer.content.decode()
    assert not NoticeChoice.objects.exists()


@pytest.mark.parametrize(
    "fields", [{"by_mail": "pigeon"}, {"quiet_from": "25:00"}, {"quiet_days": "x"}, {"calendar": "9"}]
)
def test_hostile_input_is_refused(desk, fields):
    assert send(desk, **fields).status_code == 422
    assert not NoticeChoice.objects.exists()


@pytest.mark.parametrize(("days", "said"), [(3, "Mon 08:00"), (24, "Mon 14 Dec, 08:00")])
def test_weeks_away_it_says_on_which_day_notices_reach_them__N1(desk, monkeypatch, days, said):
    monkeypatch.setattr(Presence, "next_hearing", lambda _self, _at: FRIDAY + timedelta(days=days))

    with time_machine.travel(FRIDAY, tick=False):
        assert f"Reach you from {said}<" in desk.get(reverse("desk:account")).content.decode()


@pytest.mark.parametrize("teams", [0, 12])
def test_the_page_costs_the_same_for_any_number_of_teams(desk, alice, teams, django_assert_num_queries):
    choose_notices(alice, by=alice, by_mail="all", quiet_from=time(22), quiet_to=time(7), quiet_days=range(7))
    Membership.objects.bulk_create(
        Membership(user=alice, team=Team.objects.create(name=f"Team {n}")) for n in range(teams)
    )
    desk.get(reverse("desk:account"))

    with django_assert_num_queries(QUERIES):
        desk.get(reverse("desk:account"))


def test_every_time_zone_is_offered_within_the_budget_of_a_page(desk, alice):
    alice.time_zone = "Europe/Oslo"
    alice.save(update_fields=["time_zone"])

    html = desk.get(reverse("desk:account")).content.decode()

    assert len(html.encode()) < 60_000
    assert "<option selected>Europe/Oslo</option>" in html
    assert '<option value="America/New_York">America/New York</option>' in html
    assert "<option>Asia/Jerusalem</option>" in html
