"""Where policies get in each other's way: one that is never picked, and what one leaves out that another promises."""

from __future__ import annotations

from collections.abc import Iterable

from sla.models import PolicyVersion
from sla.policies import asked, asks_of, place

USUAL: dict[str, object] = {
    "customer_type": "external", "channel": "email", "ticket_type": "question", "priority": 2,
}  # fmt: skip
"""What a ticket is where a policy does not say: the plainest there is."""


def in_order(held: Iterable[PolicyVersion]) -> list[PolicyVersion]:
    """Those of these versions that are in use, in the order in which they are tried."""
    return sorted((one for one in held if one.is_active), key=lambda one: place(one, len(asks_of(one))))


def hidden_by(version: PolicyVersion, tried: Iterable[PolicyVersion]) -> PolicyVersion | None:
    """The policy that takes every ticket of this one: it has the same conditions and is tried before."""
    for one in tried:
        if one.policy_id == version.policy_id:
            return None
        if conditions(one) == conditions(version):
            return one
    return None


def fallback(version: PolicyVersion, tried: Iterable[PolicyVersion]) -> PolicyVersion | None:
    """What a usual ticket of this policy would be promised without it: the next one tried that fits it."""
    facts, is_after = USUAL | conditions(version), False
    for one in tried:
        if one.policy_id == version.policy_id:
            is_after = True
        elif is_after and (one.policy.is_default or conditions(one).items() <= facts.items()):
            return one
    return None


def conditions(version: PolicyVersion) -> dict[str, object]:
    """What it asks for, by name; empty for one that fits every ticket."""
    return {name: asked(version, name) for name in asks_of(version)}
