"""What happens in the house after an event: who is mailed, who is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from customers.models import Person
from events import values
from events.models import Approval, Event
from events.reactions import reaction, reaction_to_many
from notifications import duty, notices, outbox, warnings
from notifications.duty import House
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
    return _tickets([event])[event.subject_id]


def _tickets(events: Iterable[Event]) -> dict[int, Ticket]:
    """The tickets of these events by key, with what a mail of them names: one query."""
    rows = Ticket.objects.select_related("requester", "team__brand", "brand", "assignee")
    return rows.in_bulk({event.subject_id for event in events})


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
            _mail_entries([event])
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
    _mail_entries([event], undoable=True, to_requester=not asked.exists())


@reaction_to_many(*WITH_A_PUBLIC_ENTRY, name="notifications.send_announcement")
def send_announcement(events: Sequence[Event]) -> None:
    """H1, X1, E5, T5: what the customer is told in writing, unless a reply of its own tells it already."""
    announced = [event for event in events if event.data.get("entry")]
    _mail_entries([event for event in announced if event.actor_id is None])
    _mail_entries([event for event in announced if event.actor_id is not None], undoable=True)


def _mail_entries(events: Sequence[Event], *, undoable: bool = False, to_requester: bool = True) -> None:
    """The words of each event to the customers of its ticket, as long as they stand: as many queries as for one."""
    if not events:
        return
    entries = Entry.objects.select_related("author").in_bulk([event.data["entry"] for event in events])
    found = [(event, entries[event.data["entry"]]) for event in events]
    stand = [(event, entry) for event, entry in found if _stands(entry, event)]
    if not stand:
        return
    tickets = _tickets(event for event, _entry in stand)
    people = outbox.customers_of(tickets.values())
    letters = [
        (event, tickets[event.subject_id], entry, people[event.subject_id][0 if to_requester else 1 :])
        for event, entry in stand
    ]
    _mail_to(letters, undoable=undoable)


def _stands(entry: Entry, event: Event) -> bool:
    """It was said in public, by this event, and not taken back."""
    is_public = entry.undone_at is None and entry.visibility == Entry.Visibility.PUBLIC
    return is_public and entry.event_id in (None, event.pk)


def _mail_to(said: Sequence[tuple[Event, Ticket, Entry, Sequence[Person]]], *, undoable: bool) -> None:
    """These words of these events to these people."""
    until = _until([entry for _event, _ticket_said, entry, _people in said])
    seconds = values.get(REPLY_UNDO_SECONDS) if undoable else 0
    outbox.queue_letters(
        outbox.Letter(
            event, "reply", person, ticket, entry, {"url": request_url(ticket), **until.get(entry.pk, {})},
            automatic=entry.is_automatic, wait_seconds=_seconds_to_undo(entry, seconds) if undoable else 0,
        )
        for event, ticket, entry, people in said for person in people
    )  # fmt: skip


def _until(entries: Sequence[Entry]) -> dict[int, dict[str, object]]:
    """The time that an announcement promises, to stand on top of its mail (H1, E5); nothing for other entries."""
    tickets, times = {entry.ticket_id for entry in entries}, {entry.happened_at for entry in entries}
    rows = Promise.objects.filter(escalation__isnull=False, ticket__in=tickets, made_at__in=times).order_by("-pk")
    promised = {(promise.ticket_id, promise.made_at): promise.due_at for promise in rows}
    holds = Hold.objects.filter(announcement__in=entries).order_by("-pk")
    held = {hold.announcement_id: hold.until for hold in holds}
    found: dict[int, dict[str, object]] = {}
    for entry in entries:
        if entry.pk in held:
            found[entry.pk] = {"until": held[entry.pk], "until_words": _("You hear from us by")}
        elif (due := promised.get((entry.ticket_id, entry.happened_at))) is not None:
            found[entry.pk] = {"until": due, "until_words": _("Somebody senior comes back to you by")}
    return found


def _seconds_to_undo(entry: Entry, seconds: int) -> int:
    """What is left of the time in which a reply can be taken back, and a second, so that the two cannot meet."""
    left = entry.happened_at + timedelta(seconds=seconds) - timezone.now()
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
        ticket = _ticket(event)
        _mail_to([(event, ticket, entry, [ticket.requester])], undoable=True)


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
        wait_seconds=_seconds_to_undo(entry, values.get(REPLY_UNDO_SECONDS)) if entry else 0,
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


@reaction_to_many(
    "ticket.escalated", "ticket.escalation_joined", "ticket.escalation_climbed", "ticket.escalation_reminded",
    name="notifications.tell_supervisors",
)  # fmt: skip
def tell_supervisors(events: Sequence[Event]) -> None:
    """E3, E4: who it waits for; where nobody is there, everybody in the chain. Threats are urgent (N1)."""
    tickets, rows = _tickets(events), Escalation.objects.in_bulk([event.data["escalation"] for event in events])
    news = []
    for event in events:
        escalation = rows[event.data["escalation"]]
        told = [escalation.owner_id or escalation.waits_for_id, *event.data.get("told", [])]
        news.append(notices.News(event, tickets[event.subject_id], told, urgent=escalation.is_threat))
    notices.tell_many(news, house=House(timezone.now()))


@reaction(
    "ticket.escalation_taken", "ticket.escalation_coached", "ticket.escalation_assigned", "ticket.escalation_declined",
    name="notifications.tell_of_escalation",
)  # fmt: skip
def tell_of_escalation(event: Event) -> None:
    """The one who asked, and who has the ticket now, hear what came of it."""
    escalation = Escalation.objects.get(pk=event.data["escalation"])
    notices.tell(event, _ticket(event), [escalation.raised_by_id, event.data.get("to_agent")])


@reaction_to_many("ticket.sla_warned", "ticket.sla_breached", name="notifications.tell_of_clock")
def tell_of_clock(events: Sequence[Event]) -> None:
    """S4, N1: the owner at 75 %, the supervisor at 90 %, or the next person on duty in their place; at the breach the
    owner and the supervisor who is there, else all above the team: of a critical ticket it is urgent.

    A warning that an outage overtook is history: the breach was told instead.
    """
    now_due = [event for event in events if not event.data.get("overtaken")]
    if not now_due:
        return
    found, house = warnings.matters(now_due, _tickets(now_due)), House(timezone.now())
    house.know({one.team for one in found}, {one.owner_id for one in found if one.owner_id})
    warnings.tell([one for one in found if one.event.kind == "ticket.sla_warned"], house)
    breached = [one for one in found if one.event.kind == "ticket.sla_breached"]
    notices.tell_many([_overdue(one, house) for one in breached], house=house)


def _overdue(one: warnings.Matter, house: House) -> notices.News:
    above = duty.for_supervisor(one.ticket, one.team, house=house, by=None)
    told = [one.owner_id, *(somebody.user_id for somebody in above)]
    return notices.News(one.event, one.ticket, told, urgent=one.ticket.priority >= Priority.URGENT)


@reaction(
    "ticket.promise_due_soon", "ticket.promise_broken", "ticket.promise_released", name="notifications.tell_of_promise"
)
def tell_of_promise(event: Event) -> None:
    """T8: reminds its owner before it is due, or who is there in their place (N1); a broken one goes above, too."""
    ticket = _ticket(event)
    if event.kind == "ticket.promise_due_soon":
        warnings.tell(warnings.matters([event], {ticket.pk: ticket}), House(timezone.now()))
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
