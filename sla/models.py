"""What is promised about time: policies and their versions. The clocks that run under them belong to tickets."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import CustomerType, Department, Organisation, SupportPlan
from staff.models import Calendar, Team

HOUR = 60 * 60
DAY = 24 * HOUR


class Metric(models.TextChoices):
    """What is measured."""

    FIRST_RESPONSE = "first_response", _("First response")
    NEXT_RESPONSE = "next_response", _("Next response")
    KEEP_INFORMED = "keep_informed", _("Keep informed")
    RESOLUTION = "resolution", _("Resolution")
    TRANSFER = "transfer", _("Transfer accepted")


def standard_targets() -> dict[str, dict[str, int]]:
    """S1: an answer within 24 hours, day and night; a solution within five days."""
    return {Metric.FIRST_RESPONSE: {"": DAY}, Metric.NEXT_RESPONSE: {"": DAY}, Metric.RESOLUTION: {"": 5 * DAY}}


class Policy(models.Model):
    """A promise by its name; what it says stands in its versions, which ``sla.operations`` makes.

    One that a clock ran under is never deleted: a version that is not in use retires it.
    """

    name = models.CharField(_("name"), max_length=120, unique=True)
    is_default = models.BooleanField(_("used where no other fits"), default=False)

    class Meta:
        verbose_name_plural = "policies"
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="policy_one_default")
        ]

    def __str__(self) -> str:
        return self.name


class PolicyVersion(models.Model):
    """What a policy says from one moment on (S2). Never changed: a clock keeps the one that it started under.

    An empty condition fits every ticket; most conditions wins, then the smaller ``position``. ``channel``,
    ``ticket_type`` and ``priority`` hold the codes of ``tickets.models``. ``targets`` are seconds of the calendar by
    metric and priority: ``{"first_response": {"": 86400, "4": 3600}}``, where ``""`` is every other priority. Without
    a calendar every hour counts; without ``valid_from`` the version holds since ever.
    """

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    valid_from = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveIntegerField(_("order among equally specific ones"), default=0)
    customer_type = models.CharField(
        _("customer type"), max_length=10, choices=CustomerType.choices, blank=True, default=""
    )
    plan = models.ForeignKey(SupportPlan, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    channel = models.CharField(_("channel"), max_length=12, blank=True, default="")
    ticket_type = models.CharField(_("ticket type"), max_length=12, blank=True, default="")
    priority = models.PositiveSmallIntegerField(_("priority"), null=True, blank=True)
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    targets = models.JSONField(default=standard_targets)
    warn_owner_percent = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("Empty: the desk's"))
    warn_supervisor_percent = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("Empty: the desk's"))
    pauses_on_pending = models.BooleanField(_("resolution pauses while the customer has the turn"), default=True)
    pauses_on_hold = models.BooleanField(_("resolution pauses on a hold that the customer asked for"), default=True)

    class Meta:
        ordering = ["policy", "number"]
        constraints = [models.UniqueConstraint(fields=["policy", "number"], name="policy_version_once")]
        triggers = [pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.policy_id}, version {self.number}"

    def target_for(self, metric: str, priority: int) -> int | None:
        """The target of a metric in seconds of the calendar; None: this policy promises no time for it."""
        by_priority = self.targets.get(str(metric), {})
        found: int | None = by_priority.get(str(int(priority)), by_priority.get(""))
        return found
