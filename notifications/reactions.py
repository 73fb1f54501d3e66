"""What happens in the house after an event: who is mailed, who is told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from customers.models import Person
from events import values
from events.models import Approval, Event
from events.reactions import reaction
from notifications import duty, notices, outbox, warnings
from staff.access import chain, supervisors_of
from staff.models import Membership
from tickets import clocks
from tickets.links import closure_link
from tickets.models import Channel, Closure, Entry, Escalation, Hold, Priority, Promise, Ticket, Transfer
from tickets.policy.talking import may_mention
from tickets.values import REPLY_UNDO_SECONDS

WITH_A_PUBLIC_ENTRY = (
    "ticket.held", "ticket.hold_extended", "ticket.transfer_sent", "ticket.escalated", "ticket.complaint_step",
)  # fmt: skip
SPOKEN = (Channel.PHONE, Channel.IN_PERSON, Channel.CHAT)


def _ticket(event: Event) -> Ticket:
    return Ticket.objects.select_related("requester", "team__brand", "brand", "assignee").get(pk=event.subject_id)


def _absolute(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}"


def request_url(ticket: Ticket) -> str:
    """The customer's page of this request."""
    return _absolute(reverse("portal:request", args=[ticket.number]))


@reaction("ticket.opened", name="notifications.acknowledge")
def acknowledge(event: Event) -> None:
    """S1: say its number and the latest answer time. A machine wrote this: it stops no clock (S3).

    A machine's message gets no answer, or two machines would write to each other for ever. Where we wrote first, our
    message itself is what goes out.
    """
    if event.data.get("automatic"):
        return
    if event.data.get("outbound"):
        if event.data.get("channel") not in SPOKEN:
            _mail_entry(event)
        return
    ticket = _ticket(event)
    outbox.queue_to_person(
        event,
        "acknowledgement",
        person=ticket.requester,
        ticket=ticket,
        context={"latest": clocks.latest_answer_at(ticket), "url": request_url(ticket)},
        automatic=True,
    )


@reaction("ticket.replied", name="notifications.send_reply")
def send_reply(event: Event) -> None:
    """The agent's reply goes to the requester and those in copy, once the time to undo it has passed.

    Resolving with a text tells both at once: the requester gets one mail, which asks whether it is solved and holds
    the text (``ask_to_confirm``). What was said in a running conversation needs no mail.
    """
    if event.data.get("live"):
        return
    asked = Event.objects.filter(
        kind="ticket.resolved",
        subject_kind="ticket",
        subject_id=event.subject_id,
        subject_seq__gt=event.subject_seq,
        data__entry=event.data["entry"],
    )
    _mail_entry(event, undoable=True, to_requester=not asked.exists())


@reaction(*WITH_A_PUBLIC_ENTRY, name="notifications.send_announcement")
def send_announcement(event: Event) -> None:
    """H1, X1, E5, T5: what the customer is told in writing, unless a reply of its own tells it already."""
    if event.data.get("entry"):
        _mail_entry(event, undoable=event.actor_id is not None)


def _mail_entry(event: Event, *, undoable: bool = False, to_requester: bool = True) -> None:
    entry = Entry.objects.select_related("author").get(pk=event.data["entry"])
    if entry.undone_at is not None or entry.visibility != Entry.Visibility.PUBLIC:
        return
    if entry.event_id not in (None, event.pk):
        return
    people = outbox.customers_of(_ticket(event))
    _mail_to(event, people if to_requester else people[1:], entry, undoable=undoable)


def _mail_to(event: Event, people: Iterable[Person], entry: Entry, *, undoable: bool) -> None:
    ticket = _ticket(event)
    for person in people:
        outbox.queue_to_person(
            event,
            "reply",
            person=person,
            ticket=ticket,
            entry=entry,
            context={"url": request_url(ticket), **_until(entry)},
            automatic=entry.is_automatic,
            wait_seconds=_seconds_to_undo(entry) if undoable else 0,
        )


def _until(entry: Entry) -> dict[str, object]:
    """The time that an announcement promises, to stand on top of its mail (H1, E5); nothing for other entries."""
    hold = Hold.objects.filter(announcement=entry).first()
    if hold is not None:
        return {"until": hold.until, "until_words": _("You hear from us by")}
    promise = Promise.objects.filter(
        escalation__isnull=False, ticket=entry.ticket_id, made_at=entry.happened_at
    ).first()
    if promise is not None:
        return {"until": promise.due_at, "until_words": _("Somebody senior comes back to you by")}
    return {}


def _seconds_to_undo(entry: Entry) -> int:
    """What is left of the time in which a reply can be taken back, and a second, so that the two cannot meet."""
    left = entry.happened_at + timedelta(seconds=values.get(REPLY_UNDO_SECONDS)) - timezone.now()
    return int(left.total_seconds()) + 1 if left > timedelta(0) else 0


@reaction("ticket.reply_withdrawn", name="notifications.hold_back")
def hold_back(event: Event) -> None:
    """An undone reply does not leave; one that failed for good is told to who wrote it.

    Where the words came with the question whether it is solved, the question goes out without them (T4).
    """
    entry = Entry.objects.get(pk=event.data["entry"])
    outbox.cancel_for(entry)
    if event.data.get("cause") == "undone":
        asked = Event.objects.filter(
            kind="ticket.resolved", subject_kind="ticket", subject_id=event.subject_id, data__entry=entry.pk
        ).first()
        if asked is not None:
            _ask(event, Closure.objects.filter(pk=asked.data["closure"]).first(), None)
    else:
        ticket = _ticket(event)
        notices.tell(event, ticket, [entry.author_id, ticket.assignee_id])


@reaction("ticket.resolved", name="notifications.ask_to_confirm")
def ask_to_confirm(event: Event) -> None:
    """T4: ask the requester whether it is solved. Opening the link changes nothing."""
    entry_id = event.data.get("entry")
    entry = Entry.objects.select_related("author").get(pk=entry_id) if entry_id else None
    if entry is not None and entry.undone_at is not None:
        return  # taken back already: ``hold_back`` asks without the words
    closure = Closure.objects.filter(pk=event.data.get("closure")).first()
    if closure is not None and closure.answer == Closure.Answer.WAITING:
        _ask(event, closure, entry)
    elif entry is not None:  # nothing to ask any more, but the words were never sent
        _mail_to(event, [_ticket(event).requester], entry, undoable=True)


def _ask(event: Event, closure: Closure | None, entry: Entry | None) -> None:
    if closure is None or closure.answer != Closure.Answer.WAITING:
        return
    ticket = _ticket(event)
    outbox.queue_to_person(
        event,
        "confirm",
        person=ticket.requester,
        ticket=ticket,
        entry=entry,
        context={"link": closure_link(closure), "closure": closure, "url": request_url(ticket)},
        wait_seconds=_seconds_to_undo(entry) if entry else 0,
    )


@reaction("ticket.message_received", "ticket.refused", "ticket.confirmed", name="notifications.tell_agent")
def tell_agent(event: Event) -> None:
    """The agent hears what the customer wrote or answered; during a transfer who was asked to accept it does too."""
    if event.data.get("automatic"):
        return
    ticket = _ticket(event)
    waiting = Transfer.objects.filter(ticket=ticket, status=Transfer.Status.WAITING).first()
    asked = _receivers(waiting) if waiting else []
    notices.tell(event, ticket, [ticket.assignee_id, *asked])


@reaction("ticket.assigned", name="notifications.tell_assignee")
def tell_assignee(event: Event) -> None:
    """Somebody was given a ticket."""
    notices.tell(event, _ticket(event), [event.data.get("to")])


@reaction("ticket.note_added", name="notifications.tell_mentioned")
def tell_mentioned(event: Event) -> None:
    """A note names colleagues: they are told, as far as they may still read it (T13)."""
    if not (named := event.data.get("mentions")):
        return
    ticket, restricted = _ticket(event), bool(event.data.get("restricted"))
    readers = [user for user in User.objects.filter(pk__in=named) if may_mention(user, ticket, restricted=restricted)]
    notices.tell(event, ticket, readers)


def _receivers(transfer: Transfer) -> list[int]:
    if transfer.to_agent_id:
        return [transfer.to_agent_id]
    return list(Membership.objects.filter(team=transfer.to_team_id).values_list("user_id", flat=True))


@reaction(
    "ticket.transfer_sent", "ticket.transfer_refused", "ticket.transferred", "ticket.transfer_returned",
    "ticket.transfer_taken_back", name="notifications.tell_of_transfer",
)  # fmt: skip
def tell_of_transfer(event: Event) -> None:
    """X3: the receivers are asked; the sender hears what came of it; a supervisor gets what was not accepted."""
    transfer = Transfer.objects.get(pk=event.data["transfer"])
    told: list[int | None] = [transfer.sender_id]
    if event.kind in ("ticket.transfer_sent", "ticket.transfer_taken_back"):
        told = list(_receivers(transfer))
    if event.kind == "ticket.transfer_returned":
        above = event.data.get("supervisor")
        told += [above] if above else [user.pk for user in chain(transfer.from_team)]  # nobody is there: all are told
    notices.tell(event, _ticket(event), told)


@reaction(
    "ticket.escalated", "ticket.escalation_joined", "ticket.escalation_climbed", "ticket.escalation_reminded",
    name="notifications.tell_supervisors",
)  # fmt: skip
def tell_supervisors(event: Event) -> None:
    """E3, E4: who it waits for; where nobody is there, everybody in the chain. Threats are urgent (N1)."""
    escalation = Escalation.objects.get(pk=event.data["escalation"])
    told = [escalation.owner_id or escalation.waits_for_id, *event.data.get("told", [])]
    notices.tell(event, _ticket(event), told, urgent=escalation.is_threat)


@reaction(
    "ticket.escalation_taken", "ticket.escalation_coached", "ticket.escalation_assigned", "ticket.escalation_declined",
    name="notifications.tell_of_escalation",
)  # fmt: skip
def tell_of_escalation(event: Event) -> None:
    """The one who asked, and who has the ticket now, hear what came of it."""
    escalation = Escalation.objects.get(pk=event.data["escalation"])
    notices.tell(event, _ticket(event), [escalation.raised_by_id, event.data.get("to_agent")])


@reaction("ticket.sla_warned", "ticket.sla_breached", name="notifications.tell_of_clock")
def tell_of_clock(event: Event) -> None:
    """S4, N1: the owner at 75 %, the supervisor at 90 %, or the next person on duty in their place; at the breach the
    owner and the supervisor who is there, else all above the team: of a critical ticket it is urgent.

    A warning that an outage overtook is history: the breach was told instead.
    """
    if event.data.get("overtaken"):
        return
    ticket = _ticket(event)
    if event.kind == "ticket.sla_warned":
        warnings.tell(event, ticket)
        return
    owner, team = warnings.whose(event, ticket)
    above = duty.for_supervisor(ticket, team, at=timezone.now(), by=None)
    told = [owner, *(one.user_id for one in above)]
    notices.tell(event, ticket, told, urgent=ticket.priority >= Priority.URGENT)


@reaction(
    "ticket.promise_due_soon", "ticket.promise_broken", "ticket.promise_released", name="notifications.tell_of_promise"
)
def tell_of_promise(event: Event) -> None:
    """T8: reminds its owner before it is due, or who is there in their place (N1); a broken one goes above, too."""
    ticket = _ticket(event)
    if event.kind == "ticket.promise_due_soon":
        warnings.tell(event, ticket)
        return
    promise = Promise.objects.get(pk=event.data["promise"])
    broken = event.kind == "ticket.promise_broken"
    notices.tell(
        event, ticket, [promise.owner_id, *(supervisors_of(ticket.team, at=event.recorded_at)[:1] if broken else [])]
    )


@reaction("ticket.hold_ended", "ticket.follow_up_due", "ticket.follow_up_passed_on", name="notifications.tell_owner")
def tell_owner(event: Event) -> None:
    """H3, X5: what came back to be done."""
    ticket = _ticket(event)
    notices.tell(event, ticket, [event.data.get("to_agent") or event.data.get("owner") or ticket.assignee_id])


@reaction(
    "ticket.approval_asked", "ticket.approval_given", "ticket.approval_denied", "ticket.approval_unconfirmed",
    name="notifications.tell_approval",
)  # fmt: skip
def tell_of_approval(event: Event) -> None:
    """A supervisor is asked for leave; who asked hears the answer. Who was named and did not confirm is told so."""
    ticket = _ticket(event)
    approval = Approval.objects.get(pk=event.data["approval"])
    if event.kind == "ticket.approval_asked":
        told: list[int | None] = [
            user.pk for user in supervisors_of(ticket.team, at=event.recorded_at, skip=(approval.asked_by_id,))
        ]
        told.append(approval.named_id)
    elif event.kind == "ticket.approval_unconfirmed":
        told = [approval.named_id, approval.asked_by_id]
    else:
        told = [approval.asked_by_id]
    notices.tell(event, ticket, told)
