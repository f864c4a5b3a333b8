"""The page of a video: watching, liking, following, and who may."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.models import PageViewRestriction

from recommendations_plugin import api
from recommendations_plugin.models import Event, Interaction
from video_cms import engagement
from video_cms.counters import recount
from video_cms.models import Follow, Like, VideoPage, Watch

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def video(make_video: Any) -> VideoPage:
    """A public video of ten seconds."""
    page: VideoPage = make_video("A walk", description="Along https://example.org/river")
    return page


def report(client: Client, video: VideoPage, **fields: Any) -> int:
    return client.post(f"/video/{video.video_id}/watch/", fields).status_code


def views(video: VideoPage) -> int:
    return VideoPage.objects.get(pk=video.pk).views


# --- the page -----------------------------------------------------------------------------------


def test_the_page_plays_and_describes(client: Client, video: VideoPage, make_video: Any) -> None:
    make_video("Another walk")

    page = client.get("/video/video-1/").content.decode()

    assert f'<source src="{video.media.url}">' in page
    assert 'preload="metadata"' in page
    assert 'data-report="/video/video-1/watch/"' in page
    assert 'href="https://example.org/river" rel="nofollow noopener ugc"' in page
    assert "Up next" in page
    assert "Another walk" in page
    assert 'aria-pressed="false"' in page


def test_a_video_without_a_file_says_so(client: Client, video: VideoPage) -> None:
    VideoPage.objects.update(media=None)

    page = client.get("/video/video-1/").content.decode()
    assert "being prepared" in page
    assert "<video" not in page


def test_a_file_that_is_no_video_says_so(client: Client, video: VideoPage) -> None:
    video.media.state, video.media.failure = "failed", "No picture in it."
    video.media.save()

    page = client.get("/video/video-1/").content.decode()
    assert "cannot be played" in page
    assert "No picture in it." not in page, "the reason is its creator's business"
    client.force_login(video.creator.user)
    assert "No picture in it." in client.get("/video/video-1/").content.decode()


def test_premium_shows_a_teaser_without_the_file(
    client: Client, video: VideoPage, make_user: Any
) -> None:
    VideoPage.objects.update(is_premium=True)

    for _ in ("anonymous", "member"):
        page = client.get("/video/video-1/").content.decode()
        assert "premium viewers" in page
        assert video.media.file.name not in page
        assert report(client, video, watch_time="1") == 403
        client.force_login(make_user("ada")) if _ == "anonymous" else None
    assert not Watch.objects.exists()


# --- reports --------------------------------------------------------------------------------------


def test_a_report_is_kept_for_the_member_and_the_recommender(
    client: Client, video: VideoPage, make_user: Any
) -> None:
    ada = make_user("ada")
    client.force_login(ada)

    assert report(client, video, watch_time="0.5", watched_duration="5") == 204

    row = Watch.objects.get()
    assert (row.user, row.session, row.watch_time, row.watched_duration) == (ada, "", 0.5, 5.0)
    assert Interaction.objects.get().portion == 0.5


def test_visitors_without_an_account_are_kept_by_session(client: Client, video: VideoPage) -> None:
    assert report(client, video, watch_time="0.4", watched_duration="4") == 204

    row = Watch.objects.get()
    assert row.user is None
    assert Interaction.objects.get().viewer_key == f"session:{row.session}"
    assert report(Client(), video, watch_time="0.4", watched_duration="4") == 204
    assert Watch.objects.count() == 2


def test_a_view_counts_once_and_from_thirty_percent(client: Client, video: VideoPage) -> None:
    seen = []
    for portion in ("0.1", "0.29", "0.31", "0.2", "0.9", "1"):
        report(client, video, watch_time=portion, watched_duration=str(float(portion) * 10))
        seen.append(views(video))

    assert seen == [0, 0, 1, 1, 1, 1]
    assert Watch.objects.get().watch_time == 1


def test_43_many_reports_of_one_viewer_are_one_view(client: Client, video: VideoPage) -> None:
    for number in range(60):
        report(client, video, watch_time="0.9", watched_duration="9", position=str(number % 10))

    assert views(video) == 1
    assert Watch.objects.count() == Interaction.objects.count() == 1


def test_the_position_is_kept_apart_from_what_was_watched(client: Client, video: VideoPage) -> None:
    report(client, video, watch_time="0.5", watched_duration="5", position="8")
    report(client, video, watch_time="0.1", watched_duration="1", position="2.5")
    row = Watch.objects.get()
    assert (row.watch_time, row.watched_duration, row.position) == (0.5, 5, 2.5)

    report(client, video, watch_time="0.1")
    assert Watch.objects.get().position == 2.5


def test_parts_of_several_visits_count_once(client: Client, video: VideoPage) -> None:
    """Rewinding, leaving there and playing on inflates nothing; skipping does not count."""

    def after(played: str, portion: str = "0.1") -> float:
        assert report(client, video, watch_time=portion, played=played, position="1") == 204
        return Watch.objects.get().watched_duration

    assert after("0-6") == 6
    assert after("0-6,8-9") == 7
    assert after("1-6.5") == 7.5
    assert after("") == 7.5
    assert after("6.5-8,9-10.5") == 10, "a browser may measure the end a little later"
    assert Watch.objects.get().watch_time == 1
    assert views(video) == 1


def test_what_played_says_goes_before_the_portion(client: Client, video: VideoPage) -> None:
    report(client, video, watch_time="1", played="2-4", watched_duration="9")

    row = Watch.objects.get()
    assert (row.watch_time, row.watched_duration, row.played) == (0.2, 2, [[2, 4]])


def test_creators_do_not_view_their_own_videos(client: Client, video: VideoPage) -> None:
    client.force_login(video.creator.user)

    assert report(client, video, watch_time="1", watched_duration="10") == 204
    assert Watch.objects.get().watch_time == 1
    assert views(video) == 0
    assert not Interaction.objects.exists()


def test_the_portion_cannot_exceed_the_seconds(client: Client, video: VideoPage) -> None:
    report(client, video, watch_time="1", watched_duration="2")

    assert Watch.objects.get().watch_time == pytest.approx(0.2)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"watch_time": "NaN"},
        {"watch_time": "nan", "watched_duration": "1"},
        {"watch_time": "inf"},
        {"watch_time": "1e999"},
        {"watch_time": "1e-1"},
        {"watch_time": "-1"},
        {"watch_time": "1.5"},
        {"watch_time": str(2**63)},
        {"watch_time": "9" * 5000},
        {"watch_time": "0.5", "watched_duration": "12"},
        {"watch_time": "0.5", "watched_duration": "-1"},
        {"watch_time": "0.5", "position": "NaN"},
        {"watch_time": "0.5", "position": "1e999"},
        {"watch_time": "0.5", "position": "-1"},
        {"watch_time": "0.5", "position": "12"},
        {"watch_time": "0.5", "watched_duration": "long"},
        {"watch_time": "٠.٥"},
        {"watch_time": "0.5\0"},
        {"watch_time": "0.5", "played": "3-1"},
        {"watch_time": "0.5", "played": "0-12"},
        {"watch_time": "0.5", "played": "0-1,"},
        {"watch_time": "0.5", "played": "0-1\0"},
        {"watch_time": "0.5", "played": "-1-1"},
        {"watch_time": "0.5", "played": "0-1e9"},
        {"watch_time": "0.5", "played": "0-1," * 5000 + "1-2"},
        {"watch_time": " 0.5"},
        {"watch_time": ""},
    ],
)
def test_impossible_forms_are_refused(
    fields: dict[str, str], client: Client, video: VideoPage
) -> None:
    assert report(client, video, **fields) == 400
    assert not Watch.objects.exists()
    assert not Interaction.objects.exists()


def post_json(client: Client, body: str | bytes) -> int:
    return client.post("/video/video-1/watch/", body, content_type="application/json").status_code


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "[]",
        "0.5",
        "null",
        '{"watch_time": NaN}',
        '{"watch_time": Infinity}',
        '{"watch_time": 1e999}',
        '{"watch_time": -1}',
        '{"watch_time": "0.5"}',
        '{"watch_time": true}',
        '{"watch_time": null}',
        '{"watch_time": [0.5]}',
        '{"watch_time": 9223372036854775808}',
        '{"watch_time": ' + "9" * 5000 + "}",
        '{"watch_time": 0.5, "watched_duration": 11.9}',
        '{"watch_time": 0.5, "position": 11.9}',
        '{"watch_time": 0.5, "position": NaN}',
        '{"watch_time": 0.5, "position": null}',
        '{"watch_time": 0.5, "played": 1}',
        '{"watch_time": 0.5, "played": [[0, 1]]}',
        '{"watch_time": 0.5, "played": "\\ud800"}',
        '{"watch_time": 0.5, "note": "\\ud800"}',
        '{"watch_time": 0.5, "\\u0000": 1}',
        "[" * 200_000,
        "[" * 2_000,
        b'{"watch_time": 0.5, "x": "\xff"}',
    ],
)
def test_impossible_json_is_refused(body: str | bytes, client: Client, video: VideoPage) -> None:
    assert post_json(client, body) == 400
    assert not Watch.objects.exists()
    assert not Event.objects.filter(kind="watch").exists()


def test_json_reports_work_as_forms_do(client: Client, video: VideoPage) -> None:
    assert post_json(client, '{"watch_time": 0.5, "watched_duration": 5}') == 204
    assert Watch.objects.get().watch_time == 0.5


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
fields = st.dictionaries(
    st.sampled_from(["watch_time", "watched_duration", "played"]) | st.text(), anything, max_size=3
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(found=fields | anything)
def test_no_report_breaks_the_site_or_leaves_what_cannot_be(
    found: Any, client: Client, video: VideoPage
) -> None:
    assert post_json(client, json.dumps(found)) in (204, 400)
    for row in Watch.objects.all():
        assert 0 <= row.watch_time <= 1
        assert 0 <= row.watched_duration <= 10


def test_the_csrf_token_travels_in_the_body(video: VideoPage) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert report(strict, video, watch_time="0.5") == 403

    strict.get("/video/video-1/")
    token = strict.cookies["csrftoken"].value
    assert report(strict, video, watch_time="0.5", csrfmiddlewaretoken=token) == 204


# --- like and follow --------------------------------------------------------------------------


def test_likes_toggle_and_the_counter_equals_the_rows(
    client: Client, video: VideoPage, make_user: Any
) -> None:
    for name in ("ada", "bea"):
        client.force_login(make_user(name))
        for _ in range(3):
            client.post("/video/video-1/like/")
    assert Like.objects.count() == VideoPage.objects.get(pk=video.pk).likes == 2
    assert Interaction.objects.filter(liked=True).count() == 2

    for _ in range(3):
        client.post("/video/video-1/unlike/")
    assert Like.objects.count() == VideoPage.objects.get(pk=video.pk).likes == 1


def test_the_like_button_comes_back_changed(
    client: Client, video: VideoPage, make_user: Any
) -> None:
    client.force_login(make_user("ada"))

    button = client.post("/video/video-1/like/", headers=HTMX).content.decode()
    assert 'aria-pressed="true"' in button
    assert 'hx-post="/video/video-1/unlike/"' in button
    assert '<span class="count">1</span>' in button
    assert "<html" not in button
    assert client.post("/video/video-1/like/")["Location"].endswith("/video/video-1/")


def test_following_toggles_once(client: Client, video: VideoPage, make_user: Any) -> None:
    client.force_login(make_user("ada"))

    for _ in range(2):
        button = client.post("/profile/maker/follow/", headers=HTMX).content.decode()
    assert 'aria-pressed="true"' in button
    assert Follow.objects.count() == 1
    client.post("/profile/maker/unfollow/")
    assert not Follow.objects.exists()


def test_nobody_follows_themselves(client: Client, video: VideoPage) -> None:
    client.force_login(video.creator.user)

    client.post("/profile/maker/follow/")
    assert not Follow.objects.exists()


@pytest.mark.parametrize(
    ("path", "then"),
    [("/video/video-1/like/", "/video/video-1/"), ("/profile/maker/follow/", "/profile/maker/")],
)
def test_visitors_are_sent_to_sign_in_and_back(
    path: str, then: str, client: Client, video: VideoPage
) -> None:
    plain = client.post(path)
    assert plain.status_code == 302
    assert plain["Location"].startswith("/accounts/login/?next=")
    assert then.replace("/", "%2F") in plain["Location"]
    in_place = json.loads(client.post(path, headers=HTMX)["HX-Location"])
    assert in_place == {"path": plain["Location"], "target": "#account-dialog", "push": "false"}
    assert not Like.objects.exists()


PATHS = ["watch", "like", "unlike", "dismiss", "undismiss"]


@pytest.mark.parametrize("action", PATHS)
def test_actions_need_post_and_a_token(
    action: str, client: Client, video: VideoPage, make_user: Any
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_user("ada"))

    assert client.get(f"/video/video-1/{action}/").status_code == 405
    assert strict.post(f"/video/video-1/{action}/", {"watch_time": "1"}).status_code == 403
    assert not Interaction.objects.exists()


@pytest.mark.parametrize("action", PATHS)
@pytest.mark.parametrize("kind", ["private", "draft", "restricted", "missing"])
def test_what_may_not_be_seen_cannot_be_acted_on(
    action: str, kind: str, client: Client, video: VideoPage, make_user: Any
) -> None:
    if kind == "private":
        VideoPage.objects.update(visibility="private")
    elif kind == "draft":
        VideoPage.objects.update(live=False)
    elif kind == "restricted":
        PageViewRestriction.objects.create(page=video, restriction_type="password", password="x")
    else:
        VideoPage.objects.update(video_id="elsewhere")
    client.force_login(make_user("ada"))

    answer = client.post(f"/video/video-1/{action}/", {"watch_time": "1"})

    assert answer.status_code == 404
    assert not Interaction.objects.exists()
    assert not Watch.objects.exists()
    assert not Like.objects.exists()


def test_private_pages_open_for_their_creator_only(
    client: Client, video: VideoPage, make_user: Any
) -> None:
    VideoPage.objects.update(visibility="private")

    assert client.get("/video/video-1/").status_code == 404
    client.force_login(make_user("ada"))
    assert client.get("/video/video-1/").status_code == 404
    client.force_login(video.creator.user)
    assert client.get("/video/video-1/").status_code == 200


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "https://evil.example/", "https:evil", "javascript:alert(1)", "\\\\evil"],
)
def test_going_back_stays_on_this_site(
    wanted: str, client: Client, video: VideoPage, make_user: Any
) -> None:
    client.force_login(make_user("ada"))

    assert "evil" not in client.post("/video/video-1/like/", {"next": wanted})["Location"]


# --- signing in -----------------------------------------------------------------------------------


def test_what_was_watched_before_signing_in_becomes_the_members(
    client: Client, video: VideoPage, make_video: Any, make_user: Any
) -> None:
    ada, seen_twice = make_user("ada"), make_video("Twice", video_id="twice")
    engagement.watch(api.viewer(ada), seen_twice, portion=0.9, seconds=9)
    for name, portion in (("video-1", "0.5"), ("twice", "0.4")):
        page = VideoPage.objects.get(video_id=name)
        assert report(client, page, watch_time=portion, played="0-5") == 204
    assert counts() == {"video-1": 1, "twice": 2}

    client.post("/accounts/login/", {"login": "ada", "password": "secret"})

    rows = Watch.objects.order_by("video__video_id").values_list("user", "session", "watch_time")
    assert list(rows) == [(ada.pk, "", 0.9), (ada.pk, "", 0.5)]
    assert counts() == {"video-1": 1, "twice": 1}
    assert recount() == 0, "the counters equal the rows"
    assert {row.viewer_key for row in Interaction.objects.all()} == {api.viewer(ada).key}


def counts() -> dict[str, int]:
    return dict(VideoPage.objects.values_list("video_id", "views"))
