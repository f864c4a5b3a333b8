from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("recommendations_plugin", "0011_rules")]

    operations = [
        migrations.AddField(
            model_name="impression",
            name="parts",
            field=models.CharField(blank=True, max_length=60, verbose_name="parts of the score"),
        ),
    ]
