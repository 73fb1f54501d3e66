"""What waits for a supervisor: in which order, when it goes up, and how its ticket stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from common.templatetags.desk_ui import by_when
from desk.tickets.rows import first_clock, timed
from tickets.lifecycle.stepping_in import TOP_LEVEL
from tickets.models import Escalation


def in_turn(rows: QuerySet[Escalation]) -> QuerySet[Escalation]:
    """Threats first, then what climbs next (E3); of what climbs together, as over night, the ticket that is due first.
    Each with its ticket's clock, for ``dressed``."""
    rows = rows.annotate(first_clock=first_clock("ticket_id"))
    return rows.order_by("-is_threat", "climbs_at", "ticket__queue_at", "raised_at", "pk")


def dressed(rows: list[Escalation], at: datetime) -> list[Escalation]:
    """Each with ``climbs``, the words when it goes up, and what ``due_chip`` asks of its ticket."""
    for row in rows:
        told: Any = row
        told.ticket.first_clock = getattr(row, "first_clock", None)
        timed(row.ticket)
        told.climbs = climbs(row, at)
    return rows


def climbs(escalation: Escalation, at: datetime) -> str:
    """When one that nobody takes goes up a level, or is told of again at the top (E4): no time of the ticket's own."""
    if escalation.status != Escalation.Status.WAITING or escalation.climbs_at is None:
        return ""
    when = by_when(escalation.climbs_at, at)
    if escalation.level >= TOP_LEVEL:
        return _("told again %(when)s") % {"when": when}
    return _("to level %(level)s: %(when)s") % {"level": escalation.level + 1, "when": when}
