"""One ticket with all that its page shows, in a fixed number of queries, however long its story is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import JSONField, Max, Model, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.http import Http404

from accounts.models import User
from common.kept import MOMENT, Compiled, compiled
from common.prepared import prepared
from customers.models import EmailAddress, Flag, PhoneNumber
from desk.tickets import story
from desk.tickets.bundle import ids_of, join, packed, unpacked
from desk.tickets.flow import Item, arranged, lighten
from desk.tickets.window import Place, Window, window
from events.models import Approval, Event
from feedback.models import Answer
from notifications.models import OutgoingMail
from staff.access import Viewer, viewer
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

EVENTS, PAST = 60, 6
CATCH_UP = 200
"""Events that an open page catches up with piece by piece."""
REARRANGING = ("ticket.absorbed", "ticket.released")
"""Events that move entries between tickets (T11)."""
NEWEST = Place()
OF = OuterRef("pk")
DRAFT = JSONObject(kind="kind", html="html", text="text", seen="seen", version="version", at="updated_at")


@dataclass(slots=True)
class Loaded:
    """A ticket and what stands around it; model instances, their users and teams joined.

    ``seen`` is the newest entry, ``said`` the newest one that stands in the way of who has not read it (T10).
    """

    ticket: Ticket
    seen: int
    said: int = 0
    items: list[Item] = field(default_factory=list)
    window: Window = field(default_factory=Window)
    parts: dict[str, list[Any]] = field(default_factory=dict)
    live: dict[str, Any] | None = None
    past: list[dict[str, Any]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    drafts: list[dict[str, Any]] = field(default_factory=list)
    is_thanked: bool = False
    is_rearranged: bool = False
    """Entries came in among the older ones, or went: to see them the page is loaded anew."""

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


def load(user: User, number: int, *, now: datetime, place: Place = NEWEST) -> Loaded:
    """The ticket of that number as this user sees it, or 404. Seven queries: ticket with its sets, entries, their files
    and mails, events, users, teams; one or two more for another place than the newest."""
    loaded = _found(user, number, now)
    ticket = loaded.ticket
    loaded.window = window(entries_of(ticket, user), place)
    events = _events(ticket, loaded.window.since, loaded.window.until)
    _join(loaded, events)
    loaded.items = arranged(loaded.items, is_newest=loaded.window.later is None)
    ticket.__dict__["_facts"] = (ticket.event_seq, _facts(loaded))
    return loaded


def load_since(user: User, number: int, *, seq: int, entry: int, now: datetime) -> Loaded:
    """The same, with only what came after event ``seq`` and after entry ``entry``, or was changed since: as many
    queries. What commits while we read is left to the next time."""
    loaded = _found(user, number, now)
    ticket = loaded.ticket
    events = list(_all_events(ticket).filter(subject_seq__gt=seq, subject_seq__lte=ticket.event_seq)[:CATCH_UP])
    changed = {event.data["entry"] for event in events if isinstance(event.data.get("entry"), int)}
    entries = entries_of(ticket, user).filter(Q(pk__gt=entry) | Q(pk__in=changed), pk__lte=loaded.seen)
    loaded.window = Window(list(entries.order_by("happened_at", "pk")[:CATCH_UP]))
    _join(loaded, events)
    loaded.is_thanked = ticket.status == Status.RESOLVED and _is_thanked(ticket)
    loaded.is_rearranged = any(event.kind in REARRANGING for event in events)
    ticket.__dict__["_facts"] = (ticket.event_seq, _facts(loaded))
    return loaded


def _found(user: User, number: int, now: datetime) -> Loaded:
    """The ticket with its sets, as this user sees it; or 404."""
    rows = _tickets(user, now).filter(number=number).order_by()
    with prepared("ticket"):
        ticket = next(iter(rows), None) if number < 2**62 else None
    if ticket is None:
        raise Http404
    told: dict[str, Any] = ticket.beside  # type: ignore[attr-defined]
    loaded = Loaded(
        ticket,
        seen=told["last_entry"] or 0,
        said=told["last_said"] or 0,
        live=told["live"],
        past=told["past"],
        tags=told["tag_names"],
        drafts=told["my_drafts"],
    )
    for name, model in _models().items():
        loaded.parts[name] = unpacked(model, told[name])
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
    return Ticket.objects.visible_to(user).select_related(*neighbours).annotate(beside=_ready(user).at(now))


READY: dict[Viewer, Compiled] = {}
MOST_READY = 1000


def _ready(user: User) -> Compiled:
    """All that stands beside a ticket as one column, written as SQL once for each kind of reader in a process."""
    who = viewer(user)
    ready = READY.get(who)
    if ready is None:
        if len(READY) >= MOST_READY:
            READY.clear()
        asked = {name: packed(rows, **more) for name, (rows, more) in _sets(MOMENT).items()} | _singles(user)
        parts = compiled(Ticket.objects.all(), {f"set_{name}": rows for name, rows in asked.items()})
        sql = ", ".join(f"'{name.removeprefix('set_')}', ({part.sql})" for name, part in parts.items())
        params = tuple(value for part in parts.values() for value in part.params)
        ready = READY[who] = Compiled(f"JSONB_BUILD_OBJECT({sql})", params, JSONField())
    return ready


def _singles(user: User) -> dict[str, Any]:
    """The newest entry, the contact that the reader has running with the customer, past tickets, tags."""
    past = Ticket.objects.visible_to(user).filter(requester=OuterRef("requester_id")).exclude(pk=OF)
    past_row = JSONObject(number="number", subject="subject", status="status", opened_at="opened_at")
    mine = Contact.objects.filter(
        handled_by=user, ended_at=None, channel__in=LIVE_CHANNELS, outcome=Contact.Outcome.TALKED
    ).filter(Q(person=OuterRef("requester_id")) | Q(tickets=OF))
    entries = Entry.objects.filter(ticket=OF)
    live = mine.order_by("-happened_at").values(row=JSONObject(pk="pk", channel="channel", at="happened_at"))
    return {
        "last_entry": _newest(entries),
        "last_said": _newest(entries.said_by_others(user)),
        "my_drafts": ArraySubquery(Draft.objects.filter(user=user, ticket=OF).annotate(row=DRAFT).values("row")),
        "live": Subquery(live[:1]),
        "past": ArraySubquery(past.order_by("-opened_at").annotate(row=past_row).values("row")[:PAST]),
        "tag_names": ArraySubquery(Tag.objects.filter(tickets=OF).values("name")),
    }


def _newest(entries: QuerySet[Entry]) -> Subquery:
    return Subquery(entries.order_by().values("ticket").annotate(top=Max("pk")).values("top"))


@cache
def _models() -> dict[str, type[Model]]:
    """What each set is a set of."""
    return {name: rows.model for name, (rows, _more) in _sets(MOMENT).items()}


def _sets(now: datetime) -> dict[str, tuple[QuerySet[Any], dict[str, str]]]:
    """What is loaded beside a ticket: the rows, and which words of their neighbours come along."""
    requester = OuterRef("requester_id")
    return {
        "holds": (
            Hold.objects.filter(ticket=OF).order_by("placed_at"),
            {"reason_name": "reason__name", "reason_side": "reason__side"},
        ),
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
            Clock.objects.filter(ticket=OF, stopped_at=None, cancelled_at=None).order_by("-started_at"),
            {"policy_name": "policy__name", "calendar_name": "hours__calendar__name"},
        ),
        "flags": (Flag.objects.in_force(now).filter(person=requester).order_by("kind"), {}),
        "addresses": (EmailAddress.objects.filter(person=requester).order_by("-is_primary", "pk")[:3], {}),
        "phones": (PhoneNumber.objects.filter(person=requester).order_by("-is_primary", "pk")[:3], {}),
        "answers": (Answer.objects.filter(person=requester).order_by("-answered_at")[:3], {"number": "ticket__number"}),
    }  # fmt: skip


def entries_of(ticket: Ticket, user: User) -> QuerySet[Entry]:
    """What this reader may read of it, with contacts, files and the state of its mails."""
    mails = OutgoingMail.objects.only("entry_id", "status", "recipient").order_by("pk")
    shown = entries_for(ticket, user).select_related("contact__person").defer("search")
    files = Attachment.objects.order_by("pk")
    return shown.prefetch_related(
        Prefetch("attachments", files, to_attr="own_files"), Prefetch("mails", mails, to_attr="own_mails")
    )


def _events(ticket: Ticket, since: datetime | None, until: datetime | None) -> list[Event]:
    thanks = Q(kind="ticket.message_received", data__thanks=True)
    told = thanks | ~Q(kind__in=story.SHOWN_AS_ENTRY)
    events = _all_events(ticket).filter(told)
    if since:
        events = events.filter(happened_at__gte=since)
    if until:
        events = events.filter(happened_at__lt=until)
    return list(events.order_by("-subject_seq")[:EVENTS])[::-1]


def _all_events(ticket: Ticket) -> QuerySet[Event]:
    return Event.objects.filter(subject_kind="ticket", subject_id=ticket.pk).order_by("subject_seq")


def _is_thanked(ticket: Ticket) -> bool:
    """Whether the last thing that the customer said is a bare thank-you (T3)."""
    thanks = _all_events(ticket).filter(kind="ticket.message_received", data__thanks=True)
    return thanks.filter(happened_at__gte=ticket.resolved_at).exists()


def _join(loaded: Loaded, events: list[Event]) -> None:
    """One query for all users that are named anywhere on the page, one for all teams; then all stands in its order."""
    events = [event for event in events if story.is_told(event)]
    ticket, entries = loaded.ticket, loaded.window.entries
    lighten(entries)
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
