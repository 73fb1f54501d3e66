"""A request's state in plain words: what we do, what we wait for, by when, and what the customer can do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.facts import Facts
from portal.when import say
from tickets.models import (
    Channel,
    ClosureCause,
    Consent,
    Contact,
    Escalation,
    Hold,
    Promise,
    Status,
    Ticket,
    Transfer,
)

Kind = Promise.Kind


@dataclass(frozen=True, slots=True)
class Standing:
    """A label with its tone, one sentence that says it all, and what else is going on."""

    label: str
    tone: str
    sentence: SafeString
    also: tuple[SafeString, ...] = ()


def standing_of(ticket: Ticket, facts: Facts, *, at: datetime, is_theirs: bool = True) -> Standing:
    """How the request stands for the customer; or for a colleague who may only look (``is_theirs`` is False)."""
    label, tone, sentence = _main(ticket, facts, at) if is_theirs else _to_colleague(ticket, facts, at)
    return Standing(label, tone, sentence, tuple(_also(ticket, facts, at, sentence)))


def _main(ticket: Ticket, facts: Facts, at: datetime) -> tuple[str, str, SafeString]:
    if ticket.status == Status.CLOSED:
        return _("Closed"), "", _closed(ticket, facts)
    if ticket.status == Status.RESOLVED:
        return _("Solved?"), "good", _resolved(facts)
    if ticket.status == Status.PENDING:
        return _("Your turn"), "warn", say(_("We asked you something. We go on as soon as we have your answer."))
    if _is_senior_first(facts, at):
        return _by_senior(facts, at)
    if ticket.status == Status.ON_HOLD and facts.hold is not None:
        return _("Waiting"), "calm", waiting(facts.hold, at=at)
    if facts.answer_by is not None and facts.answer_by.due_at is not None:
        return _answer_by(facts.answer_by.due_at, at)
    if facts.promises:
        return _by_promise(min(facts.promises, key=lambda promise: promise.due_at), at)
    if ticket.status == Status.NEW:
        return _("Received"), "accent", say(_("We have your request. A person reads it and answers you."))
    return _("In progress"), "good", say(_("We are working on it."))


def _to_colleague(ticket: Ticket, facts: Facts, at: datetime) -> tuple[str, str, SafeString]:
    """What waits for the word of one customer is not asked of another (T4)."""
    name = ticket.requester.name
    if ticket.status == Status.RESOLVED:
        return _("Solved?"), "good", say(_("We think this is solved, and asked %(name)s whether it is."), name=name)
    if ticket.status == Status.PENDING:
        asked = say(_("We asked %(name)s something. We go on as soon as we have the answer."), name=name)
        return _("Waiting"), "calm", asked
    return _main(ticket, facts, at)


def _is_senior_first(facts: Facts, at: datetime) -> bool:
    """Were they told of somebody senior last? What stands first is the time that our last mail names (E5), unless the
    ordinary answer comes before: who asked for more is not promised later (E9)."""
    promise = facts.escalation.promise if facts.escalation else None
    if promise is None or promise.status != Promise.Status.OPEN:
        return False
    ordinary = facts.answer_by.due_at if facts.answer_by and facts.hold is None else None
    if ordinary is not None and at <= ordinary < promise.due_at:
        return False
    return facts.hold is None or facts.hold.placed_at <= promise.made_at


def _by_senior(facts: Facts, at: datetime) -> tuple[str, str, SafeString]:
    assert facts.escalation is not None
    assert facts.escalation.promise is not None
    sentence = stepping_in(facts.escalation, at=at) or say("")
    if facts.escalation.promise.due_at < at:
        return _("We are late"), "bad", sentence
    return _("With us"), "accent", sentence


def _by_promise(promise: Promise, at: datetime) -> tuple[str, str, SafeString]:
    if promise.due_at < at:
        return _("We are late"), "bad", promised(promise, at=at)
    return _("In progress"), "good", promised(promise, at=at)


def _answer_by(due_at: datetime, at: datetime) -> tuple[str, str, SafeString]:
    if due_at < at:
        late = _("Our answer was due %(when)s. We are sorry that you have to wait; it has not been forgotten.")
        return _("We are late"), "bad", say(late, when=due_at)
    return _("With us"), "accent", say(_("A person answers you by %(when)s at the latest."), when=due_at)


def waiting(hold: Hold, *, at: datetime) -> SafeString:
    """Why and until when we make them wait, and how they agreed to it (H1)."""
    if hold.until < at:
        return say(_("We said you would hear from us %(when)s. We are late, and we are sorry."), when=hold.until)
    sentence = _hold_sentence(hold)
    agreed = agreement(hold.consent, hold.contact)
    if not agreed:
        return say(_("%(what)s."), what=sentence)
    return say(_("%(what)s; %(agreed)s."), what=sentence, agreed=say(agreed))


def _hold_sentence(hold: Hold) -> SafeString:
    """Our own reasons have sentences of their own; what an admin wrote instead is said as it stands."""
    ours = {
        "we need to look into it": _("We are looking into it and come back to you by %(when)s"),
        "we are asking another department": _("We wait for an answer from another department until %(when)s"),
        "we are waiting for our supplier": _("We wait for an answer from our supplier until %(when)s"),
        "you asked us to wait": _("You asked us to wait until %(when)s"),
        "we are waiting for something from you": _("We wait for something from you until %(when)s"),
    }
    known = ours.get(hold.reason.say)
    if known:
        return say(known, when=hold.until)
    if hold.reason.say:
        return say(_("You hear from us by %(when)s: %(why)s"), when=hold.until, why=hold.reason.say.rstrip("."))
    return say(_("You hear from us by %(when)s"), when=hold.until)


def agreement(consent: str, contact: Contact | None) -> str:
    """How the customer agreed; empty where they were only told."""
    if consent == Consent.WRITTEN:
        return _("you agreed in your message")
    if consent != Consent.GIVEN:
        return ""
    places = {
        Channel.PHONE: _("you agreed on the phone"),
        Channel.IN_PERSON: _("you agreed when you were with us"),
        Channel.CHAT: _("you agreed in the chat"),
    }
    return places.get(Channel(contact.channel), _("you agreed")) if contact else _("you agreed")


def _resolved(facts: Facts) -> SafeString:
    ends = facts.closure.silence_at if facts.closure else None
    if ends is None:
        return say(_("We think this is solved. Only you can say whether it is."))
    return say(
        _("We think this is solved. Only you can say whether it is. If we hear nothing, we close it %(when)s."),
        when=ends,
    )


def _closed(ticket: Ticket, facts: Facts) -> SafeString:
    if facts.merged_into is not None:
        return say(
            _("We joined it with your request #%(number)s, so that everything is in one place."),
            number=facts.merged_into.number,
        )
    answered = facts.closure.answered_at if facts.closure else None
    if ticket.closure_cause in (ClosureCause.CONFIRMED, ClosureCause.CONFIRMED_BY_PHONE) and answered:
        return say(_("You told us %(when)s that it is solved. Thank you."), when=answered)
    if ticket.closure_cause == ClosureCause.NO_ANSWER:
        return say(_("We closed it because we did not hear from you. If something is still wrong, write to us below."))
    return say(_("This request is closed. If something is still wrong, write to us below."))


def _also(ticket: Ticket, facts: Facts, at: datetime, first: SafeString) -> list[SafeString]:
    """What the ``first`` sentence leaves out: who looks after it, who steps in, to whom it goes, what was promised,
    and by when the waiting message is answered."""
    if ticket.status == Status.CLOSED:
        return []
    lines = []
    promises = list(facts.promises)
    if facts.escalation is not None and (told := stepping_in(facts.escalation, at=at)):
        lines.append(told)
        promises = [promise for promise in promises if promise.pk != facts.escalation.promise_id]
    if (
        facts.answer_by is not None
        and facts.answer_by.due_at is not None
        and ticket.status in (Status.NEW, Status.OPEN)
    ):
        lines.append(_answer_by(facts.answer_by.due_at, at)[2])
    if facts.transfer is not None:
        lines.append(handing_over(ticket, facts.transfer))
    lines += [promised(promise, at=at) for promise in promises]
    lines = [line for line in lines if line != first]
    if ticket.assignee and facts.transfer is None and not lines:
        lines.append(say(_("%(name)s looks after it."), name=ticket.assignee.short_name))
    return lines


def stepping_in(escalation: Escalation, *, at: datetime) -> SafeString | None:
    """E5: who steps in and by when they are heard of; nothing where the customer was not told."""
    if escalation.promise_id is None:
        return None
    promise = escalation.promise
    assert promise is not None
    if escalation.owner is not None and escalation.status == Escalation.Status.TAKEN:
        if promise.status != Promise.Status.OPEN or promise.due_at < at:
            return say(_("%(name)s has taken this over."), name=escalation.owner.name)
        return say(
            _("%(name)s has taken this over and gets back to you by %(when)s at the latest."),
            name=escalation.owner.name,
            when=promise.due_at,
        )
    if promise.due_at < at:
        return say(
            _("Somebody senior was to get back to you %(when)s. We are late, and we are sorry."), when=promise.due_at
        )
    return say(
        _("Somebody senior was asked to step in and gets back to you by %(when)s at the latest."), when=promise.due_at
    )


def handing_over(ticket: Ticket, transfer: Transfer) -> SafeString:
    """X1, X3: where it goes, and who stays with it until then."""
    team, agreed = transfer.to_team.name, agreement(transfer.consent, transfer.contact)
    if ticket.assignee is None:
        sentence = say(_("We are passing your request to the team %(team)s"), team=team)
    else:
        sentence = say(
            _("We are passing your request to the team %(team)s. Until they have it, %(name)s stays with it"),
            team=team,
            name=ticket.assignee.short_name,
        )
    return (
        say(_("%(what)s; %(agreed)s."), what=sentence, agreed=say(agreed))
        if agreed
        else say(_("%(what)s."), what=sentence)
    )


def promised(promise: Promise, *, at: datetime) -> SafeString:
    """T8: who does what by when; and that we are late, where we are."""
    kind = Kind(promise.kind)
    if promise.due_at < at:
        late = {
            Kind.CALL_BACK: _("%(name)s was to call you back %(when)s. We are late, and we are sorry."),
            Kind.VISIT: _("%(name)s was to visit you %(when)s. We are late, and we are sorry."),
        }
        sentence = late.get(kind, _("%(name)s was to get back to you %(when)s. We are late, and we are sorry."))
    else:
        ahead = {
            Kind.CALL_BACK: _("%(name)s calls you back by %(when)s at the latest."),
            Kind.ANSWER: _("%(name)s writes to you by %(when)s at the latest."),
            Kind.VISIT: _("%(name)s visits you by %(when)s at the latest."),
            Kind.SEND: _("%(name)s sends you something by %(when)s at the latest."),
            Kind.DECISION: _("%(name)s tells you what was decided by %(when)s at the latest."),
        }
        sentence = ahead.get(kind, _("%(name)s gets back to you by %(when)s at the latest."))
    return say(sentence, name=promise.owner.short_name, when=promise.due_at)
