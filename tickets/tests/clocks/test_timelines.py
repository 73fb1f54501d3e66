"""Other people's SLA timelines through real tickets, verbs and injected times, to the minute.

Where our rules differ on purpose, ``docs/service-levels.md`` has a table that says which case, what they say, what we
say and why; the values that it gives as ours are checked here as well, and that it names exactly those cases.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest

from common import timeline
from common.errors import Refused
from staff.models import Calendar, CalendarSpan, Holiday, Membership, Team
from tickets import lifecycle
from tickets.clocks.reckoning import hours_of, pauses_of
from tickets.models import Clock, Ticket

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DOCS = Path(__file__).resolve().parents[3] / "docs" / "service-levels.md"
CLOSED = {("zt-09", 1)}
"""Pauses in which the ticket was closed, as the title says."""


@pytest.fixture(scope="module")
def cases(shared_data: Path) -> list[dict[str, Any]]:
    found = json.loads((shared_data / "data" / "business-hours" / "sla_timelines.json").read_text())
    return list(found["cases"])


def when(text: str) -> datetime:
    return datetime.fromisoformat(text)


def calendar_of(case: dict[str, Any], name: str) -> Calendar:
    calendar = Calendar.objects.create(name=name, time_zone=case["timezone"])
    for day, spans in case["hours"].items():
        for opens, closes in spans:
            end = time(0) if closes == "24:00" else time.fromisoformat(closes)
            CalendarSpan.objects.create(
                calendar=calendar, weekday=DAYS.index(day), opens=time.fromisoformat(opens), closes=end
            )
    for day in case["holidays"]:
        Holiday.objects.create(calendar=calendar, date=day, name="Closed")
    return calendar


@pytest.fixture
def told(make_policy, carol, alice):
    """One metric of a case lived through: opened, then what ``acts`` says, each at its time."""

    def _told(case: dict[str, Any], metric: dict[str, Any]) -> Ticket:
        name = f"{case['id']} {metric['metric']}"
        team = Team.objects.create(name=name)
        Membership.objects.create(team=team, user=alice)
        targets = {"first_response": None, "next_response": None, "resolution": None}
        targets[metric["metric"]] = metric["target_minutes"] * 60
        make_policy(name, team=team, calendar=calendar_of(case, name), **targets)
        ticket = lifecycle.open_ticket(
            requester=carol, subject=name, text=case["title"], channel="web", by=carol, team=team,
            at=when(case["created"]),
        )  # fmt: skip
        for at, act in sorted(acts(case, metric), key=lambda one: one[0]):
            if act == "answer":
                lifecycle.reply(ticket, by=alice, text="We look.", at=at)
            elif act == "ask":
                lifecycle.reply(ticket, by=alice, text="Which one?", then="pending", at=at)
            elif act == "write":
                lifecycle.receive(ticket, person=carol, text="This one.", at=at)
            elif act == "resolve":
                lifecycle.resolve(ticket, by=alice, at=at)
            else:
                with pytest.raises(Refused, match="Answer the customer's message first"):
                    lifecycle.await_customer(ticket, by=alice, at=at)
        return ticket

    return _told


def acts(case: dict[str, Any], metric: dict[str, Any]) -> list[tuple[datetime, str]]:
    """What people did. A next response is a second message, after an answer to the first.

    While a message is unanswered the turn cannot be the customer's: what waits for a response is not paused by us.
    """
    done: list[tuple[datetime, str]] = []
    stopped = when(metric["stopped_at"]) if "stopped_at" in metric else None
    is_resolution = metric["metric"] == "resolution"
    for place, (start, end) in enumerate(case["paused_intervals"]):
        if stopped is not None and when(start) >= stopped:
            continue
        if (case["id"], place) in CLOSED:
            done += [(when(start), "resolve"), (when(end), "write")]
        elif is_resolution:
            done += [(when(start), "ask"), (when(end), "write")]
        else:
            done.append((when(start), "wait"))
    if metric["metric"] == "next_response":
        asked = when(metric.get("clock_start", case["created"]))
        done += [(asked, "answer"), (asked, "write")]
    if stopped is not None:
        done.append((stopped, "resolve" if is_resolution else "answer"))
    return done


def ours(ticket: Ticket, metric: dict[str, Any]) -> dict[str, Any]:
    """The clock's due time and stop as minutes, in the words of the file."""
    clocks = Clock.objects.filter(ticket=ticket, metric=metric["metric"]).order_by("started_at", "pk")
    if "clock_start" in metric:
        clocks = clocks.filter(started_at=when(metric["clock_start"]))
    clock = clocks[0]
    assert clock.due_at is not None
    found: dict[str, Any] = {"due": f"{clock.due_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"}
    if clock.stopped_at is not None:
        pauses = pauses_of(clock)
        ran = timeline.elapsed_seconds(clock.started_at, clock.stopped_at, hours_of(clock), pauses) // 60
        found |= {
            "elapsed_minutes": ran, "remaining_minutes": metric["target_minutes"] - ran,
            "met": clock.breached_at is None,
        }  # fmt: skip
    return found


def theirs(metric: dict[str, Any]) -> dict[str, Any]:
    found = {name: metric[name] for name in ("elapsed_minutes", "remaining_minutes", "met") if name in metric}
    if "due" in metric:
        found["due"] = f"{when(metric['due']):%Y-%m-%dT%H:%MZ}"
    return found


def agrees(metric: dict[str, Any], is_: dict[str, Any]) -> bool:
    """Every value that the file gives; of a due time on the closing hour both readings are right."""
    due = {f"{when(one):%Y-%m-%dT%H:%MZ}" for one in [metric.get("due"), *metric.get("due_any", [])] if one}
    same = all(is_.get(name) == value for name, value in theirs(metric).items() if name != "due")
    return same and (not due or is_["due"] in due)


def table() -> dict[tuple[str, str], tuple[str, str]]:
    """What the docs give as their value and as ours, by case and metric."""
    rows = re.findall(r"^\| (zt-\d+) \| (\w+) \| ([^|]*) \| ([^|]*) \|[^|]*\|$", DOCS.read_text(), re.MULTILINE)
    return {(case, metric): (they, we) for case, metric, they, we in rows}


def as_docs(is_: dict[str, Any]) -> str:
    if "elapsed_minutes" in is_:
        met = "met" if is_["met"] else "missed"
        return f"{is_['elapsed_minutes']} min, {met}"
    return f"due {is_['due']}"


def test_every_timeline_is_ours_or_is_in_the_table__S(cases, told):
    written = table()
    differ: dict[tuple[str, str], tuple[str, str]] = {}
    for case in cases:
        for metric in case["metrics"]:
            is_ = ours(told(case, metric), metric)
            if not agrees(metric, is_):
                differ[case["id"], metric["metric"]] = as_docs(theirs(metric)), as_docs(is_)
    assert differ == written
    assert len(cases) == 12
