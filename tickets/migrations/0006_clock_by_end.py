"""The clocks that ended of late, for the forecast and the wallboard: without reading all there ever were."""

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
        )
    ]
