"""What the sockets ask the database: few and cheap questions, every one of them through ``visible_to`` (T13)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from importlib import import_module

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest

from accounts.models import User
from events.models import Event
from staff.access import viewer
from tickets.models import Ticket
from tickets.visibility import sees_every_ticket

MOST = 200
"""Events that a beat looks back over; a page that missed more looks for itself."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A ticket that somebody may see: how it is addressed, and how far its story goes."""

    pk: int
    number: int
    seq: int
    assignee_id: int | None = None


@dataclass(frozen=True, slots=True)
class Beat:
    """How things stand for one page: who looks (nobody when signed out), their ticket, the desk's last event, and the
    tickets of the events since the one that the page knows, by event; ``is_far``: there were more of them."""

    user: User | None
    spot: Spot | None = None
    last: int = 0
    since: dict[int, int] = field(default_factory=dict)
    is_far: bool = False


def who(session_key: str) -> User | None:
    """The member of staff behind a session; None when it ended or they may not use the desk."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key or None)
    user = auth.get_user(request)
    return user if isinstance(user, User) and user.is_active and viewer(user).is_staff else None


def beat(session_key: str, number: int | None, last: int = 0) -> Beat:
    """Everything a page compares itself with: at most seven queries."""
    user = who(session_key)
    if user is None:
        return Beat(None)
    newest = list(Event.objects.order_by("-pk").values_list("pk", "subject_kind", "subject_id")[: MOST if last else 1])
    since = {pk: subject for pk, kind, subject in newest if kind == "ticket" and pk > last} if last else {}
    is_far = bool(last) and len(newest) == MOST and newest[-1][0] > last
    return Beat(user, spot(user, number) if number else None, newest[0][0] if newest else 0, since, is_far)


def numbers(user: User, pks: Collection[int]) -> list[int]:
    """The numbers of these tickets, as far as this user may see them."""
    return sorted(Ticket.objects.visible_to(user).filter(pk__in=pks).values_list("number", flat=True))


def spot(user: User, number: int) -> Spot | None:
    """The ticket of that number, if this user may see it."""
    row = Ticket.objects.visible_to(user).filter(number=number).values_list(*_FIELDS).first()
    return Spot(*row) if row else None


def seen_by(users: Iterable[User], pks: Collection[int]) -> tuple[dict[int, Spot], dict[int, set[int]]]:
    """Where these tickets stand, and which of them each user may see. One query for all who see everything, one for
    each of the others."""
    spots: dict[int, Spot] = {}
    seen: dict[int, set[int]] = {}
    everything: set[int] | None = None
    for user in users:
        if everything is not None and sees_every_ticket(user):
            seen[user.pk] = everything
            continue
        rows = [Spot(*row) for row in Ticket.objects.visible_to(user).filter(pk__in=pks).values_list(*_FIELDS)]
        spots |= {row.pk: row for row in rows}
        seen[user.pk] = {row.pk for row in rows}
        if sees_every_ticket(user):
            everything = seen[user.pk]
    return spots, seen


_FIELDS = ("pk", "number", "event_seq", "assignee_id")
