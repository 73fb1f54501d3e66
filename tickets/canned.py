"""Canned replies: found by name or shortcut, filled from the ticket they are used on (T9)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.clock import format_when, in_zone
from common.html import html_to_text, sanitise
from common.text import text_to_html
from common.verdict import ALLOWED, Verdict, no
from events.recording import record
from staff.access import viewer
from tickets import clocks
from tickets.lifecycle._parts import speaking_to
from tickets.models import CannedReply, Hold, Promise, Ticket
from tickets.placeholders import Filled, fill, pieces

PLACES = {
    "customer.first_name": _("the name the customer wants to be called by"),
    "customer.name": _("the customer's whole name"),
    "customer.organisation": _("their organisation or department"),
    "ticket.number": _("the number of the ticket"),
    "ticket.subject": _("what the ticket is about"),
    "ticket.due": _("by when they hear from us, on their clock"),
    "ticket.team": _("the team that has the ticket"),
    "agent.name": _("your whole name"),
    "agent.first_name": _("the name you want to be called by"),
    "brand.name": _("the name customers know us by"),
    "today": _("the date of today, where the customer is"),
    "?anything": _("a question that you answer before you send, such as {{ ?date of delivery }}"),
}
"""What may stand between double braces, in words."""


IN_SHORT = {
    "customer.first_name": _("customer's first name"),
    "customer.name": _("customer's name"),
    "customer.organisation": _("customer's organisation"),
    "ticket.number": _("ticket number"),
    "ticket.subject": _("subject"),
    "ticket.due": _("by when they hear from us"),
    "ticket.team": _("team"),
    "agent.name": _("agent's name"),
    "agent.first_name": _("agent's first name"),
    "brand.name": _("our name"),
    "today": _("today's date"),
}
"""The same places as a list of canned replies shows them."""

BEGINNING = 110
"""Characters of a canned reply that a list shows."""


def found(ticket: Ticket, words: str, limit: int = 8) -> list[CannedReply]:
    """What fits these words on this ticket, the customer's language first: one query."""
    language = ticket.language or ticket.requester.language
    rows = CannedReply.objects.offered(ticket.team_id).matching(words[:80])
    return list(rows.best_first(language, words.strip()[:30])[:limit])


def values_for(ticket: Ticket, agent: User, *, at: datetime | None = None) -> dict[str, str]:
    """What the places of a canned reply stand for on this ticket, in the customer's language and on their clock."""
    at, person = at or timezone.now(), ticket.requester
    zone = person.time_zone or settings.TIME_ZONE
    brand = ticket.brand or (ticket.team.brand if ticket.team else None)
    with speaking_to(ticket):
        due = _due(ticket)
        return {
            "customer.first_name": "" if person.is_unknown else person.greeting_name,
            "customer.name": person.name,
            "customer.organisation": str(person.organisation or person.department or ""),
            "ticket.number": str(ticket.number),
            "ticket.subject": ticket.subject,
            "ticket.due": format_when(due, zone) if due else "",
            "ticket.team": str(ticket.team or ""),
            "agent.name": agent.name,
            "agent.first_name": agent.called or agent.name.split(" ")[0],
            "brand.name": str(brand or ""),
            "today": date_format(in_zone(at, zone), "DATE_FORMAT"),
        }


def filled(reply: CannedReply, ticket: Ticket, *, by: User) -> Filled:
    """The reply as it reads on this ticket; what cannot be filled waits for the agent."""
    return fill(reply.text, reply.html, values_for(ticket, by))


def offered_on(ticket: Ticket, words: str, *, by: User) -> list[tuple[CannedReply, list[tuple[str, bool]]]]:
    """What ``found`` finds, each with how it begins on this ticket."""
    rows = found(ticket, words)
    values = values_for(ticket, by) if rows else {}
    return [(row, begins(row, values)) for row in rows]


def begins(reply: CannedReply, values: dict[str, str] | None = None) -> list[tuple[str, bool]]:
    """How it begins, in pieces, with what is known filled in and the places that are left in words."""
    text = fill(" ".join(reply.text.split()), "", values or {}).text
    left = BEGINNING
    begun: list[tuple[str, bool]] = []
    for piece, is_place in pieces(text, IN_SHORT):
        if left <= 0:
            break
        begun.append((piece if is_place or len(piece) <= left else f"{piece[:left].rstrip()} …", is_place))
        left -= len(piece)
    return begun


def count_use(reply: CannedReply) -> None:
    """It was put into an answer: often used ones stand first."""
    CannedReply.objects.filter(pk=reply.pk).update(times_used=F("times_used") + 1)


def may_change(user: User, reply: CannedReply | None = None) -> Verdict:
    """Who leads: admins, managers and supervisors of the desk all of them, a team's supervisor their team's."""
    who = viewer(user)
    if who.is_admin or who.is_manager or who.supervises(None):
        return ALLOWED
    if who.is_supervisor and (reply is None or reply.team_id in who.supervised_team_ids):
        return ALLOWED
    return no(gettext("Supervisors and managers change canned replies."), code="not_a_leader", field="team")


@transaction.atomic
def write(reply: CannedReply, *, by: User, html: str = "", text: str = "", **fields: Any) -> CannedReply:
    """Make or change one: the markup is made safe, its text derived; the event tells which fields, no words."""
    if reply.pk is not None:
        may_change(by, reply).demand()  # as it was: nobody takes another team's by giving it to their own
    for name, value in fields.items():
        setattr(reply, name, value)
    reply.html = sanitise(html) if html else text_to_html(text)
    reply.text = html_to_text(reply.html)
    may_change(by, reply).demand()
    reply.changed_at, reply.changed_by = timezone.now(), by
    if reply.pk is None:
        reply.save(force_insert=True)
    else:
        reply.save(update_fields=[*fields, "html", "text", "changed_at", "changed_by"])
    record(reply, "settings.changed", by=by, at=reply.changed_at, fields=[*fields, "html"])
    return reply


def _due(ticket: Ticket) -> datetime | None:
    """By when we said that they hear from us: an answer, the end of a hold, a promise; whichever comes first."""
    moments = [
        clocks.latest_answer_at(ticket),
        *Hold.objects.filter(ticket=ticket, ended_at=None).values_list("until", flat=True),
        *Promise.objects.filter(ticket=ticket, status=Promise.Status.OPEN).values_list("due_at", flat=True),
    ]
    return min((at for at in moments if at), default=None)
