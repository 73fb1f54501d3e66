"""Events in words: the thin lines between the entries of a conversation. Every kind of event has its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as said

from accounts.models import User
from common.clock import format_when
from desk.tickets.applied import applied, is_in_sight
from events.models import Event
from staff.models import Team
from tickets.models import Clock, ClosureCause, ComplaintStep, EscalationReason, Priority, TicketType


@dataclass(frozen=True, slots=True)
class Line:
    """One event as it is shown."""

    icon: str
    actor: str
    text: str
    at: datetime
    seq: int
    by: int | None
    """The member of staff who did it; 0 for the customer, None for the desk itself."""


@dataclass(frozen=True, slots=True)
class Names:
    """Who and what the ids in events stand for, and who the customer is."""

    users: Mapping[int, Any]
    teams: Mapping[int, Any]
    customer: str


SHOWN_AS_ENTRY = frozenset({"ticket.opened", "ticket.message_received", "ticket.replied", "ticket.note_added",
                            "ticket.contact_logged"})  # fmt: skip
"""Their entry stands in the conversation and says it all."""

WORDS: dict[str, tuple[str, str]] = {
    "ticket.opened": ("inbox", said("opened the ticket")),
    "ticket.message_received": ("mail", said("wrote")),
    "ticket.replied": ("send", said("replied")),
    "ticket.note_added": ("sticky-note", said("added a note")),
    "ticket.contact_logged": ("phone", said("documented a contact")),
    "ticket.reply_withdrawn": ("undo-2", said("took a reply back; the clock runs as if it had not been written")),
    "ticket.participant_added": ("user-plus", said("added somebody to the conversation")),
    "ticket.participant_removed": ("user-minus", said("took somebody out of the conversation")),
    "ticket.returned": ("undo-2", said("took it back from waiting for the customer")),
    "ticket.pending": ("hourglass", said("is waiting for the customer")),
    "ticket.taken": ("hand", said("took the ticket")),
    "ticket.assigned": ("user-round-check", said("assigned it to %(to)s")),
    "ticket.prioritised": ("signal-high", said("set the priority to %(priority)s")),
    "ticket.typed": ("tag", said("made it a %(type)s")),
    "ticket.classified": ("folder", said("changed the category")),
    "ticket.tagged": ("tags", said("changed the tags")),
    "ticket.renamed": ("pencil", said("changed the subject")),
    "ticket.spam_marked": ("shield-x", said("marked it as spam")),
    "ticket.spam_unmarked": ("shield-check", said("said it is no spam")),
    "ticket.trashed": ("trash-2", said("moved it to the trash")),
    "ticket.restored": ("archive-restore", said("took it out of the trash")),
    "ticket.complaint_step": ("list-checks", said("took a step of the complaint: %(step)s")),
    "ticket.resolved": ("check", said("resolved it and asked the customer")),
    "ticket.confirmed": ("circle-check", said("confirmed that it is solved")),
    "ticket.refused": ("circle-x", said("said that it is not solved")),
    "ticket.confirmation_undone": ("undo-2", said("took the answer back")),
    "ticket.reopened": ("rotate-ccw", said("reopened it")),
    "ticket.closed": ("lock", said("closed it: %(cause)s")),
    "ticket.merged": ("merge", said("merged it into another ticket")),
    "ticket.absorbed": ("merge", said("merged another ticket into this one")),
    "ticket.unmerged": ("split", said("took it out of the ticket it was merged into")),
    "ticket.released": ("split", said("gave a merged ticket back")),
    "ticket.held": ("pause", said("put it on hold until %(until)s")),
    "ticket.hold_extended": ("pause", said("placed a longer hold, until %(until)s")),
    "ticket.hold_ended": ("play", said("brought it back from hold at the promised time")),
    "ticket.resumed": ("play", said("took it up again")),
    "ticket.consent_refused": ("hand", said("asked; the customer did not agree")),
    "ticket.promised": ("clock", said("promised something by %(due_at)s")),
    "ticket.promise_kept": ("check", said("kept a promise")),
    "ticket.promise_renewed": ("clock", said("agreed on a new time: %(due_at)s")),
    "ticket.promise_released": ("feather", said("noted that the customer needs a promise no longer")),
    "ticket.promise_broken": ("clock-alert", said("counted a promise as broken")),
    "ticket.promise_taken": ("hand", said("took a promise over")),
    "ticket.approval_asked": ("shield-question-mark", said("asked a supervisor to approve (%(rule)s)")),
    "ticket.approval_given": ("shield-check", said("approved (%(rule)s)")),
    "ticket.approval_denied": ("shield-x", said("did not approve (%(rule)s)")),
    "ticket.approval_confirmed": ("shield-check", said("confirmed to have agreed (%(rule)s)")),
    "ticket.approval_withdrawn": ("undo-2", said("took the question for approval back")),
    "ticket.transfer_sent": ("arrow-right-left", said("passed it on to %(to_team)s, who are to accept it")),
    "ticket.transferred": ("arrow-right-left", said("accepted it for %(to_team)s")),
    "ticket.transfer_refused": ("undo-2", said("did not accept it; it stays with the sender")),
    "ticket.transfer_taken_back": ("undo-2", said("took the transfer back")),
    "ticket.transfer_returned": ("undo-2", said("gave it to the sender's supervisor: nobody accepted it in time")),
    "ticket.escalated": ("triangle-alert", said("escalated it: %(reason)s")),
    "ticket.escalation_joined": ("triangle-alert", said("added a reason to the escalation: %(reason)s")),
    "ticket.escalation_taken": ("hand", said("took the escalation over")),
    "ticket.escalation_coached": ("graduation-cap", said("coached and gave it back to %(to_agent)s")),
    "ticket.escalation_assigned": ("user-round-check", said("gave it to %(to_agent)s, who know this better")),
    "ticket.escalation_declined": ("circle-x", said("declined the escalation, with a reason")),
    "ticket.escalation_climbed": ("chevrons-up", said("moved the escalation to level %(level)s")),
    "ticket.escalation_reminded": ("bell", said("reminded of the escalation")),
    "ticket.followed_up": ("phone-outgoing", said("asked the customer whether it was solved")),
    "ticket.follow_up_passed_on": ("arrow-right", said("handed the duty to ask on to %(to_agent)s")),
    "ticket.follow_up_due": ("phone-outgoing", said("reminded %(owner)s to ask whether it was solved")),
    "ticket.promise_due_soon": ("bell", said("reminded %(owner)s of a promise, due %(due_at)s")),
    "ticket.approval_unconfirmed": ("shield-alert", said("noted that %(named)s has not confirmed to have agreed")),
    "ticket.sla_warned": ("clock", said("warned: %(percent)s %% of the time for the %(metric)s is gone")),
    "ticket.sla_breached": ("clock-alert", said("noted that the time for the %(metric)s has passed")),
    "ticket.terms_applied": ("scale", said("applied what is promised by now to its clocks")),
    "ticket.enforcement_joined": ("clock", said("lets its clocks be enforced from now on")),
}
"""Icon and words by kind. The words follow the name of who did it."""

THANKS = ("heart", said("only said thank you; the ticket stays as it is"))
"""A bare thank-you changes nothing (T3)."""

RULES: dict[str, str | Lazy] = {"H4": gettext_lazy("a further hold"), "X4": gettext_lazy("a further transfer")}
"""What is approved, in words, by the rule that asks for it."""

_WHEN = ("until", "due_at", "accept_by")
_USERS = ("to", "to_agent", "owner", "supervisor", "named")
_TEAMS = ("to_team", "team")
_CODES: dict[str, Callable[[Any], Any]] = {
    "reason": lambda code: EscalationReason.Reason(code).label if code in EscalationReason.Reason.values else code,
    "cause": lambda code: ClosureCause(code).label,
    "step": lambda code: ComplaintStep.Step(code).label,
    "type": lambda code: TicketType(code).label,
    "priority": lambda code: Priority(code).label,
    "metric": lambda code: Clock.Metric(code).label.lower(),
    "level": str,
    "rule": lambda code: RULES.get(code, code),
}


def moved_nothing(event: Event) -> bool:
    """Were terms applied without a change that anybody would see? It is told nowhere."""
    if event.kind != "ticket.terms_applied" or "changes" not in event.data:
        return False
    return not any(is_in_sight(change) for change in event.data["changes"])


def is_told(event: Event) -> bool:
    """Is it a line of the conversation? Not what its entry says, unless that is a bare thank-you."""
    if moved_nothing(event):
        return False
    return event.kind not in SHOWN_AS_ENTRY or bool(event.data.get("thanks"))


def line(event: Event, names: Names) -> Line:
    """One event in words, names and times as the reader knows them."""
    icon, words = THANKS if event.data.get("thanks") else WORDS.get(event.kind, ("dot", said("changed something")))
    text = _(words) % _Told(event.data, names)
    if event.kind == "ticket.terms_applied":
        text = applied(event) or text
    by = 0 if event.actor_kind == Event.ActorKind.CUSTOMER else event.actor_id
    return Line(icon, _actor(event, names), text, event.happened_at, event.subject_seq, by)


def ids_in(events: list[Event]) -> tuple[set[int], set[int]]:
    """The users and the teams that these events name."""
    users = {event.actor_id for event in events if event.actor_id}
    users |= {event.data[key] for event in events for key in _USERS if isinstance(event.data.get(key), int)}
    teams = {event.data[key] for event in events for key in _TEAMS if isinstance(event.data.get(key), int)}
    return users, teams


def names_for(events: list[Event], customer: str) -> Names:
    """Who and what these events name: two queries."""
    users, teams = ids_in(events)
    return Names(User.objects.in_bulk(users), Team.objects.in_bulk(teams), customer)


def _actor(event: Event, names: Names) -> str:
    if event.actor_kind == Event.ActorKind.CUSTOMER:
        return names.customer
    if event.actor_id:
        return str(names.users.get(event.actor_id) or _("A colleague"))
    return _("The desk")


class _Told(dict[str, Any]):
    """What stands in an event's data, in words; whatever is missing is left open."""

    def __init__(self, data: dict[str, Any], names: Names) -> None:
        super().__init__(data)
        self.names = names

    def __getitem__(self, key: str) -> str:
        value = self.get(key)
        if key == "type":
            value = self.get("to")
        elif key == "priority":
            value = (self.get("to") or {}).get("priority")
        elif key == "to" and value is None and self.get("team"):
            return str(self.names.teams.get(self.get("team", 0)) or _("the team"))
        if value is None:
            return _("nobody") if key in _USERS else "–"
        if key in _WHEN:
            return format_when(datetime.fromisoformat(value), timezone.get_current_timezone_name())
        if key in _USERS:
            return str(self.names.users.get(value) or _("a colleague"))
        if key in _TEAMS:
            return str(self.names.teams.get(value) or _("a team"))
        return self._code(key, value)

    def _code(self, key: str, value: Any) -> str:
        try:
            return str(_CODES.get(key, str)(value))
        except ValueError:
            return str(value)
