"""What is trending: recent views and likes, the latest most."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from video_cms.finding.trending import DAYS, rank
from video_cms.models import Like, Watch

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    cache.clear()


@pytest.fixture
def viewers(make_user: Any) -> list[Any]:
    return [make_user(f"viewer-{number}") for number in range(4)]


def ago(days: float) -> dt.datetime:
    return timezone.now() - dt.timedelta(days=days)


def viewed(video: Any, users: list[Any], days: float, portion: float = 0.9) -> None:
    for user in users:
        Watch.objects.create(user=user, video=video, watch_time=portion, timestamp=ago(days))


def test_each_day_halves_the_weight(make_video: Any, viewers: list[Any]) -> None:
    today, yesterday, last_week = (make_video(name) for name in ("Today", "Yesterday", "Last week"))
    viewed(today, viewers[:1], 0.5)
    viewed(yesterday, viewers[:3], 1.5)
    viewed(last_week, viewers[:4], 7.5)

    assert rank() == [yesterday.pk, today.pk, last_week.pk]


def test_a_like_is_worth_two_views(make_video: Any, viewers: list[Any]) -> None:
    liked, seen_once, seen_thrice = (make_video(name) for name in ("Liked", "Once", "Thrice"))
    Like.objects.create(user=viewers[0], video=liked, created_at=ago(0.5))
    viewed(seen_once, viewers[:1], 0.5)
    viewed(seen_thrice, viewers[:3], 0.5)

    assert rank() == [seen_thrice.pk, liked.pk, seen_once.pk]


def test_glances_own_views_and_old_ones_count_nothing(make_video: Any, viewers: list[Any]) -> None:
    own, glanced, old = (make_video(name) for name in ("Own", "Glanced", "Old"))
    viewed(own, [own.creator.user], 0.5)
    viewed(glanced, viewers, 0.5, portion=0.1)
    viewed(old, viewers, DAYS + 0.5)
    Like.objects.create(user=viewers[0], video=old, created_at=ago(DAYS + 1))

    assert rank() == []


def test_the_ranking_is_two_queries(
    make_video: Any, viewers: list[Any], django_assert_num_queries: Any
) -> None:
    viewed(make_video("One"), viewers, 0.5)

    with django_assert_num_queries(2):
        rank()


def test_the_page_shows_at_once_what_became_private(
    client: Client, make_video: Any, viewers: list[Any]
) -> None:
    video, other = make_video("Soon hidden"), make_video("Stays")
    viewed(video, viewers, 0.5)
    viewed(other, viewers[:1], 0.5)
    page = client.get("/explore/trending/").content.decode()
    assert page.index("Soon hidden") < page.index("Stays")

    video.visibility = "private"
    video.save()

    page = client.get("/explore/trending/").content.decode()
    assert "Soon hidden" not in page, "the ranking is kept, the right to see is not"
    assert "Stays" in page


def test_the_page_keeps_to_a_subject(
    client: Client, make_video: Any, viewers: list[Any], parent_categories: Any
) -> None:
    for title, category in (("A jazz evening", "Jazz"), ("Owls", "Birds")):
        viewed(make_video(title, categories=[category]), viewers, 0.5)

    page = client.get("/explore/trending/?topic=music").content.decode()

    assert "A jazz evening" in page
    assert "Owls" not in page
    assert 'href="/explore/trending/?topic=music" aria-current="page"' in page
