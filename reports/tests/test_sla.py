"""The SLA report, reckoned by hand: who is counted, where, as what, and how long it took."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from customers.models import SupportPlan
from reports import periods
from reports.measures.clocks import Times
from reports.sla import as_json, sla_report
from reports.tests.conftest import DAY, HOUR, LATER, NOVEMBER, OCTOBER
from tickets import clocks
from tickets.models import Clock, ClosureCause, Entry, Status

NOTHING = {"met": 0, "missed": 0, "running": 0, "median_seconds": None, "p90_seconds": None}


def test_counts_what_was_met_and_missed_and_how_long_it_took(measured, opened, report, tier1):
    ticket = opened(team=tier1)
    measured(600, ticket=ticket)
    measured(1200, ticket=opened(team=tier1))
    measured(3600, ticket=opened(team=tier1))
    measured(100_000, ticket=opened(team=tier1), is_late=True)
    measured(None, ticket=opened(LATER - HOUR, team=tier1))  # of November: not counted

    [row] = report().rows

    assert (row.label, row.tickets) == ("Tier 1", 4)
    # between the 2nd and the 3rd; nine tenths of the way along the four: 3600 + 0.7 × (100000 - 3600)
    assert (row.first_response.met, row.first_response.missed, row.first_response.running) == (3, 1, 0)
    assert row.first_response.median_seconds == 2400
    assert row.first_response.p90_seconds == pytest.approx(71_080)
    assert row.first_response.attainment == 0.75


def test_no_data_is_no_data_never_none_or_all_of_it(report, db):
    said = as_json(report())

    assert said == {
        "from": "2026-10-01",
        "to": "2026-11-01",
        "rows": [],
        "total": {"tickets": 0, "first_response": NOTHING, "next_response": NOTHING, "resolution": NOTHING},
    }
    assert report().total.first_response.attainment is None


def test_what_runs_in_time_is_neither_met_nor_missed(measured, report):
    measured(None, is_late=False, target=90 * 86_400)

    total = report().total

    assert (total.first_response.met, total.first_response.missed, total.first_response.running) == (0, 0, 1)
    assert total.first_response.attainment is None


def test_running_and_overdue_counts_as_missed_from_its_due_time_on(measured, report):
    clock = measured(None)

    assert report(at=clock.due_at).total.first_response.running == 1
    late = report(at=clock.due_at + timedelta(seconds=1)).total.first_response
    assert (late.missed, late.running, late.median_seconds) == (1, 0, None)


def test_a_breach_stays_missed_although_the_due_time_moved__S5(measured, report):
    measured(600, is_late=True, due_at=LATER)

    assert report().total.first_response.missed == 1


def test_a_paused_clock_is_not_overdue__S3(measured, report):
    measured(None, metric="resolution", paused_at=OCTOBER + DAY, due_at=None)

    assert report().total.resolution.running == 1


def test_without_a_target_there_is_nothing_to_miss_but_time_was_spent(measured, report):
    measured(600, target=None)
    measured(None, target=None)

    first = report().total.first_response
    assert (first.counted, first.running, first.median_seconds) == (0, 0, 600)


def test_next_responses_count_waits_not_tickets(measured, opened, report):
    ticket = opened()
    for seconds, day in ((60, 1), (120, 2), (180, 3)):
        measured(seconds, ticket=ticket, metric="next_response", started_at=OCTOBER + day * DAY)

    total = report().total

    assert total.tickets == 1
    assert (total.next_response.met, total.next_response.median_seconds) == (3, 120)


def test_live_and_written_answers_stand_apart(measured, report):
    measured(0, is_live=True)
    measured(600)
    measured(1800)

    first = report().total.first_response

    assert first.live == Times(1, 0, 0, 0, 0)
    assert (first.written.met, first.written.median_seconds) == (2, 1200)
    assert first.median_seconds == 600
    detail = as_json(report(), detail=True)["total"]["first_response"]
    assert (detail["live"]["met"], detail["written"]["p90_seconds"]) == (1, 1680)
    assert set(as_json(report())["total"]["first_response"]) == set(NOTHING)


def test_a_stopped_clock_stands_with_the_team_and_agent_of_its_stop(
    measured, opened, report, tier1, billing, alice, bob
):
    ticket = opened(team=billing, assignee=bob)
    measured(600, ticket=ticket, team=tier1, agent=alice)
    measured(None, ticket=ticket, metric="resolution")

    by_team = {row.group: row for row in report(by="team").rows}
    by_agent = {row.group: row for row in report(by="agent").rows}

    assert (by_team["Tier 1"].tickets, by_team["Tier 1"].first_response.met) == (0, 1)
    assert (by_team["Billing"].tickets, by_team["Billing"].resolution.missed) == (1, 1)
    assert by_agent["Alice"].first_response.met == 1
    assert (by_agent["Bob"].tickets, by_agent["Bob"].resolution.missed) == (1, 1)


@pytest.mark.parametrize(
    "change", [{"is_spam": True}, {"trashed_at": OCTOBER + DAY}, {"closure_cause": ClosureCause.MERGED}]
)
def test_spam_trash_and_merged_tickets_are_left_out(change, measured, opened, report):
    measured(600, ticket=opened(**change))

    assert not report().total.is_of_period


def test_a_cancelled_clock_is_left_out_but_its_ticket_is_counted(measured, report):
    measured(600, cancelled_at=OCTOBER + DAY)

    assert (report().total.tickets, report().total.first_response.counted) == (1, 0)


def test_the_period_holds_its_first_instant_and_not_its_last(opened, report):
    just_before = timedelta(microseconds=1)
    for at in (OCTOBER - just_before, OCTOBER, NOVEMBER - just_before, NOVEMBER):
        opened(at)

    assert report().total.tickets == 2


def test_days_are_those_of_the_zone_also_when_the_clocks_change(opened):
    # Oslo: summer time until 25 October 2026 03:00, so that day has 25 hours, 22:00 UTC to 23:00 UTC.
    for at in ("2026-10-24 21:59", "2026-10-24 22:00", "2026-10-25 22:59", "2026-10-25 23:00"):
        opened(datetime.fromisoformat(at).replace(tzinfo=UTC))

    day = periods.parse("2026-10-25", "2026-10-26", "Europe/Oslo")

    assert sla_report(day).total.tickets == 2
    assert sla_report(periods.parse("2026-10-25", "2026-10-26", "UTC")).total.tickets == 2
    assert sla_report(periods.parse("2026-10-24", "2026-10-25", "Europe/Oslo")).total.tickets == 1


def test_groups_by_code_in_their_own_order(measured, opened, report):
    for channel, priority, customer_type in (
        ("phone", 2, "external"),
        ("email", 4, "internal"),
        ("email", 1, "external"),
    ):
        measured(60, ticket=opened(channel=channel, priority=priority, customer_type=customer_type))

    assert [(row.group, row.tickets) for row in report(by="channel").rows] == [("email", 2), ("phone", 1)]
    assert [row.group for row in report(by="priority").rows] == ["urgent", "normal", "low"]
    assert [(row.group, row.first_response.met) for row in report(by="customer_type").rows] == [
        ("external", 2), ("internal", 1),
    ]  # fmt: skip


def test_nobodys_tickets_stand_last_without_a_name(opened, report, tier1):
    opened()
    opened(team=tier1)

    assert [(row.group, row.label) for row in report().rows] == [("Tier 1", "Tier 1"), (None, "No team")]


def test_two_agents_of_one_name_stay_two(measured, opened, report, alice, bob):
    bob.name = alice.name
    bob.save(update_fields=["name"])
    measured(60, ticket=opened(assignee=alice))
    measured(60, ticket=opened(assignee=bob))

    assert [row.tickets for row in report(by="agent").rows] == [1, 1]


def test_a_supervisor_reads_of_their_teams_alone(measured, opened, report, tier1, billing):
    measured(60, ticket=opened(team=tier1))
    measured(60, ticket=opened(team=billing), team=tier1)
    measured(None, ticket=opened(team=billing))

    mine = report(teams={tier1.pk})

    assert [row.group for row in mine.rows] == ["Tier 1"]
    assert (mine.total.tickets, mine.total.first_response.met, mine.total.first_response.missed) == (1, 2, 0)


def test_open_and_overdue_are_counted_now_whenever_they_were_opened(measured, opened, report, tier1):
    old = opened(datetime(2026, 1, 1, tzinfo=UTC), team=tier1, status=Status.OPEN)
    measured(None, ticket=old)
    measured(None, ticket=old, metric="resolution")
    opened(team=tier1, status=Status.PENDING)
    opened(team=tier1, status=Status.CLOSED, closed_at=OCTOBER + DAY)

    [row] = report().rows

    assert (row.open_now, row.overdue_now) == (2, 1)
    assert (report().total.open_now, report().total.overdue_now) == (2, 1)


def test_a_group_with_nothing_but_a_backlog_is_no_row_of_the_period(opened, report, tier1):
    opened(datetime(2026, 1, 1, tzinfo=UTC), team=tier1)

    assert [row.label for row in report().rows] == ["Tier 1"]
    assert as_json(report())["rows"] == []


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_for_any_size(size, measured, opened, tier1, billing, october, django_assert_num_queries):
    for n in range(size):
        measured(60, ticket=opened(team=(tier1, billing)[n % 2]))

    with django_assert_num_queries(5):  # tickets, clocks by group, open ones, names, clocks in all
        sla_report(october, at=LATER)


def test_a_wait_runs_from_the_earliest_unanswered_message__nrt_1(shared_data, opened, carol, alice):
    cases = json.loads((shared_data / "data/metrics/worked.json").read_text())["cases"]
    for case in (case for case in cases if case["metric"] == "next_response_minutes"):
        ticket = opened(OCTOBER)
        clocks.start_on_message(
            ticket, Entry.objects.create(ticket=ticket, kind="message", happened_at=OCTOBER), at=OCTOBER
        )
        for wall, who in case["events"]:
            at = datetime.fromisoformat(f"2026-10-01 {wall}").replace(tzinfo=UTC)
            if who == "customer":
                entry = Entry.objects.create(ticket=ticket, kind="message", author_person=carol, happened_at=at)
                clocks.start_on_message(ticket, entry, at=at)
            else:
                entry = Entry.objects.create(ticket=ticket, kind="reply", author=alice, happened_at=at)
                clocks.stop_on_answer(ticket, entry, at=at, by=alice)

        waits = Clock.objects.filter(ticket=ticket, metric="next_response").order_by("started_at")

        assert [clock.elapsed_seconds / 60 for clock in waits] == case["expected"]
        today = periods.parse("2026-10-01", "2026-10-02", "UTC")
        assert sla_report(today, at=timezone.now()).total.next_response.median_seconds == 3600


def test_the_worked_examples_of_attainment(shared_data):
    cases = json.loads((shared_data / "data/metrics/worked.json").read_text())["cases"]
    for case in (case for case in cases if case["metric"] == "sla_attainment"):
        found = Times(case["met"], case["missed"], case["running"]).attainment

        assert found is None if case["expected"] is None else found == pytest.approx(case["expected"], abs=1e-4)


def test_what_a_policy_promises_beyond_the_usual_is_told_where_it_is_promised__S8(measured, opened, report):
    ticket = opened()
    measured(600, ticket=ticket)
    measured(7200, ticket=ticket, metric="keep_informed", is_late=True)
    measured(600, ticket=opened(), metric="keep_informed")

    said = as_json(report())["total"]

    assert (said["keep_informed"]["met"], said["keep_informed"]["missed"]) == (1, 1)
    assert "transfer" not in said


def test_an_applied_policy_leaves_a_ticket_with_the_one_that_its_answer_counted_by__S5(
    measured, opened, report, make_policy
):
    old, new = make_policy("Old"), make_policy("New")
    for _n in range(3):
        ticket = opened()
        measured(None, ticket=ticket, metric="resolution", policy=new)  # runs on under what was applied
        measured(600, ticket=ticket, policy=old)
    measured(600, ticket=opened(), metric="next_response", policy=new)  # opened by us: no first response

    rows = {row.group: (row.tickets, row.first_response.counted) for row in report(by="policy").rows}

    assert rows == {"New": (1, 0), "Old": (3, 3)}


def test_can_be_told_apart_by_policy_and_by_support_plan__S2(measured, opened, report, make_policy):
    gold = SupportPlan.objects.create(name="Gold")
    promise = make_policy("Gold customers", plan=gold)
    measured(600, ticket=opened(plan=gold), policy=promise)
    opened()

    by_policy = [(row.group, row.tickets, row.first_response.met) for row in report(by="policy").rows]
    by_plan = [(row.group, row.tickets, row.first_response.met) for row in report(by="plan").rows]

    assert by_policy == [("Gold customers", 1, 1), (None, 1, 0)]
    assert by_plan == [("Gold", 1, 1), (None, 1, 0)]
