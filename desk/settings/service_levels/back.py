"""The way back from giving a support plan or taking it away: one press, offered where the act has just been done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from customers.models import Organisation, Person, SupportPlan

Holder = Organisation | Person
KINDS: dict[str, Any] = {"organisation": Organisation, "person": Person}
MOST = 2
"""An organisation and a person are given a plan at one press."""


@dataclass(frozen=True, slots=True)
class Back:
    """Who had which plan before; None is none. ``key`` names the holder as forms do."""

    key: str
    holder: Holder
    plan: SupportPlan | None


def holder_of(key: str) -> Holder | None:
    """``organisation:5`` or ``person:7``; None for what is not there."""
    kind, _colon, pk = key.partition(":")
    if kind not in KINDS or not (pk.isascii() and pk.isdecimal()) or len(pk) > 17:
        return None
    found: Holder | None = KINDS[kind].objects.filter(pk=int(pk)).select_related("plan").first()
    return found


def address(given: Iterable[tuple[Holder, int | None]]) -> str:
    """What the page's address says of who had which plan before."""
    said = [
        f"{'organisation' if isinstance(holder, Organisation) else 'person'}:{holder.pk}:{before or 0}"
        for holder, before in given
    ]
    return f"?{urlencode({'before': said}, doseq=True)}" if said else ""


def offered(query: QueryDict, now: SupportPlan | None) -> list[Back]:
    """What an address offers to give back: of those whose plan is still ``now`` and was another one."""
    found = []
    for said in query.getlist("before")[:MOST]:
        key, _colon, before = said.rpartition(":")
        holder = holder_of(key)
        if holder is None or not (before.isascii() and before.isdecimal()) or len(before) > 17:
            continue
        plan = SupportPlan.objects.filter(pk=int(before)).first()
        if holder.plan == now and holder.plan != plan and (plan is not None or before == "0"):
            found.append(Back(key, holder, plan))
    return found
