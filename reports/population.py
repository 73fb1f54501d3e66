"""Which rows a report is about: tickets by when they were opened, and what hangs on them."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet

from reports.periods import Period
from tickets.models import Clock, Ticket

Teams = Collection[int] | None
"""The teams a reader may see; None for all."""


def tickets_opened(period: Period, teams: Teams = None) -> QuerySet[Ticket]:
    """Tickets opened in the half-open period; merged ones, spam and trash left out."""
    tickets = Ticket.objects.counted().filter(opened_at__gte=period.start, opened_at__lt=period.end)
    return tickets if teams is None else tickets.filter(team__in=teams)


def clocks_of(period: Period, teams: Teams = None) -> QuerySet[Clock]:
    """The counted clocks of those tickets; a stopped one belongs to the team it was stopped in."""
    clocks = Clock.objects.filter(cancelled_at=None, ticket__in=tickets_opened(period))
    if teams is None:
        return clocks
    stopped = Q(stopped_at__isnull=False, team__in=teams)
    return clocks.filter(stopped | Q(stopped_at=None, ticket__team__in=teams))


def open_tickets(teams: Teams = None) -> QuerySet[Ticket]:
    """Tickets still to be met now, whenever they were opened."""
    tickets = Ticket.objects.active()
    return tickets if teams is None else tickets.filter(team__in=teams)
