"""How long the admin's pages take over a large catalogue, beside Wagtail's own page explorer.

    nice -n 10 python benchmarks/admin.py VAR_DIR [--videos 100000] [--events 1000000] [--rounds 5]

``VAR_DIR``: what ``manage.py demo`` made, of which a copy is enlarged (SQLite). Pages are asked for
in turn, each as many times as there are rounds, by an administrator without any network between;
the median of each is told, its queries, and its ratio to the explorer's.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "site"), str(Path(__file__).parent)]

#: Days over which events and impressions are spread.
DAYS = 60
SNIPPETS = "wagtailsnippets_recommendations_plugin"
#: Pages by their names; the explorer of all videos, which the others are held against, is added.
PAGES = {
    "home": "wagtailadmin_home",
    "videos": "videos:index",
    "categories": "wagtailsnippets_video_cms_category:list",
    "creators": "wagtailsnippets_video_cms_creatorprofile:list",
    "comments": "wagtailsnippets_video_cms_comment:list",
    "dashboard": "recommendations_status",
    "training runs": f"{SNIPPETS}_trainingrun:list",
    "items": f"{SNIPPETS}_item:list",
    "impressions": f"{SNIPPETS}_impression:list",
    "events": f"{SNIPPETS}_event:list",
    "interests": f"{SNIPPETS}_usercategoryinterest:list",
    "report: never recommended": "recommendations_orphans",
    "report: wanted topics": "recommendations_topics",
    "report: over-exposed": "recommendations_exposure",
    "report: dismissed most": "recommendations_dismissed",
    "report: events given up": "recommendations_dead_letters",
    "report: experiments": "recommendations_experiments",
}
#: Numbers from 1, as the databases' own rows.
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)"


def fill(events: int) -> None:
    """Add events and impressions, spread over days, viewers and items with a long tail."""
    from django.db import connection

    from recommendations_plugin.models import FeedDay, Item

    FeedDay.objects.all().delete()
    items = Item.objects.count()
    when = f"datetime('now', '-' || (i * {DAYS} / {events}) || ' days')"
    # The product of two shares is a long tail: a tenth of the items gets a third of all.
    which = "(i * 48271 % 99991) * (i * 16807 % 99991) / 99991"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""{NUMBERS} INSERT INTO recommendations_plugin_event (kind, viewer_key, target_key,
              value, occurred_at, created_at, attempts, synced_at, error)
            SELECT 'watch', 'user:' || (i * 7919 % 20011), 'video_cms.videopage:' || i, 0.5,
              d, d, 1, d, '' FROM (SELECT i, {when} AS d FROM n)""".replace("%s", str(events))  # noqa: S608
        )
        cursor.execute(
            f"""{NUMBERS} INSERT INTO recommendations_plugin_impression (viewer_key, feed, item_key,
              placement, position, version, step, arm, milliseconds, shown_at, followed_at, portion,
              seconds, liked, dismissed, parts)
            SELECT 'user:' || (i * 7919 % 20011), 'f' || i, item.key, 'home', i % 12,
              'v' || (i % 3), 'model', '', 9, d, CASE WHEN i % 7 = 0 THEN d END, 0.1, i % 7, 0,
              i % 41 = 0, '' FROM (SELECT i, {when} AS d FROM n)
            JOIN (SELECT key, row_number() OVER (ORDER BY id) AS place
                  FROM recommendations_plugin_item) item
              ON item.place = 1 + {which} * {items} / 99991""".replace("%s", str(events))  # noqa: S608
        )
        cursor.execute("ANALYZE")


def measure(rounds: int) -> dict[str, tuple[float, int]]:
    """Return the median seconds and the queries of each page, the explorer's first."""
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from video_cms.models import VideoIndexPage

    boss, _new = get_user_model().objects.get_or_create(
        username="benchmark", defaults={"is_superuser": True, "email": "b@example.org"}
    )
    client = Client()
    client.force_login(boss)
    index = VideoIndexPage.objects.get()
    addresses = {"explorer": reverse("wagtailadmin_explore", args=[index.pk])}
    addresses |= {name: reverse(page) for name, page in PAGES.items()}
    queries, times = {}, {name: [] for name in addresses}
    for name, address in addresses.items():
        client.get(address)  # pictures are made when they are first shown
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address)
        if answer.status_code != 200:
            sys.exit(f"{address} answered {answer.status_code}.")
        queries[name] = len(captured)
    for _round in range(rounds):
        for name, address in addresses.items():
            began = time.perf_counter()
            client.get(address)
            times[name].append(time.perf_counter() - began)
    return {name: (statistics.median(of), queries[name]) for name, of in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("var_dir", type=Path)
    parser.add_argument("--videos", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(options.var_dir / "db.sqlite3", Path(folder) / "db.sqlite3")
        for name in ("recommendations", "media/original_images"):
            shutil.copytree(options.var_dir / name, Path(folder) / name)
        os.environ.update(
            VAR_DIR=folder,
            DEBUG="0",
            DJANGO_SETTINGS_MODULE="videosite.settings.dev",
        )
        run(options)


def run(options: argparse.Namespace) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from enlarge import enlarge

    from recommendations_plugin import tasks

    settings.DEBUG, settings.ALLOWED_HOSTS = False, ["*"]
    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    enlarge(options.videos)
    fill(options.events)
    print(
        f"{options.videos} videos, {options.events} events in {time.perf_counter() - began:.0f} s"
    )
    began = time.perf_counter()
    days = tasks.summarise()
    print(f"{days} days summed up in {time.perf_counter() - began:.1f} s")
    began = time.perf_counter()
    tasks.summarise()
    print(f"and again, as every half an hour, in {time.perf_counter() - began:.1f} s")
    found = measure(options.rounds)
    explorer = found["explorer"][0]
    print(f"{'page':28} {'ms':>7} {'ratio':>6} {'queries':>8}")
    for name, (seconds, queries) in found.items():
        print(f"{name:28} {1000 * seconds:7.0f} {seconds / explorer:6.2f} {queries:8}")


if __name__ == "__main__":
    main()
