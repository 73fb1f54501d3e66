"""What the tickets list shows: views, filters and orders, all in its address, all on indexes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from customers.models import CustomerType
from staff.access import Viewer, viewer
from tickets.models import Channel, Clock, Priority, Status, Ticket, TicketType

SOON = timedelta(hours=1)
Rows = QuerySet[Ticket]


@dataclass(frozen=True, slots=True)
class View:
    """One view at the side. ``sort`` is its order where none is asked for."""

    code: str
    name: str | Lazy
    of: Callable[[Rows, Viewer, datetime], Rows]
    sort: str = "due"
    is_counted: bool = True
    is_hot: bool = False
    for_leaders: bool = False


def _active(**more: Any) -> Callable[[Rows, Viewer, datetime], Rows]:
    return lambda rows, _who, _now: rows.active().filter(**more)  # type: ignore[attr-defined]


def _mine(rows: Any, who: Viewer, now: datetime) -> Rows:
    return rows.active().filter(assignee=who.user_id)


def _team(rows: Any, who: Viewer, now: datetime) -> Rows:
    return rows.active().filter(team__in=who.team_ids | who.supervised_team_ids)


def _due(rows: Any, who: Viewer, now: datetime) -> Rows:
    """Over, due within the hour, or warned of (S4): of a promise of a day the last hour alone is too late to act."""
    running = Clock.objects.filter(stopped_at=None, cancelled_at=None, paused_at=None)
    warned = running.filter(warned_75_at__isnull=False) | running.filter(warned_90_at__isnull=False)
    warned = warned.exclude(metric=Clock.Metric.TRANSFER)
    return rows.active().filter(Q(queue_at__lte=now + SOON) | Q(pk__in=warned.values("ticket")))


def _aside(rows: Any, who: Viewer, now: datetime) -> Rows:
    return rows.filter(Q(is_spam=True) | Q(trashed_at__isnull=False))


def _in_state(status: str) -> Callable[[Rows, Viewer, datetime], Rows]:
    return lambda rows, _who, _now: rows.filter(status=status, is_spam=False, trashed_at=None)


VIEWS = {
    view.code: view
    for view in (
        View("mine", _("Mine"), _mine),
        View("team", _("My team's"), _team),
        View("unassigned", _("Nobody's yet"), _active(assignee=None)),
        View("pending", _("With the customer"), _active(status=Status.PENDING)),
        View("hold", _("On hold"), _active(status=Status.ON_HOLD)),
        View("due", _("Due soon or over"), _due, is_hot=True),
        View("open", _("All open"), _active()),
        View("resolved", _("Resolved"), _in_state(Status.RESOLVED), sort="updated", is_counted=False),
        View("closed", _("Closed"), _in_state(Status.CLOSED), sort="updated", is_counted=False),
        View("aside", _("Spam and trash"), _aside, sort="updated", is_counted=False, for_leaders=True),
    )
}

EMPTY: dict[str, tuple[str, str | Lazy, str | Lazy]] = {
    "mine": ("inbox", _("Nothing is yours right now"), _("Take the next ticket that nobody has yet.")),
    "team": (
        "inbox",
        _("Your team has answered everything"),
        _("What comes in for your team shows up here by itself."),
    ),
    "unassigned": ("hand", _("Every ticket has somebody"), _("New ones wait here until somebody takes them.")),
    "pending": ("hourglass", _("Nobody owes us an answer"), _("Tickets wait here while it is the customer's turn.")),
    "hold": ("pause", _("Nobody is on hold"), _("Tickets wait here, with the customer's consent, until their time.")),
    "due": (
        "clock",
        _("Nothing is due soon"),
        _("What is over its time, due within the hour, or has used three quarters of its time shows up here."),
    ),
    "resolved": ("check", _("Nothing waits for a confirmation"), _("Resolved tickets stay here until they close.")),
}
"""What an empty view says: icon, title, and what would be here."""

ORDERS: dict[str, tuple[str | Lazy, tuple[str, ...]]] = {
    "due": (_("Due first"), ("queue_rank", "queue_at", "pk")),
    "newest": (_("Newest first"), ("-opened_at", "-pk")),
    "oldest": (_("Oldest first"), ("opened_at", "pk")),
    "updated": (_("Changed last"), ("-updated_at", "-pk")),
}

CHOICES: dict[str, tuple[str | Lazy, str, dict[str, str | Lazy]]] = {
    "state": (_("State"), "status", dict(Status.choices)),
    "type": (_("Type"), "type", dict(TicketType.choices)),
    "priority": (_("Priority"), "priority", {str(code): name for code, name in Priority.choices}),
    "channel": (_("Channel"), "channel", dict(Channel.choices)),
    "customer": (_("Customer"), "customer_type", dict(CustomerType.choices)),
}
"""Filters with fixed choices: their label, the field, code and name of each choice."""

REFERENCES: dict[str, tuple[str | Lazy, str]] = {
    "team": (_("Team"), "team"),
    "assignee": (_("Agent"), "assignee"),
    "tag": (_("Tag"), "tags"),
}
"""Filters by another row; ``none`` means that there is none, ``me`` the reader."""

NAMES = (*CHOICES, *REFERENCES)


@dataclass(slots=True)
class Asked:
    """What an address asks the list for, with whatever means nothing left out."""

    view: View
    sort: str
    filters: dict[str, list[str]]
    after: str = ""

    @classmethod
    def of(cls, query: QueryDict, user: User) -> Asked:
        """Read an address; the view where none is named is one's own tickets, for leaders all open ones."""
        who = viewer(user)
        view = VIEWS.get(query.get("view", "")) or VIEWS["mine" if who.team_ids else "open"]
        if view.for_leaders and not may_see_aside(who):
            view = VIEWS["open"]
        sort = query.get("sort", "")
        return cls(view, sort if sort in ORDERS else view.sort, _filters(query), query.get("after", ""))

    @property
    def order(self) -> tuple[str, ...]:
        """The fields that the list is ordered by."""
        return ORDERS[self.sort][1]

    def rows(self, user: User, now: datetime) -> Rows:
        """The tickets, without what a row shows beside."""
        rows = self.view.of(Ticket.objects.visible_to(user), viewer(user), now)
        for name, values in self.filters.items():
            rows = rows.filter(_condition(name, values, user))
        return rows

    def address(self, **changes: str | None) -> str:
        """The query of this list with some parts changed; None takes a part away."""
        query = QueryDict(mutable=True)
        query["view"] = self.view.code
        if self.sort != self.view.sort:
            query["sort"] = self.sort
        for name, values in self.filters.items():
            query.setlist(name, values)
        for name, value in changes.items():
            query.pop(name, None)
            if value is not None:
                query[name] = value
        return query.urlencode()


def may_see_aside(who: Viewer) -> bool:
    """Spam and trash are for those who clear it up."""
    return who.is_supervisor or who.is_admin


def _filters(query: QueryDict) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in NAMES:
        values = list(dict.fromkeys(value for value in query.getlist(name)[:10] if _means(name, value)))
        if values:
            found[name] = values
    return found


def _means(name: str, value: str) -> bool:
    if name in CHOICES:
        return value in CHOICES[name][2]
    if value in ("none", "me"):
        return name != "tag" and (value == "none" or name == "assignee")
    return value.isascii() and value.isdigit() and len(value) < 16


def _condition(name: str, values: list[str], user: User) -> Q:
    if name in CHOICES:
        return Q((f"{CHOICES[name][1]}__in", values))
    field = REFERENCES[name][1]
    ids = [user.pk if value == "me" else int(value) for value in values if value != "none"]
    if name == "tag":
        through = Ticket.tags.through.objects.filter(tag__in=ids)
        return Q(pk__in=through.values("ticket_id"))
    condition = Q((f"{field}__in", ids))
    return condition | Q((field, None)) if "none" in values else condition
