"""S6, S7: what is shown comes from the rows that are enforced, and explains itself."""

from datetime import time, timedelta

import pytest

from sla.operations import Terms, revise_policy
from staff.calendars import Terms as CalendarTerms
from staff.calendars import change_calendar
from tickets import clocks, lifecycle
from tickets.clocks import applying
from tickets.enforcement import enforce
from tickets.models import Clock

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def kinds(steps):
    return [step.kind for step in steps]


def test_names_policy_target_and_hours__S7(ticket, clock, monday):
    steps = clocks.explain(clock(ticket, "first_response"))

    assert kinds(steps) == ["policy", "started", "open", "due"]
    assert steps[0].text == "Standard promise: First response within 24 hours, around the clock"
    assert (steps[1].at, steps[2].seconds, steps[3].at) == (monday, 86_400, monday + DAY)


def test_tells_closed_hours_apart__S7(make_ticket, carol, make_policy, office_hours, clock, monday):
    make_policy("Office", channel="email", calendar=office_hours, first_response=10 * 3600)
    ticket = make_ticket(carol, at=monday)

    steps = clocks.explain(clock(ticket, "first_response"))

    assert kinds(steps) == ["policy", "started", "open", "closed", "open", "due"]
    assert [step.seconds for step in steps if step.kind == "open"] == [8 * 3600, 2 * 3600]
    assert steps[-1].at == monday + DAY + HOUR
    assert "Office hours" in steps[0].text


@pytest.fixture
def urgent(make_policy):
    return make_policy("Urgent", priority=4, resolution=24 * 3600)


def test_tells_pauses_changes_and_the_end__S7(urgent, ticket, clock, answer, monday, alice):
    answer(ticket, monday + HOUR)
    clocks.pause(ticket, cause="pending", at=monday + 2 * HOUR)
    assert kinds(clocks.explain(clock(ticket, "resolution"))) == ["policy", "started", "open", "paused"]

    clocks.unpause(ticket, cause="pending", at=monday + 5 * HOUR)
    ticket.priority = 4
    clocks.reprioritise(ticket, at=monday + 6 * HOUR)
    clocks.resolve(ticket, at=monday + 30 * HOUR, by=alice)

    steps = clocks.explain(clock(ticket, "resolution"))

    assert kinds(steps) == [
        "policy", "started", "open", "paused", "open", "changed", "due", "breached", "stopped",
    ]  # fmt: skip
    assert steps[3].text == "Waiting for the customer"
    assert "Standard promise" in steps[5].text


def test_the_story_ends_where_the_row_is_due__S6(ticket, clock):
    for row in Clock.objects.filter(ticket=ticket):
        assert [step.until for step in clocks.explain(row) if step.kind == "open"][-1] == row.due_at


def test_no_target_is_no_due_time(make_ticket, carol, policy, clock, monday):
    revise_policy(policy, Terms(targets={"first_response": {"": 3600}}), by=None, valid_from=monday)
    ticket = make_ticket(carol, at=monday)

    row = clock(ticket, "resolution")

    assert (row.due_at, row.next_at) == (None, None)
    assert kinds(clocks.explain(row)) == ["policy", "started"]


def test_says_why_this_policy_in_which_version__S7(make_ticket, carol, make_policy, office_hours, clock, monday):
    make_policy("Gold", channel="email", customer_type="external", calendar=office_hours, first_response=3600)
    ticket = make_ticket(carol, at=monday)

    (first, *_rest) = clocks.explain(clock(ticket, "first_response"))

    assert first.detail[0] == "Picked because it asks for most of what fits: by e-mail, external customers"
    assert first.detail[1] == "Gold, version 1"
    assert first.detail[2] == "Office hours, version 1"
    assert first.detail[3].endswith(", UTC")


def test_says_who_started_and_who_stopped_it_with_the_way_there__S7(ticket, clock, answer, monday):
    answer(ticket, monday + HOUR)

    steps = clocks.explain(clock(ticket, "first_response"))

    assert kinds(steps) == ["policy", "started", "open", "stopped", "due"]
    assert steps[1].text == "Started by the message of Carol Cole"
    assert steps[1].entry == ticket.entries.order_by("pk").first().pk
    assert steps[3].text.startswith("Stopped by the answer of")
    assert steps[3].entry == ticket.entries.order_by("pk").last().pk
    assert steps[3].detail == ("1 h after it started, pauses left out",)
    assert steps[4].text == "It would have been due"


def test_many_days_are_told_as_one__S7(make_ticket, carol, make_policy, office_hours, clock, monday):
    make_policy("Office", channel="email", calendar=office_hours, resolution=60 * 3600)
    ticket = make_ticket(carol, at=monday)

    steps = clocks.explain(clock(ticket, "resolution"))

    opened = [step for step in steps if step.kind == "open"]
    assert [step.seconds for step in opened] == [8 * 3600, 45 * 3600, 7 * 3600]
    assert opened[1].text == "Counted on 5 working days, 08:00–17:00"
    assert sum(step.seconds for step in opened) == 60 * 3600


def test_a_pause_names_its_hold_and_whose_consent__H6(taken_ticket, clock, alice, tomorrow):
    hold = lifecycle.hold(
        taken_ticket, by=alice, reason="customer_asked", consent="written", until=tomorrow,
        consent_entry=taken_ticket.entries.order_by("pk").first(),
    )  # fmt: skip

    (paused,) = [step for step in clocks.explain(clock(taken_ticket, "resolution")) if step.kind == "paused"]

    assert paused.text == f"Paused by hold no. 1: {hold.reason}"
    assert paused.detail[0].startswith("with the consent of Carol Cole")
    assert paused.until is None


def test_warnings_and_the_breach_say_how_late_they_came__S4(ticket, clock, monday):
    enforce(at=monday + 20 * HOUR)
    enforce(at=monday + DAY + HOUR)

    steps = clocks.explain(clock(ticket, "first_response"))

    assert kinds(steps) == ["policy", "started", "open", "warned", "warned", "due", "breached"]
    assert steps[3].text == "The owner was warned: 75 % of the time was gone"
    assert steps[3].detail == ("told 2 h later",)
    assert steps[4].text == "Time to warn the supervisor: 90 % of the time was gone"
    assert steps[4].detail == ("nobody was told: when it was seen, it was already due",)


def test_a_newer_version_of_the_same_policy_is_called_so__S7(make_ticket, make_policy, carol, mia, clock, monday):
    gold = make_policy("Gold", channel="email", first_response=8 * 3600)
    ticket = make_ticket(carol, at=monday)
    terms = Terms(channel="email", targets={"first_response": {"": 2 * 3600}})
    revise_policy(gold, terms, by=None, valid_from=monday + HOUR, at=monday + HOUR)
    applying.apply(by=mia, at=monday + 2 * HOUR)

    [changed] = [step for step in clocks.explain(clock(ticket, "first_response")) if step.kind == "changed"]

    assert changed.text == "“Gold” was changed, and its newer version counts"
    assert changed.detail[0].startswith("Gold, version 2, in force since 2 Mar 2026, ")
    assert changed.detail[0].endswith("; before: Gold, version 1")


def test_changed_hours_name_their_versions__S7(make_ticket, make_policy, carol, mia, office_hours, clock, monday):
    make_policy("Office", channel="email", calendar=office_hours, first_response=10 * 3600)
    ticket = make_ticket(carol, at=monday)
    hours = {day: ((time(10), time(16)),) for day in range(5)}
    change_calendar(office_hours, CalendarTerms(hours=hours, time_zone="UTC"), by=mia, at=monday + HOUR)
    applying.apply(by=mia, at=monday + 2 * HOUR)

    [changed] = [step for step in clocks.explain(clock(ticket, "first_response")) if step.kind == "changed"]

    assert changed.text == "The calendar was changed, and its newer hours count"
    assert changed.detail[0].startswith("Office hours, version 2, in force since")
