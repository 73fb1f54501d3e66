"""The rows that every step of a loaded ticket is made of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from common.html import html_to_text, sanitise
from common.text import clean_line, clean_text, snippet
from tickets.lifecycle._parts import SUBJECT_LIMIT, TEXT_LIMIT
from tickets.loading.steps import ExternalIds, LoadedTicket
from tickets.models import Contact, Entry

Row = dict[str, Any]

SPEAKS = frozenset({"opened", "message_received", "replied", "note_added", "contact_logged", "resolved", "reopened"})
"""Kinds of events that name an entry, or say that there was none."""


class Rows:
    """Contacts, entries and events of one ticket, put into the desk's tables."""

    desk: Any
    source: LoadedTicket
    ticket: Row

    def _change(self, **fields: Any) -> None:
        self.ticket.update(fields)
        self.ticket["version"] += 1

    def _would_own(self, user: int) -> bool:
        team = self.ticket["team_id"]
        return team is None or team in self.desk.teams_of.get(user, ())

    def _contact(
        self, channel: str, direction: str, at: datetime, *, by: int | None = None, person: int | None = None,
        talked: bool = False, seconds: int = 0, agreed: str = "", mailbox: str = "",
    ) -> Row:  # fmt: skip
        row: Row = self.desk.contacts.add(
            channel=channel, direction=direction,
            outcome=Contact.Outcome.TALKED if talked else Contact.Outcome.WRITTEN,
            person_id=person or self.source.requester, handled_by_id=by, happened_at=at,
            ended_at=at + timedelta(seconds=seconds) if seconds else at, recorded_at=self.desk.now,
            agreed=clean_text(agreed, TEXT_LIMIT), mailbox=mailbox, origin=self.desk.origin,
        )  # fmt: skip
        self.desk.contact_tickets.add(contact_id=row["id"], ticket_id=self.ticket["id"])
        return row

    def _entry(
        self, kind: str, at: datetime, *, text: str, html: str = "", by: int | None = None, person: int | None = None,
        contact: Row | None = None, visibility: str = Entry.Visibility.PUBLIC, is_automatic: bool = False,
        mailbox: str = "", language: str | None = None, external_ids: ExternalIds = (),
    ) -> Row:  # fmt: skip
        name = self.desk.names.get(by, "") if by else str(self.desk.people[person]) if person else ""
        row: Row = self.desk.entries.add(
            ticket_id=self.ticket["id"], contact_id=contact["id"] if contact else None, kind=kind,
            visibility=visibility, author_id=by, author_person_id=person, author_name=name[:150],
            text=text_of(text, html), html=sanitise(html) if html else "",
            language=self.ticket["language"] if language is None else language, is_automatic=is_automatic,
            happened_at=at, recorded_at=self.desk.now, mailbox=mailbox, event_id=None,
        )  # fmt: skip
        for source, value in external_ids:
            self.desk.external_ids.add(entry_id=row["id"], source=source[:60], value=value[:500])
        return row

    def _record(
        self, kind: str, at: datetime, by: int | None, *, contact: Row | None = None, entry: Row | int | None = None,
        on_behalf_of: int | None = None, customer: int | None = None, **data: Any,
    ) -> None:  # fmt: skip
        if kind in SPEAKS:
            data["entry"] = entry["id"] if isinstance(entry, dict) else entry
        event = self.desk.record(
            self.ticket, kind, at=at, by=by, customer=customer, contact=contact["id"] if contact else None,
            on_behalf_of=on_behalf_of, **data,
        )  # fmt: skip
        if isinstance(entry, dict):
            entry["event_id"] = event["id"]


def text_of(text: str, html: str) -> str:
    return clean_text(text or html_to_text(html), 4 * TEXT_LIMIT)[:TEXT_LIMIT]


def subject_of(subject: str, text: str) -> str:
    line = clean_line(subject, 100 * SUBJECT_LIMIT)
    if len(line) > SUBJECT_LIMIT:
        line = line[: SUBJECT_LIMIT - 1].rstrip() + "…"
    return line or snippet(text, 80) or "(no subject)"
