"""Where the stored clocks of a ticket differ from those that its events tell of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sla.models import Metric
from tickets.loading.measuring import Promises, Row, Running
from tickets.models import FAR_FUTURE, Clock, Ticket
from tickets.rebuilding.lives import Life

COLUMNS = (
    "policy_id", "policy_version_id", "hours_id", "transfer_id", "terms_at", "promised_seconds", "target_seconds",
    "started_at", "started_by_id", "is_live", "due_at", "paused_at", "warned_75_at", "warned_90_at", "breached_at",
    "stopped_at", "stopped_by_id", "elapsed_seconds", "team_id", "agent_id", "cancelled_at",
)  # fmt: skip
PAUSE = ("cause", "hold_id", "started_at", "ended_at")
CHANGE = ("cause", "changed_at", "due_before", "due_after", "policy_before_id")
ALIKE = ("started_at", "started_by_id", "cancelled_at", "stopped_at", "stopped_by_id", "terms_at", "due_at")
"""By what a stored clock is known again, when no event calls it by its id."""
DOUBT = timedelta(minutes=5)
"""So far apart may two times lie that were noted in one transaction, or in two of which one did not see the other."""


@dataclass(slots=True)
class Pair:
    """A clock as its events tell of it beside the one that is stored; one of them may be missing.

    ``look_by``: when all was to be looked at for which the desk's own percents had changed.
    """

    told: Running | None
    stored: Clock | None
    row: Row = field(default_factory=dict)
    look_by: datetime | None = None


@dataclass(slots=True)
class Compared:
    """One ticket: its clocks in pairs, and one line for each difference."""

    ticket: Ticket
    pairs: list[Pair]
    queue_at: Any
    lines: list[str] = field(default_factory=list)


def stored_clocks(tickets: Collection[int]) -> Mapping[int, list[Clock]]:
    """The rows of these tickets with their pauses and changes: three queries."""
    found: dict[int, list[Clock]] = defaultdict(list)
    rows = Clock.objects.filter(ticket__in=tickets).prefetch_related("pauses", "changes").order_by("pk")
    for clock in rows:
        found[clock.ticket_id].append(clock)
    return found


def compare(ticket: Ticket, life: Life, stored: list[Clock], promises: Promises) -> Compared:
    """All differences of one ticket, in words that name the row and the column."""
    rows = [(clock, _row(clock, life, promises)) for clock in life.clocks.all]
    first = min(
        (
            row["due_at"]
            for clock, row in rows
            if clock.is_running and row["due_at"] and row["metric"] != Metric.TRANSFER
        ),
        default=None,
    )
    found = Compared(ticket, _pairs(rows, stored), first or FAR_FUTURE)
    name = f"ticket {ticket.number}"
    changed_at = promises.percents_set_at
    for pair in found.pairs:
        pair.look_by = changed_at + DOUBT if changed_at else None
        found.lines += [f"{name}, {line}" for line in _differences(pair)]
    for event in life.unplaced:
        found.lines.append(f"{name}: event {event.subject_seq} ({event.kind}) is of no clock")
    if ticket.queue_at != found.queue_at:
        found.lines.append(f"{name}: queue_at is {_word(ticket.queue_at)}, by its events {_word(found.queue_at)}")
    return found


def _row(clock: Running, life: Life, promises: Promises) -> Row:
    """What would be stored of a clock."""
    row = {**clock.row, "due_at": clock.due(), "next_at": None}
    if clock.is_imported_breach and row["stopped_at"] and row["due_at"] and row["stopped_at"] <= row["due_at"]:
        row.update(breached_at=None, breach_recorded_at=None)  # it ran when it was first loaded, and was met after all
    if clock.is_running and life.row["is_enforced"]:
        row["next_at"] = clock.next_look(promises.percents(row["policy_version_id"]))
    if row["terms_known_at"] < promises.begun_at:
        row["terms_known_at"] = None  # older than versions: it was given a moment when they began
    return row


# --- Which is which -----------------------------------------------------------


def _pairs(told: list[tuple[Running, Row]], stored: list[Clock]) -> list[Pair]:
    """By the id that events call it by, then the most alike of the same metric, in the order they were made."""
    left = {clock.pk: clock for clock in stored}
    found: dict[int, Clock] = {}
    for clock, row in told:
        known = left.get(clock.known_as or 0)
        if known is not None and known.metric == row["metric"]:
            found[id(clock)] = left.pop(known.pk)
    for clock, row in told:
        if id(clock) not in found:
            same = [one for one in left.values() if one.metric == row["metric"]]
            best = max(same, key=lambda one: (_likeness(one, row), -one.pk), default=None)
            if best is not None and _likeness(best, row):
                found[id(clock)] = left.pop(best.pk)
    for clock, row in told:  # what is like nothing: the one that is left
        if id(clock) not in found:
            rest = next((one for one in left.values() if one.metric == row["metric"]), None)
            if rest is not None:
                found[id(clock)] = left.pop(rest.pk)
    pairs = [Pair(clock, found.get(id(clock)), row) for clock, row in told]
    return pairs + [Pair(None, clock) for clock in left.values()]


def _likeness(stored: Clock, row: Row) -> int:
    return sum(getattr(stored, name) == row[name] and row[name] is not None for name in ALIKE)


# --- What differs -------------------------------------------------------------


def _differences(pair: Pair) -> Iterable[str]:
    stored, told = pair.stored, pair.told
    if told is None:
        if stored is not None:
            yield f"{_name(stored)}: no event tells of it"
        return
    if stored is None:
        yield f"{pair.row['metric']} from {_word(pair.row['started_at'])}: it is missing"
        return
    for column in columns_that_differ(pair):
        is_, by_events = getattr(stored, column), pair.row[column]
        yield f"{_name(stored)}: {column} is {_word(is_)}, by its events {_word(by_events)}"
    for what, kept, columns, rows in details(pair):
        before = _sorted([[getattr(one, name) for name in columns] for one in kept])
        after = _sorted([[one[name] for name in columns] for one in rows])
        if before != after:
            yield f"{_name(stored)}: {what} are {_words(before)}, by its events {_words(after)}"


def columns_that_differ(pair: Pair) -> list[str]:
    """Names of columns that say something else than the events; the moment a breach was typed in is not one."""
    stored, row = pair.stored, pair.row
    wrong = [name for name in COLUMNS if getattr(stored, name) != row[name]]
    if stored is None:
        return wrong
    if bool(stored.breach_recorded_at) != bool(row["breach_recorded_at"]):
        wrong.append("breach_recorded_at")
    if not _looks_in_time(stored, row["next_at"], pair.look_by) and not _was_looked_at(stored, pair):
        wrong.append("next_at")
    if not _knew_as_much(stored, row["terms_known_at"]):
        wrong.append("terms_known_at")
    return wrong


def _knew_as_much(stored: Clock, told: datetime | None) -> bool:
    """What was decided until this moment holds for it unasked. None: no event tells when that was."""
    known = stored.terms_known_at
    return told is None or (known is not None and abs(known - told) <= DOUBT)


def _looks_in_time(stored: Clock, told: datetime | None, latest: datetime | None) -> bool:
    """A look that comes too early, since the desk warned earlier once, only finds the right time."""
    if stored.next_at is None or told is None:
        return stored.next_at == told
    return stored.next_at <= max(told, latest or told)


def _was_looked_at(stored: Clock, pair: Pair) -> bool:
    """A breach that was looked at again after its answer did not stand: nothing is left, and no event says so."""
    return stored.next_at is None and pair.told is not None and pair.told.reinstated_at is not None


def details(pair: Pair) -> tuple[tuple[str, Any, tuple[str, ...], list[Row]], ...]:
    """Pauses and changes of due times: what they are called, the stored ones, their columns, and the told ones."""
    told = pair.told
    assert told is not None
    assert pair.stored is not None
    return (
        ("pauses", pair.stored.pauses.all(), PAUSE, told.pauses),
        ("changes", pair.stored.changes.all(), CHANGE, told.changes),
    )


def _sorted(rows: list[list[Any]]) -> list[list[Any]]:
    return sorted(rows, key=lambda row: [str(value) for value in row])


def _name(clock: Clock) -> str:
    return f"{clock.metric} {clock.pk}"


def _words(rows: list[list[Any]]) -> str:
    return "; ".join(" ".join(_word(value) for value in row) for row in rows) or "none"


def _word(value: Any) -> str:
    if value is None:
        return "none"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
