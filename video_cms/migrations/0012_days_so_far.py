"""Sums up by day what was watched before there were days."""

from itertools import islice

from django.db import migrations
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncDate

BATCH = 2000


def count_days(apps, schema_editor):
    """Sum up what is known of the past: each watch on the day it was last heard of."""
    watch, day = (apps.get_model("video_cms", name) for name in ("Watch", "VideoDay"))
    somebody_else = Q(user=None) | ~Q(user=F("video__creator__user"))
    sums = (
        watch.objects.filter(somebody_else)
        .order_by()
        .annotate(day=TruncDate("timestamp"))
        .values("video", "day")
        .annotate(
            viewers=Count("pk"),
            views=Count("pk", filter=Q(watch_time__gte=0.3)),
            seconds=Sum("watched_duration"),
        )
    )
    for batch in batched(sums.iterator(BATCH)):
        day.objects.bulk_create(
            day(video_id=row.pop("video"), source="unknown", **row) for row in batch
        )


def batched(rows):
    while batch := list(islice(rows, BATCH)):
        yield batch


class Migration(migrations.Migration):
    dependencies = [("video_cms", "0011_studio")]

    operations = [migrations.RunPython(count_days, migrations.RunPython.noop, elidable=True)]
