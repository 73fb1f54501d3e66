"""Whose business an event is, wherever they are on the desk: they hear of it in a line with a link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desk.live.look import Spot
from staff.access import Viewer

TO_ME = {
    "ticket.assigned": "to",
    "ticket.escalation_assigned": "to_agent",
    "ticket.escalation_coached": "to_agent",
    "ticket.follow_up_passed_on": "to_agent",
    "ticket.promise_due_soon": "owner",
    "ticket.follow_up_due": "owner",
}
"""Kinds of events that name the one they concern, and where."""

OF_MINE = frozenset({"ticket.message_received", "ticket.refused"})
"""What the customer did on a ticket that is mine."""


def concerns(who: Viewer, news: Mapping[str, Any], spot: Spot) -> bool:
    """Assigned or passed to me or my team, an escalation that waits for me, a mention, my customer's answer."""
    me, kind, data = who.user_id, news["kind"], news["data"]
    if news["actor"] == me or news["subject"] != "ticket":
        return False
    if me in _ids(data.get("mentions")):
        return True
    if kind in TO_ME:
        return bool(data.get(TO_ME[kind]) == me)
    if kind in OF_MINE:
        return spot.assignee_id == me and not data.get("automatic") and not data.get("spam")
    if kind == "ticket.transfer_sent":
        to = data.get("to_agent")
        return to == me if to else data.get("to_team") in who.team_ids
    if kind in ("ticket.escalated", "ticket.escalation_climbed"):
        return data.get("waits_for") == me or me in _ids(data.get("told"))
    return False


def _ids(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
