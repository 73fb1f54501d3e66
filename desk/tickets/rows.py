"""All that a row of the tickets list shows, in the query of the list itself."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from common.kept import MOMENT, Compiled, compiled
from customers.models import Flag
from staff.access import viewer
from staff.hours import of_version
from tickets.models import Clock, Draft, Status, Ticket


def for_rows(rows: QuerySet[Ticket], now: datetime) -> QuerySet[Ticket]:
    """With customer, team, agent, the flags in force, who writes a draft, and the clock that is due first (S6)."""
    asides = {name: sql.at(now) for name, sql in _ready().items()}
    return rows.select_related("requester", "assignee", "team").annotate(**asides)


@cache
def _ready() -> dict[str, Compiled]:
    """What stands aside of a row, as SQL worked out once in a process."""
    flags = Flag.objects.in_force(MOMENT).filter(person=OuterRef("requester_id")).order_by("kind")
    asides = {
        "flag_kinds": ArraySubquery(flags.values("kind")), "first_clock": first_clock(),
        "drafted_by": ArraySubquery(Draft.objects.filter(ticket=OuterRef("pk")).values("user_id")),
    }  # fmt: skip
    return compiled(Ticket.objects.all(), asides)


def with_first_clock(rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Each with the clock that is due first, for ``timed``."""
    return rows.annotate(first_clock=first_clock())


def first_clock(ticket: str = "pk") -> Subquery:
    """Of the ticket whose key is ``ticket``, of those that the list is sorted by: a transfer's is another team's."""
    running = Clock.objects.filter(ticket=OuterRef(ticket), stopped_at=None, cancelled_at=None)
    running = running.exclude(metric=Clock.Metric.TRANSFER)
    first = running.order_by(F("due_at").asc(nulls_last=True), "pk")
    told = JSONObject(
        due="due_at", started="started_at", paused="paused_at", hours="hours_id", target="target_seconds"
    )  # fmt: skip
    return Subquery(first.values(told=told)[:1])


def timed(ticket: Ticket) -> Ticket:
    """What ``due_chip`` asks for, from the row's first clock: ``due``, ``started``, ``target``, ``hours``, and
    ``is_paused``, the words why. A version of a calendar is read once in a process."""
    told: dict[str, Any] = getattr(ticket, "first_clock", None) or {}
    row: Any = ticket
    row.due, row.started, row.target = _moment(told.get("due")), _moment(told.get("started")), told.get("target")
    row.hours = of_version(told.get("hours"))
    row.is_paused = paused_words(ticket.status) if told.get("paused") and row.due is None else ""
    return ticket


def paused_words(status: str) -> str:
    """Why a clock stands still, from where its ticket stands (S3, H6)."""
    return str(STILL.get(Status(status)) or _("Paused"))


STILL = {
    Status.PENDING: gettext_lazy("Paused: waiting for the customer"),
    Status.ON_HOLD: gettext_lazy("Paused: on hold for the customer"),
}


def dressed(tickets: list[Ticket], user: User) -> list[Ticket]:
    """Rows as the template reads them: what ``timed`` says, ``flag_marks``, not one's own (C4), and ``has_draft``, only
    one's own."""
    myself = viewer(user).person_id
    for ticket in tickets:
        row: Any = timed(ticket)
        row.has_draft = user.pk in (getattr(ticket, "drafted_by", None) or ())
        kinds = () if ticket.requester_id == myself else getattr(ticket, "flag_kinds", ())
        row.flag_marks = [(Flag.Kind(kind).label, *FLAG_MARKS[kind]) for kind in kinds]
    return tickets


FLAG_MARKS = {
    Flag.Kind.ABUSIVE: ("octagon-alert", "bad"),
    Flag.Kind.VULGAR: ("message-square-warning", "warn"),
    Flag.Kind.LEGAL_THREAT: ("scale", "bad"),
    Flag.Kind.PHYSICAL_THREAT: ("shield-alert", "bad"),
    Flag.Kind.VULNERABLE: ("heart-handshake", "warn"),
    Flag.Kind.VIP: ("star", "accent"),
}
"""Icon and tone of each flag, the same in a list and beside a conversation."""


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
