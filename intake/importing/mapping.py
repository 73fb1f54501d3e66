"""Mapping files: what the columns and activities of a source mean. ``docs/importing.md`` describes every key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from common.clock import zone_named
from common.errors import Malformed
from customers.models import CustomerType
from tickets.models import Channel, EscalationReason, Status, TicketType

SHIPPED = Path(__file__).resolve().parent.parent / "mappings"
ACTS = (
    "opens", "takes", "answers", "writes", "waits", "escalates", "resolves", "closes", "reopens", "notes",
)  # fmt: skip
PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
FIELDS = (
    "external_id", "subject", "text", "status", "created", "updated", "resolved", "closed", "requester_name",
    "requester_email", "customer_type", "language", "assignee", "priority", "channel", "type", "team",
)  # fmt: skip
PRIORITIES = {"low": (1, 2), "normal": (2, 2), "medium": (2, 2), "high": (2, 3), "urgent": (3, 3)}
"""Impact and urgency for the words that most systems use."""
LEVELS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Named:
    """A column whose values are somebody: ``name`` is how they are called here, with ``{value}``."""

    column: str
    name: str = "{value}"
    kind: str = CustomerType.EXTERNAL

    def called(self, value: str) -> str:
        """The name for one value of the column."""
        return self.name.replace("{value}", value)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A value of ours: fixed, or looked up from a column."""

    default: Any
    column: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def of(self, row: Mapping[str, str]) -> Any:
        """Ours for this row."""
        return self.values.get(row[self.column], self.default) if self.column else self.default


@dataclass(frozen=True, slots=True)
class EventMap:
    """A process log: one row for each activity."""

    source: str
    time_zone: str
    time_format: str
    delimiter: str
    case: str
    activity: str
    resource: str
    time: str
    text_column: str
    subject: str
    text: str
    channel: Chosen
    type: Chosen
    impact: Chosen
    urgency: Chosen
    customer: Named
    team: Named | None
    agent: Named
    attributes: tuple[str, ...]
    activities: Mapping[str, str]
    other_activities: str
    first_response_from: str
    escalation_reason: str
    escalation_kind: str

    def columns(self) -> set[str]:
        """Every column that this mapping reads."""
        named = {self.case, self.activity, self.resource, self.time, self.text_column, self.customer.column}
        named |= {self.team.column if self.team else "", *self.attributes}
        named |= {one.column for one in (self.channel, self.type, self.impact, self.urgency)}
        named |= {*PLACEHOLDER.findall(self.subject), *PLACEHOLDER.findall(self.text)}
        return named - {""}


@dataclass(frozen=True, slots=True)
class RecordMap:
    """One row or object for each ticket; ``names`` says which column or key holds which field."""

    source: str
    time_zone: str
    time_format: str
    delimiter: str
    names: Mapping[str, str]
    statuses: Mapping[str, str]
    priorities: Mapping[str, tuple[int, int]]
    channel: str
    type: str

    first_response_from = ""


def load(path: Path | None, format_: str, *, source: str) -> EventMap | RecordMap:
    """The mapping of that file (or of that name among the shipped ones); ``Malformed`` says which key is wrong."""
    if path is None:
        if format_ == "eventlog":
            raise Malformed(_("An event log needs a mapping: --map FILE."), code="bad_mapping")
        return _records(_Reader({}), source)
    reader = _Reader(_json(path))
    built = _events(reader, source) if format_ == "eventlog" else _records(reader, source)
    reader.finish()
    return built


def is_event_map(path: Path) -> bool:
    """Whether the mapping speaks of activities."""
    read = _json(path)
    return isinstance(read, dict) and "activities" in read


def _json(path: Path) -> Any:
    shipped = SHIPPED / f"{path.name.removesuffix('.json')}.json"
    if not path.exists() and path.parent == Path() and shipped.exists():
        path = shipped
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise _bad(str(path), error.strerror or "") from error
    except (ValueError, RecursionError) as error:
        raise _bad(str(path), str(error)[:120]) from error


def _events(top: _Reader, source: str) -> EventMap:
    columns, ticket = top.part("columns"), top.part("ticket")
    activities = top.table("activities", ACTS)
    built = EventMap(
        **_common(top, source),
        case=columns.text("case"), activity=columns.text("activity"), resource=columns.text("resource"),
        time=columns.text("time"), text_column=columns.text("text", ""),
        subject=ticket.text("subject"), text=ticket.text("text", ""),
        channel=ticket.chosen("channel", Channel.values, Channel.WEB),
        type=ticket.chosen("type", TicketType.values, TicketType.QUESTION),
        impact=ticket.chosen("impact", LEVELS, 2), urgency=ticket.chosen("urgency", LEVELS, 2),
        customer=ticket.named("customer"), team=ticket.named_if_given("team"),
        agent=top.named_if_given("agent", column=False) or Named(""),
        attributes=top.texts("attributes"), activities=activities,
        other_activities=top.choice("other_activities", ("", *ACTS), ""),
        first_response_from=top.text("first_response_from", ""),
        escalation_reason=top.choice("escalation_reason", EscalationReason.Reason.values, "limit"),
        escalation_kind=top.choice("escalation_kind", ("functional", "hierarchical"), "hierarchical"),
    )  # fmt: skip
    if not activities:
        raise _bad("activities", _("name at least one activity"))
    if built.first_response_from and activities.get(built.first_response_from) != "takes":
        raise _bad("first_response_from", _("it must be an activity that “takes”"))
    columns.finish()
    ticket.finish()
    return built


def _records(top: _Reader, source: str) -> RecordMap:
    columns = top.part("columns", needed=False)
    names = {name: columns.text(name, name) for name in (*FIELDS, "messages")}
    columns.finish()
    known = {str(status): str(status) for status in Status.values} | {"on_hold": "pending"}
    return RecordMap(
        **_common(top, source),
        names=names, statuses=known | top.table("statuses", [one for one in Status.values if one != "on_hold"]),
        priorities=PRIORITIES | {word: PRIORITIES[ours] for word, ours in top.table("priorities", PRIORITIES).items()},
        channel=top.choice("channel", Channel.values, Channel.EMAIL),
        type=top.choice("type", TicketType.values, TicketType.QUESTION),
    )  # fmt: skip


def _common(top: _Reader, source: str) -> dict[str, str]:
    zone = top.text("timezone", "")
    if zone:
        zone_named(zone)
    delimiter = top.text("delimiter", "")
    if len(delimiter) > 1 or delimiter in ('"', "\n", "\r"):
        raise _bad("delimiter", _("one character"))
    name = top.text("source", source)
    if len(name) > 60:
        raise _bad("source", _("at most 60 characters"))
    return {
        "source": name, "time_zone": zone, "time_format": top.text("time_format", ""), "delimiter": delimiter,
    }  # fmt: skip


class _Reader:
    """Takes typed values out of an object, and minds keys that nobody asked for."""

    def __init__(self, read: Any, where: str = "") -> None:
        if not isinstance(read, dict):
            raise _bad(where or _("the mapping"), _("an object is wanted"))
        self.read, self.where, self.asked = read, where, {"$schema", "comment"}

    def _get(self, key: str, default: Any) -> Any:
        self.asked.add(key)
        if key not in self.read and default is None:
            raise _bad(self._at(key), _("it is missing"))
        return self.read.get(key, default)

    def _at(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key

    def text(self, key: str, default: str | None = None) -> str:
        value = self._get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise _bad(self._at(key), _("a text is wanted"))
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise _bad(self._at(key), _("a list of texts is wanted"))
        return tuple(value)

    def choice(self, key: str, choices: Iterable[Any], default: Any) -> Any:
        return self._one_of(self._get(key, default), choices, self._at(key))

    def table(self, key: str, choices: Iterable[Any]) -> dict[str, Any]:
        part, options = self.part(key, needed=False), list(choices)
        return {name: self._one_of(value, options, f"{part.where}.{name}") for name, value in part.read.items()}

    def chosen(self, key: str, choices: Iterable[Any], default: Any) -> Chosen:
        value, options = self._get(key, default), list(choices)
        if not isinstance(value, dict):
            return Chosen(self._one_of(value, options, self._at(key)))
        part = self.part(key)
        found = Chosen(part.choice("default", options, default), part.text("column"), part.table("values", options))
        part.finish()
        return found

    def named_if_given(self, key: str, *, column: bool = True) -> Named | None:
        return self.named(key, column=column) if key in self.read else None

    def named(self, key: str, *, column: bool = True) -> Named:
        part = self.part(key)
        found = Named(
            part.text("column") if column else "",
            part.text("name", "{value}"),
            part.choice("kind", CustomerType.values, CustomerType.EXTERNAL),
        )
        if "{value}" not in found.name:
            raise _bad(f"{part.where}.name", _("it must hold {value}"))
        part.finish()
        return found

    def part(self, key: str, *, needed: bool = True) -> _Reader:
        return _Reader(self._get(key, None if needed else {}), self._at(key))

    def finish(self) -> None:
        """Refuse a key that means nothing: it was probably misspelt."""
        if unknown := sorted(set(self.read) - self.asked):
            raise _bad(self._at(unknown[0]), _("there is no such key"))

    @staticmethod
    def _one_of(value: Any, choices: Iterable[Any], where: str) -> Any:
        options = list(choices)
        if isinstance(value, (dict, list, bool)) or value not in options:
            raise _bad(where, _("one of %(choices)s is wanted") % {"choices": ", ".join(map(str, options))})
        return value


def _bad(where: str, why: str) -> Malformed:
    return Malformed(_("Mapping, %(where)s: %(why)s.") % {"where": where, "why": why}, code="bad_mapping")
