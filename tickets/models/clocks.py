"""Service-level clocks as rows: what is shown, enforced and reported comes from here (S6)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sla.models import Metric, Policy, PolicyVersion
from staff.models import CalendarVersion, Team
from tickets.models.acts import Hold, Transfer
from tickets.models.conversation import Entry
from tickets.models.ticket import Ticket


class Clock(models.Model):
    """One measured wait. Times are UTC; ``target_seconds`` are seconds of ``hours``, or of any time without them.

    It keeps the versions of policy and calendar that it started under, until somebody asks that it moves (S5, S7).

    ``due_at`` is None without a target and while paused. ``next_at`` is when enforcement must look again: at 75 %, at
    90 %, at the due time; None when nothing is left to enforce.
    """

    Metric = Metric

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="clocks", db_index=False)
    metric = models.CharField(max_length=14, choices=Metric.choices)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    policy_version = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    hours = models.ForeignKey(
        CalendarVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    transfer = models.ForeignKey(
        Transfer, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    terms_at = models.DateTimeField(help_text=_("It counts by the policies and calendars in force at this moment"))
    terms_known_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When they were picked: what was decided since moves it only when asked")
    )
    promised_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("What its policy says; the target may be longer (fine print of S)")
    )
    target_seconds = models.PositiveIntegerField(null=True, blank=True)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(Entry, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    is_live = models.BooleanField(default=False, help_text=_("Met at once in a live contact; reported apart"))
    due_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    warned_75_at = models.DateTimeField(null=True, blank=True)
    warned_90_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True, help_text=_("The due time that passed (S5: stays)"))
    breach_recorded_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.ForeignKey(Entry, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    elapsed_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("Calendar seconds less pauses, when it stopped")
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    cancelled_at = models.DateTimeField(null=True, blank=True, help_text=_("Merged away or spam: not counted"))

    class Meta:
        indexes = [
            models.Index(fields=["ticket", "metric", "started_at"], name="clock_of_ticket"),
            models.Index(fields=["next_at"], name="clock_to_enforce", condition=Q(stopped_at=None, cancelled_at=None)),
            models.Index(fields=["stopped_at"], name="clock_by_end", condition=Q(stopped_at__isnull=False)),
            models.Index(
                fields=["policy_version"], name="clock_by_policy_version", condition=Q(policy_version__isnull=False)
            ),
            models.Index(fields=["hours"], name="clock_by_hours", condition=Q(hours__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "metric"], condition=Q(stopped_at=None, cancelled_at=None), name="clock_one_running"
            ),
            models.CheckConstraint(
                condition=Q(stopped_at=None) | Q(stopped_at__gte=F("started_at")), name="clock_stops_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_metric_display()} of {self.ticket_id}"

    @property
    def is_running(self) -> bool:
        """Neither stopped nor cancelled; it may be paused."""
        return self.stopped_at is None and self.cancelled_at is None


class ClockPause(models.Model):
    """A span in which a clock stood still, and why (S3, H6)."""

    class Cause(models.TextChoices):
        HOLD = "hold", _("On hold, with the customer's consent")
        PENDING = "pending", _("Waiting for the customer")
        RESOLVED = "resolved", _("Resolved, before it was reopened")

    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="pauses")
    cause = models.CharField(max_length=10, choices=Cause.choices)
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["started_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["clock"], condition=Q(ended_at=None), name="pause_one_at_a_time"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="pause_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clock_id}: {self.cause}"


class DueChange(models.Model):
    """A due time that moved (priority, policy, a pause that ended), with the old one kept in the story (S5, S7)."""

    class Cause(models.TextChoices):
        PRIORITY = "priority", _("Priority changed")
        POLICY = "policy", _("Another policy applies")
        CALENDAR = "calendar", _("The calendar changed")
        REINSTATED = "reinstated", _("The answer did not stand")

    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="changes")
    cause = models.CharField(max_length=12, choices=Cause.choices)
    changed_at = models.DateTimeField()
    due_before = models.DateTimeField(null=True, blank=True)
    due_after = models.DateTimeField(null=True, blank=True)
    policy_before = models.ForeignKey(Policy, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["changed_at", "pk"]

    def __str__(self) -> str:
        return f"{self.clock_id}: {self.cause}"
