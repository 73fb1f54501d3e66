"""What is promised about time: policies. The clocks that run under them belong to tickets."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import CustomerType, Organisation
from staff.models import Calendar, Team

DAY = 24 * 60 * 60


class Policy(models.Model):
    """Targets in seconds for tickets that match; an empty condition matches every ticket; most conditions wins (S2).

    ``channel``, ``ticket_type`` and ``priority`` hold the codes of ``tickets.models``. No calendar: around the clock.
    """

    name = models.CharField(_("name"), max_length=120, unique=True)
    is_active = models.BooleanField(_("in use"), default=True)
    is_default = models.BooleanField(_("used where no other fits"), default=False)
    customer_type = models.CharField(
        _("customer type"), max_length=10, choices=CustomerType.choices, blank=True, default=""
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    channel = models.CharField(_("channel"), max_length=12, blank=True, default="")
    ticket_type = models.CharField(_("ticket type"), max_length=12, blank=True, default="")
    priority = models.PositiveSmallIntegerField(_("priority"), null=True, blank=True)
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    first_response_seconds = models.PositiveIntegerField(_("first response within"), null=True, default=DAY)
    next_response_seconds = models.PositiveIntegerField(_("next response within"), null=True, default=DAY)
    resolution_seconds = models.PositiveIntegerField(_("resolution within"), null=True, blank=True, default=5 * DAY)

    class Meta:
        verbose_name_plural = "policies"
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="policy_one_default")
        ]

    def __str__(self) -> str:
        return self.name
