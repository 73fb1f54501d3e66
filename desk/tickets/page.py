"""One ticket with all that its page shows, in a fixed number of queries, however long its story is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Max, Model, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.http import Http404

from accounts.models import User
from common import paging
from customers.models import EmailAddress, Flag, PhoneNumber
from desk.tickets import story
from desk.tickets.bundle import MOMENT, Compiled, compiled, ids_of, join, packed, unpacked
from events.models import Approval, Event
from feedback.models import Answer
from notifications.models import OutgoingMail
from staff.access import viewer
from staff.models import Team
from tickets.models import (
    LIVE_CHANNELS,
    Attachment,
    Clock,
    Closure,
    ComplaintStep,
    Contact,
    Draft,
    Entry,
    Escalation,
    EscalationReason,
    FollowUp,
    Hold,
    Participant,
    Promise,
    Status,
    Tag,
    Ticket,
    TicketLink,
    TicketMerge,
    Transfer,
)
from tickets.policy.facts import Facts
from tickets.visibility import entries_for

ENTRIES, EVENTS, PAST = 50, 120, 6
ORDER = ("-happened_at", "-pk")
OF = OuterRef("pk")
DRAFT = JSONObject(kind="kind", html="html", text="text", seen="seen", version="version", at="updated_at")


@dataclass(slots=True)
class Item:
    """One thing of the conversation: an entry, or the line of an event."""

    at: datetime
    entry: Entry | None = None
    line: story.Line | None = None
    day: bool = False


@dataclass(slots=True)
class Loaded:
    """A ticket and what stands around it; model instances, their users and teams joined."""

    ticket: Ticket
    seen: int
    items: list[Item] = field(default_factory=list)
    earlier: str | None = None
    parts: dict[str, list[Any]] = field(default_factory=dict)
    is_thanked: bool = False

    def __getitem__(self, name: str) -> list[Any]:
        return self.parts[name]

    def first(self, name: str, **having: Any) -> Any:
        """The first row of a set that has these values; None when there is none."""
        rows = self.parts[name]
        return next((row for row in rows if all(getattr(row, key) == value for key, value in having.items())), None)

    @property
    def hold(self) -> Hold | None:
        """The hold that runs."""
        return self.first("holds", ended_at=None)

    @property
    def transfer(self) -> Transfer | None:
        """The transfer that waits to be accepted."""
        return self.first("transfers", status=Transfer.Status.WAITING)

    @property
    def escalation(self) -> Escalation | None:
        """The open escalation."""
        return next((one for one in self.parts["escalations"] if one.status in Escalation.OPEN), None)

    @property
    def promises(self) -> list[Promise]:
        """Open promises, the soonest first."""
        return [one for one in self.parts["promises"] if one.status == Promise.Status.OPEN]

    @property
    def closure(self) -> Closure | None:
        """The last time we asked whether it is solved."""
        return self.parts["closures"][0] if self.parts["closures"] else None


def load(user: User, number: int, *, after: str | None, now: datetime) -> Loaded:
    """The ticket of that number as this user sees it, or 404. Seven queries: ticket with its sets, entries, their files
    and mails, events, users, teams."""
    loaded = _found(user, number, now)
    ticket = loaded.ticket
    page = paging.page(_entries(ticket, user), order=ORDER, after=after, size=ENTRIES)
    loaded.earlier = page.next_cursor
    entries = page.items[::-1]
    since = entries[0].happened_at if entries and page.next_cursor else None
    until = entries[-1].happened_at if entries and after else None
    _join(loaded, _events(ticket, since, until), entries)
    ticket.__dict__["_facts"] = (ticket.event_seq, _facts(loaded))
    return loaded


def load_since(user: User, number: int, *, seq: int, entry: int, now: datetime) -> Loaded:
    """The same, with only what came after event ``seq`` and after entry ``entry``, or was changed since: as many
    queries. What commits while we read is left to the next time."""
    loaded = _found(user, number, now)
    ticket = loaded.ticket
    events = list(_all_events(ticket).filter(subject_seq__gt=seq, subject_seq__lte=ticket.event_seq)[: EVENTS * 2])
    changed = {event.data["entry"] for event in events if isinstance(event.data.get("entry"), int)}
    entries = _entries(ticket, user).filter(Q(pk__gt=entry) | Q(pk__in=changed), pk__lte=loaded.seen)
    told = [event for event in events if event.kind not in story.SHOWN_AS_ENTRY or event.data.get("thanks")]
    _join(loaded, told, list(entries.order_by("happened_at", "pk")[: EVENTS * 2]))
    loaded.is_thanked = ticket.status == Status.RESOLVED and _is_thanked(ticket)
    ticket.__dict__["_facts"] = (ticket.event_seq, _facts(loaded))
    return loaded


def _found(user: User, number: int, now: datetime) -> Loaded:
    """The ticket with its sets, as this user sees it; or 404."""
    ticket = _tickets(user, now).filter(number=number).first() if number < 2**62 else None
    if ticket is None:
        raise Http404
    loaded = Loaded(ticket, seen=ticket.last_entry or 0)  # type: ignore[attr-defined]
    for name, (model, _sql) in _ready().items():
        loaded.parts[name] = unpacked(model, getattr(ticket, f"set_{name}"))
    _leave_out_hidden(loaded, user)
    return loaded


def _leave_out_hidden(loaded: Loaded, user: User) -> None:
    """Of other tickets only those that the reader may see: a subject tells enough (T13). No query for most readers."""
    who = viewer(user)
    ends = {"links_out": "target_id", "links_in": "source_id", "merges": "source_id", "answers": "ticket_id"}
    pks = {getattr(row, end) for name, end in ends.items() for row in loaded.parts[name]} - {loaded.ticket.pk}
    if not pks or not (who.is_third_party or who.hidden_team_ids):
        return
    seen = {loaded.ticket.pk, *Ticket.objects.visible_to(user).filter(pk__in=pks).values_list("pk", flat=True)}
    for name, end in ends.items():
        loaded.parts[name] = [row for row in loaded.parts[name] if getattr(row, end) in seen]


def _facts(loaded: Loaded) -> Facts:
    """What the policies decide from, as it was loaded: they ask the database nothing a second time."""
    escalation = loaded.escalation
    return Facts(
        hold_runs=loaded.hold is not None,
        transfer_waits=loaded.transfer is not None,
        approval_waits=loaded.first("approvals", answer=Approval.Answer.WAITING) is not None,
        promise_open=bool(loaded.promises),
        follow_up_due=loaded.first("follow_ups", status=FollowUp.Status.DUE) is not None,
        escalation_open=escalation is not None,
        escalation_owner_id=escalation.owner_id if escalation else None,
        escalation_waits_for_id=escalation.waits_for_id if escalation else None,
        steps=frozenset(step.step for step in loaded["steps"]),
    )


def _tickets(user: User, now: datetime) -> QuerySet[Ticket]:
    neighbours = ("requester__organisation", "requester__department", "organisation", "team", "assignee", "category")
    sets = {f"set_{name}": sql.at(now) for name, (_model, sql) in _ready().items()}
    past = Ticket.objects.visible_to(user).filter(requester=OuterRef("requester_id")).exclude(pk=OF)
    past_row = JSONObject(number="number", subject="subject", status="status", opened_at="opened_at")
    mine = Contact.objects.filter(
        handled_by=user, ended_at=None, channel__in=LIVE_CHANNELS, outcome=Contact.Outcome.TALKED
    ).filter(Q(person=OuterRef("requester_id")) | Q(tickets=OF))
    last = Entry.objects.filter(ticket=OF).order_by().values("ticket").annotate(top=Max("pk")).values("top")
    return (
        Ticket.objects.visible_to(user)
        .select_related(*neighbours)
        .annotate(
            **sets,
            last_entry=Subquery(last),
            my_drafts=ArraySubquery(Draft.objects.filter(user=user, ticket=OF).annotate(row=DRAFT).values("row")),
            live_id=Subquery(mine.order_by("-happened_at").values("pk")[:1]),
            live_row=Subquery(
                mine.order_by("-happened_at").values(row=JSONObject(channel="channel", at="happened_at"))[:1]
            ),
            past=ArraySubquery(past.order_by("-opened_at").annotate(row=past_row).values("row")[:PAST]),
            tag_names=ArraySubquery(Tag.objects.filter(tickets=OF).values("name")),
        )
    )


@cache
def _ready() -> dict[str, tuple[type[Model], Compiled]]:
    """The sets as SQL, worked out once in a process."""
    sets = _sets(MOMENT)
    sql = compiled(Ticket.objects.all(), {f"set_{name}": packed(rows, **more) for name, (rows, more) in sets.items()})
    return {name: (rows.model, sql[f"set_{name}"]) for name, (rows, _more) in sets.items()}


def _sets(now: datetime) -> dict[str, tuple[QuerySet[Any], dict[str, str]]]:
    """What is loaded beside a ticket: the rows, and which words of their neighbours come along."""
    requester = OuterRef("requester_id")
    return {
        "holds": (Hold.objects.filter(ticket=OF).order_by("placed_at"), {"reason_name": "reason__name"}),
        "transfers": (Transfer.objects.filter(ticket=OF).order_by("-sent_at")[:10], {}),
        "escalations": (Escalation.objects.filter(ticket=OF).order_by("-raised_at")[:5], {}),
        "reasons": (EscalationReason.objects.filter(escalation__ticket=OF).order_by("raised_at"), {}),
        "promises": (Promise.objects.filter(ticket=OF).order_by("due_at", "pk"), {}),
        "follow_ups": (FollowUp.objects.filter(ticket=OF).order_by("-created_at")[:3], {}),
        "closures": (Closure.objects.filter(ticket=OF).order_by("-asked_at", "-pk")[:3], {}),
        "approvals": (
            Approval.objects.filter(subject_kind="ticket", subject_id=OF).order_by("-asked_at")[:10], {},
        ),
        "steps": (ComplaintStep.objects.filter(ticket=OF, dropped_at=None).order_by("taken_at"), {}),
        "participants": (Participant.objects.filter(ticket=OF).order_by("since"), {"name": "person__name"}),
        "links_out": (
            TicketLink.objects.filter(source=OF), {"number": "target__number", "subject": "target__subject"},
        ),
        "links_in": (
            TicketLink.objects.filter(target=OF), {"number": "source__number", "subject": "source__subject"},
        ),
        "merges": (
            TicketMerge.objects.filter(target=OF, undone_at=None),
            {"number": "source__number", "subject": "source__subject"},
        ),
        "clocks": (
            Clock.objects.filter(ticket=OF, cancelled_at=None).order_by("-started_at")[:8],
            {"policy_name": "policy__name", "calendar_name": "calendar__name"},
        ),
        "flags": (Flag.objects.in_force(now).filter(person=requester).order_by("kind"), {}),
        "addresses": (EmailAddress.objects.filter(person=requester).order_by("-is_primary", "pk")[:3], {}),
        "phones": (PhoneNumber.objects.filter(person=requester).order_by("-is_primary", "pk")[:3], {}),
        "answers": (Answer.objects.filter(person=requester).order_by("-answered_at")[:3], {"number": "ticket__number"}),
    }  # fmt: skip


def _entries(ticket: Ticket, user: User) -> QuerySet[Entry]:
    mails = OutgoingMail.objects.only("entry_id", "status", "recipient").order_by("pk")
    files = Attachment.objects.order_by("pk")
    shown = entries_for(ticket, user).select_related("contact").defer("search")
    return shown.prefetch_related(Prefetch("attachments", files), Prefetch("mails", mails))


def _events(ticket: Ticket, since: datetime | None, until: datetime | None) -> list[Event]:
    thanks = Q(kind="ticket.message_received", data__thanks=True)
    told = thanks | ~Q(kind__in=story.SHOWN_AS_ENTRY)
    events = _all_events(ticket).filter(told)
    if since:
        events = events.filter(happened_at__gte=since)
    if until:
        events = events.filter(happened_at__lte=until)
    return list(events.order_by("-subject_seq")[:EVENTS])[::-1]


def _all_events(ticket: Ticket) -> QuerySet[Event]:
    return Event.objects.filter(subject_kind="ticket", subject_id=ticket.pk).order_by("subject_seq")


def _is_thanked(ticket: Ticket) -> bool:
    """Whether the last thing that the customer said is a bare thank-you (T3)."""
    thanks = _all_events(ticket).filter(kind="ticket.message_received", data__thanks=True)
    return thanks.filter(happened_at__gte=ticket.resolved_at).exists()


def _join(loaded: Loaded, events: list[Event], entries: list[Entry]) -> None:
    """One query for all users that are named anywhere on the page, one for all teams; then all stands in its order."""
    ticket = loaded.ticket
    rows = [row for rows in loaded.parts.values() for row in rows]
    users, teams = story.ids_in(events)
    users |= ids_of(rows, User)
    teams |= ids_of(rows, Team)
    colleagues = User.objects.in_bulk(users - {ticket.assignee_id})
    if ticket.assignee:
        colleagues[ticket.assignee.pk] = ticket.assignee
    houses = Team.objects.in_bulk(teams | {ticket.team_id or 0})
    join(rows, colleagues, User)
    join(rows, houses, Team)
    for row in rows:
        if isinstance(row, (Escalation, Promise, Transfer, Closure)):
            row.ticket = ticket
    names = story.Names(colleagues, houses, str(ticket.requester))
    items = [Item(at=entry.happened_at, entry=entry) for entry in entries]
    items += [Item(at=event.happened_at, line=story.line(event, names)) for event in events]
    items.sort(key=lambda item: (item.at, item.entry is None))
    loaded.items = items
    thanked = [event.happened_at for event in events if event.data.get("thanks")]
    loaded.is_thanked = bool(thanked and ticket.resolved_at and max(thanked) >= ticket.resolved_at)
