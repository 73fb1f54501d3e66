"""What came of what we said: promises, holds, closures and survey answers on the tickets of a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from feedback.models import Invitation
from reports.measures.proportions import Interval, share, wilson
from tickets.models import Closure, Hold, Promise, Ticket

SATISFIED = 4  # of five


@dataclass(frozen=True, slots=True)
class Kept:
    """How often a word was kept; ``outside`` counts what the rate does not speak of."""

    kept: int = 0
    broken: int = 0
    outside: int = 0

    @property
    def counted(self) -> int:
        return self.kept + self.broken

    @property
    def rate(self) -> float | None:
        return share(self.kept, self.broken)

    @property
    def interval(self) -> Interval | None:
        return wilson(self.kept, self.counted)


@dataclass(frozen=True, slots=True)
class Closures:
    """What customers answered when we asked whether it was solved (T4), kept apart."""

    confirmed: int = 0
    by_phone: int = 0
    refused: int = 0
    no_answer: int = 0
    waiting: int = 0

    @property
    def ended(self) -> int:
        """Those that have an end; who still may answer is left out."""
        return self.confirmed + self.by_phone + self.refused + self.no_answer

    def part(self, name: str) -> float | None:
        return share(getattr(self, name), self.ended - getattr(self, name))


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """CSAT: the part of answers of 4 or 5, out of those who were asked."""

    asked: int = 0
    answered: int = 0
    satisfied: int = 0

    @property
    def score(self) -> float | None:
        return share(self.satisfied, self.answered - self.satisfied)

    @property
    def interval(self) -> Interval | None:
        return wilson(self.satisfied, self.answered)

    @property
    def response_rate(self) -> float | None:
        return share(self.answered, self.asked - self.answered)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """All four, over the same tickets."""

    promises: Kept
    holds: Kept
    closures: Closures
    satisfaction: Satisfaction


def outcomes(tickets: QuerySet[Ticket], at: datetime) -> Outcomes:
    """Four queries over these tickets, as it stands at ``at``."""
    return Outcomes(promises(tickets, at), holds(tickets), closures(tickets), satisfaction(tickets))


def promises(tickets: QuerySet[Ticket], at: datetime) -> Kept:
    """Kept by their time, against kept late, broken, and still open after their time (T8)."""
    is_open, status = Q(status=Promise.Status.OPEN), Promise.Status
    late = Q(status__in=[status.LATE, status.BROKEN]) | is_open & Q(due_at__lt=at)
    outside = Q(status__in=[status.RELEASED, status.RENEWED]) | is_open & Q(due_at__gte=at)
    return _kept(Promise.objects.filter(ticket__in=tickets), Q(status=status.KEPT), late, outside)


def holds(tickets: QuerySet[Ticket]) -> Kept:
    """Kept by a contact in time, against broken; those that ended otherwise are outside (fine print of H)."""
    kept, broken = Q(outcome=Hold.Outcome.KEPT), Q(outcome=Hold.Outcome.BROKEN)
    return _kept(Hold.objects.filter(ticket__in=tickets), kept, broken, ~kept & ~broken)


def closures(tickets: QuerySet[Ticket]) -> Closures:
    """Answers that were not taken back; reopened before an answer is no answer of the customer's."""
    answer, spoken = Closure.Answer, Q(via__in=[Closure.Via.PHONE, Closure.Via.IN_PERSON])
    solved = Q(answer=answer.SOLVED)
    counts = {
        "confirmed": solved & ~spoken,
        "by_phone": solved & spoken,
        "refused": Q(answer=answer.NOT_SOLVED),
        "no_answer": Q(answer=answer.SILENCE),
        "waiting": Q(answer=answer.WAITING),
    }
    asked = Closure.objects.filter(ticket__in=tickets, undone_at=None)
    return Closures(**asked.aggregate(**{name: Count("pk", filter=which) for name, which in counts.items()}))


def satisfaction(tickets: QuerySet[Ticket]) -> Satisfaction:
    """Who was asked (by mail, on the phone, at the desk), who answered, and who was satisfied."""
    answered = Q(answer__isnull=False)
    asked = Invitation.objects.filter(ticket__in=tickets)
    return Satisfaction(
        **asked.aggregate(
            asked=Count("pk", filter=Q(status=Invitation.Status.SENT) | answered),
            answered=Count("pk", filter=answered),
            satisfied=Count("pk", filter=Q(answer__score__gte=SATISFIED)),
        )
    )


def _kept(rows: QuerySet, kept: Q, broken: Q, outside: Q) -> Kept:
    counts = {"kept": kept, "broken": broken, "outside": outside}
    return Kept(**rows.aggregate(**{name: Count("pk", filter=which) for name, which in counts.items()}))
