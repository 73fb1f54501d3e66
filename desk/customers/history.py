"""Everything known about a customer (C3), in a fixed number of queries, as the reader may see it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Left
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from common.clock import in_zone
from common.errors import Malformed
from common.text import snippet
from customers.models import EmailAddress, Flag, Person, PersonMerge, PhoneNumber, Purchase
from desk.customers.people import is_oneself
from feedback.models import Answer
from tickets.models import ACTIVE, Contact, Entry, Hold, Participant, Promise, Ticket, Transfer

MANY = 30
LATEST = 20
CHANNEL_ICONS = {
    "email": "mail", "web": "globe", "phone": "phone", "in_person": "store", "letter": "file-text",
    "chat": "message-circle", "api": "code",
}  # fmt: skip


CHANNELS = {"calls": ("phone",), "messages": ("email", "web", "chat", "api"), "visits": ("in_person", "letter")}
KIND_OF = {channel: kind for kind, channels in CHANNELS.items() for channel in channels}
KINDS: dict[str, str | Lazy] = {
    "": gettext_lazy("Everything"),
    "calls": gettext_lazy("Calls"),
    "messages": gettext_lazy("Messages"),
    "visits": gettext_lazy("Visits and letters"),
    "tickets": gettext_lazy("Tickets"),
    "words": gettext_lazy("Promises, holds, transfers"),
    "answers": gettext_lazy("Surveys"),
    "record": gettext_lazy("Flags and merges"),
}
"""What the story can be narrowed to."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the story: when, what, about which ticket, by whom."""

    at: datetime
    icon: str
    title: str
    text: str = ""
    who: str = ""
    tickets: tuple[Ticket, ...] = ()
    tone: str = ""
    kind: str = ""


@dataclass(slots=True)
class History:
    """What the page shows. Lists hold the newest ``MANY``."""

    person: Person
    addresses: list[EmailAddress]
    phones: list[PhoneNumber]
    flags: list[Flag]
    tickets: list[Ticket]
    contacts: list[Contact]
    promises: list[Promise]
    holds: list[Hold]
    transfers: list[Transfer]
    answers: list[Answer]
    purchases: list[Purchase]
    merges: list[PersonMerge]
    now: datetime
    may_see_internal: bool = True
    story: list[Moment] = field(default_factory=list)
    earlier: datetime | None = None

    @property
    def their_time(self) -> datetime | None:
        """What their clock shows; None where we do not know their zone."""
        if not self.person.time_zone:
            return None
        try:
            return in_zone(self.now, self.person.time_zone)
        except Malformed:
            return None

    @property
    def is_night(self) -> bool:
        """One does not ring them up now."""
        there = self.their_time
        return there is not None and not 8 <= there.hour < 21

    @property
    def flags_in_force(self) -> list[Flag]:
        """Shown first, before anything else is read (C4)."""
        return [flag for flag in self.flags if flag.lifted_at is None and flag.expires_at > self.now]

    @property
    def flags_before(self) -> list[Flag]:
        return [flag for flag in self.flags if flag not in self.flags_in_force]

    @property
    def open_tickets(self) -> list[Ticket]:
        return [ticket for ticket in self.tickets if ticket.status in ACTIVE]

    @property
    def past_tickets(self) -> list[Ticket]:
        return [ticket for ticket in self.tickets if ticket.status not in ACTIVE]

    @property
    def open_promises(self) -> list[Promise]:
        return sorted((one for one in self.promises if one.status == Promise.Status.OPEN), key=lambda one: one.due_at)


def of(person: Person, user: User, *, now: datetime, show: str = "", before: datetime | None = None) -> History:
    """Load it: the queries are the same whatever there is. ``show`` names one of ``KINDS`` for the story alone,
    ``before`` asks for its older part."""
    internal = not is_oneself(user, person)
    seen = Ticket.objects.visible_to(user).filter(is_spam=False, trashed_at=None)
    taking_part = Participant.objects.filter(person=person).order_by("-pk").values_list("ticket", flat=True)
    theirs = seen.filter(
        Q(requester=person) | Q(pk__in=list(taking_part[:200]))
    )  # as a list, so that indexes serve both
    ids = theirs.order_by().values("pk")
    if before is not None:
        theirs = theirs.filter(opened_at__lt=before)
    tickets = list(theirs.select_related("assignee", "team", "category").order_by("-opened_at", "-pk")[:MANY])
    acts = {"ticket__in": ids, "ticket__requester": person}
    history = History(
        person=person,
        addresses=list(person.addresses.order_by("-is_primary", "pk")),
        phones=list(person.phones.order_by("-is_primary", "pk")),
        flags=list(person.flags.select_related("set_by", "lifted_by").order_by("-set_at")[:MANY] if internal else ()),
        tickets=tickets,
        contacts=_contacts(person, ids, show, before),
        promises=_newest(Promise.objects.filter(**acts).select_related("ticket", "owner"), "made_at", before),
        holds=_newest(Hold.objects.filter(**acts).select_related("ticket", "reason", "placed_by"), "placed_at", before),
        transfers=_newest(
            Transfer.objects.filter(**acts).select_related("ticket", "to_team", "sender"), "sent_at", before
        ),
        answers=_newest(
            Answer.objects.filter(person=person, ticket__in=ids).select_related("ticket"), "answered_at", before
        ),
        purchases=list(_purchases(person)),
        merges=list(person.merges.select_related("source", "merged_by").order_by("-merged_at")[:MANY]),
        may_see_internal=internal,
        now=now,
    )
    _tell(history, show, before)
    return history


def _tell(history: History, show: str, before: datetime | None) -> None:
    """The story, newest first, as far back as every list reaches; ``earlier`` says where the rest begins."""
    floor = max((rows[-1] for rows in _times(history, show) if len(rows) == MANY), default=None)
    told = [
        moment
        for moment in _story(history)
        if (not show or moment.kind == show) and (before is None or moment.at < before)
    ]
    told.sort(key=lambda moment: moment.at, reverse=True)
    whole = [moment for moment in told if floor is None or moment.at > floor] or told
    last = whole[min(LATEST, len(whole)) - 1].at if whole else None
    history.story = [moment for moment in whole if last is not None and moment.at >= last]  # never between equals
    if len(history.story) < len(told) or floor is not None:
        history.earlier = last


def _times(history: History, show: str) -> list[list[datetime]]:
    """When the rows of each list that the story draws on were, newest first."""
    times = {
        "tickets": [[row.opened_at for row in history.tickets]],
        "contacts": [[row.happened_at for row in history.contacts]],
        "words": [
            [row.made_at for row in history.promises],
            [row.placed_at for row in history.holds],
            [row.sent_at for row in history.transfers],
        ],
        "answers": [[row.answered_at for row in history.answers]],
    }
    wanted = "contacts" if show in CHANNELS else show
    return [rows for kind, lists in times.items() if wanted in ("", kind) for rows in lists]


def _newest(rows: QuerySet[Any], when: str, before: datetime | None) -> list[Any]:
    if before is not None:
        rows = rows.filter(**{f"{when}__lt": before})
    return list(rows.order_by(f"-{when}", "-pk")[:MANY])


def _contacts(person: Person, ids: Any, show: str, before: datetime | None) -> list[Contact]:
    """Contacts with what was said: on tickets the reader sees, or on none."""
    seen = Ticket.objects.filter(pk__in=ids)
    said = Entry.objects.filter(ticket__in=ids).public().annotate(beginning=Left("text", 400)).defer("text", "html")
    rows = Contact.objects.filter(person=person).filter(Q(tickets=None) | Q(tickets__in=ids)).distinct()
    if show in CHANNELS:
        rows = rows.filter(channel__in=CHANNELS[show])
    rows = rows.select_related("handled_by").prefetch_related(
        Prefetch("tickets", seen.only("number", "subject", "public_id"), to_attr="seen_tickets"),
        Prefetch("entries", said.order_by("happened_at", "pk"), to_attr="said"),
    )
    return _newest(rows, "happened_at", before)


def _loaded(contact: Contact, name: str) -> list[Any]:
    """What ``_contacts`` loaded beside it."""
    rows: list[Any] = getattr(contact, name)
    return rows


def _purchases(person: Person) -> Any:
    owned = Q(person=person)
    if person.organisation_id:
        owned |= Q(organisation=person.organisation_id)
    return Purchase.objects.filter(owned)[:MANY]


def _story(history: History) -> list[Moment]:
    made = {
        "": _of_contacts, "tickets": _of_tickets, "words": _of_acts, "answers": _of_answers, "record": _of_record,
    }  # fmt: skip
    return [replace(moment, kind=kind or moment.kind) for kind, make in made.items() for moment in make(history)]


def _of_record(history: History) -> list[Moment]:
    return [*_of_flags(history), *_of_merges(history)]


def _of_contacts(history: History) -> list[Moment]:
    moments = []
    for contact in history.contacts:
        said = next((entry.beginning for entry in _loaded(contact, "said") if entry.beginning.strip()), "")
        text = snippet(said, 180)
        if contact.agreed and history.may_see_internal:
            text = f"{text} · {_('Agreed')}: {snippet(contact.agreed, 140)}" if text else snippet(contact.agreed, 180)
        title = _("%(channel)s, %(direction)s") % {
            "channel": contact.get_channel_display(),
            "direction": contact.get_direction_display().lower(),
        }
        if contact.outcome in (Contact.Outcome.MISSED, Contact.Outcome.VOICEMAIL):
            title = f"{title} ({contact.get_outcome_display().lower()})"
        moments.append(
            Moment(contact.happened_at, CHANNEL_ICONS.get(contact.channel, "mail"), title, text,
                   str(contact.handled_by or ""), tuple(_loaded(contact, "seen_tickets")),
                   kind=KIND_OF[contact.channel])
        )  # fmt: skip
    return moments


def _of_tickets(history: History) -> list[Moment]:
    moments = [
        Moment(one.resolved_at, "check", _("Resolved"), one.subject, "", (one,), "good")
        for one in history.tickets
        if one.resolved_at
    ]
    told = {ticket.pk for contact in history.contacts for ticket in _loaded(contact, "seen_tickets")}
    opened = [one for one in history.tickets if one.pk not in told]
    return moments + [Moment(one.opened_at, "inbox", _("Ticket opened"), one.preview, "", (one,)) for one in opened]


def _of_acts(history: History) -> list[Moment]:
    moments = [
        Moment(one.placed_at, "pause", _("On hold: %(outcome)s") % {"outcome": one.get_outcome_display().lower()},
               one.reason.name, str(one.placed_by), (one.ticket,),
               "bad" if one.outcome == Hold.Outcome.BROKEN else "")
        for one in history.holds
    ]  # fmt: skip
    moments += [
        Moment(one.made_at, "handshake", _("Promised: %(what)s (%(state)s)")
               % {"what": one.get_kind_display(), "state": one.get_status_display().lower()},
               one.text, str(one.owner), (one.ticket,),
               "bad" if one.status in (Promise.Status.BROKEN, Promise.Status.LATE) else "")
        for one in history.promises
    ]  # fmt: skip
    return moments + [
        Moment(one.sent_at, "forward", _("Passed on to %(team)s (%(state)s)")
               % {"team": one.to_team, "state": one.get_status_display().lower()},
               one.get_reason_display(), str(one.sender), (one.ticket,))
        for one in history.transfers
    ]  # fmt: skip


def _of_answers(history: History) -> list[Moment]:
    return [
        Moment(one.answered_at, "star", _("Survey: %(score)s of 5") % {"score": one.score}, snippet(one.comment, 180),
               "", (one.ticket,), "bad" if one.score <= 2 else "good" if one.score >= 4 else "")
        for one in history.answers
    ]  # fmt: skip


def _of_flags(history: History) -> list[Moment]:
    moments = []
    for flag in history.flags:
        name = flag.get_kind_display()
        title = _("Flagged: %(flag)s") % {"flag": name}
        moments.append(Moment(flag.set_at, "flag", title, snippet(flag.reason, 180), str(flag.set_by), (), "warn"))
        if flag.lifted_at:
            title = _("Flag lifted: %(flag)s") % {"flag": name}
            moments.append(Moment(flag.lifted_at, "flag-off", title, "", str(flag.lifted_by or "")))
    return moments


def _of_merges(history: History) -> list[Moment]:
    title = _("Another record became part of this one")
    return [Moment(one.merged_at, "merge", title, str(one.source), str(one.merged_by)) for one in history.merges]
