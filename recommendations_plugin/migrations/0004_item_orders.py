"""Indexes that hold the orders in which feeds read items."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations_plugin", "0003_feed"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="item",
            name="rec_item_popular",
        ),
        migrations.RemoveIndex(
            model_name="item",
            name="rec_item_latest",
        ),
        migrations.RemoveIndex(
            model_name="item",
            name="rec_item_trending",
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(
                condition=models.Q(("live", True)),
                fields=["-engagement", "-id"],
                name="rec_item_popular",
            ),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(
                condition=models.Q(("live", True)),
                fields=["-published_at", "-id"],
                name="rec_item_latest",
            ),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(
                condition=models.Q(("live", True)),
                fields=["-trend", "-id"],
                name="rec_item_trending",
            ),
        ),
    ]
