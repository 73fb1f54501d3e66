"""Choosing how to be told (N1)."""

from datetime import time

import pytest

from common.errors import Malformed, Refused
from events.models import Event
from notifications.choices import choose_notices
from notifications.models import NoticeChoice

EVENING, MORNING = time(22), time(7)
NIGHTS = {"quiet_from": EVENING, "quiet_to": MORNING, "quiet_days": [6, 0, 0]}


def test_a_choice_is_kept_and_told_as_an_event__N1_T6(alice, office_hours):
    choose_notices(alice, by=alice, by_mail="all", calendar=office_hours, **NIGHTS)

    choice = NoticeChoice.objects.get(user=alice)
    assert (choice.by_mail, choice.quiet_from, choice.quiet_to, choice.quiet_days) == ("all", EVENING, MORNING, [0, 6])
    event = Event.objects.get(kind="staff.notices_chosen")
    assert (event.actor, event.data["by_mail"]) == (alice, "all")
    assert event.data["fields"] == ["by_mail", "quiet_from", "quiet_to", "quiet_days", "calendar"]


def test_the_same_choice_again_changes_nothing(alice):
    for _again in range(2):
        choose_notices(alice, by=alice, by_mail="all", **NIGHTS)

    assert Event.objects.filter(kind="staff.notices_chosen").count() == 1


def test_days_without_hours_are_no_quiet_hours(alice):
    choose_notices(alice, by=alice, by_mail="never", quiet_days=[0, 1])

    assert NoticeChoice.objects.get(user=alice).quiet_days == []


@pytest.mark.parametrize(
    ("wanted", "code", "field"),
    [
        ({"by_mail": "sms"}, "bad_channel", "by_mail"),
        ({"quiet_from": EVENING, "quiet_days": [0]}, "half_quiet_hours", "quiet_to"),
        ({"quiet_to": EVENING, "quiet_days": [0]}, "half_quiet_hours", "quiet_from"),
        ({**NIGHTS, "quiet_days": []}, "no_quiet_days", "quiet_days"),
        ({**NIGHTS, "quiet_days": [7]}, "no_quiet_days", "quiet_days"),
        ({"quiet_from": MORNING, "quiet_to": MORNING, "quiet_days": range(7)}, "always_quiet", "quiet_to"),
    ],
)
def test_what_cannot_be_is_refused_in_words__N1(alice, wanted, code, field):
    with pytest.raises(Malformed) as caught:
        choose_notices(alice, by=alice, **{"by_mail": "all", **wanted})

    assert (caught.value.code, caught.value.field) == (code, field)
    assert not NoticeChoice.objects.exists()


def test_nobody_chooses_for_a_colleague(alice, bob):
    with pytest.raises(Refused):
        choose_notices(bob, by=alice, by_mail="never")

    assert not NoticeChoice.objects.exists()
