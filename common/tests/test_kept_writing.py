"""What is written once writes what Django would."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from common import kept
from tickets.models import ClockPause, DueChange

HOUR = timedelta(hours=1)


@pytest.fixture
def clock(printer_ticket):
    return printer_ticket.clocks.order_by("pk").first()


def values(row):
    return {field.name: field.value_from_object(row) for field in row._meta.concrete_fields if not field.primary_key}


def test_inserts_rows_and_gives_them_their_keys(clock, now):
    def made():
        return [
            DueChange(clock=clock, cause="policy", changed_at=now, due_after=now + HOUR),
            DueChange(clock=clock, cause="priority", changed_at=now + HOUR, policy_before=clock.policy),
        ]

    usual = DueChange.objects.bulk_create(made())
    rows = made()
    kept.insert(rows)

    fresh = DueChange.objects.in_bulk([row.pk for row in rows])
    assert [values(fresh[row.pk]) for row in rows] == [values(row) for row in usual]
    assert not any(row._state.adding for row in rows)
    rows[0].cause = "calendar"
    rows[0].save(update_fields=["cause"])  # it knows that it is stored
    kept.insert([])


def test_updates_these_columns_alone(clock, now):
    clock.target_seconds, clock.due_at, clock.agent = 77, now, None
    kept.update(clock, "target_seconds", "agent")

    fresh = type(clock).objects.get(pk=clock.pk)
    assert (fresh.target_seconds, fresh.due_at == now) == (77, False)


def test_what_is_not_there_is_not_changed(clock):
    with pytest.raises(DatabaseError, match="no clockpause"):
        kept.update(ClockPause(pk=10**9, clock=clock, started_at=timezone.now()), "started_at")


def test_updates_many_at_once(printer_ticket, now):
    clocks = list(printer_ticket.clocks.order_by("pk"))
    for place, clock in enumerate(clocks):
        clock.due_at, clock.target_seconds, clock.agent = (now, None)[place % 2], place, None
    kept.update_many(clocks, "due_at", "target_seconds", "agent")

    fresh = printer_ticket.clocks.order_by("pk")
    assert [(one.due_at, one.target_seconds) for one in fresh] == [(one.due_at, one.target_seconds) for one in clocks]
    kept.update_many([], "due_at")
