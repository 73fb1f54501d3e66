"""From a number in an address to the ticket and its parts; what one may not see does not exist."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import User
from desk.access import staff_of
from tickets.models import LIVE_CHANNELS, Contact, Ticket

Part = TypeVar("Part", bound=Model)


def found(request: HttpRequest, number: int) -> Ticket:
    """The ticket of that number, if this member of staff may see it; else 404 (T13)."""
    if number > 2**62:
        raise Http404
    tickets = Ticket.objects.visible_to(staff_of(request)).select_related("requester", "team", "assignee")
    return get_object_or_404(tickets, number=number)


def part(rows: QuerySet[Part], ticket: Ticket, pk: int) -> Part:
    """A row that belongs to this ticket; another ticket's is not there."""
    if pk > 2**62:
        raise Http404
    return get_object_or_404(rows, pk=pk, ticket=ticket)


def live_contact(user: User, ticket: Ticket) -> Contact | None:
    """The call, visit or chat that this user has running with the customer of the ticket: acts name it (H1)."""
    mine = Contact.objects.filter(
        handled_by=user, ended_at=None, channel__in=LIVE_CHANNELS, outcome=Contact.Outcome.TALKED
    )
    with_them = mine.filter(Q(person=ticket.requester_id) | Q(tickets=ticket))
    return with_them.select_related("person").order_by("-happened_at").first()
