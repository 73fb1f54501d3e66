"""What leaves the house, and what staff are told: rows first, sending after."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ids import public_id
from customers.models import Person
from events.models import Event
from staff.models import Calendar
from tickets.models import Entry, Ticket


class OutgoingMail(models.Model):
    """One mail to one recipient for one event: written in the reaction's transaction, sent by a worker, never twice."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Waiting to be sent")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        KEPT = "kept", _("Kept in the outbox: no mail server is set")
        FAILED = "failed", _("Failed for good")
        CANCELLED = "cancelled", _("Undone before it left")

    public_id = models.UUIDField(default=public_id, unique=True, editable=False)
    event = models.ForeignKey(
        Event,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text=_("None for mails about signing in"),
    )
    template = models.CharField(max_length=48)
    recipient = models.CharField(max_length=254)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="mails")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="mails")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, null=True, blank=True, related_name="mails")
    sender = models.CharField(max_length=300)
    reply_to = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict, blank=True)
    message_id = models.CharField(max_length=255, unique=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    created_at = models.DateTimeField(default=timezone.now)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["event", "recipient", "template"], name="mail_once_per_event")]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], name="mail_to_send", condition=Q(status__in=["queued", "sending"])
            ),
            models.Index(fields=["-created_at", "-id"], name="mail_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.template} to {self.recipient}"


class NoticeChoice(models.Model):
    """How one member of staff wants to be told (N1): inside the desk always, by mail as they choose, and when.

    Quiet hours run from ``quiet_from`` to ``quiet_to``, wall time of the person's own zone, on each of ``quiet_days``
    (0 is Monday; the day on which they begin): over midnight when ``quiet_to`` is not later, a whole day when both are
    the same. Both are None where somebody has none. The row is also the lock of whoever writes their mail.
    """

    class ByMail(models.TextChoices):
        NEVER = "never", _("Never")
        URGENT = "urgent", _("Urgent ones only")
        ALL = "all", _("All")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_choice")
    by_mail = models.CharField(max_length=6, choices=ByMail.choices, default=ByMail.URGENT)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_to = models.TimeField(null=True, blank=True)
    quiet_days = models.JSONField(default=list, blank=True)
    calendar = models.ForeignKey(
        Calendar, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", help_text=_("None: their teams'")
    )
    mailed_at = models.DateTimeField(null=True, blank=True, help_text=_("When their last mail of notices was written"))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_to=None) | Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="quiet_from_and_to",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.get_by_mail_display()}"


class Notice(models.Model):
    """Something a member of staff should know; shown on My day, and told once (N1).

    ``deliver_at``: when it goes by mail, or, of a matter with a due time (``due_at``), when it counts on this person
    being there; None when nothing is left to do. ``at_once``: goes whatever the hour, because it is urgent or because
    nobody would be there before ``due_at``. ``instead_of``: who was meant, if this went to the next on duty, and why
    (``because``, ``until``).
    """

    class Because(models.TextChoices):
        QUIET = "quiet", _("in quiet hours")
        AFTER_HOURS = "after_hours", _("not at work")
        AWAY = "away", _("away")
        OFF = "off", _("off")
        LEFT = "left", _("no longer here")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=48)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, null=True, blank=True, related_name="notices")
    is_urgent = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    deliver_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    at_once = models.BooleanField(default=False)
    instead_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    because = models.CharField(max_length=12, choices=Because.choices, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    mail = models.ForeignKey(OutgoingMail, on_delete=models.SET_NULL, null=True, blank=True, related_name="notices")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "event", "kind"], name="notice_once_per_event")]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="notice_unread", condition=Q(read_at=None)),
            models.Index(
                fields=["deliver_at", "user"],
                name="notice_to_deliver",
                condition=Q(deliver_at__isnull=False, read_at=None, mail=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"
