"""Whatever people, customers and the clock can do to two tickets, drawn as short codes and done by the verbs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import User
from common.errors import Malformed, Refused
from customers.models import Person
from sla.models import Policy
from sla.operations import Terms, latest, revise_policy
from staff.models import Team
from tickets import enforcement, lifecycle
from tickets.clocks import applying
from tickets.models import Closure, Contact, Entry, Escalation, TermsApplication, Ticket, TicketMerge, Transfer

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PROMISED = ("first_response", "next_response", "resolution", "keep_informed", "transfer")


@dataclass
class Desk:
    """The cast of an example, its two tickets, and what time it is."""

    sara: User
    alice: User
    bella: User
    carol: Person
    tier1: Team
    billing: Team
    now: datetime
    tickets: list[Ticket] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def do(self, which: int, chosen: int, minutes: int) -> None:
        """One of the acts that may be possible, at a later time; what the desk refuses changes nothing."""
        self.now += timedelta(minutes=minutes)
        ticket = self.tickets[which % len(self.tickets)]
        acts = self.possible(Ticket.objects.get(pk=ticket.pk))
        act = acts[chosen % len(acts)]
        try:
            with transaction.atomic():
                ACTS[act](self, Ticket.objects.get(pk=ticket.pk))
        except (Refused, Malformed):
            return
        self.done.append(f"{act} {which} +{minutes}")

    def possible(self, ticket: Ticket) -> tuple[str, ...]:
        """What is worth trying on a ticket as it stands."""
        if ticket.is_spam:
            return ("no spam", "they write", "enforce", "close as spam")
        if ticket.trashed_at:
            return ("restore", "they write", "enforce")
        more: tuple[str, ...] = ("merge", "open") if len(self.tickets) > 1 else ("open",)
        if TicketMerge.objects.filter(undone_at=None).exists():
            more += ("unmerge", "unmerge")
        if Transfer.objects.filter(ticket=ticket, status="waiting").exists():
            more += ("accept", "refuse", "take back", "they write", "reply", "enforce")
        elif ticket.is_active:
            more += ("pass on",)
        return more + WHEN[ticket.status]

    def last_entry(self, ticket: Ticket, *, ours: bool) -> Entry:
        """Their last message, or our last answer; refused where there is none."""
        rows = Entry.objects.filter(ticket=ticket, is_automatic=False, visibility="public")
        found = rows.filter(author__isnull=not ours).order_by("happened_at", "pk").last()
        return found or _none()

    def call(self, ticket: Ticket, direction: str, outcome: str = "talked", ago: timedelta = timedelta()) -> None:
        lifecycle.log_contact(
            by=self.alice, person=self.carol, channel="phone", direction=direction, outcome=outcome, text="Said.",
            happened_at=self.now - ago, tickets=[ticket], at=self.now,
        )  # fmt: skip


def _none() -> Any:
    raise Refused("There is none.", code="none", rule="")


def _open(desk: Desk, _ticket: Ticket, **fields: Any) -> None:
    given = {"by": desk.carol, "channel": "email", "team": desk.tier1, **fields}
    opened = lifecycle.open_ticket(requester=desk.carol, subject="Dark", text="No light.", at=desk.now, **given)
    desk.tickets = [*desk.tickets[-1:], opened]


def _letter(desk: Desk, ticket: Ticket) -> None:
    lifecycle.log_contact(
        by=desk.alice, person=desk.carol, channel="letter", direction="in", text="On paper.",
        happened_at=desk.now - 7 * HOUR, tickets=[ticket], at=desk.now,
    )  # fmt: skip


def _receive(text: str, **fields: Any) -> Callable[[Desk, Ticket], None]:
    def act(desk: Desk, ticket: Ticket) -> None:
        lifecycle.receive(ticket, person=desk.carol, text=text, at=desk.now, **fields)

    return act


def _hold_asked(desk: Desk, ticket: Ticket) -> None:
    lifecycle.hold(
        ticket, by=desk.alice, reason="customer_asked", consent="written", until=desk.now + 5 * HOUR,
        consent_entry=desk.last_entry(ticket, ours=False), named_supervisor=None, at=desk.now,
    )  # fmt: skip


def _hold_told(desk: Desk, ticket: Ticket) -> None:
    words = "I ask the maker." if len(desk.done) % 2 else ""
    until = desk.now + 2 * HOUR
    lifecycle.hold(ticket, by=desk.alice, reason="research", consent="told", until=until, text=words, at=desk.now)


def _extend(desk: Desk, ticket: Ticket) -> None:
    lifecycle.extend_hold(
        ticket, by=desk.sara, reason="customer_asked", consent="written", until=desk.now + 9 * HOUR,
        consent_entry=desk.last_entry(ticket, ours=False), at=desk.now,
    )  # fmt: skip


def _withdraw(cause: str) -> Callable[[Desk, Ticket], None]:
    def act(desk: Desk, ticket: Ticket) -> None:
        entry = desk.last_entry(ticket, ours=True)
        by = entry.author if cause == "undone" else None
        lifecycle.withdraw_reply(entry, by=by, cause=cause, at=desk.now)

    return act


def _withdraw_earlier(desk: Desk, ticket: Ticket) -> None:
    answers = Entry.objects.filter(ticket=ticket, visibility="public", author__isnull=False, kind="reply")
    lifecycle.withdraw_reply(answers.order_by("pk").first() or _none(), by=None, cause="bounced", at=desk.now)


def _confirm(*, solved: bool) -> Callable[[Desk, Ticket], None]:
    def act(desk: Desk, ticket: Ticket) -> None:
        lifecycle.confirm(ticket, by=desk.carol, solved=solved, via="link", why="" if solved else "No.", at=desk.now)

    return act


def _undo_confirmation(desk: Desk, ticket: Ticket) -> None:
    closure = Closure.objects.filter(ticket=ticket).order_by("pk").last() or _none()
    lifecycle.undo_confirmation(closure, by=desk.carol, at=desk.now)


def _transfer(desk: Desk, ticket: Ticket) -> None:
    there = desk.billing if ticket.team_id == desk.tier1.pk else desk.tier1
    lifecycle.transfer(
        ticket, by=desk.alice if there == desk.billing else desk.bella, to_team=there, reason="expertise",
        consent="told", understood="It is dark.", tried="Nothing.", text="They know." if len(desk.done) % 2 else "",
        at=desk.now,
    )  # fmt: skip


def _answer_transfer(verb: Callable[..., Any], **more: Any) -> Callable[[Desk, Ticket], None]:
    def act(desk: Desk, ticket: Ticket) -> None:
        waiting = Transfer.objects.filter(ticket=ticket, status="waiting").first() or _none()
        theirs = desk.bella if waiting.to_team_id == desk.billing.pk else desk.alice
        by = waiting.sender if verb is lifecycle.take_back_transfer else theirs
        verb(waiting, by=by, at=desk.now, **more)

    return act


def _priority(impact: int) -> Callable[[Desk, Ticket], None]:
    def act(desk: Desk, ticket: Ticket) -> None:
        lifecycle.set_priority(ticket, by=desk.sara, impact=impact, urgency=impact, at=desk.now)

    return act


def _type(desk: Desk, ticket: Ticket) -> None:
    other = "incident" if ticket.type == "question" else "question"
    lifecycle.set_type(ticket, by=desk.sara, type=other, at=desk.now)


def _merge(desk: Desk, ticket: Ticket) -> None:
    other = next((one for one in desk.tickets if one.pk != ticket.pk), None) or _none()
    lifecycle.merge(ticket, into=other, by=desk.sara, at=desk.now)


def _unmerge(desk: Desk, _ticket: Ticket) -> None:
    merge = TicketMerge.objects.filter(undone_at=None).order_by("pk").last() or _none()
    lifecycle.unmerge(merge, by=desk.sara, at=desk.now)


def _expert(desk: Desk, ticket: Ticket) -> None:
    escalation = Escalation.objects.filter(ticket=ticket, status__in=Escalation.OPEN).first() or _none()
    lifecycle.assign_escalation(escalation, by=desk.sara, to=desk.bella, at=desk.now)


def _enforce(desk: Desk, _ticket: Ticket) -> None:
    assert not enforcement.enforce(at=desk.now)["failed"]


def _revise(desk: Desk, **since: Any) -> None:
    """What is promised is said anew: longer one time, shorter the next."""
    policy = Policy.objects.get(name="Urgent" if len(desk.done) % 2 else "Billing")
    terms = Terms.of(latest(policy))
    hours = 3600 * (1 + len(desk.done) % 5)
    said = {metric: {"": hours} for metric in PROMISED}
    revise_policy(policy, replace(terms, targets=said), by=None, at=desk.now, **since)


def _apply(desk: Desk, _ticket: Ticket) -> None:
    """It is asked for at once."""
    _revise(desk, valid_from=desk.now)
    applying.apply(by=None, at=desk.now)


def _apply_late(desk: Desk, _ticket: Ticket) -> None:
    """The task comes to it twenty minutes after it was asked for."""
    _revise(desk, valid_from=desk.now - 20 * MINUTE)
    asked = TermsApplication.objects.create(at=desk.now - 20 * MINUTE)
    while applying.go_on(asked.pk, at=desk.now):
        pass


def _decide(desk: Desk, _ticket: Ticket) -> None:
    """For all times, and nobody asks that running clocks move."""
    _revise(desk, since_ever=True)


def _verb(verb: Callable[..., Any], who: str, **fields: Any) -> Callable[[Desk, Ticket], None]:
    def act(desk: Desk, ticket: Ticket) -> None:
        verb(ticket, by=getattr(desk, who), at=desk.now, **fields)

    return act


ACTS: dict[str, Callable[[Desk, Ticket], None]] = {
    "open": _open,
    "open for billing": lambda desk, ticket: _open(desk, ticket, team=desk.billing, impact=3, urgency=3),
    "write first": lambda desk, ticket: _open(desk, ticket, by=desk.alice, outbound=True),
    "they call first": lambda desk, ticket: _open(desk, ticket, by=desk.alice, channel="phone"),
    "they write": _receive("Still dark."),
    "they write again": _receive("And still."),
    "they thank": _receive("Thank you!"),
    "a machine writes": _receive("I am away.", is_automatic=True),
    "a letter turns up": _letter,
    "reply": _verb(lifecycle.reply, "alice", text="We look."),
    "ask": _verb(lifecycle.reply, "alice", text="Which lamp?", then="pending"),
    "the supervisor replies": _verb(lifecycle.reply, "sara", text="I look."),
    "their turn": _verb(lifecycle.await_customer, "alice"),
    "they call": lambda desk, ticket: desk.call(ticket, "in"),
    "they leave a message": lambda desk, ticket: desk.call(ticket, "in", Contact.Outcome.VOICEMAIL),
    "we call": lambda desk, ticket: desk.call(ticket, "out"),
    "we called earlier": lambda desk, ticket: desk.call(ticket, "out", ago=2 * HOUR),
    "nobody picks up": lambda desk, ticket: desk.call(ticket, "out", Contact.Outcome.MISSED),
    "hold as they asked": _hold_asked,
    "hold for us": _hold_told,
    "extend": _extend,
    "resume": _verb(lifecycle.resume, "alice"),
    "enforce": _enforce,
    "undo": _withdraw("undone"),
    "bounce": _withdraw("bounced"),
    "bounce the first": _withdraw_earlier,
    "resolve": _verb(lifecycle.resolve, "sara"),
    "resolve with words": _verb(lifecycle.resolve, "alice", text="A new bulb."),
    "reopen": _verb(lifecycle.reopen, "sara"),
    "solved": _confirm(solved=True),
    "not solved": _confirm(solved=False),
    "take the answer back": _undo_confirmation,
    "raise": _priority(3),
    "lower": _priority(1),
    "retype": _type,
    "take": _verb(lifecycle.take, "alice"),
    "pass on": _transfer,
    "accept": _answer_transfer(lifecycle.accept_transfer),
    "refuse": _answer_transfer(lifecycle.refuse_transfer, why="Not ours."),
    "take back": _answer_transfer(lifecycle.take_back_transfer),
    "escalate": _verb(lifecycle.escalate, "alice", reason="limit"),
    "give to an expert": _expert,
    "spam": _verb(lifecycle.mark_spam, "sara"),
    "no spam": _verb(lifecycle.unmark_spam, "sara"),
    "trash": _verb(lifecycle.trash, "sara"),
    "restore": _verb(lifecycle.restore, "sara"),
    "close as spam": _verb(lifecycle.close, "sara", cause="spam"),
    "merge": _merge,
    "unmerge": _unmerge,
    "promise something else": _apply,
    "apply it late": _apply_late,
    "decide for all times": _decide,
}

THEY = ("they write", "they write again", "they call", "they leave a message", "a machine writes", "a letter turns up")
WE = ("reply", "the supervisor replies", "we call", "we called earlier", "nobody picks up", "undo", "bounce")
ABOUT = (
    "promise something else",
    "apply it late",
    "decide for all times",
    "raise",
    "lower",
    "retype",
    "escalate",
    "give to an expert",
    "spam",
    "trash",
    "resolve",
    "enforce",
)
WAITING = ("ask", "their turn", "hold as they asked", "hold for us", "bounce the first")
WHEN: dict[str, tuple[str, ...]] = {
    "new": (*THEY, *WE, *ABOUT, *WAITING, "take", "open for billing", "write first", "they call first"),
    "open": (*THEY, *WE, *ABOUT, *WAITING, "resolve with words"),
    "pending": (*THEY, *WE, *ABOUT, *WAITING, "resolve with words"),
    "on_hold": (*THEY, *WE, *ABOUT, "extend", "resume", "extend", "resume", "enforce"),
    "resolved": (*THEY, *WE, "they thank", "reopen", "solved", "not solved", "not solved", "enforce", "spam", "trash"),
    "closed": ("take the answer back", "take the answer back", "they write", "we call", "enforce", "they thank"),
}
