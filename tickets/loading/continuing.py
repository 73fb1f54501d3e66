"""A loaded ticket goes on: the steps that came since, told on top of the rows that stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.errors import Refused
from events.models import Event
from staff import hours
from tickets.loading.loader import Desk
from tickets.loading.measuring import Clocks, Running
from tickets.loading.rows import Row
from tickets.loading.steps import LoadedTicket
from tickets.loading.story import TELL, Story
from tickets.models import Clock, ClockPause, Closure, Escalation, Participant, Ticket


@transaction.atomic
def extend(
    batch: Sequence[tuple[int, LoadedTicket]],
    *,
    origin: str = Event.Origin.IMPORT,
    is_enforced: bool = False,
    now: datetime | None = None,
) -> dict[str, int]:
    """Tell only the given steps of each ticket (by id): nothing that was recorded before changes (T6).

    Raises ``Refused`` (``worked_on``) when a person or the desk itself did anything to a ticket since it was loaded.
    """
    ids = [ticket for ticket, _story in batch]
    tickets = Ticket.objects.select_for_update().order_by("pk").in_bulk(ids)
    refuse_worked_on(ids, origin=origin)
    desk = Desk(
        [story for _ticket, story in batch], origin=origin, is_enforced=is_enforced, now=now or timezone.now(),
        are_new=False,
    )  # fmt: skip
    standing = Standing(ids)
    desk.took_part(Participant.objects.filter(ticket__in=ids).values_list("ticket_id", "person_id"))
    for ticket, story in batch:
        Continued(desk, standing, tickets[ticket], story).tell()
    standing.write()
    return desk.write()


def refuse_worked_on(tickets: Sequence[int], *, origin: str = Event.Origin.IMPORT) -> None:
    """``Refused`` (``worked_on``) when one of these has an event of another origin than it was loaded with."""
    if Event.objects.filter(subject_kind="ticket", subject_id__in=tickets).exclude(origin=origin).exists():
        raise Refused(_("The ticket was worked on here since it was imported."), code="worked_on", rule="T6")


class Standing:
    """Rows that stand in the database; what a story changes of them is written back."""

    def __init__(self, tickets: Sequence[int]) -> None:
        self._rows: list[tuple[models.Model, Row]] = []
        self.clocks: dict[int, list[Clock]] = defaultdict(list)
        for clock in Clock.objects.filter(ticket__in=tickets).order_by("pk"):
            self.clocks[clock.ticket_id].append(clock)
        self.pauses: dict[int, list[ClockPause]] = defaultdict(list)
        for pause in ClockPause.objects.filter(clock__ticket__in=tickets).order_by("pk"):
            self.pauses[pause.clock_id].append(pause)
        self.closures = {row.ticket_id: row for row in Closure.objects.filter(ticket__in=tickets).order_by("pk")}
        running = Escalation.objects.filter(ticket__in=tickets, ended_at=None)
        self.escalations = {row.ticket_id: row for row in running}

    def row(self, one: models.Model) -> Row:
        """The columns of a row; changes are seen by ``write``."""
        row = {field.attname: getattr(one, field.attname) for field in one._meta.concrete_fields if not field.generated}
        self._rows.append((one, row))
        return row

    def write(self) -> None:
        """One UPDATE for each row that differs from what stands."""
        for one, row in self._rows:
            changed = {name: value for name, value in row.items() if getattr(one, name) != value}
            if changed:
                type(one)._base_manager.filter(pk=one.pk).update(**changed)


class Continued(Story):
    """The story of a ticket that has its rows already."""

    def __init__(self, desk: Any, standing: Standing, ticket: Ticket, source: LoadedTicket) -> None:
        self.desk, self.source = desk, source
        self.person = desk.people[source.requester]
        self.ticket = standing.row(ticket)
        closure, escalation = standing.closures.get(ticket.pk), standing.escalations.get(ticket.pk)
        self.closure = standing.row(closure) if closure else None
        self.escalation = standing.row(escalation) if escalation else None
        self.clocks = Clocks(desk, self.ticket)
        for clock in standing.clocks[ticket.pk]:
            pauses = [standing.row(pause) for pause in standing.pauses[clock.pk]]
            self.clocks.all.append(Running(standing.row(clock), hours.of_version(clock.hours_id), pauses))

    def tell(self) -> Row:
        """The ticket's row after the steps."""
        last = self.ticket["updated_at"]
        for step in self.source.steps:
            TELL[type(step)](self, step)
            last = max(last, step.at)
        self.ticket["updated_at"] = last
        self.clocks.settle(self.desk.now)
        for clock in self.clocks.all:
            stopped, due = clock.row["stopped_at"], clock.row["due_at"]
            if clock.row["breached_at"] and stopped and due and stopped <= due:
                # It ran when it was last told of; now it turns out that it was met. The event of then stays.
                clock.row.update(breached_at=None, breach_recorded_at=None)
        return self.ticket
