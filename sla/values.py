"""Settings of service levels that the desk may change (S4); a policy may say others."""

from django.utils.translation import gettext_lazy as _

from events.values import define

SLA_WARN_OWNER_PERCENT = define(
    "sla.warn_owner_percent",
    75,
    "count",
    _("Warn the owner when this part of the time has run, in percent"),
    group="sla",
    minimum=1,
    maximum=99,
)
SLA_WARN_SUPERVISOR_PERCENT = define(
    "sla.warn_supervisor_percent",
    90,
    "count",
    _("Warn the supervisor when this part of the time has run, in percent"),
    group="sla",
    minimum=1,
    maximum=99,
)
