"""What a run leaves, without what may differ between two runs: ids that a rollback burns, and times after the story."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tests.faults.house import House

OWN_IDS = ("clock", "closure", "contact", "entry", "escalation", "follow_up", "hold", "promise", "transfer")
"""Keys of an event's data that name a row of its ticket: compared as the row's place among the ticket's."""
TABLES = {name: f"tickets_{name.replace('_', '')}" for name in OWN_IDS}

EVENTS = (
    "SELECT id, kind, subject_kind, subject_id, subject_seq, actor_kind, actor_id, happened_at, data FROM events_event"
)
CLOCKS = """
    SELECT ticket_id, metric, started_at, due_at, warned_75_at, warned_90_at, breached_at, stopped_at, cancelled_at,
           paused_at, next_at, breach_recorded_at IS NOT NULL FROM tickets_clock
"""
MAILS = """
    SELECT event.kind, event.subject_kind, mail.ticket_id, mail.template, mail.recipient, mail.status, mail.subject,
           mail.attempts, mail.sent_at IS NOT NULL
    FROM notifications_outgoingmail mail JOIN events_event event ON event.id = mail.event_id
    WHERE mail.template <> 'staff/notices'
"""
"""Without the mails of notices: which of them go together depends on the moment (N1)."""
NOTICES = (
    "SELECT notice.kind, notice.ticket_id, user_id, is_urgent, event.subject_seq FROM notifications_notice notice "
)
NOTICES += "JOIN events_event event ON event.id = notice.event_id"
TICKETS = """
    SELECT id, status, assignee_id, team_id, closure_cause, event_seq, version, reopen_count FROM tickets_ticket
"""
DELIVERIES = """
    SELECT event.kind, event.subject_kind, event.subject_id, event.subject_seq, reaction, delivery.attempts,
           done_at IS NOT NULL FROM events_delivery delivery JOIN events_event event ON event.id = delivery.event_id
"""


def snapshot(run: House, begun: datetime) -> dict[str, list[Any]]:
    """Sorted rows of events, deliveries, clocks, outbox, notices and tickets."""
    places = {name: _places(run, table) for name, table in TABLES.items()}

    def plain(value: Any) -> Any:
        moment = _moment(value)
        return value if moment is None else str(moment) if moment <= begun else "later"

    def data(told: dict[str, Any]) -> dict[str, Any]:
        return {
            key: places[key].get(value, value) if key in places and isinstance(value, int) else plain(value)
            for key, value in told.items()
            if key not in ("late_seconds", "seconds_late")
        }

    def rows(found: Iterable[tuple[Any, ...]]) -> list[Any]:
        return sorted((tuple(plain(value) for value in row) for row in found), key=repr)

    events = [
        (kind, of, pk, seq, actor_kind, actor, plain(at), sorted(data(told).items()))
        for _pk, kind, of, pk, seq, actor_kind, actor, at, told in run.query(EVENTS)
    ]
    return {
        "events": sorted(events, key=repr),
        "deliveries": rows(run.query(DELIVERIES)),
        "clocks": rows(run.query(CLOCKS)),
        "outbox": rows(run.query(MAILS)),
        "notices": rows(run.query(NOTICES)),
        "tickets": rows(run.query(TICKETS)),
    }


def _places(run: House, table: str) -> dict[int, str]:
    """Each row's ticket and its place among the rows of that ticket."""
    if table == "tickets_contact":
        return {}
    found = run.query(f"SELECT id, ticket_id, row_number() OVER (PARTITION BY ticket_id ORDER BY id) FROM {table}")
    return {pk: f"{ticket}/{place}" for pk, ticket, place in found}


def _moment(value: Any) -> datetime | None:
    if isinstance(value, str) and len(value) > 18:
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, datetime) else None
