"""Which promise about time holds for a ticket."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from sla.models import Policy

CONDITIONS = ("organisation", "team", "priority", "ticket_type", "channel", "customer_type")
"""What a policy may ask for, the most telling first: it decides between policies with equally many conditions."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a policy is picked by (S2); ``channel``, ``ticket_type`` and ``priority`` are the codes of tickets."""

    customer_type: str
    channel: str
    ticket_type: str
    priority: int
    organisation_id: int | None = None
    team_id: int | None = None


def default() -> Policy:
    """The policy used where no other fits; made when missing, so that the desk works with no configuration (S1)."""
    policy = Policy.objects.select_related("calendar").filter(is_default=True).first()
    if policy is None:
        policy, _made = Policy.objects.get_or_create(is_default=True, defaults={"name": _("Standard promise")})
    return policy


def policy_for(facts: Facts) -> Policy:
    """The most specific policy in use that fits (S2): most conditions, then ``CONDITIONS`` in their order, then age."""
    return min(_fitting(facts), key=_rank, default=None) or default()


def _fitting(facts: Facts) -> list[Policy]:
    fits = (
        Q(customer_type__in=["", facts.customer_type])
        & Q(channel__in=["", facts.channel])
        & Q(ticket_type__in=["", facts.ticket_type])
        & (Q(priority=None) | Q(priority=facts.priority))
        & (Q(organisation=None) | Q(organisation=facts.organisation_id))
        & (Q(team=None) | Q(team=facts.team_id))
    )
    return list(Policy.objects.select_related("calendar").filter(fits, is_active=True))


def _rank(policy: Policy) -> tuple[int, list[bool], bool, int]:
    """Smaller wins; among policies without any condition the default one stands last."""
    asks = [_asks(policy, name) for name in CONDITIONS]
    return -sum(asks), [not asked for asked in asks], policy.is_default, policy.pk


def _asks(policy: Policy, name: str) -> bool:
    return getattr(policy, f"{name}_id" if name in ("organisation", "team") else name) not in (None, "")
