"""From a number in an address to the ticket and its parts; what one may not see does not exist."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import User
from common.kept import Kept
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
    found = _LIVE.rows(user.pk, ticket.requester_id, ticket.pk)
    return Contact.objects.select_related("person").filter(pk=found[0][0]).first() if found else None


def _live(user_id: int, requester_id: int, ticket_id: int) -> QuerySet[Any, Any]:
    """Mostly there is none, so no more than its key is asked for."""
    mine = Contact.objects.filter(
        handled_by=user_id, ended_at=None, channel__in=LIVE_CHANNELS, outcome=Contact.Outcome.TALKED
    )
    with_them = mine.filter(Q(person=requester_id) | Q(tickets=ticket_id))
    return with_them.order_by("-happened_at").values_list("pk")[:1]


_LIVE = Kept(_live, many=3)
