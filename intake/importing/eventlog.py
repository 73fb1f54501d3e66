"""Process logs: one row for each activity of a case, turned into the steps of a ticket."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from intake.importing.mapping import PLACEHOLDER, EventMap
from intake.importing.plan import Act, Agent, Plan, Who, fact
from intake.importing.reading import Unusable
from intake.importing.times import read_time
from tickets.loading import (
    Answered,
    Assigned,
    Closed,
    Escalated,
    Joined,
    Noted,
    Reopened,
    Resolved,
    Returned,
    Taken,
    Waited,
    Wrote,
)

NEEDS_STAFF = frozenset({"takes", "answers", "notes"})
OVER = ("resolved", "closed")


@dataclass(frozen=True, slots=True)
class Row:
    """One activity of a case, its cells by column name."""

    line: int
    at: datetime
    cells: Mapping[str, str]


class EventLog:
    """Reads rows of a log by its mapping. ``header`` are the column names of the file."""

    def __init__(self, mapping: EventMap, header: Sequence[str], twice: Iterable[str], time_zone: str) -> None:
        self.mapping, self.time_zone = mapping, time_zone
        wanted = mapping.columns()
        if missing := sorted(wanted - set(header)):
            raise Unusable(
                _("Line 1: the file has no column “%(missing)s”. It has: %(header)s.")
                % {"missing": "”, “".join(missing), "header": ", ".join(header)[:300]}
            )
        if double := sorted(wanted & set(twice)):
            raise Unusable(
                _("Line 1: “%(name)s” stands twice. Name the second one “%(name)s#2”, or leave both out.")
                % {"name": double[0]}
            )
        self.places = {name: header.index(name) for name in wanted}

    def stage(self, values: Sequence[str]) -> tuple[str, datetime | None, str]:
        """The case, the time, and what is wrong with one row of cells."""
        case = self._cell(values, self.mapping.case)
        if len(case) > 160:
            return case[:160], None, _("The case's name is longer than 160 characters.")
        try:
            at = read_time(self._cell(values, self.mapping.time), self.mapping.time_format, self.time_zone)
        except ValueError as error:
            return case, None, str(error)
        activity = self._cell(values, self.mapping.activity)
        act = self._act(activity)
        if not act:
            return case, at, _("The mapping does not know the activity “%(name)s”.") % {"name": activity[:80]}
        if act in NEEDS_STAFF and not self._cell(values, self.mapping.resource):
            return case, at, _("“%(name)s” is done by somebody, and no resource is named.") % {"name": activity[:80]}
        if not self._cell(values, self.mapping.customer.column):
            return case, at, _("No customer is named.")
        return case, at, ""

    def build(self, case_id: str, staged: Sequence[tuple[int, datetime, Sequence[str]]]) -> Plan:
        """The ticket that these rows (in the order of time and line) tell of."""
        rows = [
            Row(line, at, {name: values[place].strip() for name, place in self.places.items()})
            for line, at, values in staged
        ]
        return _Case(self.mapping, case_id, rows, self._act).plan()

    def _act(self, activity: str) -> str:
        return self.mapping.activities.get(activity, self.mapping.other_activities)

    def _cell(self, values: Sequence[str], column: str) -> str:
        place = self.places[column]
        return values[place].strip() if place < len(values) else ""


class _Case:
    """Tells one case; ``status`` is where the ticket stands after the acts so far."""

    def __init__(self, mapping: EventMap, case_id: str, rows: Sequence[Row], act_of: Callable[[str], str]) -> None:
        self.mapping, self.case_id, self.rows, self.act_of = mapping, case_id, rows, act_of
        self.status, self.acts, self.item = "new", list[Act](), 0
        self.assignee: Agent | None = None
        self.has_answered = False

    def plan(self) -> Plan:
        first, mapping = self.rows[0], self.mapping
        self.team, self.customers = self._team(first), {self._customer(first).key}
        act = self.act_of(first.cells[mapping.activity])
        if act not in ("opens", "writes"):
            self._tell(first, act)
        for place, row in enumerate(self.rows[1:], start=1):
            self.item = place
            self._follow(row)
            self._tell(row, self.act_of(row.cells[mapping.activity]))
        return Plan(
            case_id=self.case_id, at=first.at, subject=_filled(mapping.subject, first.cells),
            text=self._opening(first), channel=mapping.channel.of(first.cells), requester=self._customer(first),
            facts=[self._fact(row) for row in self.rows], acts=self.acts, opened_by=self._agent(first),
            type=mapping.type.of(first.cells), impact=mapping.impact.of(first.cells),
            urgency=mapping.urgency.of(first.cells), team=self._team(first),
            custom={name: first.cells[name] for name in mapping.attributes},
        )  # fmt: skip

    def _tell(self, row: Row, act: str) -> None:
        TELL[act](self, row)

    # --- acts ---------------------------------------------------------------

    def opens(self, row: Row) -> None:
        self.notes(row)

    def takes(self, row: Row) -> None:
        self._work_on(row)
        stands_in = row.cells[self.mapping.activity] == self.mapping.first_response_from
        self._add(Taken, row, answers=stands_in)
        self.assignee = self._agent(row)

    def answers(self, row: Row) -> None:
        self._work_on(row)
        self._add(Answered, row, text=self._words(row))

    def writes(self, row: Row) -> None:
        self._add(Wrote, row, by=None, person=self._customer(row), text=self._words(row))
        self.status = "open"

    def waits(self, row: Row) -> None:
        self._reopen(row)
        self._add(Waited, row)
        self.status = "pending"

    def escalates(self, row: Row) -> None:
        self._reopen(row)
        self._add(Escalated, row, reason=self.mapping.escalation_reason, kind=self.mapping.escalation_kind)
        if self._agent(row):
            self._add(Noted, row, text=self._words(row))

    def resolves(self, row: Row) -> None:
        if self.status == "closed":
            self._reopen(row)
        self._add(Resolved, row)
        self.status = "resolved"
        self.assignee = self.assignee or self._agent(row)

    def closes(self, row: Row) -> None:
        if self.status == "closed":
            self._remember(row)
            return
        self._add(Closed, row)
        self.status = "closed"

    def reopens(self, row: Row) -> None:
        self._work_on(row)

    def notes(self, row: Row) -> None:
        self._add(Noted, row, text=self._words(row))

    # --- what they share ----------------------------------------------------

    def _work_on(self, row: Row) -> None:
        self._reopen(row)
        if self.status == "pending":
            self._add(Returned, row)
        self.status = "open"

    def _reopen(self, row: Row) -> None:
        if self.status in OVER:
            self._add(Reopened, row)
            self.status = "open"

    def _remember(self, row: Row) -> None:
        """Nothing changes, and yet the row happened: a note, where somebody did it."""
        if self._agent(row):
            self.notes(row)

    def _follow(self, row: Row) -> None:
        """Another customer takes part from here on; another team has it from here on."""
        who, team = self._customer(row), self._team(row)
        if who.key not in self.customers:
            self.customers.add(who.key)
            self._add(Joined, row, person=who)
        if team and team != self.team:
            self.team = team
            self._add(Assigned, row, to=self.assignee, team=team)

    def _add(self, step: type, row: Row, /, **more: Any) -> None:
        given = {name: more.pop(name) for name in ("by", "person", "team", "to") if name in more}
        given.setdefault("by", self._agent(row))
        self.acts.append(Act(step, row.at, self.item, said=more, **given))

    def _agent(self, row: Row) -> Agent | None:
        value = row.cells[self.mapping.resource]
        return Agent(value, self.mapping.agent.called(value)) if value else None

    def _customer(self, row: Row) -> Who:
        named = self.mapping.customer
        value = row.cells[named.column]
        return Who(value, named.called(value), kind=named.kind)

    def _team(self, row: Row) -> Agent | None:
        named = self.mapping.team
        value = row.cells[named.column] if named else ""
        return Agent(value, named.called(value)) if named and value else None

    def _words(self, row: Row) -> str:
        text = row.cells[self.mapping.text_column] if self.mapping.text_column else ""
        return text or row.cells[self.mapping.activity]

    def _opening(self, row: Row) -> str:
        if self.mapping.text:
            return _filled(self.mapping.text, row.cells)
        return self._words(row)

    def _fact(self, row: Row) -> str:
        return fact(row.at.isoformat(), row.cells)


TELL: dict[str, Callable[[_Case, Row], None]] = {
    "opens": _Case.opens, "takes": _Case.takes, "answers": _Case.answers, "writes": _Case.writes,
    "waits": _Case.waits, "escalates": _Case.escalates, "resolves": _Case.resolves, "closes": _Case.closes,
    "reopens": _Case.reopens, "notes": _Case.notes,
}  # fmt: skip


def _filled(template: str, cells: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda found: cells[found[1]], template)
