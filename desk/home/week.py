"""How somebody stands over the last seven days (P2): their own figures, for their own eyes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from accounts.models import User
from tickets.clocks import RESPONSES
from tickets.models import Clock, Promise, Ticket


@dataclass(frozen=True, slots=True)
class Week:
    """How somebody stands over the last seven days (P2); None where there is nothing to count."""

    met: int
    answered: int
    kept: int
    promised: int
    confirmed: int

    @property
    def percent(self) -> int | None:
        """Answers in time, of a hundred."""
        return round(100 * self.met / self.answered) if self.answered else None


def week(user: User, at: datetime) -> Week:
    """Answers in time, promises kept, cases the customer confirmed: three queries."""
    since = at - timedelta(days=7)
    stopped = Clock.objects.filter(agent=user, stopped_at__gte=since, metric__in=RESPONSES)
    clocks = stopped.aggregate(all=Count("pk"), late=Count("pk", filter=Q(breached_at__isnull=False)))
    settled = Promise.objects.filter(
        owner=user, settled_at__gte=since, status__in=(Promise.Status.KEPT, Promise.Status.LATE, Promise.Status.BROKEN)
    ).aggregate(all=Count("pk"), kept=Count("pk", filter=Q(status=Promise.Status.KEPT)))
    confirmed = Ticket.objects.filter(
        resolved_by=user, closed_at__gte=since, closure_cause__in=("confirmed", "confirmed_by_phone")
    ).count()
    return Week(clocks["all"] - clocks["late"], clocks["all"], settled["kept"], settled["all"], confirmed)
