"""Views and likes: what counts, and how counters are put right."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from video_cms import counters
from video_cms.models import Comment, CommentLike, Like, VideoPage, Watch

Make = Callable[..., Any]


def figures() -> dict[str, tuple[int, int]]:
    return {video.title: (video.views, video.likes) for video in VideoPage.objects.all()}


@pytest.mark.parametrize(("portion", "views"), [(0, 0), (0.29, 0), (0.3, 1), (1, 1)])
def test_a_view_starts_at_a_portion_of_three_tenths(
    make_video: Make, make_user: Make, portion: float, views: int
) -> None:
    video = make_video("Owls")
    Watch.objects.create(user=make_user("ada"), video=video, watch_time=portion)
    Watch.objects.create(session="abc", video=video, watch_time=portion)
    counters.recount()
    assert figures() == {"Owls": (2 * views, 0)}
    assert counters.is_view(portion) is bool(views)


def test_creators_do_not_view_their_own_videos(make_video: Make, make_user: Make) -> None:
    video = make_video("Owls")
    Watch.objects.create(user=video.creator.user, video=video, watch_time=1)
    Watch.objects.create(user=make_user("ada"), video=video, watch_time=1)
    counters.recount()
    assert figures() == {"Owls": (1, 0)}


def test_recount_repairs_what_is_wrong_and_only_that(make_video: Make, make_user: Make) -> None:
    ada, bob = make_user("ada"), make_user("bob")
    right, high, low = make_video("right"), make_video("high"), make_video("low")
    for user in (ada, bob):
        Like.objects.create(user=user, video=right)
        Like.objects.create(user=user, video=low)
        Watch.objects.create(user=user, video=right, watch_time=0.9)
    VideoPage.objects.filter(pk=right.pk).update(views=2, likes=2)
    VideoPage.objects.filter(pk=high.pk).update(views=99, likes=99)
    comment = Comment.objects.create(video=right, author=ada, text="Hello", likes=7)
    CommentLike.objects.create(comment=comment, user=bob)
    out = StringIO()
    call_command("recount", stdout=out)
    assert out.getvalue().strip() == "3 rows had wrong counters."
    assert figures() == {"right": (2, 2), "high": (0, 0), "low": (0, 2)}
    assert Comment.objects.get().likes == 1
    assert counters.recount() == 0


def test_recount_takes_the_same_queries_however_many_videos(
    make_video: Make, django_assert_max_num_queries: Any
) -> None:
    for _number in range(5):
        make_video()
    VideoPage.objects.update(views=7)
    with django_assert_max_num_queries(2):  # of videos and of comments
        assert counters.recount() == 5


def test_adding_never_goes_below_nothing(make_video: Make) -> None:
    more, less = make_video("more"), make_video("less")
    counters.add("likes", {more.pk: 3, less.pk: -3})
    assert figures() == {"more": (0, 3), "less": (0, 0)}
