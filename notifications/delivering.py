"""Notices on their way to a person: one mail for all that waits, in their time, once (N1).

What is due are rows with an index on their time. A pass takes one person after the other under the lock of their
choice: it passes on what they are not there for, puts off what may not reach them now, and writes one mail of the rest.
The notices point at that mail, so that none is mailed twice; sending is the outbox's.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from common import faults
from events import values
from notifications import digest, outbox, warnings
from notifications.duty import House
from notifications.models import Notice, NoticeChoice, OutgoingMail
from notifications.notices import wants_mail
from notifications.presence import Presence, presence_of, presences
from notifications.values import MAIL_GAP

log = logging.getLogger(__name__)

URGENT_GAP = timedelta(minutes=1)
"""Between two mails to one person where something cannot wait: what falls due together is told together."""

PASSED_ON_AT_ONCE = 100
"""Notices of one person that one pass hands on; the next pass goes on."""


def deliver_due(*, at: datetime | None = None) -> int:
    """Write the mails that are due at ``at`` (now), at most one for each person; return how many.

    Any number of workers may do this at once: who finds a person taken passes on to the next.
    """
    now = at or timezone.now()
    people = _waiting(now).order_by("user").values_list("user_id", flat=True).distinct()
    return sum(_attempt(user_id, now) for user_id in list(people))


def _attempt(user_id: int, at: datetime) -> int:
    """One person in a transaction of their own; what fails is logged and stops nobody else's."""
    try:
        with transaction.atomic():
            return _deliver(user_id, at)
    except Exception:
        log.exception("The notices of user %s could not be delivered; the next pass tries again.", user_id)
        return 0


def _waiting(at: datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(deliver_at__lte=at, read_at=None, mail=None)


def _deliver(user_id: int, at: datetime) -> int:
    NoticeChoice.objects.get_or_create(user_id=user_id)
    choice = NoticeChoice.objects.select_for_update(skip_locked=True).filter(user=user_id).first()
    if choice is None:
        return 0  # another worker is at it
    person = presences([user_id], at)[user_id]
    due = list(_waiting(at).filter(user=user_id).order_by("pk"))
    ready = _put_off(_hand_on(due, person, at), person, at)
    wanted = [one for one in ready if wants_mail(choice.by_mail, at_once=one.at_once)]
    seen = _seen(wanted, person)
    _settle(one for one in ready if one.pk not in seen)
    wanted = [one for one in wanted if one.pk in seen]
    if not wanted or _too_soon(wanted, choice, at):
        return 0
    _write(wanted, person, choice, at)
    faults.point("notices.mailed")
    return 1


def _hand_on(due: list[Notice], person: Presence, at: datetime) -> list[Notice]:
    """A warning does not wait for who is not there: it goes on to the next person on duty, before its due time."""
    if person.is_there(at):
        return due
    stays = [one for one in due if one.at_once or one.due_at is None or one.due_at <= at]
    staying, house = {one.pk for one in stays}, House(at)
    for notice in [one for one in due if one.pk not in staying][:PASSED_ON_AT_ONCE]:
        warnings.pass_on(notice, house=house)
    return stays


def _put_off(due: list[Notice], person: Presence, at: datetime) -> list[Notice]:
    """What can wait does so until their next working time; where none comes, the desk alone tells it."""
    if person.may_hear(at):
        return due
    later = [one.pk for one in due if not one.at_once]
    if later:
        Notice.objects.filter(pk__in=later).update(deliver_at=person.next_hearing(at))
    return [one for one in due if one.at_once and person.user.is_active]


def _seen(wanted: list[Notice], person: Presence) -> set[int]:
    """Those of tickets that the reader may still see (T13)."""
    rows = Notice.objects.filter(pk__in=[one.pk for one in wanted])
    return set(digest.tellable(person.user, rows).values_list("pk", flat=True)) if wanted else set()


def _settle(done: Iterable[Notice]) -> None:
    """These stay in the desk alone."""
    if pks := [one.pk for one in done]:
        Notice.objects.filter(pk__in=pks).update(deliver_at=None)


def _too_soon(wanted: list[Notice], choice: NoticeChoice, at: datetime) -> bool:
    """Whether their last mail left so recently that these wait for company; they are looked at again in time."""
    if choice.mailed_at is None or choice.mailed_at > at:  # a clock that went back holds nothing up
        return False
    gap = timedelta(seconds=values.get(MAIL_GAP))
    pressing = any(one.at_once or (one.due_at and one.due_at <= choice.mailed_at + gap) for one in wanted)
    again = choice.mailed_at + (min(gap, URGENT_GAP) if pressing else gap)
    if again <= at:
        return False
    Notice.objects.filter(pk__in=[one.pk for one in wanted]).update(deliver_at=again)
    return True


def _write(wanted: list[Notice], person: Presence, choice: NoticeChoice, at: datetime) -> None:
    """One mail, and the notices that it tells: with what else waits for the same person on the same tickets."""
    mail = outbox.queue(
        event=wanted[-1].event, template=digest.TEMPLATE, recipient=person.user.email, user=person.user,
        sender=settings.DEFAULT_FROM_EMAIL, subject="", text="", headers=digest.MACHINE, at=at,
    )  # fmt: skip
    Notice.objects.filter(pk__in=[one.pk for one in wanted]).update(mail=mail)
    if choice.by_mail == NoticeChoice.ByMail.ALL:
        same = {one.ticket_id for one in wanted}
        Notice.objects.filter(
            user=person.user, ticket__in=same, deliver_at__isnull=False, read_at=None, mail=None
        ).update(mail=mail)
    digest.fill(mail, person.user, digest.tellable(person.user, mail.notices.all()), at=at)
    mail.save(update_fields=["ticket", "sender", "subject", "text", "html"])
    choice.mailed_at = at
    choice.save(update_fields=["mailed_at"])


def freshen(mail: OutgoingMail, *, at: datetime) -> bool:
    """Just before it leaves: only what its reader has not read and may still see; tell whether it is to leave now.

    A mail that has nothing left to tell is cancelled; one that was held up until its reader went home waits for them.
    """
    if mail.user is None:
        return True
    person = presence_of(mail.user, at)
    notices = digest.tellable(person.user, mail.notices.filter(read_at=None)) if person.user.is_active else None
    if notices is None or not notices.exists():
        return _given_back(mail, OutgoingMail.Status.CANCELLED)
    later = at if notices.filter(at_once=True).exists() else person.next_hearing(at)
    if later != at and not _due_before(notices, at, later):
        status = OutgoingMail.Status.QUEUED if later else OutgoingMail.Status.CANCELLED
        return _given_back(mail, status, later)
    digest.fill(mail, person.user, notices, at=at)
    _address(mail, person)
    mail.save(update_fields=["event", "recipient", "ticket", "sender", "subject", "text", "html"])
    return True


def _address(mail: OutgoingMail, person: Presence) -> None:
    """To where they read their mail today, which may have changed since it was written; not saved.

    Where a mail of the same event has that address already (it was a colleague's, or theirs is the second), this one
    lets go of its event: what it tells stands in its notices, and nobody else may get it.
    """
    if mail.recipient == person.user.email:
        return
    mail.recipient = person.user.email
    same = OutgoingMail.objects.filter(event=mail.event_id, recipient=mail.recipient, template=mail.template)
    if mail.event_id is not None and same.exclude(pk=mail.pk).exists():
        mail.event = None


def _due_before(notices: QuerySet[Notice], at: datetime, later: datetime | None) -> bool:
    """Whether something would be overdue by the time at which the reader may hear of it."""
    open_still = notices.filter(due_at__gt=at)
    return (open_still.filter(due_at__lte=later) if later else open_still).exists()


def _given_back(mail: OutgoingMail, status: str, later: datetime | None = None) -> bool:
    mail.status, mail.claimed_until = status, None
    mail.next_attempt_at = later or mail.next_attempt_at
    mail.save(update_fields=["status", "claimed_until", "next_attempt_at"])
    return False
