from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="importrun",
            name="first_response_from",
            field=models.CharField(
                blank=True,
                default="",
                help_text="The activity that stands in for the first response; reports say so",
                max_length=160,
            ),
            preserve_default=False,
        ),
    ]
