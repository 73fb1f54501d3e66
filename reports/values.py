"""Settings of reports that the desk may change."""

from django.utils.translation import gettext_lazy as _

from events.values import define

ATTAINMENT_TARGET_PERCENT = define(
    "reports.attainment_target_percent",
    95,
    "count",
    _("Part of first responses that should come in time, in percent"),
    group="reports",
    minimum=1,
    maximum=100,
)
