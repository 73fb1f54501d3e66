"""Clocks are found without reading all there ever were.

By when they ended, for the forecast and the wallboard; by the version of a policy or of a calendar that they count
with, when somebody removes one.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tickets", "0005_terms_application")]

    operations = [
        AddIndexConcurrently(
            "clock",
            models.Index(fields=["stopped_at"], name="clock_by_end", condition=Q(stopped_at__isnull=False)),
        ),
        AddIndexConcurrently(
            "clock",
            models.Index(
                fields=["policy_version"], name="clock_by_policy_version", condition=Q(policy_version__isnull=False)
            ),
        ),
        AddIndexConcurrently(
            "clock",
            models.Index(fields=["hours"], name="clock_by_hours", condition=Q(hours__isnull=False)),
        ),
    ]
