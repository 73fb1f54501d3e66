"""Policies and calendars that are applied to running clocks when asked, batch by batch, with what it did."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0004_enforcement_tallies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TermsApplication",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("at", models.DateTimeField()),
                ("policies", models.JSONField(blank=True, null=True)),
                ("upto", models.BigIntegerField(default=0)),
                ("tickets", models.PositiveIntegerField(default=0)),
                ("clocks", models.PositiveIntegerField(default=0)),
                ("moved", models.PositiveIntegerField(default=0)),
                ("earlier", models.PositiveIntegerField(default=0)),
                ("later", models.PositiveIntegerField(default=0)),
                (
                    "lost",
                    models.PositiveIntegerField(
                        default=0, help_text="They had a due time, and no time is promised any more"
                    ),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(condition=models.Q(("finished_at", None)), fields=["id"], name="terms_to_apply")
                ],
            },
        ),
    ]
