"""Running clocks are looked at again when the desk changes how early it warns."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from sla.models import PolicyVersion
from tickets.models import Clock


def look_again() -> int:
    """Let the next pass reckon anew when each running clock warns that goes by the desk's own percents; how many.

    A look that comes too early does nothing but find the right time. What a pass or an act holds is passed over: it
    reckons anew by itself, and waiting for it here while it waits for another row would be a deadlock.
    """
    now = timezone.now()
    of_their_own = PolicyVersion.objects.exclude(Q(warn_owner_percent=None) | Q(warn_supervisor_percent=None))
    waiting = Clock.objects.filter(
        stopped_at=None, cancelled_at=None, breached_at=None, warned_90_at=None, next_at__gt=now
    )
    concerned = waiting.exclude(policy_version__in=of_their_own.values("pk"))
    found = concerned.select_for_update(skip_locked=True, of=("self",)).values("pk")
    return Clock.objects.filter(pk__in=found).update(next_at=now)
