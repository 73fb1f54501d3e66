"""What a member of staff is told inside the desk: once per event, never about what they did themselves."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import User
from events.models import Event
from notifications.models import Notice
from tickets.models import Ticket


def tell(event: Event, ticket: Ticket | None, users: Iterable[User | int | None], *, urgent: bool = False) -> None:
    """Write a notice for each user who did not do it themselves; again for the same event changes nothing."""
    pks = {user.pk if isinstance(user, User) else user for user in users if user}
    pks.discard(event.actor_id)
    Notice.objects.bulk_create(
        [Notice(user_id=pk, event=event, kind=event.kind, ticket=ticket, is_urgent=urgent) for pk in sorted(pks)],
        ignore_conflicts=True,
    )


def unread(user: User, limit: int = 20) -> list[Notice]:
    """The newest unread notices, with their tickets: one query."""
    return list(
        Notice.objects.filter(user=user, read_at=None).select_related("ticket", "event").order_by("-created_at")[:limit]
    )
