"""By what a report is divided: how a ticket and a clock find their group, and what the group is called."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, OuterRef, Subquery, When
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from common.errors import Malformed
from customers.models import CustomerType, SupportPlan
from sla.models import Metric, Policy
from staff.models import Team
from tickets.models import Channel, Clock, Priority

Names = dict[Any, tuple[Any, str]]
"""Key to (what programs read, what people read), in the order of the report."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """``of_ticket`` and ``of_clock`` are expressions over tickets and over clocks; ``names`` asks at most one query."""

    code: str
    label: str | Lazy
    nobody: str | Lazy
    of_ticket: Any
    of_clock: Any
    names: Callable[[Collection[Any]], Names]


def at_its_stop(name: str, now: str) -> Case:
    """Who had it when the clock stopped; while it runs, who has the ticket."""
    return Case(When(stopped_at__isnull=False, then=F(name)), default=F(f"ticket__{now}"))


def _teams(keys: Collection[Any]) -> Names:
    rows = Team.objects.filter(pk__in=keys).values_list("pk", "name")
    return {pk: (name, name) for pk, name in _by_name(rows)}


def _agents(keys: Collection[Any]) -> Names:
    rows = User.objects.filter(pk__in=keys).values_list("pk", "name", "email")
    return {pk: (name, name) for pk, name in _by_name((pk, name or email) for pk, name, email in rows)}


def _by_name(rows: Any) -> list[tuple[int, str]]:
    """Names are sorted here: the database puts letters beyond z in the order of their numbers."""
    return sorted(rows, key=lambda row: (row[1].casefold(), row[0]))


def _channels(_keys: Collection[Any]) -> Names:
    return {code: (code, str(label)) for code, label in Channel.choices}


def _priorities(_keys: Collection[Any]) -> Names:
    return {one.value: (one.name.lower(), str(one.label)) for one in sorted(Priority, reverse=True)}


def _customer_types(_keys: Collection[Any]) -> Names:
    return {code: (code, str(label)) for code, label in CustomerType.choices}


def _policies(keys: Collection[Any]) -> Names:
    rows = Policy.objects.filter(pk__in=keys).values_list("pk", "name")
    return {pk: (name, name) for pk, name in _by_name(rows)}


def _plans(keys: Collection[Any]) -> Names:
    return {pk: (name, name) for pk, name in SupportPlan.objects.filter(pk__in=keys).values_list("pk", "name")}


FIRST_POLICY = Subquery(
    Clock.objects.filter(ticket=OuterRef("pk"), cancelled_at=None)
    .exclude(metric=Metric.TRANSFER)
    .order_by(Case(When(metric=Metric.FIRST_RESPONSE, then=0), default=1), "started_at", "pk").values("policy_id")[:1]
)  # fmt: skip
"""The policy that a ticket's first response counts by, so that a row has no more answers than tickets: what still ran
when a policy was applied may count by another. Without one, that of the earliest clock. Each clock has its own row."""

GROUPINGS = {
    one.code: one
    for one in (
        Grouping("team", gettext_lazy("Team"), gettext_lazy("No team"), F("team_id"), at_its_stop("team_id", "team_id"),
                 _teams),
        Grouping("channel", gettext_lazy("Channel"), "", F("channel"), F("ticket__channel"), _channels),
        Grouping("priority", gettext_lazy("Priority"), "", F("priority"), F("ticket__priority"), _priorities),
        Grouping("customer_type", gettext_lazy("Customer type"), "", F("customer_type"), F("ticket__customer_type"),
                 _customer_types),
        Grouping("policy", gettext_lazy("Policy"), gettext_lazy("No clock"), FIRST_POLICY, F("policy_id"), _policies),
        Grouping("plan", gettext_lazy("Support plan"), gettext_lazy("No plan"), F("plan_id"), F("ticket__plan_id"),
                 _plans),
        Grouping("agent", gettext_lazy("Agent"), gettext_lazy("Nobody yet"), F("assignee_id"),
                 at_its_stop("agent_id", "assignee_id"), _agents),
    )
}  # fmt: skip


def grouping(code: str) -> Grouping:
    """The grouping of that code; ``Malformed`` lists what there is."""
    try:
        return GROUPINGS[code.replace("-", "_")]
    except KeyError:
        known = ", ".join(GROUPINGS)
        raise Malformed(_("Divide by one of: %(known)s.") % {"known": known}, code="bad_grouping", field="by") from None
