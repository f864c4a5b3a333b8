"""How long the admin's pages take over a large catalogue, beside Wagtail's own page explorer.

    nice -n 10 python benchmarks/admin.py VAR_DIR [--videos 100000] [--events 1000000] [--rounds 5]

``VAR_DIR``: what ``manage.py demo`` made, of which a copy is enlarged; in SQLite, or with
``DB_NAME``, ``DB_USER``, ``DB_HOST`` and ``DB_PORT`` in an empty PostgreSQL database. ``--keep
FOLDER`` keeps the copy there for the next time. Pages are asked for in turn, each as many times as
there are rounds, by an administrator without any network between; told are the medians on the clock
and of this process's processor time, the ratio of the latter to the explorer's, and the queries.
``cold``: the first time, on the clock, with an empty cache.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "site"), str(Path(__file__).parent)]

SNIPPETS = "wagtailsnippets_{}:list"
#: Pages by their names; the explorer of all videos, which the others are held against, is added.
PAGES = {
    "home": "wagtailadmin_home",
    "videos": "videos:index",
    **{
        name: SNIPPETS.format(f"video_cms_{name}")
        for name in (
            "parentcategory",
            "category",
            "creatorprofile",
            "comment",
            "watch",
            "like",
            "follow",
            "processingstep",
        )
    },
    "dashboard": "recommendations_status",
    "inspector": "recommendations_inspect",
    "releases": "recommendations_releases",
    **{
        name: SNIPPETS.format(f"recommendations_plugin_{name}")
        for name in (
            "editorialrule",
            "experiment",
            "trainingrun",
            "usercategoryinterest",
            "item",
            "facet",
            "impression",
            "event",
        )
    },
    **{
        f"report: {name}": f"recommendations_{name}"
        for name in ("orphans", "topics", "exposure", "dismissed", "dead_letters", "experiments")
    },
}
#: Questions asked of lists.
QUESTIONS = {
    "videos, by views": ("videos:index", "ordering=-views"),
    "videos, of a creator": ("videos:index", "creator=ma"),
    "videos, of a parent": ("videos:index", "parent_category=1"),
    "videos, last page": ("videos:index", "p=1000"),
    "comments that wait": (SNIPPETS.format("video_cms_comment"), "queue=waiting"),
    "comments, words": (SNIPPETS.format("video_cms_comment"), "q=comment+77"),
    "watches, words": (SNIPPETS.format("video_cms_watch"), "q=jazz"),
    "impressions, last page": (SNIPPETS.format("recommendations_plugin_impression"), "p=9999"),
}


def addresses() -> dict[str, str]:
    """Return the addresses of the pages, the explorer's first."""
    from django.urls import reverse

    from video_cms.models import Comment, VideoIndexPage, VideoPage

    explored = reverse("wagtailadmin_explore", args=[VideoIndexPage.objects.get().pk])
    return {
        "explorer": explored,
        **{name: reverse(page) for name, page in PAGES.items()},
        **{name: f"{reverse(page)}?{query}" for name, (page, query) in QUESTIONS.items()},
        "form of a video": reverse(
            "wagtailadmin_pages:edit", args=[VideoPage.objects.latest("pk").pk]
        ),
        "form of a comment": reverse(
            "wagtailsnippets_video_cms_comment:edit", args=[Comment.objects.latest("pk").pk]
        ),
    }


def measure(rounds: int) -> dict[str, tuple[float, float, float, int]]:
    """Return of each page the median seconds, clock and processor, the cold ones, its queries."""
    from django.contrib.auth import get_user_model
    from django.core.cache import cache
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    boss, _new = get_user_model().objects.get_or_create(
        username="benchmark", defaults={"is_superuser": True, "email": "b@example.org"}
    )
    client = Client()
    client.force_login(boss)

    def seconds(address: str) -> tuple[float, float]:
        began, worked = time.perf_counter(), time.process_time()
        client.get(address)
        return time.perf_counter() - began, time.process_time() - worked

    pages = addresses()
    cold, queries, times = {}, {}, {name: [] for name in pages}
    for name, address in pages.items():
        client.get(address)  # pictures are made when they are first shown
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address)
        if answer.status_code != 200:
            sys.exit(f"{address} answered {answer.status_code}.")
        queries[name] = len(captured)
        cache.clear()
        cold[name] = seconds(address)[0]
    for _round in range(rounds):
        for name, address in pages.items():
            times[name].append(seconds(address))
    return {
        name: (*map(statistics.median, zip(*of, strict=True)), cold[name], queries[name])
        for name, of in times.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("var_dir", type=Path)
    parser.add_argument("--videos", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        if not (folder / "db.sqlite3").exists():
            folder.mkdir(exist_ok=True)
            for name in ("recommendations", "media/original_images", "media/images"):
                if (options.var_dir / name).exists():
                    shutil.copytree(options.var_dir / name, folder / name)
            shutil.copyfile(options.var_dir / "db.sqlite3", folder / "db.sqlite3")
        os.environ.update(
            VAR_DIR=str(folder), DEBUG="0", DJANGO_SETTINGS_MODULE="videosite.settings.dev"
        )
        run(options)


def load(var_dir: Path) -> None:
    """Fill the PostgreSQL database with what lies in the SQLite one."""
    from django.core.management import call_command

    environment = {name: of for name, of in os.environ.items() if not name.startswith("DB_")}
    dump = Path(os.environ["VAR_DIR"]) / "dump.json"
    leave = ("sessions", "wagtailsearch")
    command = ["dumpdata", "--output", str(dump)]
    subprocess.run(  # noqa: S603
        [sys.executable, str(ROOT / "manage.py"), *command, *(f"-e{name}" for name in leave)],
        env={**environment, "VAR_DIR": str(var_dir)},
        check=True,
    )
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
    call_command("loaddata", str(dump), verbosity=0)


def enlarge_all(options: argparse.Namespace) -> None:
    """Enlarge the copy, unless that was done before."""
    from activity import fill
    from django.core.management import call_command
    from django.db import connection
    from enlarge import enlarge

    from recommendations_plugin import tasks
    from video_cms.models import VideoPage

    call_command("migrate", verbosity=0)
    if VideoPage.objects.count() >= options.videos:
        return
    if connection.vendor == "postgresql":
        load(options.var_dir)
    began = time.perf_counter()
    enlarge(options.videos)
    fill(options.events)
    print(
        f"{options.videos} videos, {options.events} events in {time.perf_counter() - began:.0f} s"
    )
    for when in ("", " again, as by the schedule"):
        began = time.perf_counter()
        days = tasks.summarise()
        print(f"{days} days summed up{when} in {time.perf_counter() - began:.1f} s")


def run(options: argparse.Namespace) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    settings.DEBUG, settings.ALLOWED_HOSTS = False, ["*"]
    enlarge_all(options)
    found = measure(options.rounds)
    explorer = found["explorer"][1]
    load = os.getloadavg()[0]
    print(f"{connection.vendor}, {settings.CACHES['default']['BACKEND']}, load {load:.1f}")
    print(f"{'page':28} {'ms':>7} {'cpu ms':>7} {'ratio':>6} {'cold ms':>8} {'queries':>8}")
    for name, (clock, cpu, cold, queries) in found.items():
        told = f"{1000 * clock:7.0f} {1000 * cpu:7.0f} {cpu / explorer:6.2f} {1000 * cold:8.0f}"
        print(f"{name:28} {told} {queries:8}")


if __name__ == "__main__":
    main()
