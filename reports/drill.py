"""From a number of the report to the tickets it counts."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import Malformed
from reports.grouping import Grouping
from reports.measures.clocks import in_time, late, overdue
from reports.periods import Period
from reports.population import Teams, clocks_of, open_tickets, tickets_opened
from tickets.models import Clock, Ticket

SHOWN: dict[str, str | Lazy] = {
    "all": gettext_lazy("All opened"),
    "in_time": gettext_lazy("First response in time"),
    "late": gettext_lazy("First response late"),
    "overdue": gettext_lazy("Overdue now"),
}
"""What part of a group's tickets is asked for; what is overdue now counts whenever it was opened."""
NOBODY = "none"
NUMBERED = frozenset({"team", "priority", "agent"})


def key_of(group: Grouping, text: str) -> Any:
    """The key of a group as its address says it; ``Malformed`` where there is none such."""
    if text == NOBODY:
        return None
    if group.code in NUMBERED and not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Malformed(_("There is no such group."), code="bad_group", field="group")
    return int(text) if group.code in NUMBERED else text[:40]


def key_text(key: Any) -> str:
    """The same way back."""
    return NOBODY if key is None else str(key)


def tickets_behind(
    period: Period, group: Grouping, group_text: str, show: str, *, at: Any, teams: Teams = None
) -> QuerySet[Ticket]:
    """The tickets that one number of the table counts; of all groups where ``group_text`` is empty."""
    if show in ("in_time", "late"):
        which = in_time(at) if show == "in_time" else late(at)
        clocks = clocks_of(period, teams).filter(which, metric=Clock.Metric.FIRST_RESPONSE)
        return tickets_opened(period).filter(pk__in=_of(clocks, group.of_clock, group, group_text).values("ticket"))
    if show == "overdue":
        tickets = open_tickets(teams).filter(Exists(Clock.objects.filter(overdue(at), ticket=OuterRef("pk"))))
    else:
        tickets = tickets_opened(period, teams)
    return _of(tickets, group.of_ticket, group, group_text)


def _of(rows: QuerySet[Any], expression: Any, group: Grouping, text: str) -> QuerySet[Any]:
    if not text:
        return rows
    key = key_of(group, text)
    rows = rows.annotate(of_group=expression)
    return rows.filter(of_group__isnull=True) if key is None else rows.filter(of_group=key)
