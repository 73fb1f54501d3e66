"""Taking mails from the outbox to the mail server: claimed, sent, marked; with backoff; by any number of workers."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from common import faults
from events import values
from notifications import delivering, digest
from notifications.models import OutgoingMail
from notifications.values import GIVE_UP_AFTER
from tickets import attachments, lifecycle
from tickets.models import Attachment, Blob, Entry

log = logging.getLogger(__name__)

CLAIM_FOR = timedelta(minutes=5)
"""Longer than any connection takes: after it the mail of a dead worker is anybody's again."""

MOST_BYTES = 15 * 1024 * 1024
"""Files that go with one mail; base64 makes them a third larger, and many servers refuse more than 20 MB."""

BACKOFF = (60, 300, 900, 3600, 3 * 3600, 6 * 3600)
"""Seconds after the first, second, … failure; the last repeats."""


def claim(mail_id: int, *, at: datetime) -> OutgoingMail | None:
    """Make the mail this worker's for ``CLAIM_FOR``; None when it is another's, too early, settled, or undone.

    A reply that was taken back a moment ago is not sent, even if nobody came to cancel its mail yet.
    """
    waiting = Q(status=OutgoingMail.Status.QUEUED, next_attempt_at__lte=at)
    orphaned = Q(status=OutgoingMail.Status.SENDING, claimed_until__lte=at)
    standing = OutgoingMail.objects.filter(waiting | orphaned, pk=mail_id).exclude(_taken_back())
    claimed = standing.update(status=OutgoingMail.Status.SENDING, claimed_until=at + CLAIM_FOR)
    return OutgoingMail.objects.get(pk=mail_id) if claimed else None


def _taken_back() -> Q:
    return Q(entry__in=Entry.objects.filter(undone_at__isnull=False))


def send(mail_id: int, *, at: datetime | None = None, connection: BaseEmailBackend | None = None) -> bool:
    """Send one mail if it is due; tell whether it left or was kept. Its Message-ID stays the same in every attempt."""
    now = at or timezone.now()
    mail = claim(mail_id, at=now)
    if mail is None:
        return False
    faults.point("send.claimed")
    if mail.template == digest.TEMPLATE and not delivering.freshen(mail, at=now):
        return False
    if settings.OUTBOX_KEEPS_MAIL and connection is None:
        _settle(mail, OutgoingMail.Status.KEPT, at=now)
        return True
    try:
        message(mail, connection or _server()).send(fail_silently=False)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _reason in error.recipients.values()]
        _failed(mail, error, at=now, for_good=all(code >= 500 for code in codes))
        return False
    except smtplib.SMTPDataError as error:
        _failed(mail, error, at=now, for_good=error.smtp_code >= 500)
        return False
    except (OSError, smtplib.SMTPException, ValueError) as error:
        _failed(mail, error, at=now, for_good=isinstance(error, ValueError))
        return False
    faults.point("send.accepted")  # dead here, it is sent again under the same Message-ID once the claim is over
    _settle(mail, OutgoingMail.Status.SENT, at=now)
    return True


def _server() -> BaseEmailBackend:
    return get_connection("django.core.mail.backends.smtp.EmailBackend")


def message(mail: OutgoingMail, connection: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
    """The mail as RFC 5322 wants it, with its plain twin first."""
    built = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        from_email=mail.sender,
        to=[mail.recipient],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers={**mail.headers, "Message-ID": mail.message_id},
        connection=connection,
    )
    if mail.html:
        built.attach_alternative(mail.html, "text/html")
    for name, content, kind in _files(mail):
        built.attach(name, content, kind)
    return built


def _files(mail: OutgoingMail) -> Iterator[tuple[str, bytes, str]]:
    """The files of the entry that is mailed, as long as they fit a mail; the others wait on the request's page."""
    if mail.entry_id is None:
        return
    room = MOST_BYTES
    for file in Attachment.objects.filter(entry=mail.entry_id, erased_at=None).select_related("blob"):
        if file.blob is None or file.blob.scan == Blob.Scan.INFECTED or file.blob.size > room:
            continue
        room -= file.blob.size
        with attachments.storage().open(file.blob.storage_key, "rb") as stored:
            yield file.name, stored.read(), file.blob.content_type


def _settle(mail: OutgoingMail, status: str, *, at: datetime) -> None:
    mail.status = status
    mail.attempts += 1
    mail.sent_at = at
    mail.claimed_until = None
    mail.error = ""
    if status == OutgoingMail.Status.SENT and mail.event_id is None:
        mail.text, mail.html = "", ""  # a link to sign in must not lie about once it has left
    mail.save(update_fields=["status", "attempts", "sent_at", "claimed_until", "error", "text", "html"])


def _failed(mail: OutgoingMail, error: Exception, *, at: datetime, for_good: bool) -> None:
    mail.attempts += 1
    mail.error = f"{type(error).__name__}: {error}"[:2000]
    mail.claimed_until = None
    over = for_good or mail.attempts >= values.get(GIVE_UP_AFTER)
    mail.status = OutgoingMail.Status.FAILED if over else OutgoingMail.Status.QUEUED
    mail.next_attempt_at = at + timedelta(seconds=BACKOFF[min(mail.attempts, len(BACKOFF)) - 1])
    with transaction.atomic():
        mail.save(update_fields=["attempts", "error", "claimed_until", "status", "next_attempt_at"])
        if over and mail.entry is not None and mail.entry.kind == Entry.Kind.REPLY and _nothing_arrived(mail):
            lifecycle.withdraw_reply(mail.entry, by=None, cause="failed", at=at)


def _nothing_arrived(mail: OutgoingMail) -> bool:
    """A reply to several people failed only if nobody got it."""
    others = OutgoingMail.objects.filter(entry=mail.entry).exclude(pk=mail.pk)
    return not others.exclude(status__in=[OutgoingMail.Status.FAILED, OutgoingMail.Status.CANCELLED]).exists()


def send_due(*, at: datetime | None = None, limit: int = 500, sender: Callable[..., bool] = send) -> int:
    """Send what is due, oldest first, also what a dead worker left half done; return how many left."""
    now = at or timezone.now()
    waiting = Q(status=OutgoingMail.Status.QUEUED, next_attempt_at__lte=now)
    orphaned = Q(status=OutgoingMail.Status.SENDING, claimed_until__lte=now)
    due = OutgoingMail.objects.filter(waiting | orphaned).order_by("next_attempt_at", "pk")
    return sum(sender(pk, at=at) for pk in list(due.values_list("pk", flat=True)[:limit]))


def try_again(mail: OutgoingMail, *, at: datetime | None = None) -> bool:
    """Queue a failed or kept mail anew, on an admin's word."""
    return bool(
        OutgoingMail.objects.filter(
            pk=mail.pk, status__in=[OutgoingMail.Status.FAILED, OutgoingMail.Status.KEPT]
        ).update(status=OutgoingMail.Status.QUEUED, next_attempt_at=at or timezone.now(), attempts=0)
    )
