"""A creator's figures: what counts, on which day, from where; who may read them; how they look."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from recommendations_plugin import api
from video_cms import engagement
from video_cms.models import CreatorProfile, Follow, Like, VideoDay, VideoPage, Watch
from video_cms.studio import charts, statistics

pytestmark = pytest.mark.django_db


def sums() -> list[tuple[Any, ...]]:
    rows = VideoDay.objects.order_by("source", "day")
    return [(row.source, row.viewers, row.views, row.seconds) for row in rows]


def report(browser: Client, video: VideoPage, **told: Any) -> int:
    fields = {"watch_time": "0.5", "played": "0-5", "came_from": "", **told}
    return browser.post(f"/video/{video.video_id}/watch/", fields).status_code


def rows_of(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200
    return list(csv.DictReader(StringIO(answer.content.decode())))


# --- what is counted ----------------------------------------------------------------------------


def test_a_report_counts_once_on_its_day_under_where_the_viewer_came_from(
    member: Client, video: VideoPage
) -> None:
    for _ in range(2):
        report(member, video, came_from="http://testserver/search/?q=secret")
    report(Client(), video, played="0-1", watch_time="0.1")

    assert sums() == [("direct", 1, 0, 1.0), ("search", 1, 1, 5.0)]
    report(member, video, played="0-7", came_from="http://testserver/search/")
    assert sums()[1] == ("search", 1, 1, 7.0), "what is new of a second report"
    assert VideoPage.objects.get().views == 1


@pytest.mark.parametrize(
    ("came_from", "source"),
    [
        ("", "direct"),
        ("http://testserver/", "home"),
        ("http://testserver/video/abc/?t=3", "sidebar"),
        ("http://testserver/browse/music/", "category"),
        ("http://testserver/following/", "following"),
        ("http://testserver/profile/maker/", "channel"),
        ("http://testserver/embed/video-1/", "embed"),
        ("http://testserver/watch-later/", "library"),
        ("https://elsewhere.example/search/", "external"),
        ("http://testserver/settings/", "unknown"),
        ("javascript:alert(1)", "unknown"),
        ("http://[::1", "unknown"),
        ("http://testserver/\0\ud800".encode("utf-8", "surrogatepass").decode("latin1"), "unknown"),
        ("http://testserver/" + "x" * 5000, "unknown"),
    ],
)
def test_where_a_viewer_came_from(video: VideoPage, came_from: str, source: str) -> None:
    assert report(Client(), video, came_from=came_from) == 204
    assert [row[0] for row in sums()] == [source]


def test_creators_do_not_count_in_their_own_figures(client: Client, video: VideoPage) -> None:
    client.force_login(video.creator.user)
    report(client, video)
    assert sums() == []


def test_who_keeps_no_history_counts_without_a_name(
    member: Client, video: VideoPage, ada: Any
) -> None:
    member.post("/history/off/")
    report(member, video)
    assert sums() == [("direct", 1, 1, 5.0)]
    member.post("/history/clear/")
    assert sums() == [("direct", 1, 1, 5.0)], "a day stays as it was counted"


def test_the_sums_go_with_their_video(member: Client, video: VideoPage) -> None:
    report(member, video)
    VideoPage.objects.get().delete()
    assert not VideoDay.objects.exists()


# --- what is told -------------------------------------------------------------------------------


@pytest.fixture
def busy(video: VideoPage, make_user: Any) -> VideoPage:
    """A video with viewers of today, of yesterday, and of five months ago."""
    today = timezone.localdate()
    for days, source, viewers, views, seconds in (
        (0, "home", 4, 3, 20.0),
        (1, "search", 1, 1, 10.0),
        (150, "home", 2, 2, 20.0),
    ):
        VideoDay.objects.create(
            video=video,
            day=today - timedelta(days=days),
            source=source,
            viewers=viewers,
            views=views,
            seconds=seconds,
        )
    for name in ("bruno", "carla"):
        user = make_user(name)
        Like.objects.create(user=user, video=video)
        Follow.objects.create(
            user=user, creator=video.creator, video=video if name == "bruno" else None
        )
    return video


@pytest.mark.parametrize("by", ["day", "week", "month"])
def test_figures_by_day_week_and_month(busy: VideoPage, by: str) -> None:
    found = statistics.of(busy, by)

    assert len(found.periods) == statistics.LENGTHS[by]
    inside = by != "day"
    assert (found.total.viewers, found.total.views) == ((7, 6) if inside else (5, 4))
    assert (found.total.likes, found.total.followers) == (2, 1)
    assert [(one.source, one.viewers) for one in found.sources] == [
        ("home", 6 if inside else 4),
        ("search", 1),
    ]
    assert found.total.portion == pytest.approx((50 if inside else 30) / (70 if inside else 50))
    assert statistics.of(busy.creator, by).total.followers == 2


def test_periods_end_today_and_have_no_gaps() -> None:
    today = date(2026, 3, 1)  # a Sunday
    creator = CreatorProfile(pk=1)
    for by, first, last in (
        ("day", date(2026, 2, 2), today),
        ("week", date(2025, 9, 1), date(2026, 2, 23)),
        ("month", date(2024, 4, 1), today),
    ):
        periods = statistics.of(creator, by, today).periods
        assert (periods[0].start, periods[-1].start) == (first, last)


def test_figures_take_the_same_queries_however_much_was_watched(
    busy: VideoPage, client: Client, make_video: Any, django_assert_num_queries: Any
) -> None:
    client.force_login(busy.creator.user)
    client.get(f"/studio/{busy.video_id}/statistics/")
    with django_assert_num_queries(3):
        statistics.of(busy.creator, "month")
    with django_assert_num_queries(1):
        statistics.retention(busy, date(2020, 1, 1))
    other = make_video("Another", creator=busy.creator)
    for number in range(40):
        VideoDay.objects.create(
            video=other,
            day=timezone.localdate() - timedelta(days=number),
            source="home",
            viewers=1,
        )
        Watch.objects.create(session=f"s{number}", video=busy, played=[[0, 5]])
    with django_assert_num_queries(3):
        statistics.of(busy.creator, "month")
    with django_assert_num_queries(1):
        statistics.retention(busy, date(2020, 1, 1))


def test_a_channels_months_are_remembered_for_a_while_and_its_days_never(
    busy: VideoPage, django_assert_num_queries: Any
) -> None:
    for by, queries in (("month", 0), ("day", 4)):
        first, _top = statistics.of_channel(busy.creator, by)
        with django_assert_num_queries(queries):
            again, top = statistics.of_channel(busy.creator, by)
        assert (again, top[0]["video__video_id"]) == (first, busy.video_id)


def test_each_second_says_how_many_played_it() -> None:
    watches = [[(0, 3)], [(0, 1.2), (2, 9)], [(1.6, 2.2)], []]
    assert statistics.plays(watches, 3.5) == [2, 1, 2, 1]
    assert statistics.plays(watches, 1, step=0.25) == [2, 2, 2, 2]


def test_how_long_viewers_stayed_is_told_of_the_latest(
    video: VideoPage, monkeypatch: pytest.MonkeyPatch, ada: Any
) -> None:
    monkeypatch.setattr(statistics, "SAMPLE", 2)
    now = timezone.now()
    for hours, parts in ((3, [[0, 10]]), (2, [[0, 5]]), (1, [[0, 10]])):
        at = now - timedelta(hours=hours)
        Watch.objects.create(session=f"{hours}", video=video, played=parts, timestamp=at)
    Watch.objects.create(user=video.creator.user, video=video, played=[[9, 10]])

    found = statistics.retention(video, now.date() - timedelta(days=1))

    assert found.viewers == 2
    assert (found.portions[0], found.portions[-1]) == (1.0, 0.5)
    assert statistics.retention(video, now.date() + timedelta(days=1)).viewers == 0


def test_following_from_a_videos_page_is_told_of_the_video(
    member: Client, video: VideoPage, ada: Any
) -> None:
    member.post("/profile/maker/follow/", {"next": f"/video/{video.video_id}/"})
    assert Follow.objects.get().video == video
    member.post("/profile/maker/unfollow/")
    member.post("/profile/maker/follow/", {"next": "/video/a\0b/"})
    assert Follow.objects.get().video is None


# --- pages --------------------------------------------------------------------------------------


def test_the_pages_show_charts_with_tables_and_files(client: Client, busy: VideoPage) -> None:
    Watch.objects.create(session="abc", video=busy, played=[[0, 5]])
    client.force_login(busy.creator.user)

    page = client.get(f"/studio/{busy.video_id}/statistics/").content.decode()
    channel = client.get("/profile/maker/statistics/?by=week").content.decode()

    assert page.count('role="img" aria-labelledby') == 6
    assert page.count("<desc") == 6
    assert "Viewers still watching" in page
    assert "Home page" in page
    assert "A walk" in channel
    assert "Most viewed" in channel
    figures = rows_of(client.get(f"/studio/{busy.video_id}/statistics/figures.csv"))
    assert len(figures) == 28
    assert figures[-1]["views"] == "3"
    sources = rows_of(client.get("/profile/maker/statistics/sources.csv?by=month"))
    assert [row["source"] for row in sources] == ["home", "search"]
    stayed = rows_of(client.get(f"/studio/{busy.video_id}/statistics/retention.csv"))
    assert {row["portion"] for row in stayed} == {"1.0000", "0.0000"}
    assert client.get("/profile/maker/statistics/others.csv").status_code == 404


def test_35_figures_are_for_the_creator_and_editors_alone(
    client: Client, member: Client, busy: VideoPage, make_user: Any
) -> None:
    places = [
        f"/studio/{busy.video_id}/statistics/",
        f"/studio/{busy.video_id}/statistics/figures.csv",
        "/profile/maker/statistics/",
        "/profile/maker/statistics/figures.csv",
    ]
    assert [member.get(place).status_code for place in places] == [404] * 4
    assert [Client().get(place).status_code for place in places] == [302] * 4
    editor = Client()
    editor.force_login(make_user("editor", is_superuser=True))
    assert [editor.get(place).status_code for place in places] == [200] * 4


def test_editors_are_led_to_the_figures(admin_client: Client, busy: VideoPage) -> None:
    page = admin_client.get(f"/admin/pages/{busy.pk}/edit/").content.decode()
    assert f"/studio/{busy.video_id}/statistics/" in page


def test_an_empty_studio_says_so(member: Client) -> None:
    page = member.get("/profile/ada/statistics/?by=nonsense").content.decode()
    assert "Nobody has watched in this time" in page


# --- charts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "end"), [(0, 2), (1, 2), (3, 4), (5, 6), (9, 10), (11, 20), (0.3, 0.4), (999, 1000)]
)
def test_axes_end_at_round_numbers(value: float, end: float) -> None:
    assert charts.round_up(value) == pytest.approx(end)


def test_a_long_curve_is_drawn_with_few_points() -> None:
    kept = charts.thinned([0.5] * 7200)
    assert len(kept) <= charts.POINTS
    assert {value for _place, value in kept} == {0.5}


def test_days_so_far_are_counted_by_the_migration(video: VideoPage, ada: Any) -> None:
    from importlib import import_module

    from django.apps import apps

    at = timezone.make_aware(datetime(2026, 3, 1, 12))
    for user, portion in ((ada, 0.9), (video.creator.user, 1.0), (None, 0.1)):
        session = "" if user else "abc"
        Watch.objects.create(
            user=user,
            session=session,
            video=video,
            watch_time=portion,
            watched_duration=2,
            timestamp=at,
        )

    import_module("video_cms.migrations.0012_days_so_far").count_days(apps, None)

    assert sums() == [("unknown", 2, 1, 4.0)]
    assert VideoDay.objects.get().day == date(2026, 3, 1)


def test_following_twice_counts_once(video: VideoPage, ada: Any) -> None:
    for _ in range(2):
        engagement.follow(ada, video.creator, video)
    assert statistics.of(video, "day").total.followers == 1
    assert api.viewer(ada).key


def test_a_portion_is_drawn_against_the_whole() -> None:
    chart = charts.columns("Watched", [("Monday", 1.0), ("Tuesday", 0.5)], "{:.0%}".format, most=1)
    assert (chart.above, chart.middle) == ("100%", "50%")
    assert [mark.height for mark in chart.marks] == [charts.HEIGHT, charts.HEIGHT / 2]
