"""What an admin looks after: mails that do not leave, work that is not done, teams that nobody leads."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, Q

from events.models import Delivery
from notifications.models import OutgoingMail
from staff.access import teams_without_supervisor
from staff.models import Team
from tickets.enforcement import lateness

PATIENCE = timedelta(minutes=5)
"""How long mails and reactions may wait before somebody should look (N2)."""
MOST = 8


@dataclass(frozen=True, slots=True)
class Health:
    """The desk's own day. ``mails_waiting`` and ``work_waiting`` count what waits longer than ``PATIENCE``.

    ``late_since`` is when the oldest thing fell due that enforcement should have done by now (S4).
    """

    failed: list[OutgoingMail] = field(default_factory=list)
    mails_failed: int = 0
    mails_waiting: int = 0
    mails_kept: int = 0
    work_waiting: int = 0
    work_since: datetime | None = None
    late_since: datetime | None = None
    unled: list[Team] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        """Nothing that an admin has to see to."""
        return not (self.mails_failed or self.mails_waiting or self.work_waiting or self.late_since or self.unled)


def health(at: datetime) -> Health:
    """Five queries, whatever is wrong."""
    status, patience = OutgoingMail.Status, at - PATIENCE
    mails = OutgoingMail.objects.filter(status__in=[status.FAILED, status.KEPT, status.QUEUED]).aggregate(
        failed=Count("pk", filter=Q(status=status.FAILED)),
        kept=Count("pk", filter=Q(status=status.KEPT)),
        waiting=Count("pk", filter=Q(status=status.QUEUED, next_attempt_at__lt=patience)),
    )
    work = Delivery.objects.filter(done_at=None, due_at__lt=patience).aggregate(all=Count("pk"), since=Min("due_at"))
    late = max(lateness.waiting(at).values())
    failed = OutgoingMail.objects.filter(status=status.FAILED).select_related("ticket").defer("text", "html")
    return Health(
        failed=list(failed.order_by("-created_at", "-pk")[:MOST]),
        mails_failed=mails["failed"],
        mails_waiting=mails["waiting"],
        mails_kept=mails["kept"],
        work_waiting=work["all"],
        work_since=work["since"],
        late_since=at - timedelta(seconds=late) if late > settings.ENFORCEMENT_MAX_LATENESS else None,
        unled=list(teams_without_supervisor().order_by("name")[:MOST]),
    )
