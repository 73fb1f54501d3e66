"""The whole story of an escalated case, as its reader may read it: nobody has to ask the customer again (E3, T13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.models import User
from staff.access import viewer
from tickets.models import Clock, Entry, Escalation, Promise, Transfer
from tickets.visibility import entries_for

LATEST = 12
IN_FULL = 3
"""How many of the last entries are shown as they were written; those before in a line."""


@dataclass(frozen=True, slots=True)
class Story:
    """``earlier`` and ``entries`` run from old to new; ``told`` is all of it, for who counts."""

    earlier: list[Entry]
    entries: list[Entry]
    promises: list[Promise]
    clocks: list[Clock]
    handover: Transfer | None
    flags: list[Any]


def story_of(escalation: Escalation, user: User) -> Story:
    """Four queries; the flags are loaded with the escalation."""
    ticket = escalation.ticket
    entries = (
        entries_for(ticket, user)
        .filter(undone_at=None)
        .select_related("author_person", "author")
        .defer("html", "search")
        .order_by("-happened_at", "-pk")[:LATEST]
    )
    told = list(entries)[::-1]
    clocks = Clock.objects.filter(ticket=ticket, stopped_at=None, cancelled_at=None).order_by("due_at", "pk")
    handovers = Transfer.objects.filter(ticket=ticket).select_related("sender", "to_team").order_by("-sent_at", "-pk")
    promises = Promise.objects.filter(ticket=ticket).exclude(pk=escalation.promise_id or 0)  # that one has its own line
    promises = promises.select_related("owner").order_by("due_at", "pk")
    is_own = viewer(user).person_id == ticket.requester_id
    return Story(
        earlier=told[:-IN_FULL],
        entries=told[-IN_FULL:],
        promises=list(promises),
        clocks=list(clocks),
        handover=handovers.first(),
        flags=[] if is_own else list(ticket.requester.flags.all()),
    )
