"""Policies and calendars that were applied to running clocks: asked for by somebody, carried out in batches."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class TermsApplication(models.Model):
    """Running clocks move to the versions in force at ``at``; ``policies`` are ids, None means all of them.

    ``upto`` is the last ticket (by key) that was seen to: whoever goes on begins after it.
    """

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    at = models.DateTimeField()
    policies = models.JSONField(null=True, blank=True)
    upto = models.BigIntegerField(default=0)
    tickets = models.PositiveIntegerField(default=0)
    clocks = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    earlier = models.PositiveIntegerField(default=0)
    later = models.PositiveIntegerField(default=0)
    lost = models.PositiveIntegerField(default=0, help_text=_("They had a due time, and no time is promised any more"))
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["id"], name="terms_to_apply", condition=Q(finished_at=None))]

    def __str__(self) -> str:
        return f"{self.moved} of {self.clocks} clocks moved"

    @property
    def still(self) -> int:
        """Clocks that count by what holds now and are due as before."""
        return self.clocks - self.moved
