"""Which clocks count with a version of a policy or of a calendar: removing one must not read all there ever were."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tickets", "0006_clock_by_end")]

    operations = [
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
