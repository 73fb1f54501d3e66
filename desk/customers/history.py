"""Everything known about a customer (C3), in a fixed number of queries, as the reader may see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Left
from django.utils.translation import gettext as _

from accounts.models import User
from common.text import snippet
from customers.models import EmailAddress, Flag, Person, PersonMerge, PhoneNumber, Purchase
from desk.customers.people import is_oneself
from feedback.models import Answer
from tickets.models import ACTIVE, Contact, Entry, Hold, Participant, Promise, Ticket, Transfer

MANY = 30
LATEST = 40
CHANNEL_ICONS = {
    "email": "mail", "web": "globe", "phone": "phone", "in_person": "store", "letter": "file-text",
    "chat": "message-circle", "api": "code",
}  # fmt: skip


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


def of(person: Person, user: User, *, now: datetime) -> History:
    """Load it: the queries are the same whatever there is."""
    internal = not is_oneself(user, person)
    seen = Ticket.objects.visible_to(user).filter(is_spam=False, trashed_at=None)
    taking_part = Participant.objects.filter(person=person).order_by("-pk").values_list("ticket", flat=True)
    theirs = seen.filter(
        Q(requester=person) | Q(pk__in=list(taking_part[:200]))
    )  # as a list, so that indexes serve both
    ids = theirs.order_by().values("pk")
    tickets = list(theirs.select_related("assignee", "team", "category").order_by("-opened_at", "-pk")[:MANY])
    acts = {"ticket__in": ids, "ticket__requester": person}
    history = History(
        person=person,
        addresses=list(person.addresses.order_by("-is_primary", "pk")),
        phones=list(person.phones.order_by("-is_primary", "pk")),
        flags=list(person.flags.select_related("set_by", "lifted_by").order_by("-set_at")[:MANY] if internal else ()),
        tickets=tickets,
        contacts=_contacts(person, ids, internal),
        promises=_newest(Promise.objects.filter(**acts).select_related("ticket", "owner"), "made_at"),
        holds=_newest(Hold.objects.filter(**acts).select_related("ticket", "reason", "placed_by"), "placed_at"),
        transfers=_newest(Transfer.objects.filter(**acts).select_related("ticket", "to_team", "sender"), "sent_at"),
        answers=_newest(Answer.objects.filter(person=person, ticket__in=ids).select_related("ticket"), "answered_at"),
        purchases=list(_purchases(person)),
        merges=list(person.merges.select_related("source", "merged_by").order_by("-merged_at")[:MANY]),
        may_see_internal=internal,
        now=now,
    )
    history.story = sorted(_story(history), key=lambda moment: moment.at, reverse=True)[:LATEST]
    return history


def _newest(rows: QuerySet[Any], when: str) -> list[Any]:
    return list(rows.order_by(f"-{when}", "-pk")[:MANY])


def _contacts(person: Person, ids: Any, internal: bool) -> list[Contact]:
    """Contacts with what was said: on tickets the reader sees, or on none."""
    seen = Ticket.objects.filter(pk__in=ids)
    said = Entry.objects.filter(ticket__in=ids).public().annotate(beginning=Left("text", 400)).defer("text", "html")
    rows = Contact.objects.filter(person=person).filter(Q(tickets=None) | Q(tickets__in=ids)).distinct()
    rows = rows.select_related("handled_by").prefetch_related(
        Prefetch("tickets", seen.only("number", "subject", "public_id"), to_attr="seen_tickets"),
        Prefetch("entries", said.order_by("happened_at", "pk"), to_attr="said"),
    )
    return list(rows.order_by("-happened_at", "-pk")[:MANY])


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
    made = (_of_contacts, _of_tickets, _of_acts, _of_answers, _of_flags, _of_merges)
    return [moment for make in made for moment in make(history)]


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
                   str(contact.handled_by or ""), tuple(_loaded(contact, "seen_tickets")))
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
