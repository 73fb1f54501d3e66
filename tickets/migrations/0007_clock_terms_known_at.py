"""A clock remembers when its terms were picked, so that what is decided later moves it only when asked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0006_clock_by_end")]

    operations = [
        migrations.AddField(
            model_name="clock",
            name="terms_known_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When they were picked: what was decided since moves it only when asked",
                null=True,
            ),
        ),
    ]
