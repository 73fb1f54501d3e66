from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0002_first_response_from")]

    operations = [
        migrations.AddField(
            model_name="importedcase",
            name="facts",
            field=models.PositiveIntegerField(
                default=0, help_text="How many rows or messages the digest covers, in order"
            ),
        ),
        migrations.AddField(
            model_name="importedcase",
            name="state",
            field=models.CharField(
                blank=True, default="", help_text="A state of which the source tells no time", max_length=10
            ),
            preserve_default=False,
        ),
    ]
