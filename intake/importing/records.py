"""One row or object for each ticket: fields, and in JSON the messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from customers.models import CustomerType
from intake.importing.mapping import RecordMap
from intake.importing.plan import Act, Agent, BadRow, Plan, Who, fact
from intake.importing.reading import Unusable
from intake.importing.times import read_time
from tickets.loading import Answered, Assigned, Closed, Noted, Resolved, Returned, Waited, Wrote
from tickets.models import Channel, TicketType

NEEDED = ("external_id", "subject", "created")
FROM = {"customer": Wrote, "agent": Answered, "note": Noted}
OVER = ("resolved", "closed")


class Records:
    """Reads tickets by their fields. ``header`` is None for JSON: every object names its own."""

    def __init__(self, mapping: RecordMap, header: Sequence[str] | None, twice: Iterable[str], time_zone: str) -> None:
        self.mapping, self.time_zone, self.header = mapping, time_zone, header
        if header is None:
            return
        if missing := [mapping.names[name] for name in NEEDED if mapping.names[name] not in header]:
            raise Unusable(
                _("Line 1: the file has no column “%(missing)s”. It has: %(header)s.")
                % {"missing": "”, “".join(missing), "header": ", ".join(header)[:300]}
            )
        if double := sorted(set(mapping.names.values()) & set(twice)):
            raise Unusable(_("Line 1: “%(name)s” stands twice.") % {"name": double[0]})

    def stage(self, values: Any) -> tuple[str, datetime | None, str]:
        """The ticket's id, when it was opened, and what is wrong with the row."""
        row = self._row(values)
        case = self._text(row, "external_id")
        if len(case) > 160:
            return case[:160], None, _("The id is longer than 160 characters.")
        try:
            return case, self._time(row, "created"), ""
        except ValueError as error:
            return case, None, str(error)

    def build(self, case_id: str, staged: Sequence[tuple[int, datetime, Any]]) -> Plan:
        """The ticket of the one row that has this id."""
        if len(staged) > 1:
            raise BadRow(staged[1][0], _("The id stands in another row too, with something else in it."))
        line, at, values = staged[0]
        try:
            return self._build(case_id, at, self._row(values))
        except ValueError as error:
            raise BadRow(line, str(error)) from error

    def _build(self, case_id: str, at: datetime, row: Mapping[str, Any]) -> Plan:
        requester, assignee = self._requester(row), self._agent(self._text(row, "assignee"))
        impact, urgency = self._one_of(row, "priority", self.mapping.priorities, "normal")
        team = self._text(row, "team")
        plan = Plan(
            case_id=case_id, at=at, subject=self._text(row, "subject"), text=self._text(row, "text"),
            channel=self._one_of(row, "channel", {one: one for one in Channel.values}, self.mapping.channel),
            requester=requester, facts=[], type=self._one_of(
                row, "type", {one: one for one in TicketType.values}, self.mapping.type
            ),
            impact=impact, urgency=urgency, team=Agent(team, team) if team else None,
            language=self._text(row, "language")[:12],
        )  # fmt: skip
        told = (plan.subject, plan.text, plan.channel, plan.type, impact, urgency, team, requester, plan.language)
        plan.facts.append(fact("opened", at.isoformat(), *map(str, told)))
        if assignee:
            self._happens(plan, Assigned, at, None, to=assignee, team=plan.team)
        for message in self._messages(row, at):
            self._message(plan, message, assignee)
        self._end(plan, row, assignee)
        return plan

    def _messages(self, row: Mapping[str, Any], opened: datetime) -> list[tuple[datetime, Mapping[str, Any]]]:
        given = row.get(self.mapping.names["messages"]) or []
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            raise ValueError(_("“messages” must be a list of objects."))
        found = []
        for one in given:
            at = read_time(_plain(one.get("at")), self.mapping.time_format, self.time_zone)
            if at < opened:
                raise ValueError(_("A message is older than its ticket."))
            found.append((at, one))
        return sorted(found, key=lambda pair: pair[0])

    def _message(self, plan: Plan, message: tuple[datetime, Mapping[str, Any]], assignee: Agent | None) -> None:
        at, said = message
        kind = FROM.get(_plain(said.get("from")))
        if kind is None:
            raise ValueError(_("A message is from “customer”, “agent” or “note”."))
        words = {"text": _plain(said.get("text")), "html": _plain(said.get("html"))}
        if kind is Wrote:
            self._happens(plan, kind, at, None, person=plan.requester, **words)
            return
        by = self._agent(_plain(said.get("author"))) or assignee
        if by is None:
            raise ValueError(_("A message of the desk has no author, and the ticket no assignee."))
        self._happens(plan, kind, at, by, **words)

    def _end(self, plan: Plan, row: Mapping[str, Any], assignee: Agent | None) -> None:
        status = self._one_of(row, "status", self.mapping.statuses, "new")
        resolved, closed = (self._time(row, name) if self._text(row, name) else None for name in OVER)
        if status == "resolved" and not resolved:
            raise ValueError(_("It is resolved, and does not say when."))
        if status == "closed" and not closed:
            raise ValueError(_("It is closed, and does not say when."))
        if (resolved and status not in OVER) or (closed and status != "closed"):
            raise ValueError(_("Its state does not fit the times at which it was resolved or closed."))
        for kind, at in ((Resolved, resolved), (Closed, closed)):
            if at is None:
                continue
            if at < plan.at or (kind is Closed and resolved and at < resolved):
                raise ValueError(_("It was resolved or closed before it was opened or resolved."))
            self._happens(plan, kind, at, assignee if kind is Resolved else None)
        plan.acts.sort(key=lambda act: act.at)
        if status in OVER:
            after = [act.kind for act in plan.acts if act.at > (closed or resolved or plan.at)]
            if Wrote in after or Answered in after:
                raise ValueError(_("It has messages from after it was resolved or closed."))
            return
        self._leave(plan, row, status)

    def _leave(self, plan: Plan, row: Mapping[str, Any], status: str) -> None:
        """The state it stands in; no field tells since when: since its last change."""
        plan.state = status
        at = max(plan.last, self._time(row, "updated")) if self._text(row, "updated") else plan.last
        if status == "pending":
            plan.acts.append(Act(Waited, at, -1))
        elif status == "open":
            plan.acts.append(Act(Returned, at, -1))

    def _happens(self, plan: Plan, kind: type, at: datetime, by: Agent | None, **more: Any) -> None:
        item = len(plan.facts)
        given = {name: more.pop(name) for name in ("person", "team", "to") if name in more}
        plan.acts.append(Act(kind, at, item, by=by, said=more, **given))
        plan.facts.append(fact(kind.__name__, at.isoformat(), str(by), *map(str, given.values()), more))

    # --- fields -------------------------------------------------------------

    def _row(self, values: Any) -> Mapping[str, Any]:
        if self.header is None:
            return values if isinstance(values, dict) else {}
        return dict(zip(self.header, values, strict=False))

    def _text(self, row: Mapping[str, Any], name: str) -> str:
        return _plain(row.get(self.mapping.names[name])).strip()

    def _time(self, row: Mapping[str, Any], name: str) -> datetime:
        return read_time(self._text(row, name), self.mapping.time_format, self.time_zone)

    def _one_of(self, row: Mapping[str, Any], name: str, choices: Mapping[str, Any], default: str) -> Any:
        value = self._text(row, name)
        found = choices.get(value, choices.get(value.lower())) if value else choices[default]
        if found is None:
            raise ValueError(_("“%(value)s” is no known %(name)s.") % {"value": value[:60], "name": name})
        return found

    def _requester(self, row: Mapping[str, Any]) -> Who:
        email, name = self._text(row, "requester_email"), self._text(row, "requester_name")
        kind = self._one_of(row, "customer_type", {one: one for one in CustomerType.values}, CustomerType.EXTERNAL)
        if email:
            try:
                validate_email(email)
            except ValidationError as error:
                raise ValueError(_("“%(value)s” is no e-mail address.") % {"value": email[:60]}) from error
        if not email and not name:
            raise ValueError(_("No customer is named."))
        return Who((email or name).lower(), name or email, email, kind, self._text(row, "language")[:12])

    @staticmethod
    def _agent(value: str) -> Agent | None:
        value = value.strip()
        return Agent(value.lower(), value) if value else None


def _plain(value: Any) -> str:
    """A JSON value as text: numbers are ids and the like."""
    if value is None:
        return ""
    if isinstance(value, (dict, list, bool)):
        raise ValueError(_("A text is wanted where a list or an object stands."))
    return str(value)
