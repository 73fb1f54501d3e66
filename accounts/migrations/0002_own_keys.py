from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="own_keys",
            field=models.JSONField(blank=True, default=dict, verbose_name="own shortcuts"),
        ),
        migrations.AddField(
            model_name="user",
            name="theme",
            field=models.CharField(
                blank=True,
                choices=[("light", "Light"), ("dark", "Dark")],
                default="",
                max_length=8,
                verbose_name="theme",
            ),
        ),
    ]
