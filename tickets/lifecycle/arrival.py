"""What a customer's words do to a ticket (T3): shared by every verb through which they arrive."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from customers.models import Person
from tickets import clocks
from tickets.lifecycle._ground import change
from tickets.lifecycle.resuming import end_hold_by_customer
from tickets.models import ClockPause, ClosureCause, Entry, Participant, Status, Ticket, TicketMerge, Transfer


def home_of(ticket: Ticket) -> Ticket:
    """Where this ticket's later messages arrive: itself, or what it was merged into (T11)."""
    while ticket.closure_cause == ClosureCause.MERGED:
        merge = TicketMerge.objects.filter(source=ticket, undone_at=None).select_related("target").first()
        if merge is None:
            break
        ticket = merge.target
    return ticket


def arrive(ticket: Ticket, entry: Entry, *, person: Person, at: datetime, live: bool = False) -> dict[str, Any]:
    """A person wrote or left a message: the ticket comes back to ``open``, its clocks run; returns what to tell (T3).

    ``ticket`` is locked. ``pending`` ends its pause, a hold ends as *ended by customer* (fine print of H), ``resolved``
    is reopened with its agent. A closed ticket is not given here: its messages open a follow-up.
    """
    before = str(ticket.status)
    if ticket.status == Status.ON_HOLD:
        end_hold_by_customer(ticket, at, entry)
    elif ticket.status == Status.RESOLVED:
        _reopen(ticket, at=at, by=person)
    elif ticket.status == Status.PENDING:
        clocks.unpause(ticket, cause=ClockPause.Cause.PENDING, at=at)
    if ticket.status not in (Status.NEW, Status.OPEN):
        change(ticket, status=Status.OPEN)
    clocks.start_on_message(ticket, entry, at=at, live=live)
    return {"from": before, "to": str(ticket.status), **told_to(ticket), **standing(ticket, person)}


def told_to(ticket: Ticket) -> dict[str, Any]:
    """While a transfer waits, a message goes to its sender and is shown to both (fine print of X)."""
    waiting = ticket.transfers.filter(status=Transfer.Status.WAITING).first()
    if waiting is None:
        return {}
    return {
        "transfer": waiting.pk,
        "sender": waiting.sender_id,
        "to_team": waiting.to_team_id,
        "to_agent": waiting.to_agent_id,
    }


def standing(ticket: Ticket, person: Person) -> dict[str, Any]:
    """Who writes: the requester, somebody in copy, a colleague (who becomes one in copy), or a stranger to this ticket.

    A stranger's words are kept and count, but the ticket is not shown to them: an address in a mail proves little.
    """
    if person.pk == ticket.requester_id:
        return {}
    if Participant.objects.filter(ticket=ticket, person=person).exists():
        return {"participant": person.pk}
    if not _are_colleagues(ticket, person):
        return {"stranger": person.pk}
    Participant.objects.get_or_create(ticket=ticket, person=person)
    return {"participant": person.pk, "joined": True}


def _are_colleagues(ticket: Ticket, person: Person) -> bool:
    if person.organisation_id is not None and person.organisation_id == ticket.organisation_id:
        return True
    return person.department_id is not None and person.department_id == ticket.requester.department_id


def _reopen(ticket: Ticket, *, at: datetime, by: Person) -> None:
    from tickets.lifecycle._reopening import reopen_locked

    reopen_locked(ticket, at=at, by=by)


def escalate_if_reopened_again(ticket: Ticket, told: dict[str, Any], *, at: datetime) -> None:
    """The second reopening escalates (T4, E1); called after the event of the verb that reopened."""
    from tickets.lifecycle._reopening import escalate_if_again

    reopened = told["from"] == Status.RESOLVED and told["to"] == Status.OPEN
    if reopened and escalate_if_again(ticket, at=at) is not None:
        ticket.refresh_from_db()
