"""Surveys: who was asked, about what, and what they answered."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ids import public_id
from customers.models import Person
from events.models import Event
from tickets.models import Ticket


class Survey(models.Model):
    """A CSAT survey that is being sent: its question, how long a link lives, how often a customer is asked."""

    name = models.CharField(max_length=80, unique=True)
    question = models.CharField(max_length=250, blank=True)
    expires_after_days = models.PositiveSmallIntegerField(default=14)
    not_again_within_days = models.PositiveSmallIntegerField(default=30)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Invitation(models.Model):
    """One customer is asked about one ticket: at ``send_at``, when its closure stands; until ``expires_at``."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Until the closure stands")
        SENT = "sent", _("Sent")
        SKIPPED = "skipped", _("Not sent")

    class Skipped(models.TextChoices):
        REOPENED = "reopened", _("The ticket was reopened")
        RECENT = "recent", _("Asked not long ago")
        NEVER = "never", _("Does not want to be asked")
        NO_ADDRESS = "no_address", _("No address")

    public_id = models.UUIDField(default=public_id, unique=True, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="invitations")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="invitations")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="invitations")
    closed_by = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    skipped = models.CharField(max_length=12, choices=Skipped.choices, blank=True, default="")
    send_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["closed_by"], name="invitation_once_per_closure")]
        indexes = [
            models.Index(fields=["send_at"], name="invitation_waiting", condition=Q(status="waiting")),
            models.Index(fields=["person", "-sent_at"], name="invitation_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} about {self.ticket_id}"


class Answer(models.Model):
    """What they said: 1 (not at all) to 5 (completely). It can be amended until the invitation expires (F2)."""

    class Via(models.TextChoices):
        WEB = "web", _("On the web")
        PHONE = "phone", _("On the phone")
        IN_PERSON = "in_person", _("In person")

    invitation = models.OneToOneField(Invitation, on_delete=models.PROTECT, related_name="answer")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="survey_answers")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="survey_answers")
    score = models.PositiveSmallIntegerField()
    comment = models.TextField(blank=True)
    via = models.CharField(max_length=10, choices=Via.choices, default=Via.WEB)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(default=timezone.now)
    amended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(score__gte=1, score__lte=5), name="csat_from_one_to_five")]
        indexes = [models.Index(fields=["answered_at"], name="survey_answer_time")]

    def __str__(self) -> str:
        return f"{self.score} for {self.ticket_id}"
