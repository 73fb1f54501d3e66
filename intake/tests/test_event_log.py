"""A process log becomes tickets as if they had been worked on here."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.management.base import CommandError

from accounts.models import User
from customers.models import Person
from events.models import Delivery, Event
from intake.models import ImportedCase, ImportRun, StagedRow
from staff.models import Team
from tickets import lifecycle
from tickets.models import Clock, ClockPause, Entry, Escalation, Status, Ticket

OPENED = "A,open,ann,2012-06-04 09:00,Acme,1,Printer smokes"
TAKEN = "A,take,bob,2012-06-04 10:00,Acme,1,"
WAITS = "A,wait,bob,2012-06-04 11:00,Acme,1,"
RESOLVED = "A,resolve,bob,2012-06-05 09:00,Acme,1,"
CLOSED = "A,close,,2012-06-06 09:00,Acme,1,"


def kinds(ticket: Ticket) -> list[str]:
    """The events of a ticket in order, without breaches."""
    told = Event.objects.filter(subject_kind="ticket", subject_id=ticket.pk).exclude(kind="ticket.sla_breached")
    return [event.kind.removeprefix("ticket.") for event in told.order_by("subject_seq")]


def test_a_case_is_told_with_its_times(importing, counts):
    told = importing.log(OPENED, TAKEN, RESOLVED, CLOSED)

    assert told.counts == counts(created=1)
    ticket = Ticket.objects.get()
    assert kinds(ticket) == ["opened", "taken", "resolved", "closed"]
    assert ticket.opened_at == datetime(2012, 6, 4, 7, tzinfo=UTC)
    assert (ticket.status, ticket.origin, ticket.external_id) == (Status.CLOSED, "import", "A")
    assert (str(ticket.requester), str(ticket.assignee), str(ticket.team)) == ("Customer Acme", "Agent bob", "Group 1")
    bob = User.objects.get(name="Agent bob")
    assert not bob.is_active
    assert not bob.has_usable_password()
    assert bob.staff_profile.external_id == "old-desk:bob"
    assert not Delivery.objects.exists()
    assert not StagedRow.objects.exists()


def test_rows_may_lie_scattered(importing):
    other = "B,open,ann,2012-06-04 09:30,Beta,2,Screen"

    importing.log(CLOSED, other, RESOLVED, OPENED, "B,take,ann,2012-06-04 09:40,Beta,2,", TAKEN)

    assert kinds(Ticket.objects.get(external_id="A")) == ["opened", "taken", "resolved", "closed"]
    assert kinds(Ticket.objects.get(external_id="B")) == ["opened", "taken"]


def test_taking_stands_in_for_the_first_response(importing):
    importing.log(OPENED, TAKEN)

    clock = Clock.objects.get(metric="first_response")
    assert (clock.elapsed_seconds, str(clock.agent)) == (3600, "Agent bob")
    assert Event.objects.get(kind="ticket.taken").data["answers"] is True
    assert ImportRun.objects.get().first_response_from == "take"


def test_a_wait_becomes_pending_without_consent_or_time__H1(importing):
    importing.log(OPENED, TAKEN, WAITS)

    assert Ticket.objects.get().status == Status.PENDING
    assert ClockPause.objects.get().ended_at is None


def test_taking_it_again_ends_the_wait(importing):
    importing.log(OPENED, TAKEN, WAITS, "A,take,bob,2012-06-04 13:00,Acme,1,", RESOLVED)

    pause = ClockPause.objects.get()
    assert (pause.ended_at - pause.started_at).total_seconds() == 7200
    assert Clock.objects.get(metric="resolution").elapsed_seconds == 22 * 3600
    assert kinds(Ticket.objects.get()) == ["opened", "taken", "pending", "returned", "taken", "resolved"]


def test_work_after_closing_reopens(importing):
    importing.log(OPENED, TAKEN, RESOLVED, CLOSED, "A,take,ann,2012-06-07 09:00,Acme,1,")

    ticket = Ticket.objects.get()
    assert kinds(ticket) == ["opened", "taken", "resolved", "closed", "reopened", "taken"]
    assert ticket.status == Status.OPEN


def test_closing_twice_leaves_a_note(importing):
    importing.log(OPENED, TAKEN, RESOLVED, CLOSED, "A,close,ann,2012-06-07 09:00,Acme,1,")

    assert kinds(Ticket.objects.get()) == ["opened", "taken", "resolved", "closed", "note_added"]
    assert Ticket.objects.get().status == Status.CLOSED


def test_another_customer_takes_part_and_the_first_stays_requester(importing):
    importing.log(OPENED, TAKEN, "A,resolve,bob,2012-06-05 09:00,Beta,1,")

    ticket = Ticket.objects.get()
    assert str(ticket.requester) == "Customer Acme"
    assert [str(row.person) for row in ticket.participants.all()] == ["Customer Beta"]
    assert kinds(ticket) == ["opened", "taken", "participant_added", "resolved"]


def test_another_team_gets_it(importing):
    importing.log(OPENED, TAKEN, "A,resolve,bob,2012-06-05 09:00,Acme,2,")

    assert str(Ticket.objects.get().team) == "Group 2"
    assert kinds(Ticket.objects.get()) == ["opened", "taken", "assigned", "resolved"]


def test_every_act_is_told(importing):
    importing.log(
        OPENED, "A,answer,bob,2012-06-04 10:00,Acme,1,Is it on?", "A,write,,2012-06-04 11:00,Acme,1,Yes",
        "A,escalate,bob,2012-06-04 12:00,Acme,1,", "A,note,ann,2012-06-04 13:00,Acme,1,I look", RESOLVED,
        "A,reopen,ann,2012-06-05 10:00,Acme,1,",
    )  # fmt: skip

    ticket = Ticket.objects.get()
    assert kinds(ticket) == [
        "opened", "replied", "message_received", "escalated", "note_added", "note_added", "resolved", "reopened",
    ]  # fmt: skip
    assert list(ticket.entries.order_by("pk").values_list("text", flat=True)) == [
        "Printer smokes", "Is it on?", "Yes", "escalate", "I look",
    ]  # fmt: skip
    assert Escalation.objects.get().status == Escalation.Status.RESOLVED
    assert Entry.objects.get(text="I look").visibility == Entry.Visibility.INTERNAL


def test_a_breach_stands_at_its_due_time_and_runs_nothing__S(importing):
    importing.log(OPENED, "A,take,bob,2012-06-08 09:00,Acme,1,")

    breach = Event.objects.filter(kind="ticket.sla_breached").order_by("happened_at").first()
    assert breach.happened_at == datetime(2012, 6, 5, 7, tzinfo=UTC)
    assert breach.origin == Event.Origin.IMPORT
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(("extra", "joins"), [((), False), (("--live",), True)])
def test_it_joins_enforcement_only_when_asked__S(importing, extra, joins):
    importing.log(OPENED, extra=extra)

    assert Ticket.objects.get().is_enforced is joins
    assert Clock.objects.filter(next_at__isnull=False).exists() is joins


def test_a_dry_run_writes_nothing(importing, counts, tmp_path):
    told = importing.log(OPENED, TAKEN, "B,open,ann,never,Beta,2,", extra=("--dry-run",))

    assert told.counts == counts(created=1, rejected=1)
    for model in (Ticket, Event, Person, User, Team, ImportRun, ImportedCase, StagedRow):
        assert not model.objects.exclude(pk__lt=0).exists() or model is Team, model
    assert not list(tmp_path.glob("*rejected*"))


def test_one_bad_row_rejects_its_case_and_no_other(importing, counts):
    told = importing.log(OPENED, "B,open,ann,2012-06-04 09:30,Beta,2,Screen", "A,take,bob,tomorrow,Acme,1,")

    assert told.counts == counts(created=1, rejected=1)
    assert Ticket.objects.get().external_id == "B"
    assert [(line, case) for line, _reason, case, *_rest in told.rejected] == [("2", "A"), ("4", "A")]
    assert told.rejected[0][1].startswith("Line 4 of the same case")
    assert "tomorrow" in told.rejected[1][1]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A,dance,bob,2012-06-04 09:00,Acme,1,", "does not know the activity"),
        ("A,take,,2012-06-04 09:00,Acme,1,", "no resource"),
        ("A,open,bob,2012-06-04 09:00,,1,", "No customer"),
        (",open,bob,2012-06-04 09:00,Acme,1,", "belongs to no case"),
        ("A,open,bob,,Acme,1,", "No time"),
        ("A,open,bob,2999-01-01 00:00,Acme,1,", "outside the years"),
        ("A,open,bob,0001-01-01 00:00,Acme,1,", "time"),
        ("A,open,bob,2012-06-04 09:00", "4 cells"),
        ("A,open,bob,2012-06-04 09:00,Acme,1,x,y", "8 cells"),
        ("A" * 161 + ",open,bob,2012-06-04 09:00,Acme,1,", "160"),
        ("A,open,bob,2012-06-04 09:00,Acme,1,a\0b", "NUL"),
        ("A,open,bob,2012-06-04 09:00,Acme,1," + "x" * 200_001, "longer than 200000"),
    ],
)
def test_a_row_that_cannot_be_is_rejected_with_line_and_reason(importing, counts, row, reason):
    told = importing.log(row)

    assert told.counts == counts(rejected=1)
    ((line, why, *_cells),) = told.rejected
    assert line == "2"
    assert reason in why
    assert not Ticket.objects.exists()


def test_exact_duplicates_count_once(importing, counts):
    told = importing.log(OPENED, TAKEN, TAKEN)

    assert told.counts == counts(created=1)
    assert "1 rows were exact duplicates" in told.errors
    assert kinds(Ticket.objects.get()) == ["opened", "taken"]


def test_again_changes_nothing(importing, counts):
    importing.log(OPENED, TAKEN)
    before = list(Event.objects.order_by("pk").values())

    told = importing.log(TAKEN, OPENED)

    assert told.counts == counts(unchanged=1)
    assert list(Event.objects.order_by("pk").values()) == before


def test_rows_that_came_since_are_told_on_top__T6(importing, counts):
    importing.log(OPENED, TAKEN, WAITS)
    before = list(Event.objects.filter(subject_kind="ticket").order_by("subject_seq").values())

    told = importing.log(OPENED, TAKEN, WAITS, "A,take,bob,2012-06-04 13:00,Acme,1,", RESOLVED, CLOSED)

    assert told.counts == counts(updated=1)
    ticket = Ticket.objects.get()
    after = list(Event.objects.filter(subject_kind="ticket").order_by("subject_seq").values())
    assert after[: len(before)] == before
    assert [row["subject_seq"] for row in after] == list(range(1, len(after) + 1))
    assert (ticket.status, ticket.event_seq) == (Status.CLOSED, len(after))
    clock = Clock.objects.get(metric="resolution")
    assert clock.elapsed_seconds == 22 * 3600
    assert ClockPause.objects.get().ended_at == datetime(2012, 6, 4, 11, tzinfo=UTC)
    assert importing.log(
        OPENED, TAKEN, WAITS, "A,take,bob,2012-06-04 13:00,Acme,1,", RESOLVED, CLOSED
    ).counts == counts(unchanged=1)


def test_a_case_told_in_two_runs_stands_as_one_told_at_once(importing):
    importing.log(OPENED, TAKEN)
    importing.log(OPENED, TAKEN, RESOLVED, CLOSED)

    importing.log(OPENED, TAKEN, RESOLVED, CLOSED, source="again")

    first, second = Ticket.objects.order_by("pk")
    assert kinds(first) == kinds(second)
    assert (first.status, first.resolved_at, first.closed_at) == (second.status, second.resolved_at, second.closed_at)
    columns = ("metric", "started_at", "stopped_at", "elapsed_seconds", "due_at", "breached_at")
    assert list(first.clocks.order_by("metric").values_list(*columns)) == list(
        second.clocks.order_by("metric").values_list(*columns)
    )


def test_rows_that_changed_are_rejected__T6(importing, counts):
    importing.log(OPENED, TAKEN)

    told = importing.log(OPENED, TAKEN.replace("bob", "ann"))

    assert told.counts == counts(rejected=1)
    assert all("history is never rewritten" in reason for _line, reason, *_cells in told.rejected)
    assert str(Ticket.objects.get().assignee) == "Agent bob"


def test_a_ticket_that_was_worked_on_here_is_left_alone(importing, counts, alice):
    importing.log(OPENED, TAKEN)
    lifecycle.add_note(Ticket.objects.get(), by=alice, text="I called them.")

    told = importing.log(OPENED, TAKEN, RESOLVED)

    assert told.counts == counts(rejected=1)
    assert "worked on here" in told.rejected[0][1]
    assert Ticket.objects.get().status == Status.OPEN


def test_local_times_that_never_or_twice_happen_are_read(importing):
    importing.log(
        "A,open,ann,2012-03-25 02:30,Acme,1,skipped", "B,open,ann,2012-10-28 02:30,Acme,1,twice",
        "C,open,ann,2012-10-28T02:30:00+01:00,Acme,1,told",
    )  # fmt: skip

    opened = dict(Ticket.objects.values_list("external_id", "opened_at"))
    assert opened == {
        "A": datetime(2012, 3, 25, 1, 30, tzinfo=UTC),
        "B": datetime(2012, 10, 28, 0, 30, tzinfo=UTC),
        "C": datetime(2012, 10, 28, 1, 30, tzinfo=UTC),
    }


def test_the_zone_may_be_named(importing):
    importing.log(OPENED, extra=("--timezone", "America/New_York"))

    assert Ticket.objects.get().opened_at == datetime(2012, 6, 4, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"activities": {"open": "dances"}}, "activities.open: one of opens"),
        ({"activities": {}}, "activities"),
        ({"first_response_from": "wait"}, "first_response_from"),
        ({"timezone": "Mars/Olympus"}, "time zone"),
        ({"colums": {}}, "colums: there is no such key"),
        ({"columns": {"case": "case"}}, "columns.activity: it is missing"),
        ({"columns": []}, "columns: an object is wanted"),
        ({"source": "x" * 61}, "source"),
        ({"ticket": {"subject": "{nope}", "customer": {"column": "customer"}}}, "no column “nope”"),
        ({"ticket": {"subject": "{case}", "customer": {"column": "customer", "name": "X"}}}, "{value}"),
        ({"ticket": {"subject": "{case}", "channel": "fax", "customer": {"column": "customer"}}}, "ticket.channel"),
        ({"delimiter": ",,"}, "delimiter"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_by_its_key(importing, changes, message):
    with pytest.raises(CommandError, match=message.replace("{", r"\{")):
        importing.log(OPENED, **changes)

    assert not Ticket.objects.exists()


def test_a_log_needs_a_mapping(importing):
    with pytest.raises(CommandError, match="needs a mapping"):
        importing("a,b\n1,2\n", "--format", "eventlog")
