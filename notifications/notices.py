"""What a member of staff is told: once per event, never about what they did themselves, when it may reach them (N1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from accounts.models import User
from events.models import Event
from notifications.duty import Reached
from notifications.models import Notice, NoticeChoice
from notifications.presence import presences
from tickets.models import Ticket

ByMail = NoticeChoice.ByMail


def tell(
    event: Event,
    ticket: Ticket | None,
    users: Iterable[User | int | None],
    *,
    urgent: bool = False,
    at: datetime | None = None,
) -> None:
    """Write a notice for each user who did not do it themselves; again for the same event changes nothing.

    Inside the desk it is there at once. By mail, where they chose that: what is urgent now, all else in their next
    working time outside their quiet hours.
    """
    pks = {user.pk if isinstance(user, User) else user for user in users if user}
    pks.discard(event.actor_id)
    if not pks:
        return
    now = at or timezone.now()
    mailed = [pk for pk, by_mail in _chosen(pks).items() if wants_mail(by_mail, at_once=urgent)]
    times: dict[int, datetime | None] = dict.fromkeys(mailed, now)
    if mailed and not urgent:
        times = {pk: one.next_hearing(now) for pk, one in presences(mailed, now).items()}
    _write(
        Notice(
            user_id=pk, event=event, kind=event.kind, ticket=ticket, created_at=now,
            is_urgent=urgent, at_once=urgent, deliver_at=times.get(pk),
        )
        for pk in sorted(pks)
    )  # fmt: skip


def warn(event: Event, ticket: Ticket, reached: Sequence[Reached], *, due_at: datetime, at: datetime) -> None:
    """Write a notice of a matter that is due at ``due_at`` for each who is reached, with the reason if it moved.

    Who was told before, and neither read it nor got a mail of it, is counted on again: at their new time.
    """
    chosen = _chosen({one.user_id for one in reached})
    before = Notice.objects.filter(event=event, kind=event.kind, read_at=None, mail=None)
    told = set(before.filter(user__in=chosen).values_list("user_id", flat=True))
    for one in [one for one in reached if one.user_id in told]:
        waits = waits_until(one, chosen[one.user_id], at=at)
        again = {"at_once": True} if one.at_once else {}
        before.filter(user=one.user_id).update(due_at=due_at, deliver_at=waits, **again)
    _write(
        Notice(
            user_id=one.user_id, event=event, kind=event.kind, ticket=ticket, created_at=at, due_at=due_at,
            at_once=one.at_once, deliver_at=waits_until(one, chosen[one.user_id], at=at), **reasons(one),
        )
        for one in reached
    )  # fmt: skip


def waits_until(one: Reached, by_mail: str, *, at: datetime) -> datetime | None:
    """When somebody has to look at this notice again: to mail it, or to see whether its reader came on duty."""
    return one.counts_at if one.counts_at > at or wants_mail(by_mail, at_once=one.at_once) else None


def reasons(one: Reached) -> dict[str, object]:
    """The columns that say why it did not go to who was meant."""
    if one.instead_of is None:
        return {}
    why = one.why
    return {
        "instead_of_id": one.instead_of,
        "because": why.because if why else "",
        "until": why.until if why else None,
    }


def wants_mail(by_mail: str, *, at_once: bool) -> bool:
    """Whether somebody who chose this gets a mail of it."""
    return by_mail == ByMail.ALL or (at_once and by_mail == ByMail.URGENT)


def unread(user: User, limit: int = 20) -> list[Notice]:
    """The newest unread notices, with their tickets: one query."""
    return list(
        Notice.objects.filter(user=user, read_at=None).select_related("ticket", "event").order_by("-created_at")[:limit]
    )


def _chosen(pks: Iterable[int]) -> Mapping[int, str]:
    """What each chose, or has by default."""
    told = dict(NoticeChoice.objects.filter(user__in=pks).values_list("user_id", "by_mail"))
    return dict.fromkeys(pks, str(ByMail.URGENT)) | told


def _write(rows: Iterable[Notice]) -> None:
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
