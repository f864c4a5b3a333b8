"""Gives the demo's creator an audience, so that the studio's charts have something to show.

Nobody real is behind these rows, and the recommender learns nothing from them but who follows.
"""

from __future__ import annotations

import math
import uuid
from collections import Counter
from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from video_cms import counters, daily, engagement, played
from video_cms.models import CreatorProfile, Follow, Source, User, VideoPage, Watch

#: How long ago it began, how many came, how many of the simulated viewers follow.
PERIOD = timedelta(days=700)
VISITS, FOLLOWERS = 2400, 90
WAYS = {
    Source.HOME: 30,
    Source.SIDEBAR: 22,
    Source.SEARCH: 16,
    Source.FOLLOWING: 9,
    Source.CHANNEL: 7,
    Source.CATEGORY: 5,
    Source.EXTERNAL: 5,
    Source.DIRECT: 4,
    Source.LIBRARY: 2,
}


@transaction.atomic
def gather(creator: CreatorProfile, now: datetime, seed: int = 11) -> int:
    """Let people without an account watch, and simulated viewers follow; return how many watched.

    Nothing where somebody follows already.
    """
    if creator.followers.exists():
        return 0
    random = Random(seed)  # noqa: S311 - invented people, not secrets
    videos = list(creator.videos.filter(live=True).select_related("media").order_by("pk"))
    days, views = daily.Days(), Counter[int]()
    watches = [_watch(random.choice(videos), now, random) for _ in range(VISITS)]
    for watch in watches:
        view = counters.is_view(watch.watch_time)
        views[watch.video_id] += view
        [source] = random.choices(list(WAYS), list(WAYS.values()))
        seconds = watch.watched_duration
        days.add(watch.video_id, watch.timestamp, source, started=True, view=view, seconds=seconds)
    Watch.objects.bulk_create(watches, batch_size=500)
    days.save()
    counters.add("views", views)
    _follow(creator, videos, now, random)
    return len(watches)


def _watch(video: VideoPage, now: datetime, random: Random) -> Watch:
    """One visit at some moment since the video is there."""
    parts = _parts(video.duration, random)
    seconds = played.seconds(parts)
    age = min(PERIOD, now - video.first_published_at)
    return Watch(
        session=uuid.UUID(int=random.getrandbits(128)).hex,
        video=video,
        played=parts,
        watch_time=min(1.0, seconds / video.duration),
        watched_duration=seconds,
        timestamp=now - age * random.random() ** 0.8,
    )


def _parts(duration: float, random: Random) -> played.Parts:
    """What one visitor plays: some skip the start, many leave soon, some leap over a bit."""
    start = duration * random.choice((0, 0, 0, 0, 0.06, 0.12))
    stay = min(1.0, math.exp(random.gauss(-0.55, 0.7)))
    end = start + (duration - start) * stay
    parts = [(start, end)]
    if random.random() < 0.25:
        leap = start + (end - start) * random.uniform(0.3, 0.6)
        parts = [(start, leap), (leap + (end - leap) * 0.4, end)]
    return [(round(a, 2), round(b, 2)) for a, b in parts]


def _follow(
    creator: CreatorProfile, videos: list[VideoPage], now: datetime, random: Random
) -> None:
    people = User.objects.filter(username__startswith="simulated-").order_by("username")
    for person in people[:FOLLOWERS]:
        engagement.follow(person, creator, random.choice([*videos, None, None]))
    rows = list(Follow.objects.filter(creator=creator))
    for row in rows:
        row.created_at = now - PERIOD * random.random() ** 2
    Follow.objects.bulk_update(rows, ["created_at"])
