"""The ground that every change stands on: events, their deliveries, approvals, settings and idempotent answers."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """One change: who, for whom, when it happened, when it was recorded, what. Never edited, never deleted (T6).

    ``data`` holds ids, codes and times only, never personal text. ``subject_seq`` counts a subject's events, no gaps.
    """

    class ActorKind(models.TextChoices):
        STAFF = "staff", _("Staff")
        CUSTOMER = "customer", _("Customer")
        SYSTEM = "system", _("The desk")

    class Origin(models.TextChoices):
        LIVE = "live", _("Live")
        IMPORT = "import", _("Import")

    kind = models.CharField(max_length=48)
    version = models.PositiveSmallIntegerField(default=1)
    subject_kind = models.CharField(max_length=24)
    subject_id = models.BigIntegerField()
    subject_seq = models.PositiveIntegerField()
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    actor_person_id = models.BigIntegerField(null=True, blank=True)
    on_behalf_of_person_id = models.BigIntegerField(null=True, blank=True)
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.LIVE)
    contact_id = models.BigIntegerField(null=True, blank=True)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)
    correlation_id = models.UUIDField(default=uuid.uuid4)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["subject_kind", "subject_id", "subject_seq"]
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id", "subject_seq"], name="event_seq_without_gaps")
        ]
        indexes = [
            models.Index(fields=["kind", "happened_at"], name="event_kind_time"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_kind} {self.subject_id}/{self.subject_seq}"


class Delivery(models.Model):
    """One reaction that an event owes. Written with the event; its rows and ``done_at`` are one transaction."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    reaction = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["event", "reaction"], name="delivery_once_per_event")]
        indexes = [
            models.Index(fields=["due_at"], name="delivery_waiting", condition=models.Q(done_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.reaction} for event {self.event_id}"


class Approval(models.Model):
    """A supervisor's leave to go beyond a rule (H4, X4, exceptions): who asked, for which rule, the answer, until when.

    In a live contact the agent may go on by naming the supervisor who agreed; ``named`` is then set and that supervisor
    confirms by ``confirm_by``, or the approval shows as unconfirmed.
    """

    class Answer(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        GIVEN = "given", _("Given")
        DENIED = "denied", _("Denied")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    subject_kind = models.CharField(max_length=24, default="ticket")
    subject_id = models.BigIntegerField()
    rule = models.CharField(max_length=8)
    act = models.CharField(max_length=32)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="approvals_asked")
    asked_at = models.DateTimeField(default=timezone.now)
    reason = models.TextField(blank=True)
    answer = models.CharField(max_length=10, choices=Answer.choices, default=Answer.WAITING)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="approvals_answered"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_note = models.TextField(blank=True)
    until = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    named = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="approvals_named"
    )
    confirm_by = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    unconfirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "rule"],
                condition=models.Q(answer="waiting"),
                name="approval_asked_once",
            ),
        ]
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="approval_subject"),
            models.Index(
                fields=["confirm_by"],
                name="approval_to_confirm",
                condition=models.Q(answer="given", confirmed_at=None, unconfirmed_at=None, named__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} for {self.subject_kind} {self.subject_id}: {self.get_answer_display()}"


class Setting(models.Model):
    """One value of one setting; the newest row of a key is in force, the older ones are its history."""

    key = models.CharField(max_length=80)
    value = models.JSONField()
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["key", "-set_at", "-pk"]
        indexes = [models.Index(fields=["key", "-set_at", "-id"], name="setting_newest")]

    def __str__(self) -> str:
        return f"{self.key} = {self.value}"


class IdempotentAnswer(models.Model):
    """What a writing form or API call answered, so that a double click or a lost connection changes nothing twice."""

    key = models.CharField(max_length=80)
    scope = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    location = models.TextField(blank=True)
    body = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotent_answer_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotent_answer_age")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
