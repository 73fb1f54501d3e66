"""How single cases go: each story plays one with the verbs of the desk, at times in the past."""

from __future__ import annotations

from datetime import datetime

from helpdesk.demo.case import DAY, HOUR, MINUTE, OUT, Case, answered, opened, resolved, talked, understood
from tickets import lifecycle
from tickets.models import (
    Channel,
    Closure,
    ClosureCause,
    Consent,
    Escalation,
    EscalationReason,
    FollowUp,
    Promise,
    Ticket,
    TicketType,
    Transfer,
)


def confirmed(case: Case) -> Closure:
    """The customer pressed "solved"."""
    resolved(case)
    return lifecycle.confirm(
        case.ticket, by=case.person, solved=True, via=Closure.Via.LINK, at=case.later(20 * MINUTE, 30 * HOUR)
    )


def slow(case: Case) -> Closure:
    """Answered too late: a breach that stays in the report."""
    resolved(case, within=44 * HOUR)
    return lifecycle.confirm(case.ticket, by=case.person, solved=True, via=Closure.Via.LINK, at=case.later(HOUR, DAY))


def confirmed_by_phone(case: Case) -> Closure:
    """We called and asked."""
    resolved(case)
    at = case.later(2 * HOUR, 26 * HOUR)
    contact, _tickets = lifecycle.log_contact(
        by=case.agent, person=case.person, channel=Channel.PHONE, direction=OUT, tickets=[case.ticket],
        text="I asked whether everything works now: it does.", happened_at=at, duration_seconds=150, at=at + 3 * MINUTE,
    )  # fmt: skip
    return lifecycle.confirm(
        case.ticket, by=case.agent, solved=True, via=Closure.Via.PHONE, contact=contact, at=at + 4 * MINUTE
    )


def silent(case: Case) -> None:
    """Nobody answered our question, so it closed by itself; or it still waits, where the silence is not long enough."""
    closure = resolved(case)
    closure.refresh_from_db()
    ends = closure.silence_at or case.end
    if ends <= case.end:
        lifecycle.close_silent(closure.pk, ends)


def not_solved_first(case: Case) -> Closure:
    """Not solved; then it was."""
    resolved(case)
    lifecycle.confirm(
        case.ticket,
        by=case.person,
        solved=False,
        via=Closure.Via.LINK,
        why=case.topic.more,
        at=case.later(HOUR, 9 * HOUR),
    )
    lifecycle.reply(case.ticket, by=case.agent, text=case.topic.answer, at=case.later(HOUR, 6 * HOUR))
    if case.ticket.type == TicketType.COMPLAINT:
        case.ticket.refresh_from_db()
    lifecycle.resolve(case.ticket, by=case.agent, text=case.topic.solution, at=case.later(HOUR, 8 * HOUR))
    return lifecycle.confirm(case.ticket, by=case.person, solved=True, via=Closure.Via.LINK, at=case.later(HOUR, DAY))


def held_and_kept(case: Case) -> None:
    """A hold with a promised time; we wrote before it."""
    ticket = talked(case)
    at = case.later(10 * MINUTE, HOUR)
    lifecycle.hold(ticket, by=case.agent, reason="research", consent=Consent.TOLD, until=at + 20 * HOUR, at=at)
    case.later(3 * HOUR, 15 * HOUR)
    lifecycle.reply(ticket, by=case.agent, text=case.topic.solution, at=case.at)
    lifecycle.resume(ticket, by=case.agent, at=case.at + MINUTE)
    if ticket.type == TicketType.COMPLAINT:
        understood(case, ticket)
    lifecycle.resolve(ticket, by=case.agent, at=case.later(HOUR, 5 * HOUR))
    lifecycle.confirm(ticket, by=case.person, solved=True, via=Closure.Via.LINK, at=case.later(HOUR, DAY))


def held_on_the_phone(case: Case) -> None:
    """Asked on the phone, agreed, back in time."""
    at = case.at
    ticket = opened(case)
    call = lifecycle.begin_contact(
        by=case.agent,
        person=case.person,
        channel=Channel.PHONE,
        direction=OUT,
        tickets=[ticket],
        at=case.later(HOUR, 5 * HOUR),
    )
    at = case.at + 2 * MINUTE
    if ticket.assignee_id is None:
        lifecycle.take(ticket, by=case.agent, at=at)
    lifecycle.hold(
        ticket, by=case.agent, contact=call, reason="research", consent=Consent.GIVEN, until=at + 4 * MINUTE, at=at
    )
    lifecycle.resume(ticket, by=case.agent, at=at + 3 * MINUTE)
    lifecycle.log_contact(
        by=case.agent, person=case.person, channel=Channel.PHONE, direction=OUT, tickets=[ticket], contact=call,
        text=case.topic.answer, duration_seconds=600, at=at + 8 * MINUTE,
    )  # fmt: skip
    case.at = at + 10 * MINUTE
    if ticket.type == TicketType.COMPLAINT:
        understood(case, ticket)
    lifecycle.resolve(ticket, by=case.agent, text=case.topic.solution, at=case.later(HOUR, 9 * HOUR))
    lifecycle.confirm(ticket, by=case.person, solved=True, via=Closure.Via.LINK, at=case.later(HOUR, DAY))


def hold_broken(case: Case) -> Ticket:
    """The promised time passed without a word."""
    ticket = talked(case)
    at = case.later(10 * MINUTE, HOUR)
    until = min(at + 9 * HOUR, case.end)
    placed = lifecycle.hold(ticket, by=case.agent, reason="supplier", consent=Consent.TOLD, until=until, at=at)
    lifecycle.end_due_hold(placed.pk, placed.until)
    case.at = placed.until
    return ticket


def promise_story(case: Case) -> Ticket:
    """A promise that was kept in time, late, or never."""
    ticket = answered(case)
    due = case.at + 5 * HOUR
    made = lifecycle.promise(
        ticket,
        by=case.agent,
        kind=Promise.Kind.CALL_BACK,
        text="Call back with the result",
        due_at=due,
        at=case.at + MINUTE,
    )
    luck = case.random.random()
    if luck < 0.75:
        case.at = due - case.random.random() * 4 * HOUR
    elif luck < 0.92:
        case.at = due + 2 * HOUR
    else:
        lifecycle.break_promise(made, at=made.break_at)
        case.at = made.break_at + HOUR
        return ticket
    contact, _tickets = lifecycle.log_contact(
        by=case.agent, person=case.person, channel=Channel.PHONE, direction=OUT, tickets=[ticket], text=case.topic.more,
        happened_at=case.at, duration_seconds=240, at=case.at + 4 * MINUTE,
    )  # fmt: skip
    lifecycle.keep_promise(made, by=case.agent, contact=contact, at=case.at + 5 * MINUTE)
    case.at += 6 * MINUTE
    return ticket


def promised_and_solved(case: Case) -> None:
    """As above, and then solved."""
    ticket = promise_story(case)
    ticket.refresh_from_db()
    if ticket.type == TicketType.COMPLAINT:
        understood(case, ticket)
    lifecycle.resolve(ticket, by=case.agent, text=case.topic.solution, at=case.later(HOUR, 9 * HOUR))
    lifecycle.confirm(ticket, by=case.person, solved=True, via=Closure.Via.LINK, at=case.later(HOUR, DAY))


def _pass_on(case: Case, ticket: Ticket, to: str, at: datetime) -> Transfer:
    return lifecycle.transfer(
        ticket,
        by=case.agent,
        to_team=case.cast.teams[to],
        reason=Transfer.Reason.EXPERTISE,
        consent=Consent.TOLD,
        understood=case.topic.says,
        tried=case.topic.answer,
        at=at,
    )


def transferred(case: Case) -> Ticket:
    """Passed on with a handover, solved by the other team; the first agent keeps the duty to ask."""
    ticket = talked(case)
    other = "billing" if case.topic.team != "billing" else "heating"
    sent = _pass_on(case, ticket, other, case.later(10 * MINUTE, HOUR))
    receiver = case.cast.agents_of(other)[0]
    lifecycle.accept_transfer(sent, by=receiver, at=case.later(10 * MINUTE, HOUR))
    ticket.refresh_from_db()
    if ticket.type == TicketType.COMPLAINT:
        case.agent = receiver
        understood(case, ticket)
    lifecycle.resolve(ticket, by=receiver, text=case.topic.solution, at=case.later(2 * HOUR, 9 * HOUR))
    return ticket


def transferred_and_confirmed(case: Case) -> None:
    """As above, and the customer confirmed, which meets the duty."""
    ticket = transferred(case)
    lifecycle.confirm(ticket, by=case.person, solved=True, via=Closure.Via.LINK, at=case.later(HOUR, DAY))


def transfer_waits(case: Case) -> Transfer:
    """Asked, and not accepted yet."""
    ticket = answered(case, within=2 * HOUR)
    return _pass_on(
        case, ticket, "billing" if case.topic.team != "billing" else "heating", case.later(MINUTE, 20 * MINUTE)
    )


def escalated(case: Case) -> Escalation:
    """An agent asks for somebody senior."""
    ticket = talked(case, within=3 * HOUR)
    reason = case.random.choice(
        [
            EscalationReason.Reason.SENIOR,
            EscalationReason.Reason.EXCEPTION,
            EscalationReason.Reason.LIMIT,
            EscalationReason.Reason.EXPERTISE,
        ]
    )
    return lifecycle.escalate(
        ticket, by=case.agent, reason=reason, note=f"{case.topic.more} I reached the end of what I may decide.",
        at=case.later(10 * MINUTE, HOUR),
    )  # fmt: skip


def escalated_and_coached(case: Case) -> None:
    """The supervisor takes it, coaches, gives it back; solved."""
    raised = escalated(case)
    leader = case.cast.supervisor_of(case.topic.team)
    lifecycle.take_escalation(raised, by=leader, at=case.later(3 * MINUTE, 20 * MINUTE))
    lifecycle.coach_escalation(
        raised, by=leader, guidance="Offer the refund without the fee, and call instead of writing.",
        at=case.later(10 * MINUTE, HOUR),
    )  # fmt: skip
    lifecycle.reply(case.ticket, by=case.agent, text=case.topic.answer, at=case.later(10 * MINUTE, HOUR))
    raised.refresh_from_db()
    if raised.promise and raised.promise.status == Promise.Status.OPEN:
        lifecycle.keep_promise(raised.promise, by=raised.promise.owner, at=case.later(MINUTE, 2 * MINUTE))
    if case.ticket.type == TicketType.COMPLAINT:
        understood(case, case.ticket)
    lifecycle.resolve(case.ticket, by=case.agent, text=case.topic.solution, at=case.later(HOUR, 9 * HOUR))
    lifecycle.confirm(case.ticket, by=case.person, solved=True, via=Closure.Via.LINK, at=case.later(HOUR, DAY))


def on_hold_now(case: Case) -> None:
    """A hold that runs."""
    ticket = answered(case, within=2 * HOUR)
    until = case.end + case.random.randrange(30, 600) * MINUTE
    lifecycle.hold(
        ticket, by=case.agent, reason=case.random.choice(["research", "supplier"]), consent=Consent.TOLD, until=until,
        at=case.later(MINUTE, 30 * MINUTE),
    )  # fmt: skip


def pending_now(case: Case) -> None:
    """Our turn is done; we wait for the customer."""
    answered(case, then="pending")


def promise_open_now(case: Case) -> None:
    """A promise that is due soon."""
    ticket = answered(case, within=2 * HOUR)
    lifecycle.promise(
        ticket, by=case.agent, kind=case.random.choice([Promise.Kind.CALL_BACK, Promise.Kind.ANSWER]),
        text="Come back with an answer", due_at=case.end + case.random.randrange(20, 900) * MINUTE, at=case.at + MINUTE,
    )  # fmt: skip


def complaint_half_way(case: Case) -> None:
    """Understood and said back, not solved yet."""
    ticket = talked(case, within=3 * HOUR)
    lifecycle.set_type(ticket, by=case.agent, type=TicketType.COMPLAINT, at=case.at)
    understood(case, ticket)


def follow_up_due(case: Case) -> None:
    """Passed on, solved by others, and now to be asked about."""
    ticket = transferred(case)
    FollowUp.objects.filter(ticket=ticket).update(due_at=case.end + 2 * HOUR)


def spam(case: Case) -> None:
    """Not a case at all."""
    ticket = opened(case)
    lifecycle.mark_spam(ticket, by=case.agent, at=case.later(5 * MINUTE, HOUR))


def asked_twice(case: Case) -> None:
    """The same person wrote twice; the second is merged into the first, which is answered, solved and confirmed."""
    first = answered(case)
    second = lifecycle.open_ticket(
        requester=case.person, subject=case.topic.subject, text=case.topic.more, channel=Channel.EMAIL, by=case.person,
        team=case.cast.teams[case.topic.team], at=case.later(HOUR, 5 * HOUR),
    )  # fmt: skip
    lifecycle.take(second, by=case.agent, at=case.later(MINUTE, HOUR))
    lifecycle.merge(second, into=first, by=case.agent, at=case.later(MINUTE, 5 * MINUTE))
    first.refresh_from_db()
    lifecycle.reply(first, by=case.agent, text=case.topic.answer, at=case.later(10 * MINUTE, HOUR))
    if first.type == TicketType.COMPLAINT:
        understood(case, first)
    lifecycle.resolve(first, by=case.agent, text=case.topic.solution, at=case.later(HOUR, 9 * HOUR))
    lifecycle.confirm(first, by=case.person, solved=True, via=Closure.Via.LINK, at=case.later(HOUR, DAY))


def closed_as_no_answer(case: Case) -> None:
    """Old and quiet."""
    resolved(case)
    lifecycle.close(case.ticket, by=case.agent, cause=ClosureCause.NO_ANSWER, at=case.later(3 * DAY, 6 * DAY))
