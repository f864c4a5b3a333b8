"""How long the studio takes for a creator with very many videos that were watched very often.

    nice -n 10 python benchmarks/studio.py [--videos 10000] [--watches 1000000] [--rounds 5]

Makes a site of its own in a folder, on SQLite, or in the empty PostgreSQL database that ``DB_NAME``
names. Half as many videos again belong to somebody else. Pages are asked for without any network
between; of each are told the median and its queries, and its queries with a tenth of all that.
"""

# ruff: noqa: S608 (the numbers in these statements are the script's own)

from __future__ import annotations

import argparse
import io
import os
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "site"), str(Path(__file__).parent)]

#: Videos that all others are copies of, and viewers.
ORIGINALS, VIEWERS = 40, 20_000
#: Days over which watches, likes and followers are spread.
DAYS = 700
#: Videos that one bulk edit changes: a page of the list.
TICKED = 24
#: Numbers from 1, as both databases' own rows.
NUMBERS = (
    "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT i + 1 FROM n WHERE i < %s)"
)


def make_originals() -> Any:
    """Make a site with videos of two creators; return the account of the first."""
    from django.core.files.base import ContentFile
    from PIL import Image

    from video_cms.models import Category, ParentCategory, Picture, User, VideoMedia, VideoPage
    from video_cms.site_tree import ensure_site_tree

    index = ensure_site_tree().videos
    for name in ("Music", "Nature", "Science", "Cooking"):
        parent = ParentCategory.objects.create(name=name)
        for number in range(5):
            Category.objects.create(name=f"{name} {number}", parent=parent)
    categories = list(Category.objects.all())
    creators = [User.objects.create_user(f"creator{n}", f"c{n}@example.org") for n in range(2)]
    picture = io.BytesIO()
    Image.new("RGB", (640, 360), "teal").save(picture, "PNG")
    for number in range(ORIGINALS):
        creator = creators[number % 3 == 2]
        poster = Picture.objects.create(
            title=f"Poster {number}", file=ContentFile(picture.getvalue(), f"{number}.png")
        )
        media = VideoMedia(title=f"Film {number}", type="video", duration=600, poster=poster)
        media.state = VideoMedia.State.READY
        media.file.name = f"media/{number}.mp4"
        VideoMedia.objects.bulk_create([media])
        page = VideoPage(
            title=f"A walk in the woods, part {number}",
            creator=creator.profile,
            owner=creator,
            media=media,
            live=number % 10 != 0,
        )
        page.tags.add("owls", f"tag {number}")
        page.categories.set(categories[number % 20 : number % 20 + 2])
        index.add_child(instance=page)
    return creators[0]


def copy_videos(number: int) -> None:
    """Add copies of the originals until the two creators have half as many more than ``number``."""
    from enlarge import copy_pages

    from video_cms.models import VideoPage

    missing = number * 3 // 2 - VideoPage.objects.count()
    originals = list(VideoPage.objects.order_by("pk").values_list("pk", flat=True)[:ORIGINALS])
    copy_pages([originals[n % ORIGINALS] for n in range(missing)])


def fill(creator: Any, watches: int) -> None:
    """Have the creator's videos watched: half of all watches are of a tenth of them."""
    from django.db import connection

    from video_cms.models import Follow, Like, User, VideoDay, Watch

    for model in (VideoDay, Watch, Like, Follow):
        model.objects.all().delete()
    if User.objects.count() < VIEWERS:
        User.objects.bulk_create(
            [User(username=f"viewer{n}", email=f"v{n}@example.org") for n in range(VIEWERS)],
            batch_size=5000,
        )
    with connection.cursor() as cursor:
        for sql, number in statements(creator, connection.vendor == "postgresql"):
            cursor.execute(sql.replace("%s", str(watches // number)))
        cursor.execute("ANALYZE")


def statements(creator: Any, postgres: bool) -> list[tuple[str, int]]:
    """Return what makes watches, their days, likes and followers: one for each so many watches."""
    when = f"datetime('now', '-' || (n.i % {DAYS}) || ' days')"
    if postgres:
        when = f"now() - (n.i % {DAYS}) * interval '1 day'"
    played = f"'[[0, 300]]'{'::jsonb' if postgres else ''}"
    skew = "(n.i * 48271 % 9973) * (n.i * 16807 % 9973) / 9973"
    own = f"""JOIN (SELECT page_ptr_id AS id, row_number() OVER (ORDER BY page_ptr_id) AS place
                FROM video_cms_videopage WHERE creator_id = {creator.profile.pk}) v
              ON v.place = 1 + {skew} * {creator.profile.videos.count()} / 9973"""
    people = f"""JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM video_cms_user) u
                 ON u.place = 1 + n.i % {VIEWERS}"""
    return [
        (
            f"""{NUMBERS} INSERT INTO video_cms_watch (session, video_id, watch_time,
              watched_duration, played, position, timestamp)
            SELECT 's' || n.i, v.id, 0.5, 300, {played}, 300, {when} FROM n {own}""",
            1,
        ),
        (
            """INSERT INTO video_cms_videoday (video_id, day, source, viewers, views, seconds)
            SELECT video_id, date(timestamp), 'home', count(*), count(*), sum(watched_duration)
            FROM video_cms_watch GROUP BY video_id, date(timestamp)""",
            1,
        ),
        (
            f"""{NUMBERS} INSERT INTO video_cms_like (user_id, video_id, created_at)
            SELECT u.id, v.id, {when} FROM n {own} {people} ON CONFLICT DO NOTHING""",
            10,
        ),
        (
            f"""{NUMBERS} INSERT INTO video_cms_follow (user_id, creator_id, video_id, created_at)
            SELECT u.id, {creator.profile.pk}, v.id, {when} FROM n {own} {people}
            ON CONFLICT DO NOTHING""",
            100,
        ),
    ]


def pages_of(creator: Any) -> dict[str, tuple[str, dict[str, Any] | None]]:
    """Return what is asked for: the address of each, and what is sent there."""
    from django.db.models import Count
    from django.urls import reverse

    videos = creator.profile.videos
    most = videos.annotate(number=Count("watches")).order_by("-number").first().video_id
    studio, name = reverse("studio"), creator.username
    ticked = list(videos.order_by("-pk").values_list("video_id", flat=True)[:TICKED])
    return {
        "list": (studio, None),
        "list, page 300": (f"{studio}?page=300", None),
        "list, searched": (f"{studio}?q=part+7", None),
        "list, one tag": (f"{studio}?q=tag+13", None),
        "list, drafts": (f"{studio}?state=draft", None),
        "list, failed": (f"{studio}?state=failed", None),
        "list, most viewed": (f"{studio}?order=views", None),
        "list, by title": (f"{studio}?order=title", None),
        "list, one category": (f"{studio}?category=music-1", None),
        "deleted": (reverse("studio_deleted"), None),
        "comments": (reverse("studio_comments"), None),
        "a video's form": (reverse("studio_edit", args=[most]), None),
        "a video's figures": (reverse("statistics", args=[most]), None),
        "channel by day": (reverse("channel_statistics", args=[name]), None),
        "channel by month": (f"{reverse('channel_statistics', args=[name])}?by=month", None),
        "CSV by month": (
            f"{reverse('channel_statistics_csv', args=[name, 'figures'])}?by=month",
            None,
        ),
        "CSV of retention": (reverse("statistics_csv", args=[most, "retention"]), None),
        f"bulk edit of {TICKED}": (
            reverse("studio_many"),
            {"action": "no_comments", "video": ticked},
        ),
    }


def measure(creator: Any, rounds: int) -> dict[str, tuple[float, int]]:
    """Return the median seconds and the queries of each page."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.force_login(creator)
    found = {}
    for name, (address, sent) in pages_of(creator).items():
        ask = partial(client.post, address, sent) if sent else partial(client.get, address)
        ask()  # pictures are made when they are first shown
        with CaptureQueriesContext(connection) as captured:
            answer = ask()
        queries = len(captured)
        if answer.status_code not in (200, 302):
            sys.exit(f"{address} answered {answer.status_code}.")
        times = []
        for _round in range(rounds):
            began = time.perf_counter()
            ask()
            times.append(time.perf_counter() - began)
        found[name] = (statistics.median(times), queries)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--videos", type=int, default=10_000)
    parser.add_argument("--watches", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(
            VAR_DIR=folder,
            DEBUG="0",
            LOG_LEVEL="ERROR",
            DJANGO_SETTINGS_MODULE="videosite.settings.dev",
        )
        run(options)


def run(options: argparse.Namespace) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    settings.DEBUG, settings.ALLOWED_HOSTS = False, ["*"]
    call_command("migrate", verbosity=0)
    creator = make_originals()
    found = []
    for part in (10, 1):
        began = time.perf_counter()
        copy_videos(options.videos // part)
        fill(creator, options.watches // part)
        print(
            f"{creator.profile.videos.count()} videos, {options.watches // part} watches"
            f" in {time.perf_counter() - began:.0f} s ({connection.vendor})"
        )
        found.append(measure(creator, options.rounds if part == 1 else 1))
    print(f"{'page':22} {'ms':>7} {'queries':>8} {'of a tenth':>11}")
    for name, (seconds, queries) in found[1].items():
        print(f"{name:22} {1000 * seconds:7.0f} {queries:8} {found[0][name][1]:11}")


if __name__ == "__main__":
    main()
