"""What a ticket was before an act that can be taken back, as JSON; ids, codes and times only (T6)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import models

from events.models import Event
from tickets import clocks
from tickets.models import Clock, ClockPause, Entry, Ticket

STATE = (
    "status", "team_id", "assignee_id", "first_agent_id", "resolved_at", "resolved_by_id", "closed_at", "closure_cause",
    "reopen_count", "refused_count", "last_customer_at", "last_staff_at", "unanswered_since",
)  # fmt: skip
"""The fields of a ticket that closing, confirming and merging move."""

STAYS = ("warned_75_at", "warned_90_at", "breached_at", "breach_recorded_at")
"""What happened to a clock meanwhile stays: a breach never vanishes (S5)."""


def state_of(ticket: Ticket) -> dict[str, Any]:
    """The ticket's own fields as they stand."""
    return {name: _plain(getattr(ticket, name)) for name in STATE}


def fields_from(state: dict[str, Any]) -> dict[str, Any]:
    """Field values for ``change`` from what ``state_of`` gave."""
    columns = {field.attname: field for field in Ticket._meta.concrete_fields}
    return {name: columns[name].to_python(value) for name, value in state.items()}


def row_of(row: models.Model) -> dict[str, Any]:
    """Every column of a row."""
    return {field.attname: _plain(getattr(row, field.attname)) for field in row._meta.concrete_fields}


def clocks_of(ticket: Ticket) -> list[dict[str, Any]]:
    """The clocks that count, each with its pauses."""
    rows = ticket.clocks.filter(cancelled_at=None).prefetch_related("pauses").order_by("pk")
    return [{**row_of(clock), "pauses": [row_of(pause) for pause in clock.pauses.all()]} for clock in rows]


def give_back_clocks(ticket: Ticket, before: list[dict[str, Any]], *, at: datetime) -> None:
    """The clocks run as they ran; later ones are cancelled. What is overdue by now is found by the next enforcement."""
    known = [row["id"] for row in before]
    ticket.clocks.filter(cancelled_at=None).exclude(pk__in=known).update(cancelled_at=at, next_at=None)
    give_back_rows(before, at=at)
    clocks.refresh_queue(ticket)


def give_back_rows(before: list[dict[str, Any]], *, at: datetime) -> None:
    """These clocks as they were, with their pauses; what they have missed meanwhile stays missed (S5)."""
    rows = Clock.objects.filter(pk__in=[row["id"] for row in before]).select_related("ticket")
    rows.filter(stopped_at=None).update(cancelled_at=at)  # so that none is given back beside one that still runs
    now_known = rows.in_bulk()
    for row in before:
        clock = now_known[row["id"]]
        for field in Clock._meta.concrete_fields:
            if field.attname not in row or (field.attname in STAYS and getattr(clock, field.attname) is not None):
                continue
            setattr(clock, field.attname, field.to_python(row[field.attname]))
        clock.save(update_fields=[field.attname for field in Clock._meta.concrete_fields if not field.primary_key])
        clock.pauses.all().delete()
        ClockPause.objects.bulk_create(_made(ClockPause, pause) for pause in row["pauses"])
        if clock.is_running:
            clocks.run_on(clock, clock.ticket)


def give_back_starts(ticket: Ticket, before: list[dict[str, Any]], brought: Collection[int]) -> None:
    """Waits that count from an entry that was ``brought`` count from their own again; all else of them stays."""
    known = {row["id"]: row for row in before}
    rows = Clock.objects.filter(pk__in=known, metric__in=clocks.RESPONSES, stopped_at=None, cancelled_at=None)
    for clock in rows.filter(started_by__in=brought):
        row, fields = known[clock.pk], Clock._meta
        entry = Entry.objects.filter(pk=row["started_by_id"]).first()
        clocks.count_from(clock, ticket, at=fields.get_field("started_at").to_python(row["started_at"]), entry=entry)


def give_back_last(ticket: Ticket, *, kind: str, at: datetime) -> None:
    """The clocks as the last event of ``kind`` found them."""
    event = Event.objects.filter(subject_kind="ticket", subject_id=ticket.pk, kind=kind).order_by("subject_seq").last()
    if event is not None:
        give_back_clocks(ticket, event.data.get("before", []), at=at)


def _made(model: type[models.Model], row: dict[str, Any]) -> Any:
    return model(**{field.attname: field.to_python(row[field.attname]) for field in model._meta.concrete_fields})


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
