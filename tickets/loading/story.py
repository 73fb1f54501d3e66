"""One loaded ticket, told step by step: what each verb of ``tickets.lifecycle`` would have written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from common.errors import Malformed
from common.text import snippet
from tickets.lifecycle._ground import moved
from tickets.lifecycle._parts import PREVIEW_LIMIT, WRITTEN_KIND
from tickets.loading import steps as told
from tickets.loading.measuring import Clocks
from tickets.loading.rows import Row, Rows, subject_of, text_of
from tickets.models import (
    LIVE_CHANNELS,
    Channel,
    Closure,
    ClosureCause,
    Contact,
    Entry,
    Escalation,
    Status,
    priority_of,
)

IN, OUT = Contact.Direction.INBOUND, Contact.Direction.OUTBOUND


class Story(Rows):
    """Builds the rows of one ticket. ``desk`` is the ``loader.Desk`` that holds the tables and what is known."""

    def __init__(self, desk: Any, source: told.LoadedTicket) -> None:
        self.desk, self.source = desk, source
        self.person = desk.people[source.requester]
        self.closure: Row | None = None
        self.escalation: Row | None = None
        self.ticket = self._ticket()
        self.clocks = Clocks(desk, self.ticket)

    def tell(self) -> Row:
        """The ticket's row, with everything that belongs to it in the desk's tables."""
        self._open()
        last = self.source.at
        for step in self.source.steps:
            TELL[type(step)](self, step)
            last = max(last, step.at)
        self.ticket["updated_at"] = last
        self.clocks.settle(self.desk.now)
        return self.ticket

    def _ticket(self) -> Row:
        source, person = self.source, self.person
        text = text_of(source.text, source.html)
        priority = priority_of(source.impact, source.urgency)
        row: Row = self.desk.tickets.add(
            number=next(self.desk.numbers), subject=subject_of(source.subject, text),
            preview=snippet(text, PREVIEW_LIMIT), type=source.type, status=Status.NEW, channel=source.channel,
            impact=source.impact, urgency=source.urgency, priority=int(priority),
            language=source.language or person.language, requester_id=source.requester, customer_type=person.kind,
            organisation_id=person.organisation_id, department_id=person.department_id, plan_id=person.entitled_plan_id,
            team_id=source.team, assignee_id=None, first_agent_id=None,
            category_id=source.category, brand_id=source.brand or self.desk.brand_of(source.team), custom=source.custom,
            opened_at=source.at, created_at=self.desk.now, resolved_at=None, resolved_by_id=None, closed_at=None,
            closure_cause="", reopen_count=0, last_customer_at=None, last_staff_at=None, unanswered_since=None,
            version=0, event_seq=0, origin=self.desk.origin, is_enforced=self.desk.is_enforced,
            external_source=source.external_source, external_id=source.external_id,
        )  # fmt: skip
        return row

    # --- the first step -----------------------------------------------------

    def _open(self) -> None:
        source, ticket, at = self.source, self.ticket, self.source.at
        live = source.channel in LIVE_CHANNELS and source.opened_by is not None
        contact = self._contact(
            source.channel, OUT if source.outbound else IN, at, by=source.opened_by, talked=live,
            mailbox=source.mailbox,
        )  # fmt: skip
        answered = live and not source.outbound
        if source.opened_by and (answered or source.outbound) and self._would_own(source.opened_by):
            ticket.update(assignee_id=source.opened_by, first_agent_id=source.opened_by, status=Status.OPEN)
        kind = WRITTEN_KIND.get(Channel(source.channel), Entry.Kind.REPLY if source.outbound else Entry.Kind.MESSAGE)
        entry = self._entry(
            Entry.Kind.AUTOMATIC if source.is_automatic else kind, at, text=source.text, html=source.html,
            by=source.opened_by if source.outbound or live else None,
            person=None if source.outbound else source.requester, contact=contact, mailbox=source.mailbox,
            is_automatic=source.is_automatic, external_ids=source.external_ids,
        )  # fmt: skip
        if not source.is_automatic:
            if not source.outbound:
                self.clocks.start_on_message(entry["id"], at, live=live, by=source.opened_by if live else None)
            elif source.opened_by is not None:
                self.clocks.answer(entry["id"], at, by=source.opened_by)
        for tag in source.tags:
            self.desk.tags.add(ticket_id=ticket["id"], tag_id=tag)
        self._record(
            "opened", at, source.opened_by, contact=contact, entry=entry,
            on_behalf_of=source.requester if source.opened_by else None,
            customer=None if source.opened_by else source.requester,
            channel=str(source.channel), type=str(source.type), priority=ticket["priority"], team=source.team,
            status=str(ticket["status"]), assignee=ticket["assignee_id"], live=answered, outbound=source.outbound,
            automatic=source.is_automatic, follow_up_of=None, files=0,
        )  # fmt: skip

    # --- conversation -------------------------------------------------------

    def wrote(self, step: told.Wrote) -> None:
        person = step.person or self.source.requester
        channel = step.channel or self.source.channel
        contact = self._contact(channel, IN, step.at, person=person)
        kind = Entry.Kind.AUTOMATIC if step.is_automatic else WRITTEN_KIND.get(Channel(channel), Entry.Kind.MESSAGE)
        entry = self._entry(
            kind, step.at, text=step.text, html=step.html, person=person, contact=contact,
            is_automatic=step.is_automatic, external_ids=step.external_ids, language=self.desk.people[person].language,
        )  # fmt: skip
        before = str(self.ticket["status"])
        if not step.is_automatic:
            self._arrive(entry, step.at)
        self._record(
            "message_received", step.at, None, customer=person, contact=contact, entry=entry, channel=str(channel),
            automatic=step.is_automatic, thanks=False, spam=False, files=0,
            **moved(before, str(self.ticket["status"])), **self._standing(person),
        )  # fmt: skip

    def _arrive(self, entry: Row, at: datetime) -> None:
        status = self.ticket["status"]
        if status in (Status.RESOLVED, Status.CLOSED):
            self._reopen(at)
        elif status == Status.PENDING:
            self.clocks.unpause(at)
        if self.ticket["status"] not in (Status.NEW, Status.OPEN):
            self._change(status=Status.OPEN)
        self.clocks.start_on_message(entry["id"], at)
        self._change(preview=snippet(entry["text"], PREVIEW_LIMIT))

    def _standing(self, person: int) -> Row:
        if person == self.source.requester:
            return {}
        mine, other = self.person, self.desk.people[person]
        colleagues = (other.organisation_id is not None and other.organisation_id == mine.organisation_id) or (
            other.department_id is not None and other.department_id == mine.department_id
        )
        if not colleagues:
            return {"stranger": person}
        if self.desk.participates(self.ticket["id"], person):
            return {"participant": person}
        return {"participant": person, "joined": True}

    def answered(self, step: told.Answered) -> None:
        by = _needed(step)
        source = self.source.channel
        channel = source if source in (Channel.WEB, Channel.API, Channel.EMAIL) else Channel.EMAIL
        contact = self._contact(channel, OUT, step.at, by=by)
        entry = self._entry(
            Entry.Kind.REPLY, step.at, text=step.text, html=step.html, by=by, contact=contact,
            external_ids=step.external_ids,
        )  # fmt: skip
        before = str(self.ticket["status"])
        taken = self.ticket["assignee_id"] is None and self._would_own(by)
        fields: Row = {"preview": snippet(entry["text"], PREVIEW_LIMIT)}
        if taken:
            fields |= {"assignee_id": by, "first_agent_id": self.ticket["first_agent_id"] or by}
        if self.ticket["status"] == Status.NEW:
            fields["status"] = Status.OPEN
        self._change(**fields)
        self.clocks.answer(entry["id"], step.at, by=by)
        self._record(
            "replied", step.at, by, contact=contact, entry=entry, channel=str(channel), live=False, taken=taken,
            assignee=self.ticket["assignee_id"], files=0, **moved(before, str(self.ticket["status"])),
        )  # fmt: skip
        if step.then == "pending":
            self.waited(told.Waited(at=step.at, by=by))

    def noted(self, step: told.Noted) -> None:
        by = _needed(step)
        visibility = Entry.Visibility.RESTRICTED if step.restricted else Entry.Visibility.INTERNAL
        entry = self._entry(
            Entry.Kind.NOTE, step.at, text=step.text, html=step.html, by=by, visibility=visibility,
            external_ids=step.external_ids, language="",
        )  # fmt: skip
        self._change()
        self._record("note_added", step.at, by, entry=entry, restricted=step.restricted, files=0)

    def spoke(self, step: told.Spoke) -> None:
        by, person = _needed(step), step.person or self.source.requester
        inbound = step.direction == IN
        contact = self._contact(
            step.channel, step.direction, step.at, by=by, person=person, talked=True, seconds=step.seconds,
            agreed=step.agreed,
        )  # fmt: skip
        entry = self._entry(
            WRITTEN_KIND[Channel(step.channel)], step.at, text=step.text, by=by, person=person, contact=contact,
            language=self.desk.people[person].language,
        )  # fmt: skip
        before, over = str(self.ticket["status"]), self.ticket["status"] in (Status.RESOLVED, Status.CLOSED)
        fields: Row = {"preview": snippet(entry["text"], PREVIEW_LIMIT)} if entry["text"] else {}
        if self.ticket["assignee_id"] is None and not over and self._would_own(by):
            fields |= {"assignee_id": by, "first_agent_id": self.ticket["first_agent_id"] or by}
        if self.ticket["status"] == Status.NEW or (self.ticket["status"] == Status.PENDING and inbound):
            fields["status"] = Status.OPEN
        if self.ticket["status"] == Status.PENDING and inbound:
            self.clocks.unpause(step.at)
        self._change(**fields)
        if inbound and not over:
            self.clocks.start_on_message(entry["id"], step.at, live=True, by=by)
        elif not over:
            self.clocks.answer(entry["id"], step.at, by=by)
        self._record(
            "contact_logged", step.at, by, contact=contact, entry=entry, on_behalf_of=person,
            channel=str(step.channel), direction=str(step.direction), outcome=str(Contact.Outcome.TALKED), live=True,
            assignee=self.ticket["assignee_id"], **moved(before, str(self.ticket["status"])),
        )  # fmt: skip

    # --- owner and state ----------------------------------------------------

    def taken(self, step: told.Taken) -> None:
        by = _needed(step)
        self._own(by)
        if step.answers:
            self.clocks.answer(None, step.at, by=by)
        said: dict[str, Any] = {"answers": True} if step.answers else {}
        self._record("taken", step.at, by, to=by, team=self.ticket["team_id"], **said)

    def joined(self, step: told.Joined) -> None:
        if step.person == self.source.requester or self.desk.participates(self.ticket["id"], step.person):
            return
        self._change()
        self._record("participant_added", step.at, step.by, on_behalf_of=step.person, role="cc")

    def assigned(self, step: told.Assigned) -> None:
        before = {"from": self.ticket["assignee_id"], "from_team": self.ticket["team_id"]}
        moved = step.team is not None and step.team != self.ticket["team_id"]
        if step.team is not None:
            self.ticket["team_id"] = step.team
        if step.to is not None:
            self._own(step.to)
        else:
            self._change(assignee_id=None)
        if moved:
            self.clocks.policy_changed(step.at)
        self._record("assigned", step.at, step.by, **before, to=self.ticket["assignee_id"], team=self.ticket["team_id"])

    def _own(self, user: int) -> None:
        status = Status.OPEN if self.ticket["status"] == Status.NEW else self.ticket["status"]
        self._change(assignee_id=user, first_agent_id=self.ticket["first_agent_id"] or user, status=status)

    def waited(self, step: told.Waited) -> None:
        before = str(self.ticket["status"])
        if before == Status.PENDING:
            return
        self._change(status=Status.PENDING)
        self.clocks.pause(step.at)
        self._record("pending", step.at, step.by, **moved(before, str(Status.PENDING)))

    def returned(self, step: told.Returned) -> None:
        if self.ticket["status"] != Status.PENDING:
            return
        self.clocks.unpause(step.at)
        self._change(status=Status.OPEN)
        self._record("returned", step.at, step.by, **moved(str(Status.PENDING), str(Status.OPEN)))

    def escalated(self, step: told.Escalated) -> None:
        if self.escalation is None:
            self.escalation = self.desk.escalations.add(
                ticket_id=self.ticket["id"], kind=step.kind, status=Escalation.Status.TAKEN,
                raised_by_id=step.by, raised_at=step.at, taken_at=step.at, owner_id=self.ticket["assignee_id"],
                ended_at=None, ended_by_id=None,
            )  # fmt: skip
        row = self.desk.escalation_reasons.add(
            escalation_id=self.escalation["id"], reason=step.reason, raised_by_id=step.by, raised_at=step.at
        )
        kind = "escalated" if row["raised_at"] == self.escalation["raised_at"] else "escalation_joined"
        self._change()
        self._record(kind, step.at, step.by, escalation=self.escalation["id"], reason=str(step.reason), level=1)

    def resolved(self, step: told.Resolved) -> None:
        if step.text:
            self.answered(told.Answered(at=step.at, by=step.by, text=step.text))
        entry = self.desk.entries.rows[-1]["id"] if step.text else None
        ticket, by, before = self.ticket, step.by, str(self.ticket["status"])
        if before == Status.RESOLVED:  # imports only: said twice
            self._reopen(step.at)
        self._end_escalation(step)
        self._change(
            status=Status.RESOLVED, resolved_at=step.at, resolved_by_id=by, assignee_id=ticket["assignee_id"] or by,
            first_agent_id=ticket["first_agent_id"] or by, closed_at=None, closure_cause="",
        )  # fmt: skip
        self.clocks.resolve(step.at, by=by)
        self.closure = self.desk.closures.add(
            ticket_id=ticket["id"], asked_at=step.at, asked_by_id=by, silence_at=step.at + self.desk.silence,
            answer=Closure.Answer.WAITING, via="", answered_at=None, answered_by_id=None, recorded_by_id=None,
            undo_until=None,
        )  # fmt: skip
        escalation = self.escalation["id"] if self.escalation else None
        self.escalation = None
        was: dict[str, Any] = {"from": before}
        self._record(
            "resolved", step.at, by, closure=self.closure["id"], entry=entry, escalation=escalation, follow_up=None,
            **was,
        )  # fmt: skip

    def reopened(self, step: told.Reopened) -> None:
        if self.ticket["status"] not in (Status.RESOLVED, Status.CLOSED):
            return
        self._reopen(step.at)
        self._record(
            "reopened", step.at, step.by, assignee=self.ticket["assignee_id"], entry=None,
            count=self.ticket["reopen_count"],
        )  # fmt: skip

    def _reopen(self, at: datetime) -> None:
        """As ``reopen_locked``. With no resolution before it only the state comes back."""
        if self.closure is not None and self.closure["answer"] == Closure.Answer.WAITING:
            self.closure.update(answer=Closure.Answer.WITHDRAWN, answered_at=at, silence_at=None)
        self._change(
            status=Status.OPEN, resolved_at=None, resolved_by_id=None, closed_at=None, closure_cause="",
            reopen_count=self.ticket["reopen_count"] + 1,
        )  # fmt: skip
        self.clocks.reopen(at)

    def confirmed(self, step: told.Confirmed) -> None:
        if self.closure is None or self.closure["answer"] != Closure.Answer.WAITING:
            raise Malformed(f"Nothing was asked before {step.at}.", code="not_resolved", field="steps")
        by_phone = step.via in (Closure.Via.PHONE, Closure.Via.IN_PERSON)
        until = step.at + self.desk.undo
        self.closure.update(
            answer=Closure.Answer.SOLVED, via=step.via, answered_at=step.at, answered_by_id=self.source.requester,
            recorded_by_id=step.by, undo_until=until,
        )  # fmt: skip
        cause = ClosureCause.CONFIRMED_BY_PHONE if by_phone else ClosureCause.CONFIRMED
        self._change(status=Status.CLOSED, closed_at=step.at, closure_cause=cause)
        self._record(
            "confirmed", step.at, step.by, customer=None if step.by else self.source.requester,
            on_behalf_of=self.source.requester if by_phone else None, closure=self.closure["id"], via=str(step.via),
            undo_until=until.isoformat(),
        )  # fmt: skip

    def closed(self, step: told.Closed) -> None:
        if self.ticket["status"] == Status.CLOSED:
            return
        waiting = self.closure if self.closure and self.closure["answer"] == Closure.Answer.WAITING else None
        if waiting is not None:
            silent = step.cause in (ClosureCause.NO_ANSWER, ClosureCause.IMPORTED)
            waiting["answer"] = Closure.Answer.SILENCE if silent else Closure.Answer.WITHDRAWN
            waiting["answered_at"] = step.at
        if self.ticket["status"] != Status.RESOLVED:
            self.clocks.cancel(step.at)
        self._end_escalation(step)
        self._change(status=Status.CLOSED, closed_at=step.at, closure_cause=step.cause)
        self._record("closed", step.at, step.by, cause=str(step.cause), closure=waiting["id"] if waiting else None)

    def _end_escalation(self, step: told.Step) -> None:
        if self.escalation is not None and self.escalation["ended_at"] is None:
            self.escalation.update(status=Escalation.Status.RESOLVED, ended_at=step.at, ended_by_id=step.by)


TELL: dict[type[told.Step], Callable[[Story, Any], None]] = {
    told.Wrote: Story.wrote,
    told.Answered: Story.answered,
    told.Noted: Story.noted,
    told.Spoke: Story.spoke,
    told.Taken: Story.taken,
    told.Assigned: Story.assigned,
    told.Joined: Story.joined,
    told.Waited: Story.waited,
    told.Returned: Story.returned,
    told.Escalated: Story.escalated,
    told.Resolved: Story.resolved,
    told.Reopened: Story.reopened,
    told.Confirmed: Story.confirmed,
    told.Closed: Story.closed,
}


def _needed(step: told.Step) -> int:
    if step.by is None:
        raise Malformed(f"{type(step).__name__} needs a member of staff.", code="nobody", field="by")
    return step.by
