"""What was watched, summed by video, day and source, beside the rows of ``Watch``.

Added in the transaction that moves the row of ``Watch`` on, by what that adds to it: a report that
comes twice adds nothing the second time. Whoever lets nothing be learned or kept of them counts
too, since nothing here tells who anybody is. A day stays as it was counted, also when a viewer
takes something out of their history or leaves; it goes with its video.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import astuple, dataclass
from datetime import date, datetime

from django.db import connection
from django.utils import timezone

#: Both databases read this: what is there grows by what would have been inserted.
ADD = """
INSERT INTO video_cms_videoday AS kept (video_id, day, source, viewers, views, seconds)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (video_id, day, source) DO UPDATE SET
    viewers = kept.viewers + excluded.viewers,
    views = kept.views + excluded.views,
    seconds = kept.seconds + excluded.seconds
"""

#: A video's id, the day and the source.
Key = tuple[int, date, str]


@dataclass(slots=True)
class Added:
    """What is new: viewers who started, views, seconds."""

    viewers: int = 0
    views: int = 0
    seconds: float = 0.0


class Days:
    """What some watching adds to the days; ``save`` keeps it."""

    def __init__(self) -> None:
        self.rows: dict[Key, Added] = defaultdict(Added)

    def add(
        self, video: int, at: datetime, source: str, *, started: bool, view: bool, seconds: float
    ) -> None:
        """Add what one viewer did at a moment."""
        row = self.rows[video, day_of(at), source]
        row.viewers += started
        row.views += view
        row.seconds += seconds

    def save(self) -> None:
        """Add everything, in an order that two at once cannot deadlock in."""
        values = [
            (video, connection.ops.adapt_datefield_value(day), source, *astuple(row))
            for (video, day, source), row in sorted(self.rows.items())
            if row != Added()
        ]
        if values:
            with connection.cursor() as cursor:
                cursor.executemany(ADD, values)
        self.rows.clear()


def day_of(at: datetime) -> date:
    """Return the day of a moment in the site's time zone."""
    return timezone.localtime(at, timezone.get_default_timezone()).date()
