"""Passing a case on: asked for or told, accepted by somebody, never nobody's (X1-X7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Malformed, Refused
from common.text import clean_text
from events import values
from events.models import Approval
from staff import hours
from staff.access import on_duty, supervisors_of
from staff.models import Membership, StaffProfile, Team
from tickets import clocks
from tickets.lifecycle._ground import change, locked, moment, tell
from tickets.lifecycle._parts import are_own_words, belongs_to, speaking_to
from tickets.lifecycle.approving import demand_approval
from tickets.lifecycle.conversation import write_public
from tickets.lifecycle.following import owe_follow_up
from tickets.lifecycle.resuming import inherit_hold
from tickets.models import Consent, Contact, DueChange, Entry, Promise, Status, Ticket, Transfer
from tickets.policy import passing as policy
from tickets.policy.facts import merged_with
from tickets.values import TRANSFER_ACCEPT_SECONDS

OVERRIDES = (Transfer.Reason.SAFETY, Transfer.Reason.LEGAL)
"""Reasons that outweigh a customer's refusal."""

TRANSFERS_WITHOUT_SUPERVISOR = 2
SUMMARY_LIMIT = 5000


@dataclass(frozen=True, slots=True)
class Target:
    """X2: how a team, or an agent of one, stands at a moment: shown before one passes a case on."""

    is_open: bool
    opens_at: datetime | None
    online: int
    agent_is_there: bool | None


def target_state(team: Team, agent: User | None = None, *, at: datetime | None = None) -> Target:
    """Whether the team works now, when it opens next, how many of it are there, and whether the agent is (X2).

    There is who is online, at work and outside their quiet hours: whoever could not be told now is not (N1).
    """
    now = moment(at)
    working = hours.for_team(team)
    is_open = working.is_open(now)
    profiles = StaffProfile.objects.filter(
        user__memberships__team=team, user__is_active=True, availability=StaffProfile.Availability.ONLINE
    )
    online = {user.pk for user in on_duty([one.user for one in profiles.select_related("user")], now)}
    return Target(
        is_open=is_open,
        opens_at=None if is_open else working.next_open(now),
        online=len(online),
        agent_is_there=agent.pk in online if agent else None,
    )


@transaction.atomic
def transfer(
    ticket: Ticket,
    *,
    by: User,
    to_team: Team,
    reason: str,
    consent: str,
    understood: str,
    tried: str,
    promised: str = "",
    text: str = "",
    to_agent: User | None = None,
    contact: Contact | None = None,
    named_supervisor: User | None = None,
    at: datetime | None = None,
) -> Transfer:
    """Ask a team, or an agent of one, to accept this case; until they do the sender stays responsible (X1-X4, X7)."""
    now = moment(at)
    ticket = locked(ticket)
    policy.may_transfer(by, ticket).demand()
    _check_target(ticket, to_team, to_agent)
    if reason not in Transfer.Reason.values:
        raise Malformed(_("Choose why the case is passed on."), code="reason_unknown", rule="X1", field="reason")
    summary = _summary(understood, tried, promised)
    live = contact is not None and contact.is_live
    _check_consent(consent, reason=reason, live=live)
    approval = _approval_if_ping_pong(ticket, to_team, by=by, contact=contact, named=named_supervisor, at=now)

    announcement, answers = None, False
    if not live and consent != Consent.OVERRIDDEN:
        announcement, answers = _announce(ticket, to_team, text, by=by, contact=contact, at=now)
    sent = Transfer.objects.create(
        ticket=ticket,
        contact=contact,
        sender=by,
        from_team_id=ticket.team_id,
        from_agent_id=ticket.assignee_id,
        to_team=to_team,
        to_agent=to_agent,
        reason=reason,
        consent=consent,
        consent_at=now if consent in (Consent.GIVEN, Consent.WRITTEN) else None,
        announcement=announcement,
        approval=approval,
        sent_at=now,
        accept_by=hours.for_team(to_team).add(now, values.get(TRANSFER_ACCEPT_SECONDS)),
        **summary,
    )
    _start_clock(ticket, sent, at=now)
    _stay_responsible(ticket, by)
    event = tell(
        ticket, "transfer_sent", by=by, at=now, contact=contact,
        transfer=sent, to_team=to_team, to_agent=to_agent, reason=reason, consent=consent, accept_by=sent.accept_by,
        entry=announcement, answers=answers,
    )  # fmt: skip
    if announcement is not None:
        belongs_to(announcement, event)
    return sent


def _announce(
    ticket: Ticket, to_team: Team, text: str, *, by: User, contact: Contact | None, at: datetime
) -> tuple[Entry, bool]:
    """In writing the customer is told; own words answer a message of theirs, the usual ones do not."""
    words, usual = clean_text(text, SUMMARY_LIMIT), told(ticket, to_team)
    answers = are_own_words(words, usual)
    return write_public(ticket, by=by, text=words or usual, contact=contact, answers=answers, at=at), answers


def _start_clock(ticket: Ticket, sent: Transfer, *, at: datetime) -> None:
    """Where the receiving team's policy sets a time for accepting, that one counts."""
    clock = clocks.start_transfer(ticket, sent, at=at)
    if clock is not None and clock.due_at is not None:
        sent.accept_by = clock.due_at
        sent.save(update_fields=["accept_by"])


def _stay_responsible(ticket: Ticket, sender: User) -> None:
    """Until somebody accepts it is its agent's; one that nobody has becomes the sender's (X4)."""
    if ticket.assignee_id is None:
        change(ticket, assignee=sender, status=Status.OPEN if ticket.status == Status.NEW else ticket.status)
    else:
        change(ticket)


def told(ticket: Ticket, to_team: Team) -> str:
    """The words that tell the customer in writing of a transfer; an agent may change them (H7)."""
    with speaking_to(ticket):
        return _(
            "Dear %(name)s,\n\nyour request #%(number)s is being passed to our team %(team)s, who know this best. "
            "You need not explain it again: they have my summary of it. I stay responsible until they have taken it "
            "over."
        ) % {"name": ticket.requester.greeting_name, "number": ticket.number, "team": to_team.name}


def _check_target(ticket: Ticket, to_team: Team, to_agent: User | None) -> None:
    if to_team.pk == ticket.team_id:
        raise Refused(
            _("Inside a team one assigns. Choose another team, or assign the ticket."),
            code="same_team",
            rule="X2",
            field="to_team",
        )
    if not to_team.is_active:
        raise Refused(_("That team is no longer in use. Choose another."), code="team_gone", rule="X2", field="to_team")
    if to_agent is not None:
        is_member = Membership.objects.filter(team=to_team, user=to_agent, user__is_active=True).exists()
        if not is_member:
            raise Refused(
                _("That agent is not in the team. Choose one who is, or the team alone."),
                code="agent_not_in_team",
                rule="X2",
                field="to_agent",
            )


def _summary(understood: str, tried: str, promised: str) -> dict[str, str]:
    summary = {
        "understood": clean_text(understood, SUMMARY_LIMIT),
        "tried": clean_text(tried, SUMMARY_LIMIT),
        "promised": clean_text(promised, SUMMARY_LIMIT),
    }
    for field in ("understood", "tried"):
        if not summary[field]:
            raise Refused(
                _("Sum up the problem as you understand it, and what was tried: the next one should not ask again."),
                code="summary_missing",
                rule="X1",
                field=field,
            )
    return summary


def _check_consent(consent: str, *, reason: str, live: bool) -> None:
    if consent == Consent.OVERRIDDEN:
        if reason in OVERRIDES:
            return
        raise Refused(
            _("Only safety or a legal duty outweighs the customer's wish."),
            code="override_needs_reason",
            rule="X1",
            field="consent",
        )
    if consent == Consent.REFUSED:
        raise Refused(
            _("The customer does not want to be passed on. Promise them an answer, or escalate."),
            code="consent_refused",
            rule="X1",
            field="consent",
            offers=("promise", "escalate"),
        )
    allowed = (Consent.GIVEN,) if live else (Consent.TOLD, Consent.WRITTEN)
    if consent not in allowed:
        message = (
            _("Ask the customer before you pass them on.")
            if live
            else _("No call, visit or chat is running: tell the customer in writing.")
        )
        raise Refused(message, code="consent_missing", rule="X1", field="consent")


def needs_supervisor(ticket: Ticket, to_team: Team) -> bool:
    """X4: back to a team that already passed it on, or a third transfer; refused and timed-out ones do not count."""
    passed = Transfer.objects.filter(ticket__in=merged_with(ticket), status=Transfer.Status.ACCEPTED)
    accepted = list(passed.values_list("from_team_id", flat=True))
    return to_team.pk in accepted or len(accepted) >= TRANSFERS_WITHOUT_SUPERVISOR


def _approval_if_ping_pong(
    ticket: Ticket, to_team: Team, *, by: User, contact: Contact | None, named: User | None, at: datetime
) -> Approval | None:
    if not needs_supervisor(ticket, to_team):
        return None
    return demand_approval(ticket, by=by, rule="X4", act="transfer", contact=contact, named_supervisor=named, at=at)


def _locked_transfer(transfer: Transfer | int) -> tuple[Ticket, Transfer]:
    """The ticket first, then its transfer: the order in which every act locks."""
    pk = transfer if isinstance(transfer, int) else transfer.pk
    ticket = locked(Transfer.objects.values_list("ticket_id", flat=True).get(pk=pk))
    return ticket, Transfer.objects.select_related("to_team", "from_team").get(pk=pk)


def _end(transfer: Transfer, status: str, *, by: User | None, at: datetime, note: str = "") -> None:
    transfer.status = status
    transfer.ended_at = at
    transfer.ended_by = by
    transfer.ended_note = note
    transfer.save(update_fields=["status", "ended_at", "ended_by", "ended_note"])


@transaction.atomic
def accept_transfer(
    transfer: Transfer, *, by: User, take_promises: Iterable[int] = (), at: datetime | None = None
) -> Transfer:
    """Take the case over. ``take_promises`` are ids of open promises that move too; the others stay (X3, X5, X6)."""
    now = moment(at)
    ticket, transfer = _locked_transfer(transfer)
    policy.may_answer_transfer(by, transfer).demand()
    named = transfer.to_agent
    receiver = named if named is not None and named.is_active else by  # a supervisor answers for one who has left
    moved = _take_over_promises(ticket, receiver, set(take_promises))
    passer = transfer.from_agent or transfer.sender
    _end(transfer, Transfer.Status.ACCEPTED, by=by, at=now)
    change(
        ticket,
        team=transfer.to_team,
        assignee=receiver,
        status=Status.OPEN if ticket.status == Status.NEW else ticket.status,
    )
    clocks.stop_transfer(ticket, transfer, at=now, by=by)
    inherit_hold(ticket, by=receiver)
    owe_follow_up(ticket, passer, at=now)
    clocks.reprioritise(ticket, at=now, cause=DueChange.Cause.POLICY)
    tell(
        ticket,
        "transferred",
        by=by,
        at=now,
        transfer=transfer,
        from_team=transfer.from_team_id,
        to_team=transfer.to_team_id,
        from_agent=passer,
        to_agent=receiver,
        promises=moved,
    )
    return transfer


def _take_over_promises(ticket: Ticket, receiver: User, wanted: set[int]) -> list[int]:
    open_promises = Promise.objects.filter(ticket=ticket, status=Promise.Status.OPEN)
    taken = sorted(open_promises.filter(pk__in=wanted).values_list("pk", flat=True))
    if wanted.difference(taken):
        raise Refused(
            _("A promise you wanted to take over is no longer open. Look again at what is promised."),
            code="promise_not_open",
            rule="X6",
            field="take_promises",
        )
    open_promises.filter(pk__in=taken).update(owner=receiver)
    return taken


@transaction.atomic
def refuse_transfer(transfer: Transfer, *, by: User, why: str, at: datetime | None = None) -> Transfer:
    """Send it back to the sender, with the reason; it does not count as a transfer (X3, X4)."""
    now = moment(at)
    ticket, transfer = _locked_transfer(transfer)
    policy.may_answer_transfer(by, transfer).demand()
    note = clean_text(why, SUMMARY_LIMIT)
    if not note:
        raise Refused(
            _("Say why, so that the sender can help the customer."), code="why_missing", rule="X3", field="why"
        )
    _end(transfer, Transfer.Status.REFUSED, by=by, at=now, note=note)
    clocks.stop_transfer(ticket, transfer, at=now, by=by)
    change(ticket)
    tell(ticket, "transfer_refused", by=by, at=now, transfer=transfer, sender=transfer.sender_id)
    return transfer


@transaction.atomic
def take_back_transfer(transfer: Transfer, *, by: User, at: datetime | None = None) -> Transfer:
    """The sender keeps the case after all (X3)."""
    now = moment(at)
    ticket, transfer = _locked_transfer(transfer)
    policy.may_take_back(by, transfer).demand()
    _end(transfer, Transfer.Status.TAKEN_BACK, by=by, at=now)
    clocks.stop_transfer(ticket, transfer, at=now, by=by)
    change(ticket)
    tell(ticket, "transfer_taken_back", by=by, at=now, transfer=transfer, to_team=transfer.to_team_id)
    return transfer


@transaction.atomic
def return_due_transfer(transfer_id: int, *, at: datetime) -> bool:
    """Nobody accepted in time: it comes back to the sender's supervisor (X3). Tell whether this run did it."""
    ticket, transfer = _locked_transfer(transfer_id)
    if transfer.status != Transfer.Status.WAITING or transfer.accept_by > at:
        return False
    chain = supervisors_of(transfer.from_team, at=at, skip=(transfer.sender_id,))
    supervisor = chain[0] if chain else None
    _end(transfer, Transfer.Status.TIMED_OUT, by=None, at=at)
    clocks.stop_transfer(ticket, transfer, at=transfer.accept_by, by=None, lapsed=True)
    if supervisor is not None:
        change(ticket, assignee=supervisor)
        clocks.refresh_queue(ticket)
    else:
        change(ticket)
    tell(
        ticket,
        "transfer_returned",
        by=None,
        at=transfer.accept_by,
        transfer=transfer,
        sender=transfer.sender_id,
        supervisor=supervisor,
    )
    return True
