"""How cases ended, beyond the shares: who wrote down a spoken confirmation, and why customers said no (T4)."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from accounts.models import User
from tickets.models import Closure, Ticket

MOST = 8
SPOKEN = (Closure.Via.PHONE, Closure.Via.IN_PERSON)


def spoken_by(tickets: QuerySet[Ticket]) -> list[tuple[str, int]]:
    """Confirmed on the phone or in person: who wrote it down, and how often, by name; one query."""
    rows = Closure.objects.filter(
        ticket__in=tickets, undone_at=None, answer=Closure.Answer.SOLVED, via__in=SPOKEN, recorded_by__isnull=False
    )
    names = rows.order_by().values_list("recorded_by__name", "recorded_by__email").annotate(number=Count("pk"))
    return sorted(((name or email, number) for name, email, number in names), key=lambda row: row[0].casefold())


def refusals(tickets: QuerySet[Ticket], user: User) -> list[Closure]:
    """The latest customers who said that it is not solved, on tickets that ``user`` may open (T13); one query."""
    seen = Ticket.objects.visible_to(user).values("pk")
    rows = Closure.objects.filter(
        ticket__in=tickets.filter(pk__in=seen), undone_at=None, answer=Closure.Answer.NOT_SOLVED
    )
    return list(rows.select_related("ticket").order_by("-answered_at", "-pk")[:MOST])
