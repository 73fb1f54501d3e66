"""The report as a table: a file for spreadsheets, or text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from common.tabular import UNSTORABLE, write_csv
from reports import words
from reports.measures.definitions import SECONDS, SHARE, SLA, Measure
from reports.pictures import holder, late_seconds
from reports.sla import Report, Row
from tickets.models import Clock, Ticket

SHORT = (
    "tickets", "first_response_share", "first_response_median", "first_response_p90", "first_response_missed",
    "next_response_share", "next_response_median", "resolution_share", "resolution_median", "overdue_now",
)  # fmt: skip
"""What fits on a terminal."""


def csv_of(report: Report) -> Iterator[bytes]:
    """One line per group and one for the total; shares in percent, times in seconds, no data as an empty cell."""
    header = [str(report.by.label), *(_heading(measure) for measure in SLA)]
    return write_csv(([row.label, *_cells(row)] for row in with_total(report)), header)


def text_of(report: Report) -> str:
    """The same as aligned columns."""
    columns = [measure for measure in SLA if measure.code in SHORT]
    table = [[str(report.by.label), *(str(measure.name) for measure in columns)]]
    for row in with_total(report):
        table.append([_line(row.label), *(words.said(measure.of(row), measure.unit) for measure in columns)])
    widths = [max(len(line[n]) for line in table) for n in range(len(table[0]))]
    head = f"{report.period} ({report.period.zone_name})"
    return "\n".join([head, *(_aligned(line, widths) for line in table)])


def with_total(report: Report) -> list[Row]:
    """The groups of the period, and then all of them as one row named so."""
    total = report.total
    whole = Row(None, None, _("All"), total.tickets, **total.waits, open_now=total.open_now,
                overdue_now=total.overdue_now)  # fmt: skip
    return [*report.rows, whole]


def _heading(measure: Measure) -> str:
    unit = {SHARE: _("in percent"), SECONDS: _("in seconds")}.get(measure.unit)
    return f"{measure.name} ({unit})" if unit else str(measure.name)


def _cells(row: Row) -> Iterator[Any]:
    """As the page rounds them: shares to a tenth of a percent, times to the second."""
    for measure in SLA:
        value = measure.of(row)
        if value is not None and measure.unit == SHARE:
            value = words.in_percent(value)
        yield round(value) if value is not None and measure.unit == SECONDS else value


def _line(text: str) -> str:
    """A name cannot break the table, nor speak to the terminal."""
    return UNSTORABLE.sub("", " ".join(text.split()))


def _aligned(line: list[str], widths: list[int]) -> str:
    (name, wide), *rest = zip(line, widths, strict=True)
    return "  ".join([name.ljust(wide), *(cell.rjust(width) for cell, width in rest)])


def breaches_csv(clocks: QuerySet[Clock], user: User, at: datetime) -> Iterator[bytes]:
    """Every breach with its ticket; the subject only where ``user`` may see the ticket (T13)."""
    visible = Ticket.objects.visible_to(user).filter(pk=OuterRef("ticket"))
    header = [
        _("Ticket"), _("Subject"), _("What was late"), _("Team"), _("Agent"), _("Started"), _("Was due"), _("Ended"),
        _("Late by (in seconds)"),
    ]  # fmt: skip
    rows = clocks.annotate(is_visible=Exists(visible)).iterator(chunk_size=500)
    return write_csv((_breach(clock, at) for clock in rows), header)


def _breach(clock: Any, at: datetime) -> list[Any]:
    team, agent = holder(clock)
    return [
        clock.ticket.number,
        clock.ticket.subject if clock.is_visible else "",
        clock.get_metric_display(),
        team.name if team else "",
        str(agent) if agent else "",
        clock.started_at,
        clock.due,
        clock.stopped_at,
        late_seconds(clock, at),
    ]
