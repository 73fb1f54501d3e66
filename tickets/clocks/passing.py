"""The clock of a transfer (X3): the team that is asked accepts in the time that its policy says, in its calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from accounts.models import User
from sla.models import Metric
from tickets.clocks.reckoning import STOP, begin_if_promised, facts_of, record_breach, running, stop
from tickets.models import Clock, Ticket, Transfer


def start_transfer(ticket: Ticket, transfer: Transfer, *, at: datetime) -> Clock | None:
    """Begin it under the policy of the team that is asked; None where that policy sets no time."""
    facts = replace(facts_of(ticket), team_id=transfer.to_team_id)
    return begin_if_promised(ticket, Metric.TRANSFER, at=at, facts=facts, transfer=transfer)


def stop_transfer(ticket: Ticket, transfer: Transfer, *, at: datetime, by: User | None, lapsed: bool = False) -> None:
    """It was accepted, refused or taken back, or its time is over (``lapsed``: missed, though nobody saw it yet)."""
    clock = running(ticket, Metric.TRANSFER).get(Metric.TRANSFER)
    if clock is None or clock.transfer_id != transfer.pk:
        return
    if lapsed and clock.breached_at is None and clock.due_at is not None:
        record_breach(clock, ticket, at=at)
    stop(clock, ticket, at=at, by=by, entry=None)
    clock.team_id = transfer.to_team_id
    clock.save(update_fields=STOP)
