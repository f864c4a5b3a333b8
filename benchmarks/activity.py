"""Fills a site with what people did: events, impressions, watches, likes and comments."""

from __future__ import annotations

from django.db import connection

#: Days over which all is spread.
DAYS = 60
#: Comments for each hundred events.
COMMENTS = 10


def fill(events: int) -> None:
    """Add events, impressions and watches, and a tenth as many likes and comments.

    They are spread over days, viewers and items; impressions with a long tail.
    """
    from recommendations_plugin.models import FeedDay, Item
    from video_cms.models import User, VideoPage

    FeedDay.objects.all().delete()
    items, people = Item.objects.count(), User.objects.count()
    videos = VideoPage.objects.count()
    some = events * COMMENTS // 100
    # The product of two shares is a long tail: a tenth of the items gets a third of all.
    which = "(i * 48271 % 99991) * (i * 16807 % 99991) / 99991"
    viewer = f"JOIN person ON person.place = i % {people}"
    video = f"JOIN video ON video.place = (i / {people}) % {videos}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""{_numbers(events)} INSERT INTO recommendations_plugin_event (kind, viewer_key,
              target_key, value, occurred_at, created_at, attempts, synced_at, error)
            SELECT 'watch', 'user:' || (i * 7919 % 20011), 'video_cms.videopage:' || i, 0.5,
              d, d, 1, d, '' FROM n"""  # noqa: S608
        )
        cursor.execute(
            f"""{_numbers(events)} INSERT INTO recommendations_plugin_impression (viewer_key, feed,
              item_key, placement, position, version, step, arm, milliseconds, shown_at,
              followed_at, portion, seconds, liked, dismissed, parts)
            SELECT 'user:' || (i * 7919 % 20011), 'f' || i, item.key, 'home', i % 12,
              'v' || (i % 3), 'model', '', 9, d, CASE WHEN i % 7 = 0 THEN d END, 0.1, i % 7, false,
              i % 41 = 0, '' FROM n
            JOIN (SELECT key, row_number() OVER (ORDER BY id) AS place
                  FROM recommendations_plugin_item) item
              ON item.place = 1 + {which} * {items} / 99991"""  # noqa: S608
        )
        for number, table, columns, values in (
            (events, "watch", "session, watch_time, watched_duration, played, position, timestamp",
             "'', 0.5, 5, '[]', 5, d"),
            (some, "like", "created_at", "d"),
        ):  # fmt: skip
            cursor.execute(
                f"""{_numbers(number)}, {_PEOPLE}, {_VIDEOS}
                INSERT INTO video_cms_{table} (user_id, video_id, {columns})
                SELECT person.id, video.id, {values} FROM n {viewer} {video}
                ON CONFLICT DO NOTHING"""  # noqa: S608
            )
        cursor.execute(
            f"""{_numbers(some)}, {_PEOPLE}, {_VIDEOS}
            INSERT INTO video_cms_comment
              (author_id, video_id, text, state, pinned, likes, created_at)
            SELECT person.id, video.id, 'Comment ' || i,
              CASE WHEN i % 50 = 0 THEN 'held' ELSE 'published' END, false, 0, d
            FROM n {viewer} {video}"""  # noqa: S608
        )
        cursor.execute("ANALYZE")


_PEOPLE = "person AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM video_cms_user)"
_VIDEOS = (
    "video AS (SELECT page_ptr_id AS id, row_number() OVER (ORDER BY page_ptr_id) - 1 AS place"
    " FROM video_cms_videopage)"
)


def _numbers(last: int) -> str:
    """Return the start of a statement: numbers ``i`` from 1 in ``n``, each with a moment ``d``."""
    if connection.vendor == "postgresql":
        series = f"SELECT i FROM generate_series(1, CAST({last} AS bigint)) AS s(i)"  # noqa: S608
        moment = f"now() - i * interval '{DAYS} days' / {last}"
        return f"WITH n(i, d) AS (SELECT i, {moment} FROM ({series}) t)"  # noqa: S608
    moment = f"datetime('now', '-' || (i * {DAYS} * 86400 / {last}) || ' seconds')"
    return (
        f"WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t WHERE i < {last}), "  # noqa: S608
        f"n(i, d) AS (SELECT i, {moment} FROM t)"
    )
