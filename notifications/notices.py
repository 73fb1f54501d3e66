"""What a member of staff is told: once per event, never about what they did themselves, when it may reach them (N1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.models import User
from events.models import Event
from notifications.duty import House, Reached
from notifications.models import Notice, NoticeChoice
from tickets.models import Ticket

ByMail = NoticeChoice.ByMail


@dataclass(frozen=True, slots=True)
class News:
    """An event that is told to these users, except to who did it."""

    event: Event
    ticket: Ticket | None
    users: Iterable[User | int | None]
    urgent: bool = False

    @property
    def readers(self) -> list[int]:
        """Their keys, each once."""
        pks = {user.pk if isinstance(user, User) else user for user in self.users if user}
        return sorted(pks - {self.event.actor_id})


@dataclass(frozen=True, slots=True)
class Alert:
    """An event that says that something is due at ``due_at``, and whom it reaches."""

    event: Event
    ticket: Ticket
    reached: Sequence[Reached]
    due_at: datetime


def tell(
    event: Event,
    ticket: Ticket | None,
    users: Iterable[User | int | None],
    *,
    urgent: bool = False,
    at: datetime | None = None,
) -> None:
    """As ``tell_many`` of one."""
    tell_many([News(event, ticket, users, urgent)], house=House(at or timezone.now()))


def tell_many(news: Sequence[News], *, house: House) -> None:
    """Write a notice for each user who did not do it themselves; again for the same event changes nothing.

    Inside the desk it is there at once. By mail, where they chose that: what is urgent now, all else in their next
    working time outside their quiet hours.
    """
    told = [(one, pk) for one in news for pk in one.readers]
    chosen = _chosen({pk for _one, pk in told})
    mailed = [(one.urgent, pk) for one, pk in told if wants_mail(chosen[pk], at_once=one.urgent)]
    later = house.people({pk for urgent, pk in mailed if not urgent})
    times = {(False, pk): one.next_hearing(house.at) for pk, one in later.items()}
    times |= {(True, pk): house.at for urgent, pk in mailed if urgent}
    _write(
        Notice(
            user_id=pk, event=one.event, kind=one.event.kind, ticket=one.ticket, created_at=house.at,
            is_urgent=one.urgent, at_once=one.urgent, deliver_at=times.get((one.urgent, pk)),
        )
        for one, pk in told
    )  # fmt: skip


def warn_many(warnings: Sequence[Alert], *, at: datetime) -> None:
    """Write a notice of each matter for each who is reached, with the reason if it moved.

    Who was told before, and neither read it nor got a mail of it, is counted on again: at their new time.
    """
    told = [(warning, one) for warning in warnings for one in warning.reached]
    chosen = _chosen({one.user_id for _warning, one in told})
    events = {warning.event.pk: warning.event.kind for warning in warnings}
    before = Notice.objects.filter(event__in=events, user__in=chosen, read_at=None, mail=None)
    waiting = set(before.values_list("event_id", "kind", "user_id")) if told else set()
    for warning, one in told:
        key = warning.event.pk, warning.event.kind, one.user_id
        if key in waiting:
            waits = waits_until(one, chosen[one.user_id], at=at)
            again = {"at_once": True} if one.at_once else {}
            row = before.filter(event=warning.event, kind=warning.event.kind, user=one.user_id)
            row.update(due_at=warning.due_at, deliver_at=waits, **again)
    _write(
        Notice(
            user_id=one.user_id, event=warning.event, kind=warning.event.kind, ticket=warning.ticket, created_at=at,
            due_at=warning.due_at, at_once=one.at_once,
            deliver_at=waits_until(one, chosen[one.user_id], at=at), **reasons(one),
        )
        for warning, one in told
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


def _chosen(pks: Collection[int]) -> Mapping[int, str]:
    """What each chose, or has by default."""
    if not pks:
        return {}
    told = dict(NoticeChoice.objects.filter(user__in=pks).values_list("user_id", "by_mail"))
    return dict.fromkeys(pks, str(ByMail.URGENT)) | told


def _write(rows: Iterable[Notice]) -> None:
    """Those of one ticket together, in the order in which tickets are locked, so that two writers do not cross."""
    Notice.objects.bulk_create(sorted(rows, key=lambda row: row.ticket_id or 0), ignore_conflicts=True)
