"""A real help desk's log of four years, imported whole and compared with the file itself."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from datetime import UTC, datetime, time
from io import StringIO
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from customers.models import Person
from events.models import Delivery, Event
from intake.models import ImportedCase, ImportRun, StagedRow
from intake.tests import plain_sql
from staff.models import Calendar, CalendarSpan
from tickets.models import Clock, Status, Ticket
from tickets.rebuilding import rebuild

ROME = ZoneInfo("Europe/Rome")
HOUR = 3600
DAY = 24 * HOUR


@pytest.fixture
def log(shared_data: Path) -> Path:
    return shared_data / "data" / "tickets" / "italian-helpdesk-log" / "helpdesk.csv"


def import_(path: Path, rejected: Path) -> dict[str, int]:
    out, err = StringIO(), StringIO()
    call_command(
        "import_tickets",
        str(path),
        "--map",
        "italian-helpdesk-log",
        "--rejected",
        str(rejected),
        stdout=out,
        stderr=err,
    )
    assert "127 rows were exact duplicates" in err.getvalue()
    assert len(out.getvalue().splitlines()) == 1
    return json.loads(out.getvalue())


def straight(path: Path) -> dict[str, Any]:
    """What the file itself says, without any code of ours."""
    cases: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    agents, customers = set(), set()
    with path.open(newline="") as file:
        for row in list(csv.reader(file))[1:]:
            at = datetime.strptime(row[3], "%Y/%m/%d %H:%M:%S.%f").replace(tzinfo=ROME).astimezone(UTC)
            cases[row[0]].append((at, row[1]))
            agents.add(row[2])
            customers.add(row[8])
    spans, taken, first_response = [], 0, []
    for rows in cases.values():
        resolved = [at for at, activity in rows if activity == "Resolve ticket"]
        begun = min(at for at, _activity in rows)
        if resolved:
            spans.append((max(resolved) - begun).total_seconds())
        took = [at for at, activity in rows if activity == "Take in charge ticket"]
        if took and not [at for at in resolved if at < min(took)]:
            taken += 1
            first_response.append((min(took) - begun).total_seconds())
    times = [at for rows in cases.values() for at, _activity in rows]
    return {
        "tickets": len(cases), "first": min(times), "last": max(times), "resolved": len(spans),
        "median": median(spans), "agents": len(agents), "customers": len(customers), "taken": taken,
        "first_response": median(first_response),
    }  # fmt: skip


def median_from_the_desk() -> tuple[int, float]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) FROM (
                SELECT extract(epoch FROM max(event.happened_at) - ticket.opened_at) AS seconds
                FROM tickets_ticket ticket JOIN events_event event
                ON event.subject_kind = 'ticket' AND event.subject_id = ticket.id AND event.kind = 'ticket.resolved'
                GROUP BY ticket.id
            ) AS spans
            """
        )
        number, seconds = cursor.fetchone()
    return number, float(seconds)


def assert_reckoned_alike(spans: str, *, first_response: int, resolution: int) -> None:
    """Every clock of the whole log is due, was missed and stopped when plain SQL says so."""
    now = ImportRun.objects.latest("pk").started_at
    rows = plain_sql.reckoned(spans, first_response=first_response, resolution=resolution, now=now)
    odd = [row for row in rows if row[2] != row[3] or row[4] != row[5] or row[6] != row[7]]
    assert (odd[:5], len(odd)) == ([], 0)
    assert len(rows) == 2 * 4580
    missed = sum(row[4] is not None for row in rows)
    assert 500 < missed < len(rows)


@pytest.mark.django_db
def test_in_office_hours_its_clocks_are_what_plain_sql_says__S(log, tmp_path, make_policy):
    """Mon-Fri 8-18 in Rome without Italy's holidays, which the desk takes from the calendar of the country."""
    rome = Calendar.objects.create(name="Roma", time_zone="Europe/Rome", country="IT")
    CalendarSpan.objects.bulk_create(
        CalendarSpan(calendar=rome, weekday=day, opens=time(8), closes=time(18)) for day in range(5)
    )
    make_policy("In office hours", channel="web", calendar=rome, first_response=2 * HOUR, resolution=40 * HOUR)

    import_(log, tmp_path / "rejected.csv")

    assert_reckoned_alike(plain_sql.OFFICE_IN_ROME, first_response=2 * HOUR, resolution=40 * HOUR)
    said: list[str] = []
    assert rebuild(say=said.append).tickets == 4580
    assert said == []


@pytest.mark.django_db
def test_the_whole_log_stands_on_the_desk_as_in_the_file(log, tmp_path):
    said, rejected = straight(log), tmp_path / "rejected.csv"
    assert (said["tickets"], said["resolved"]) == (4580, 4569)

    assert import_(log, rejected) == {"created": 4580, "updated": 0, "unchanged": 0, "rejected": 0}

    imported = Ticket.objects.filter(external_source="italian-helpdesk-log")
    events = Event.objects.filter(subject_kind="ticket", origin=Event.Origin.IMPORT)
    told = events.exclude(kind="ticket.sla_breached").order_by("happened_at")
    assert imported.count() == said["tickets"]
    assert (told.first().happened_at, told.last().happened_at) == (said["first"], said["last"])
    assert imported.order_by("opened_at").first().opened_at == said["first"]
    assert median_from_the_desk() == (said["resolved"], pytest.approx(said["median"]))
    assert User.objects.filter(is_active=False, staff_profile__external_id__startswith="italian").count() == 22
    assert Person.objects.filter(external_id__startswith="italian").count() == said["customers"]

    stood_in = Clock.objects.filter(metric="first_response", stopped_at__isnull=False)
    assert (
        events.filter(kind="ticket.taken", data__answers=True).values("subject_id").distinct().count() >= said["taken"]
    )
    assert stood_in.count() >= said["taken"]
    assert ImportRun.objects.get().first_response_from == "Take in charge ticket"
    for clock in Clock.objects.filter(breached_at__isnull=False)[:200]:
        assert clock.breached_at == clock.due_at
    assert not Delivery.objects.exists()
    assert not StagedRow.objects.exists()
    assert not rejected.exists()

    assert_reckoned_alike(plain_sql.ROUND_THE_CLOCK, first_response=DAY, resolution=5 * DAY)

    before = (Event.objects.count(), Clock.objects.count(), Ticket.objects.count())
    assert import_(log, rejected) == {"created": 0, "updated": 0, "unchanged": 4580, "rejected": 0}
    assert (Event.objects.count(), Clock.objects.count(), Ticket.objects.count()) == before
    assert ImportedCase.objects.count() == 4580
    states = set(imported.values_list("status", flat=True))
    assert states <= {Status.CLOSED, Status.RESOLVED, Status.PENDING, Status.OPEN, Status.NEW}
