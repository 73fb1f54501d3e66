"""One ticket's life told again from its events: what each of them did to its clocks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from events.models import Event
from tickets.models import ClockPause, Contact, DueChange, Status, Ticket
from tickets.rebuilding import merging
from tickets.rebuilding.ground import Ground
from tickets.rebuilding.lives import Life, Waiting, born
from tickets.rebuilding.sources import Said, Source
from tickets.rebuilding.undoing import Answer, LivingClocks

Cause = ClockPause.Cause
OVER = (Status.RESOLVED, Status.CLOSED)
GIVEN_BACK = {"ticket.spam_unmarked": "ticket.spam_marked", "ticket.restored": "ticket.trashed"}


class Telling:
    """Replays the events of one source, in order; ``lives`` are the tickets by id."""

    def __init__(self, source: Source, ground: Ground) -> None:
        self.source, self.ground = source, ground
        self.lives = {pk: self._life(ticket) for pk, ticket in source.tickets.items()}
        joined = {event.subject_id for event in source.events if event.kind == "ticket.enforcement_joined"}
        for pk in joined:
            self.lives[pk].row["is_enforced"] = False
        for event in reversed(source.events):
            if "plan_from" in event.data:
                self.lives[event.subject_id].row["plan_id"] = event.data["plan_from"]
        for event in source.events:
            self._tell(event)
        for life in self.lives.values():
            life.unplaced += life.early

    def _life(self, ticket: Ticket) -> Life:
        row = born(ticket)
        return Life(LivingClocks(self.ground, row), row)

    def _tell(self, event: Event) -> None:
        life = self.lives[event.subject_id]
        self.ground.now_telling(event)
        TELL[event.kind](self, life, event)
        self._remember(life, event)
        if life.early and event.kind not in MOMENTS:
            self._place_early(life)

    def _remember(self, life: Life, event: Event) -> None:
        """The entry that the event tells of stands on this ticket from now on."""
        entry = event.data.get("entry")
        if entry and event.kind != "ticket.reply_withdrawn" and entry not in life.entries:
            life.entries.add(entry)
            said = self.source.said.get(entry)
            told = said if said is not None and said.is_answer and event.data.get("answers", True) else None
            if told is not None and told.author is not None:
                life.answers[entry] = Answer(entry, told.happened_at, told.author)

    def _place_early(self, life: Life) -> None:
        """A breach that an act noted is written before the act itself: by now the clock has it, or gets it."""
        early, life.early = life.early, []
        for event in early:
            own = [clock for clock in life.clocks.all if clock.row["metric"] == event.data["metric"]]
            missed = [clock for clock in own if clock.row["breached_at"] == event.happened_at]
            for clock in missed[-1:]:
                clock.known_as = event.data["clock"]
            if not missed:
                life.unplaced.append(event)

    # --- the conversation -----------------------------------------------------

    def opened(self, life: Life, event: Event) -> None:
        said = event.data
        life.row.update(
            team_id=said["team"], status=said["status"], assignee_id=said["assignee"], priority=said["priority"],
            type=said["type"], channel=said["channel"],
        )  # fmt: skip
        if said["automatic"]:
            return
        if not said["outbound"]:
            live_by = self._speaker(event) if said["live"] else None
            life.clocks.start_on_message(said["entry"], event.happened_at, live=said["live"], by=live_by)
        if said["outbound"] or said["live"]:
            life.clocks.answer(said["entry"], event.happened_at, by=event.actor_id)

    def _speaker(self, event: Event) -> int | None:
        """Who of the desk had a live contact: who wrote it down, else who handled it."""
        written = self._said(event.data["entry"])
        if written is not None and written.author is not None:
            return written.author
        touch = self.source.touches.get(event.contact_id or 0)
        return touch.handled_by if touch else None

    def _said(self, entry: int | None) -> Said | None:
        return self.source.said.get(entry) if entry else None

    def message_received(self, life: Life, event: Event) -> None:
        said = event.data
        if said["automatic"] or said["thanks"] or said["spam"]:
            return
        touch = self.source.touches.get(event.contact_id or 0)
        live = said.get("live", touch is not None and touch.is_conversation)
        self._arrive(life, event, live=live)

    def _arrive(self, life: Life, event: Event, *, live: bool = False) -> None:
        """As ``lifecycle.arrival.arrive``; an import may come back from closed."""
        before, at = event.data["from"], event.happened_at
        if life.hold is not None:
            self._end_hold(life, at)
        if before == Status.RESOLVED or (before == Status.CLOSED and event.origin == Event.Origin.IMPORT):
            life.clocks.reopen(at)
        life.clocks.unpause(at, cause=Cause.PENDING)
        if life.row["status"] not in (Status.NEW, Status.OPEN):
            life.row["status"] = Status.OPEN
        speaker = self._speaker(event) if live else None
        life.clocks.start_on_message(event.data["entry"], at, live=live, by=speaker)

    def contact_logged(self, life: Life, event: Event) -> None:
        said, at = event.data, event.happened_at
        inbound, live = said["direction"] == Contact.Direction.INBOUND, said["live"]
        if inbound and not live:
            self._arrive(life, event)
            return
        reached, over = said["outcome"] != Contact.Outcome.MISSED, said["from"] in OVER
        if said["from"] == Status.PENDING and inbound:
            life.clocks.unpause(at, cause=Cause.PENDING)
        life.row.update(status=said["to"], assignee_id=said["assignee"])
        if inbound and not over:
            life.clocks.start_on_message(said["entry"], at, live=True, by=event.actor_id)
        waiting = life.row["unanswered_since"]
        if reached and not over and (inbound or waiting is None or waiting <= at):
            life.clocks.answer(said["entry"], at, by=event.actor_id)

    def replied(self, life: Life, event: Event) -> None:
        life.row.update(status=event.data["to"], assignee_id=event.data["assignee"])
        life.clocks.answer(event.data["entry"], event.happened_at, by=event.actor_id)

    def complaint_step(self, life: Life, event: Event) -> None:
        """Thanked after the end: these words have no event of their own."""
        entry = event.data["entry"]
        said = self._said(entry)
        if said is not None and said.is_answer and entry not in life.entries:
            life.clocks.answer(entry, event.happened_at, by=event.actor_id)

    def reply_withdrawn(self, life: Life, event: Event) -> None:
        entry, at = event.data["entry"], event.happened_at
        life.answers.pop(entry, None)
        if event.data["from"] == Status.PENDING:
            life.clocks.unpause(at, cause=Cause.PENDING)
        elif life.hold is not None and life.hold.announcement == entry:
            self._end_hold(life, at)
        life.row["status"] = event.data["to"]
        life.clocks.reinstate(entry, list(life.answers.values()), at)

    # --- waiting ----------------------------------------------------------------

    def pending(self, life: Life, event: Event) -> None:
        life.row["status"] = Status.PENDING
        life.clocks.pause(event.happened_at, cause=Cause.PENDING)

    def returned(self, life: Life, event: Event) -> None:
        life.row["status"] = Status.OPEN
        life.clocks.unpause(event.happened_at, cause=Cause.PENDING)

    def held(self, life: Life, event: Event) -> None:
        said, at = event.data, event.happened_at
        self._end_hold(life, at)
        self._announced(life, event)
        life.clocks.unpause(at, cause=Cause.PENDING)
        life.hold = Waiting(_time(said["until"]), said["pauses"], said["entry"])
        life.row.update(status=Status.ON_HOLD, assignee_id=said["assignee"])
        if said["pauses"]:
            life.clocks.pause(at, cause=Cause.HOLD, hold=said["hold"])

    def _announced(self, life: Life, event: Event) -> None:
        """Own words answer, the usual ones only inform; old events do not tell them apart: all were answers."""
        said = life.clocks.answer if event.data.get("answers", True) else life.clocks.inform
        if event.data["entry"]:
            said(event.data["entry"], event.happened_at, by=event.actor_id)

    def hold_over(self, life: Life, event: Event) -> None:
        self._end_hold(life, event.happened_at)
        life.row["status"] = Status.OPEN

    def _end_hold(self, life: Life, at: datetime) -> None:
        """The clock runs on at the promised time when that has passed (H3)."""
        if life.hold is not None and life.hold.pauses:
            life.clocks.unpause(min(at, life.hold.until), cause=Cause.HOLD)
        life.hold = None

    # --- the end, and back ------------------------------------------------------

    def resolved(self, life: Life, event: Event) -> None:
        at, by = event.happened_at, event.actor_id
        self._end_hold(life, at)
        if event.data["from"] == Status.RESOLVED:  # imports only: said twice
            life.clocks.reopen(at)
        life.row.update(status=Status.RESOLVED, assignee_id=life.row["assignee_id"] or by)
        life.clocks.resolve(at, by=by)

    def reopened(self, life: Life, event: Event) -> None:
        life.row.update(status=Status.OPEN, assignee_id=event.data["assignee"])
        life.clocks.reopen(event.happened_at)

    def refused(self, life: Life, event: Event) -> None:
        self._keep_closure(life, event)
        self.reopened(life, event)

    def confirmed(self, life: Life, event: Event) -> None:
        self._keep_closure(life, event)
        life.row["status"] = Status.CLOSED

    def _keep_closure(self, life: Life, event: Event) -> None:
        life.closures[event.data["closure"]] = life.state(), life.clocks.snapshot()

    def confirmation_undone(self, life: Life, event: Event) -> None:
        state, before = life.closures[event.data["closure"]]
        life.row.update(state)
        life.clocks.give_back(before, event.happened_at)

    def closed(self, life: Life, event: Event) -> None:
        if life.row["status"] != Status.RESOLVED:
            life.clocks.cancel(event.happened_at)
        life.row["status"] = Status.CLOSED

    def set_aside(self, life: Life, event: Event) -> None:
        life.kept[event.kind] = life.clocks.snapshot()
        life.clocks.cancel(event.happened_at)

    def brought_back(self, life: Life, event: Event) -> None:
        life.clocks.give_back(life.kept.get(GIVEN_BACK[event.kind], []), event.happened_at)

    # --- what it is about, whose it is ------------------------------------------

    def prioritised(self, life: Life, event: Event) -> None:
        if event.data["from"]["priority"] != event.data["to"]["priority"]:
            life.row["priority"] = event.data["to"]["priority"]
            life.clocks.policy_changed(event.happened_at, cause=DueChange.Cause.PRIORITY)

    def typed(self, life: Life, event: Event) -> None:
        life.row["type"] = event.data["to"]
        life.clocks.policy_changed(event.happened_at)

    def given(self, life: Life, event: Event) -> None:
        """Taken or assigned: another team may come under another policy."""
        moved = event.data["team"] != life.row["team_id"]
        life.row.update(assignee_id=event.data["to"], team_id=event.data["team"])
        if life.row["status"] == Status.NEW and event.data["to"]:
            life.row["status"] = Status.OPEN
        if event.data.get("answers"):
            life.clocks.answer(None, event.happened_at, by=event.actor_id)
        if moved:
            life.clocks.policy_changed(event.happened_at)

    def transfer_sent(self, life: Life, event: Event) -> None:
        self._announced(life, event)
        life.clocks.start_transfer(event.data["transfer"], event.data["to_team"], event.happened_at)
        life.row["assignee_id"] = life.row["assignee_id"] or event.actor_id

    def transferred(self, life: Life, event: Event) -> None:
        life.row.update(team_id=event.data["to_team"], assignee_id=event.data["to_agent"])
        self._stop_transfer(life, event)
        life.clocks.policy_changed(event.happened_at)

    def transfer_over(self, life: Life, event: Event) -> None:
        self._stop_transfer(life, event)
        if event.kind == "ticket.transfer_returned" and event.data["supervisor"]:
            life.row["assignee_id"] = event.data["supervisor"]

    def _stop_transfer(self, life: Life, event: Event) -> None:
        life.clocks.stop_transfer(event.data["transfer"], event.happened_at, by=event.actor_id)

    def escalation_moved(self, life: Life, event: Event) -> None:
        """A supervisor took it, or gave it to somebody, or back."""
        if event.kind == "ticket.escalation_taken":
            life.row["assignee_id"] = event.actor_id
            return
        life.row["assignee_id"] = event.data["to_agent"]
        to_team = event.data.get("to_team")
        if to_team and to_team != life.row["team_id"]:
            life.row["team_id"] = to_team
            life.clocks.policy_changed(event.happened_at)

    # --- enforcement ------------------------------------------------------------

    def sla_warned(self, life: Life, event: Event) -> None:
        clock = life.clocks.warned(event.data["metric"], event.data["whom"], event.happened_at)
        if clock is None:
            life.unplaced.append(event)
        else:
            clock.known_as = event.data["clock"]

    def sla_breached(self, life: Life, event: Event) -> None:
        clock = life.clocks.breached(event.data["metric"], event.happened_at, event.recorded_at)
        if clock is None:
            life.early.append(event)
        else:
            clock.known_as = event.data["clock"]
            clock.is_imported_breach = event.origin == Event.Origin.IMPORT

    def terms_applied(self, life: Life, event: Event) -> None:
        if "plan_to" in event.data:
            life.row["plan_id"] = event.data["plan_to"]
        as_of = _time(event.data.get("as_of") or event.happened_at.isoformat())
        life.clocks.apply_terms(event.happened_at, event.data["policies"], as_of=as_of)

    def enforcement_joined(self, life: Life, event: Event) -> None:
        life.row["is_enforced"] = True
        life.clocks.join(event.happened_at)


_time = datetime.fromisoformat
MOMENTS = ("ticket.sla_warned", "ticket.sla_breached")

TELL: dict[str, Callable[[Telling, Life, Event], None]] = {
    "ticket.opened": Telling.opened,
    "ticket.message_received": Telling.message_received,
    "ticket.contact_logged": Telling.contact_logged,
    "ticket.replied": Telling.replied,
    "ticket.complaint_step": Telling.complaint_step,
    "ticket.reply_withdrawn": Telling.reply_withdrawn,
    "ticket.pending": Telling.pending,
    "ticket.returned": Telling.returned,
    "ticket.held": Telling.held,
    "ticket.hold_extended": Telling.held,
    "ticket.resumed": Telling.hold_over,
    "ticket.hold_ended": Telling.hold_over,
    "ticket.resolved": Telling.resolved,
    "ticket.reopened": Telling.reopened,
    "ticket.refused": Telling.refused,
    "ticket.confirmed": Telling.confirmed,
    "ticket.confirmation_undone": Telling.confirmation_undone,
    "ticket.closed": Telling.closed,
    "ticket.spam_marked": Telling.set_aside,
    "ticket.trashed": Telling.set_aside,
    "ticket.spam_unmarked": Telling.brought_back,
    "ticket.restored": Telling.brought_back,
    "ticket.prioritised": Telling.prioritised,
    "ticket.typed": Telling.typed,
    "ticket.taken": Telling.given,
    "ticket.assigned": Telling.given,
    "ticket.transfer_sent": Telling.transfer_sent,
    "ticket.transferred": Telling.transferred,
    "ticket.transfer_refused": Telling.transfer_over,
    "ticket.transfer_taken_back": Telling.transfer_over,
    "ticket.transfer_returned": Telling.transfer_over,
    "ticket.escalation_taken": Telling.escalation_moved,
    "ticket.escalation_coached": Telling.escalation_moved,
    "ticket.escalation_assigned": Telling.escalation_moved,
    "ticket.merged": merging.merged,
    "ticket.absorbed": merging.absorbed,
    "ticket.released": merging.released,
    "ticket.sla_warned": Telling.sla_warned,
    "ticket.sla_breached": Telling.sla_breached,
    "ticket.terms_applied": Telling.terms_applied,
    "ticket.enforcement_joined": Telling.enforcement_joined,
}
