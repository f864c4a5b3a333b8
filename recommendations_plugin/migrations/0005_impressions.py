from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations_plugin", "0004_item_orders"),
    ]

    operations = [
        migrations.CreateModel(
            name="Impression",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("viewer_key", models.CharField(max_length=190, verbose_name="viewer")),
                ("feed", models.CharField(max_length=16, verbose_name="feed")),
                ("item_key", models.CharField(max_length=190, verbose_name="item")),
                ("placement", models.CharField(max_length=60, verbose_name="placement")),
                ("position", models.PositiveIntegerField(verbose_name="position")),
                (
                    "version",
                    models.CharField(blank=True, max_length=64, verbose_name="model version"),
                ),
                ("shown_at", models.DateTimeField(verbose_name="seen at")),
                (
                    "followed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="followed at"),
                ),
                ("portion", models.FloatField(default=0, verbose_name="watched portion")),
                ("liked", models.BooleanField(default=False, verbose_name="liked")),
            ],
            options={
                "verbose_name": "impression",
                "verbose_name_plural": "impressions",
                "indexes": [
                    models.Index(fields=["shown_at"], name="rec_impression_age"),
                    models.Index(
                        condition=models.Q(("followed_at__isnull", False)),
                        fields=["viewer_key", "item_key", "-followed_at"],
                        name="rec_impression_followed",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("viewer_key", "feed", "item_key"), name="rec_impression_once"
                    )
                ],
            },
        ),
    ]
