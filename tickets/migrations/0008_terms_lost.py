from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0007_clock_by_terms"),
    ]

    operations = [
        migrations.AddField(
            model_name="termsapplication",
            name="lost",
            field=models.PositiveIntegerField(
                default=0, help_text="They had a due time, and no time is promised any more"
            ),
        ),
    ]
