"""History and likes: shown, removed, put back, switched off; nobody else's business."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageViewRestriction

from recommendations_plugin import api
from recommendations_plugin.models import Interaction
from video_cms import engagement
from video_cms.counters import recount
from video_cms.models import Like, Preferences, VideoPage, Watch

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def text(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


def watched(user: Any, video: VideoPage, *, days: int = 0, portion: float = 0.5) -> Watch:
    row = engagement.watch(api.viewer(user), video, portion=portion, seconds=portion * 10)
    Watch.objects.filter(pk=row.pk).update(timestamp=timezone.now() - dt.timedelta(days=days))
    return row


def report(client: Client, video: VideoPage, portion: str = "0.5") -> int:
    fields = {"watch_time": portion, "watched_duration": str(float(portion) * 10)}
    return client.post(f"/video/{video.video_id}/watch/", fields).status_code


def views(video: VideoPage) -> int:
    return VideoPage.objects.get(pk=video.pk).views


# --- history --------------------------------------------------------------------------------------


def test_history_is_grouped_by_day_newest_first(member: Client, ada: Any, make_video: Any) -> None:
    for title, days in (("Old one", 9), ("Yesterday's", 1), ("Today's", 0)):
        watched(ada, make_video(title), days=days)

    page = text(member.get("/history/"))

    places = [page.index(word) for word in (">Today<", "Today&#x27;s<", ">Yesterday<", ">Old one<")]
    assert places == sorted(places)
    assert page.count('<h2 class="day">') == 3
    assert page.count('<progress class="watched" max="1" value="0.50"') == 3


def test_a_video_left_in_the_middle_is_resumed_from_there(
    member: Client, ada: Any, make_video: Any
) -> None:
    video = make_video("A walk")
    engagement.watch(api.viewer(ada), video, portion=0.5, seconds=5, position=83)

    page = text(member.get("/history/"))

    assert '/video/video-1/?t=83"' in page
    assert "Resume at 1:23" in page


def test_history_belongs_to_its_viewer(
    client: Client, ada: Any, make_user: Any, make_video: Any
) -> None:
    row = watched(ada, make_video("Ada's evening"))
    client.force_login(make_user("bea"))

    answer = client.get("/history/")
    assert answer["Cache-Control"] == "private, no-store"
    assert "Ada's evening" not in text(answer)
    assert client.post(f"/history/{row.pk}/remove/").status_code == 404
    assert Client().post(f"/history/{row.pk}/remove/").status_code == 404
    assert Watch.objects.get().user == ada


def test_removing_keeps_the_view_and_forgets_the_viewer(
    member: Client, ada: Any, make_video: Any
) -> None:
    video = make_video("A walk")
    row = watched(ada, video)
    assert views(video) == 1

    answer = member.post(f"/history/{row.pk}/remove/", follow=True)

    assert "Removed from your history." in text(answer)
    assert "A walk" not in text(member.get("/history/"))
    row.refresh_from_db()
    assert row.user is None
    assert len(row.session) == 32
    assert (views(video), recount()) == (1, 0)
    assert not Interaction.objects.filter(viewer_key=api.viewer(ada).key, portion__gt=0).exists()


def test_removing_is_undone_in_place(member: Client, ada: Any, make_video: Any) -> None:
    video = make_video("A walk")
    row = watched(ada, video)

    gone = text(member.post(f"/history/{row.pk}/remove/", headers=HTMX))
    assert "<html" not in gone
    assert 'id="announce"' in gone
    token = gone.split('name="token" value="')[1].split('"')[0]
    back = text(member.post("/history/restore/", {"token": token}, headers=HTMX))

    assert "A walk" in back
    assert Watch.objects.get().user == ada
    assert (views(video), recount()) == (1, 0)
    assert Interaction.objects.get(viewer_key=api.viewer(ada).key).portion == 0.5


def test_an_undo_is_good_for_its_viewer_only(
    client: Client, ada: Any, make_user: Any, make_video: Any
) -> None:
    row = watched(ada, make_video("A walk"))
    client.force_login(ada)
    gone = text(client.post(f"/history/{row.pk}/remove/", headers=HTMX))
    token = gone.split('name="token" value="')[1].split('"')[0]

    client.force_login(make_user("bea"))
    for wrong in (token, "", "forged", "a\0b"):
        assert client.post("/history/restore/", {"token": wrong}).status_code == 404
    assert Watch.objects.get().user is None


def test_creators_watching_their_own_never_becomes_a_view(client: Client, make_video: Any) -> None:
    video = make_video("Mine")
    owner = video.creator.user
    row = watched(owner, video, portion=1)
    client.force_login(owner)

    gone = text(client.post(f"/history/{row.pk}/remove/", headers=HTMX))
    assert (views(video), recount()) == (0, 0)
    token = gone.split('name="token" value="')[1].split('"')[0]
    client.post("/history/restore/", {"token": token})
    assert Watch.objects.get().watch_time == 1
    assert (views(video), recount()) == (0, 0)


def test_a_like_outlives_the_history(member: Client, ada: Any, make_video: Any) -> None:
    video = make_video("A walk")
    engagement.like(ada, video)
    row = watched(ada, video)

    member.post(f"/history/{row.pk}/remove/")

    told = Interaction.objects.get(viewer_key=api.viewer(ada).key)
    assert (told.portion, told.liked) == (0, True)
    assert Like.objects.count() == VideoPage.objects.get().likes == 1


def test_clearing_asks_first_and_takes_all(
    member: Client, ada: Any, make_user: Any, make_video: Any
) -> None:
    for number in range(3):
        video = make_video(f"Video {number}")
        watched(ada, video)
        watched(make_user(f"other-{number}"), video)

    assert "3 videos will be taken out" in text(member.get("/history/clear/"))
    assert Watch.objects.filter(user=ada).count() == 3
    answer = member.post("/history/clear/", follow=True)

    assert "Nothing watched yet" in text(answer)
    assert not Watch.objects.filter(user=ada).exists()
    assert Watch.objects.filter(user=None).values("session").distinct().count() == 3
    assert Watch.objects.exclude(user=None).count() == 3
    assert recount() == 0


def test_visitors_without_an_account_have_a_history_too(client: Client, make_video: Any) -> None:
    video = make_video("A walk")
    assert "Nothing watched yet" in text(client.get("/history/"))
    report(client, video)
    assert "A walk" in text(client.get("/history/"))
    assert "A walk" not in text(Client().get("/history/"))

    row = Watch.objects.get()
    gone = text(client.post(f"/history/{row.pk}/remove/", headers=HTMX))
    assert "Nothing watched yet" in text(client.get("/history/"))
    token = gone.split('name="token" value="')[1].split('"')[0]
    client.post("/history/restore/", {"token": token})
    assert "A walk" in text(client.get("/history/"))
    assert (views(video), recount()) == (1, 0)


@pytest.mark.parametrize("hidden", ["private", "draft", "restricted"])
def test_what_was_watched_and_is_hidden_now_leaks_nothing(
    hidden: str, member: Client, ada: Any, make_video: Any
) -> None:
    video = make_video("A secret now")
    engagement.like(ada, video)
    row = watched(ada, video)
    hide(video, hidden)

    for path in ("/history/", "/liked/"):
        page = text(member.get(path))
        assert "A secret now" not in page
        assert "video-1" not in page
    assert "no longer available" in text(member.get("/history/"))
    assert "1 video is not available" in text(member.get("/liked/"))
    assert member.post(f"/history/{row.pk}/remove/").status_code == 302
    assert not Watch.objects.filter(user=ada).exists()


def hide(video: VideoPage, how: str) -> None:
    if how == "private":
        VideoPage.objects.filter(pk=video.pk).update(visibility="private")
    elif how == "draft":
        VideoPage.objects.filter(pk=video.pk).update(live=False)
    else:
        PageViewRestriction.objects.create(page=video, restriction_type="password", password="x")


# --- the switch -----------------------------------------------------------------------------------


def test_history_off_adds_nothing_but_counts_the_view(
    member: Client, ada: Any, make_video: Any
) -> None:
    before, after = make_video("Before"), make_video("After")
    report(member, before)
    assert member.post("/history/off/").status_code == 302
    assert Preferences.of(ada).keep_history is False

    assert report(member, after, "0.4") == 204
    assert report(member, after, "0.6") == 204

    page = text(member.get("/history/"))
    assert "Your history is off" in page
    assert ">Before<" in page
    assert ">After<" not in page
    row = Watch.objects.get(video=after)
    assert (row.user, row.watch_time) == (None, 0.6)
    assert (views(after), recount()) == (1, 0)
    assert {row.item_key for row in Interaction.objects.all()} == {api.key_of(before)}
    bar = '<progress class="watched" max="1" value="0.60"'
    assert bar in text(member.get("/video/")), "while the session lasts, the bar shows"
    assert bar not in text(Client().get("/video/"))

    member.post("/history/on/")
    report(member, after, "0.7")
    assert ">After<" in text(member.get("/history/"))


def test_history_off_makes_no_views_of_ones_own_videos(client: Client, make_video: Any) -> None:
    video = make_video("Mine")
    client.force_login(video.creator.user)
    client.post("/history/off/")

    assert report(client, video, "1") == 204
    assert (views(video), recount()) == (0, 0)


def test_signing_in_adds_nothing_to_a_history_that_is_off(
    client: Client, ada: Any, make_video: Any
) -> None:
    video = make_video("A walk")
    Preferences.objects.create(user=ada, keep_history=False)
    report(client, video)

    client.post("/accounts/login/", {"login": "ada", "password": "secret"})

    assert Watch.objects.get().user is None
    assert not Interaction.objects.filter(viewer_key=api.viewer(ada).key, portion__gt=0).exists()


@pytest.mark.parametrize("path", ["/history/on/", "/history/off/", "/history/1/remove/"])
def test_history_changes_by_post_only(path: str, member: Client, ada: Any) -> None:
    assert member.get(path).status_code == 405
    assert not Preferences.objects.exists()


def test_the_switch_needs_an_account(client: Client, site_tree: Any) -> None:
    assert client.post("/history/off/")["Location"] == "/accounts/login/?next=%2Fhistory%2F"


# --- liked ----------------------------------------------------------------------------------------


def test_liked_videos_stand_by_the_latest_like(member: Client, ada: Any, make_video: Any) -> None:
    first, second = make_video("Liked first"), make_video("Liked last")
    for video in (first, second):
        engagement.like(ada, video)
    make_video("Not liked")

    page = text(member.get("/liked/"))

    assert page.index("Liked last") < page.index("Liked first")
    assert "Not liked" not in page
    assert "2 videos" in page


def test_unliking_happens_in_place_with_undo(member: Client, ada: Any, make_video: Any) -> None:
    video = make_video("A walk")
    engagement.like(ada, video)

    gone = text(member.post("/liked/video-1/remove/", headers=HTMX))
    assert 'action="/liked/video-1/restore/"' in gone
    assert VideoPage.objects.get().likes == 0
    assert "A walk" in text(member.post("/liked/video-1/restore/", headers=HTMX))
    assert VideoPage.objects.get().likes == 1
    assert member.post("/liked/video-1/remove/")["Location"] == "/liked/"
    assert not Like.objects.exists()


@pytest.mark.parametrize("path", ["/liked/", "/watch-later/", "/playlists/"])
def test_what_is_kept_needs_an_account(path: str, client: Client, site_tree: Any) -> None:
    assert client.get(path)["Location"].startswith("/accounts/login/?next=")


# --- cost -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/history/", "/liked/"])
def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(
    path: str, member: Client, ada: Any, make_user: Any, make_video: Any
) -> None:
    def fill(numbers: range) -> None:
        for number in numbers:
            maker = make_user(f"maker-{number}").profile
            video = make_video(f"Video {number}", creator=maker)
            watched(ada, video, days=number)
            engagement.like(ada, video)

    fill(range(5))
    few = query_count(member, path)
    fill(range(5, 50))
    many = query_count(member, path)

    assert many <= few + 1, "the second page's number costs one"
    assert many < 30


def query_count(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        text(client.get(path))
    return len(queries)
