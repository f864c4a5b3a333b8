"""What a feed reads with an item: its facets' keys, and how it trends."""

from collections import defaultdict
from typing import Any

from django.db import migrations, models

BATCH = 1000


def fill_facet_keys(apps: Any, schema_editor: Any) -> None:
    """Copy the keys of items' facets to where feeds read them."""
    item = apps.get_model("recommendations_plugin", "Item")
    links = item.facets.through.objects.order_by("facet__key")
    ids = item.objects.order_by("pk").values_list("pk", flat=True)
    last = 0
    while batch := list(ids.filter(pk__gt=last)[:BATCH]):
        last = batch[-1]
        found: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for pk, kind, key in links.filter(item_id__in=batch).values_list(
            "item_id", "facet__kind", "facet__key"
        ):
            found[pk][kind].append(key)
        item.objects.bulk_update(
            [item(pk=pk, facet_keys=found[pk]) for pk in batch], ["facet_keys"]
        )


class Migration(migrations.Migration):
    dependencies = [("recommendations_plugin", "0002_viewer_control")]

    operations = [
        migrations.AddField(
            model_name="item",
            name="facet_keys",
            field=models.JSONField(blank=True, default=dict, verbose_name="facets, by kind"),
        ),
        migrations.AddField(
            model_name="item",
            name="trend",
            field=models.FloatField(default=0, verbose_name="trend"),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(fields=["live", "-trend"], name="rec_item_trending"),
        ),
        migrations.RunPython(fill_facet_keys, migrations.RunPython.noop),
    ]
