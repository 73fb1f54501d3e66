"""What falls due is done once, in order, and caught up with (S4)."""

import json
import logging
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Delivery, Event
from tickets import clocks, enforcement, tasks
from tickets.enforcement import acts, due, passes
from tickets.models import Clock, Closure, EnforcementTally, Escalation, FollowUp, Hold, Promise, Ticket

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def told(kind):
    return list(Event.objects.filter(kind=kind).order_by("subject_seq"))


def nothing_done(report):
    return not any(report.values())


def test_warns_the_owner_then_the_supervisor_then_breaches__S4(ticket, clock, sara, monday):
    assert nothing_done(enforcement.enforce(at=monday + 17 * HOUR))

    report = enforcement.enforce(at=monday + 18 * HOUR + timedelta(seconds=20))

    assert (report["warned"], report["breached"], report["late_seconds_max"]) == (1, 0, 20)
    [warning] = told("ticket.sla_warned")
    assert (warning.happened_at, warning.data["whom"], warning.data["percent"]) == (monday + 18 * HOUR, "owner", 75)
    assert clock(ticket, "first_response").next_at == monday + 0.9 * DAY

    report = enforcement.enforce(at=monday + 0.9 * DAY)

    assert report["warned"] == 1
    assert told("ticket.sla_warned")[1].data["whom"] == "supervisor"

    report = enforcement.enforce(at=monday + DAY + HOUR)

    assert (report["warned"], report["breached"], report["escalated"]) == (0, 1, 1)
    first = clock(ticket, "first_response")
    assert (first.breached_at, first.next_at) == (monday + DAY, None)
    assert first.breach_recorded_at > first.breached_at
    [breach] = told("ticket.sla_breached")
    assert (breach.happened_at, breach.data["late_seconds"]) == (monday + DAY, 3600)
    escalation = Escalation.objects.get()
    assert (escalation.waits_for, escalation.reasons.get().reason) == (sara, "sla_breach")
    assert [event.data["whom"] for event in told("ticket.sla_warned")] == ["owner", "supervisor"], "once each"


def test_a_second_run_changes_nothing__S4(ticket, sara, monday):
    enforcement.enforce(at=monday + DAY)
    before = Event.objects.count()

    assert nothing_done(enforcement.enforce(at=monday + DAY + timedelta(minutes=5)))
    assert Event.objects.count() == before


def test_both_warnings_at_once_tell_owner_and_supervisor__S4(ticket, sara, monday):
    assert enforcement.enforce(at=monday + 23 * HOUR)["warned"] == 2
    assert [(event.data["whom"], event.data["overtaken"]) for event in told("ticket.sla_warned")] == [
        ("owner", False),
        ("supervisor", False),
    ]


@pytest.mark.parametrize("at", [23 * HOUR, DAY], ids=["before the due time", "at the due time"])
def test_an_owner_is_not_warned_once_the_supervisor_was__S4(ticket, sara, monday, at):
    Clock.objects.filter(metric="first_response").update(warned_90_at=monday + HOUR, next_at=monday + 2 * HOUR)

    assert enforcement.enforce(at=monday + at)["warned"] == 0
    assert told("ticket.sla_warned") == []


def test_an_outage_past_the_due_time_is_caught_up_with__S4(ticket, clock, sara, monday):
    report = enforcement.enforce(at=monday + 30 * HOUR)

    assert (report["warned"], report["breached"], report["late_seconds_max"]) == (0, 1, 12 * 3600)
    assert [(event.happened_at, event.data["overtaken"]) for event in told("ticket.sla_warned")] == [
        (monday + 18 * HOUR, True),
        (monday + 0.9 * DAY, True),
    ]
    assert told("ticket.sla_breached")[0].happened_at == monday + DAY


def test_nothing_due_is_not_late__S4(ticket, monday):
    assert enforcement.enforce(at=monday)["late_seconds_max"] == 0


def test_a_breach_recorded_by_a_late_answer_is_not_recorded_again__S4(ticket, answer, monday):
    answer(ticket, monday + DAY + timedelta(seconds=5))

    enforcement.enforce(at=monday + DAY + HOUR)

    assert len(told("ticket.sla_breached")) == 1


def test_a_breached_clock_that_is_reinstated_is_escalated__S4(ticket, answer, sara, monday):
    entry = answer(ticket, monday + DAY + timedelta(seconds=5))
    assert not Escalation.objects.exists()
    clocks.reinstate(entry, at=monday + DAY + HOUR, ticket=ticket)

    report = enforcement.enforce(at=monday + DAY + HOUR)

    assert (report["breached"], report["escalated"]) == (0, 1)
    assert nothing_done(enforcement.enforce(at=monday + DAY + HOUR))


def test_a_paused_clock_is_left_alone__S3(ticket, answer, monday):
    answer(ticket, monday + HOUR)
    clocks.pause(ticket, cause="pending", at=monday + DAY)

    assert nothing_done(enforcement.enforce(at=monday + 30 * DAY))


@pytest.mark.parametrize("field", ["is_enforced", "is_spam"])
def test_imported_and_spam_tickets_are_left_alone__S(ticket, monday, field):
    setattr(ticket, field, field == "is_spam")
    ticket.save(update_fields=[field])

    assert nothing_done(enforcement.enforce(at=monday + 30 * DAY))
    assert not Event.objects.exists()


def test_the_breach_of_an_imported_ticket_is_told_as_imported_and_owes_nobody_a_word__S(ticket, answer, monday):
    ticket.is_enforced = False
    ticket.save(update_fields=["is_enforced"])

    answer(ticket, monday + 2 * DAY)

    [breach] = told("ticket.sla_breached")
    assert (breach.happened_at, breach.origin) == (monday + DAY, Event.Origin.IMPORT)
    assert not Delivery.objects.filter(event=breach).exists()


def test_an_imported_ticket_joins_when_asked__S(ticket, sara, monday):
    ticket.is_enforced = False
    ticket.save(update_fields=["is_enforced"])
    enforcement.enforce(at=monday + HOUR)
    Clock.objects.update(next_at=None)

    ticket.is_enforced = True
    ticket.save(update_fields=["is_enforced"])
    clocks.join_enforcement(ticket, at=monday + 3 * DAY)

    assert enforcement.enforce(at=monday + 3 * DAY)["breached"] == 1


def test_a_hold_ends_first_and_what_it_makes_due_follows_in_the_same_pass__H3(
    ticket, answer, alice, sara, hold_reasons, monday
):
    answer(ticket, monday + HOUR)
    Ticket.objects.filter(pk=ticket.pk).update(status="on_hold", assignee=alice)
    hold = Hold.objects.create(
        ticket=ticket, placed_by=alice, placed_at=monday + 2 * HOUR, reason=hold_reasons["customer_asked"],
        consent="given", until=monday + DAY, pauses_resolution=True,
    )  # fmt: skip
    clocks.pause(ticket, cause="hold", at=monday + 2 * HOUR, hold=hold)

    report = enforcement.enforce(at=monday + 10 * DAY)

    assert (report["holds_ended"], report["breached"]) == (1, 1)
    assert told("ticket.sla_breached")[0].happened_at == monday + 5 * DAY + 22 * HOUR
    ticket.refresh_from_db()
    assert ticket.status == "open"


def test_the_owner_of_a_promise_is_reminded_once_and_it_breaks_one_working_day_later__T8(ticket, answer, alice, monday):
    answer(ticket, monday + HOUR)
    promise = Promise.objects.create(
        ticket=ticket, owner=alice, made_by=alice, made_at=monday, due_at=monday + 5 * HOUR,
        remind_at=monday + 4 * HOUR, break_at=monday + 29 * HOUR,
    )  # fmt: skip

    assert enforcement.enforce(at=monday + 4 * HOUR)["promises_reminded"] == 1
    assert nothing_done(enforcement.enforce(at=monday + 5 * HOUR))
    assert told("ticket.promise_due_soon")[0].data["owner"] == alice.pk
    assert enforcement.enforce(at=monday + 29 * HOUR)["promises_broken"] == 1
    promise.refresh_from_db()
    assert promise.status == "broken"


def test_a_follow_up_is_told_once_for_each_time_it_is_due__X5(ticket, answer, alice, monday):
    answer(ticket, monday + HOUR)
    duty = FollowUp.objects.create(ticket=ticket, owner=alice, status="due", due_at=monday + 2 * HOUR)

    assert enforcement.enforce(at=monday + 3 * HOUR)["follow_ups_due"] == 1
    assert nothing_done(enforcement.enforce(at=monday + 4 * HOUR))

    duty.due_at = monday + 10 * HOUR
    duty.save(update_fields=["due_at"])

    assert enforcement.enforce(at=monday + 11 * HOUR)["follow_ups_due"] == 1


@pytest.fixture
def silent(ticket, answer, alice, monday):
    """Resolved; the customer was asked and has a week."""
    answer(ticket, monday + HOUR)
    clocks.resolve(ticket, at=monday + 2 * HOUR, by=alice)
    Ticket.objects.filter(pk=ticket.pk).update(status="resolved", resolved_at=monday + 2 * HOUR, resolved_by=alice)
    return Closure.objects.create(
        ticket=ticket, asked_at=monday + 2 * HOUR, asked_by=alice, silence_at=monday + 7 * DAY
    )


def test_silence_closes__T4(silent, ticket, monday):
    assert nothing_done(enforcement.enforce(at=monday + 6 * DAY))

    report = enforcement.enforce(at=monday + 7 * DAY + HOUR)

    assert (report["closed"], report["late_seconds_max"]) == (1, 3600)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.closure_cause) == ("closed", "no_answer")
    assert nothing_done(enforcement.enforce(at=monday + 8 * DAY))


def test_silence_does_not_close_while_a_follow_up_is_due__X5(silent, ticket, alice, monday):
    duty = FollowUp.objects.create(ticket=ticket, owner=alice, status="due", due_at=monday, told_at=monday)

    assert nothing_done(enforcement.enforce(at=monday + 8 * DAY))

    duty.status = "unanswered"
    duty.save(update_fields=["status"])

    assert enforcement.enforce(at=monday + 8 * DAY)["closed"] == 1


def test_an_escalation_nobody_takes_climbs__E4(ticket, sara, dora, monday):
    enforcement.enforce(at=monday + DAY)
    escalation = Escalation.objects.get()

    report = enforcement.enforce(at=escalation.climbs_at)

    assert report["escalations_climbed"] == 1
    escalation.refresh_from_db()
    assert escalation.level == 2


def test_one_row_that_fails_stops_no_other__S4(ticket, make_ticket, carol, sara, monday, monkeypatch, caplog):
    other = make_ticket(carol, at=monday - HOUR)
    original = acts.look_at_clocks

    def trip(clock_ids, at):
        if Clock.objects.filter(pk__in=clock_ids, ticket=other).exists():
            raise RuntimeError("the disk is full")
        return original(clock_ids, at)

    broken = tuple(replace(job, act=trip) if job.name == "clock" else job for job in due.JOBS)
    monkeypatch.setattr(due, "JOBS", broken)

    with caplog.at_level(logging.CRITICAL):
        report = enforcement.enforce(at=monday + 2 * DAY)

    assert (report["breached"], report["failed"]) == (1, 1)
    assert not Event.objects.filter(subject_id=other.pk).exists()
    assert EnforcementTally.objects.get(job="clock").failures == 1

    monkeypatch.undo()
    assert enforcement.enforce(at=monday + 2 * DAY)["breached"] == 1


def test_more_than_one_batch_is_done_in_one_pass(make_ticket, carol, sara, monday, monkeypatch):
    monkeypatch.setattr(passes, "BATCH", 2)
    for _ in range(5):
        make_ticket(carol, at=monday)

    assert enforcement.enforce(at=monday + DAY)["breached"] == 5


@pytest.mark.parametrize("idle", [1, 50])
def test_costs_by_what_is_due_not_by_what_exists__S4(ticket, make_ticket, carol, sara, monday, idle):
    for _ in range(idle):
        make_ticket(carol, at=monday + 3 * HOUR)

    with CaptureQueriesContext(connection) as nothing_due:
        enforcement.enforce(at=monday + HOUR)
    with CaptureQueriesContext(connection) as one_due:
        enforcement.enforce(at=monday + 18 * HOUR)

    assert len(nothing_due) == 2  # what is due, and that a pass has been
    assert len(one_due) <= 22


def test_prints_one_line_of_json(ticket, sara, monday):
    out = StringIO()

    call_command("enforce_sla", at=(monday + DAY).isoformat(), stdout=out)

    report = json.loads(out.getvalue())
    assert {
        "warned", "breached", "escalated", "holds_ended", "transfers_returned", "promises_broken", "closed",
        "late_seconds_max",
    } <= set(report)  # fmt: skip
    assert report["breached"] == 1


def test_the_task_may_run_twice(ticket, sara):
    tasks.enforce_sla()
    before = Event.objects.count()

    tasks.enforce_sla()

    assert before > 0
    assert Event.objects.count() == before
