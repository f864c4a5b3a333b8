"""What the player is given: captions, chapters, transcript, where to start, and choices."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from wagtail.models import PageViewRestriction

from video_cms.controls import WORDS, words
from video_cms.models import CaptionTrack, Preferences, VideoPage, Watch

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
CHAPTERS = "0:00 Dusk\n0:03 The first owl\n0:06 Dawn"


@pytest.fixture
def video(make_video: Any) -> VideoPage:
    """A public video of ten seconds with chapters and captions in two languages."""
    page: VideoPage = make_video("Owls at night", description=CHAPTERS)
    for language, said in (("en", "Listen <i>now</i> &amp; wait"), ("de", "Hört <b>jetzt</b>")):
        text = f"WEBVTT\n\n00:01.000 --> 00:04.000\n{said}\n"
        CaptionTrack.objects.create(video=page, language=language, webvtt=text)
    return page


def get(client: Client, path: str, **options: Any) -> str:
    return client.get(path, **options).content.decode()


# --- captions, chapters, transcript -------------------------------------------------------------


def test_the_page_offers_its_tracks(client: Client, video: VideoPage) -> None:
    page = get(client, "/video/video-1/")

    assert (
        'kind="captions" srclang="de" label="Deutsch" src="/video/video-1/captions/de.vtt"' in page
    )
    assert 'kind="chapters" default src="/video/video-1/chapters.vtt"' in page
    assert 'data-seek="3"' in page
    assert "The first owl" in page


def test_captions_are_sent_as_webvtt(client: Client, video: VideoPage) -> None:
    answer = client.get("/video/video-1/captions/en.vtt")

    assert answer["Content-Type"] == "text/vtt; charset=utf-8"
    assert answer.content.decode() == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\nListen <i>now</i> &amp; wait\n"
    )
    assert client.get("/video/video-1/captions/fr.vtt").status_code == 404


def test_chapters_are_sent_as_webvtt(client: Client, video: VideoPage, make_video: Any) -> None:
    make_video("Without")

    text = get(client, "/video/video-1/chapters.vtt")
    assert "00:00:03.000 --> 00:00:06.000\nThe first owl\n" in text
    assert client.get("/video/video-2/chapters.vtt").status_code == 404


def test_the_transcript_is_a_part_of_the_page_and_a_page(client: Client, video: VideoPage) -> None:
    part = get(client, "/video/video-1/transcript/?lang=en", headers=HTMX)
    page = get(client, "/video/video-1/transcript/?lang=de")

    assert "Listen now &amp; wait" in part
    assert 'data-seek="1.00"' in part
    assert "<html" not in part
    assert "Hört jetzt" in page
    assert 'href="/video/video-1/?t=1"' in page
    assert "<h1" in page


@pytest.mark.parametrize("language", ["fr", "", "%00", "x" * 3000])
def test_there_is_no_transcript_in_other_languages(
    language: str, client: Client, video: VideoPage
) -> None:
    assert client.get(f"/video/video-1/transcript/?lang={language}").status_code == 404


PATHS = ["captions/en.vtt", "chapters.vtt", "transcript/"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("kind", ["private", "draft", "restricted"])
def test_words_are_as_hidden_as_the_page(
    kind: str, path: str, client: Client, video: VideoPage, make_user: Any
) -> None:
    if kind == "restricted":
        PageViewRestriction.objects.create(page=video, restriction_type="password", password="x")
    else:
        change = {"visibility": "private"} if kind == "private" else {"live": False}
        VideoPage.objects.update(**change)
    client.force_login(make_user("ada"))

    assert client.get(f"/video/video-1/{path}").status_code == 404


def test_the_words_of_premium_videos_are_for_those_who_may_play_them(
    client: Client, video: VideoPage
) -> None:
    VideoPage.objects.update(is_premium=True)

    assert client.get("/video/video-1/captions/en.vtt").status_code == 403
    assert client.get("/video/video-1/transcript/").status_code == 403
    assert "captions/en.vtt" not in get(client, "/video/video-1/")
    client.force_login(video.creator.user)
    answer = client.get("/video/video-1/captions/en.vtt")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-cache")


def test_captions_are_checked_and_kept_as_webvtt(video: VideoPage) -> None:
    track = CaptionTrack(video=video, language="fr", webvtt="1\n00:00:01,000 --> 00:00:02,000\nOui")
    track.full_clean()
    assert track.webvtt == "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nOui\n"

    wrong = CaptionTrack(video=video, language="French", webvtt="Oui")
    with pytest.raises(ValidationError) as caught:
        wrong.full_clean()
    assert caught.value.message_dict.keys() == {"language", "webvtt"}
    assert caught.value.message_dict["webvtt"][0].startswith("Line 1: a time such as")


def test_captions_that_came_in_unchecked_are_not_sent(client: Client, video: VideoPage) -> None:
    CaptionTrack.objects.update(webvtt="nonsense")

    assert client.get("/video/video-1/captions/en.vtt").status_code == 404
    assert client.get("/video/video-1/").status_code == 200


# --- where to start -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "fragment"), [("?t=4", "#t=4"), ("?t=99", ""), ("?t=x", ""), ("?t=%00", ""), ("", "")]
)
def test_addresses_start_the_video_where_they_say(
    asked: str, fragment: str, client: Client, video: VideoPage
) -> None:
    assert f'<source src="{video.media.url}{fragment}">' in get(client, f"/video/video-1/{asked}")
    embed = asked.replace("t=", "start=")
    if asked in ("?t=4", ""):
        assert f'<source src="{video.media.url}{fragment}">' in get(
            client, f"/embed/video-1/{embed}"
        )


@pytest.mark.parametrize(
    ("position", "offered"), [(0, ""), (0.5, ""), (4.2, "Continue at 0:04"), (9.5, "")]
)
def test_watching_goes_on_where_it_stopped(
    position: float, offered: str, client: Client, video: VideoPage, make_user: Any
) -> None:
    ada = make_user("ada")
    Watch.objects.create(user=ada, video=video, watch_time=0.5, position=position)
    client.force_login(ada)

    page = get(client, "/video/video-1/")
    assert ("Continue at" in page) is bool(offered)
    assert offered in page
    assert "Continue at" not in get(client, "/video/video-1/?t=2")


def test_positions_are_the_viewers_own(client: Client, video: VideoPage, make_user: Any) -> None:
    Watch.objects.create(user=make_user("ada"), video=video, watch_time=0.5, position=5)

    assert "Continue at" not in get(client, "/video/video-1/")
    client.force_login(make_user("bea"))
    assert "Continue at" not in get(client, "/video/video-1/")


def test_watching_goes_on_in_the_browser_session_while_no_history_is_kept(
    client: Client, video: VideoPage, make_user: Any
) -> None:
    ada = make_user("ada")
    Preferences.objects.create(user=ada, keep_history=False)
    client.force_login(ada)
    client.post("/video/video-1/watch/", {"watch_time": "0.4", "position": "4.2"})

    assert "Continue at 0:04" in get(client, "/video/video-1/")
    client.logout()
    client.force_login(ada)
    assert "Continue at" not in get(client, "/video/video-1/")


# --- choices ------------------------------------------------------------------------------------


def switch(page: str, name: str) -> bool:
    return f'id="choice-{name}" type="submit" aria-pressed="true"' in page


def test_choices_are_kept_in_the_account(client: Client, video: VideoPage, make_user: Any) -> None:
    ada = make_user("ada")
    client.force_login(ada)
    page = get(client, "/video/video-1/")
    assert (switch(page, "autoplay_next"), switch(page, "shortcuts")) == (False, True)

    part = client.post("/player/autoplay_next/on/", headers=HTMX).content.decode()
    back = client.post("/player/shortcuts/off/", {"next": "/video/video-1/"})

    assert switch(part, "autoplay_next")
    assert back["Location"] == "/video/video-1/"
    chosen = Preferences.objects.get(user=ada)
    assert (chosen.autoplay_next, chosen.shortcuts) == (True, False)
    page = get(client, "/video/video-1/")
    assert (switch(page, "autoplay_next"), switch(page, "shortcuts")) == (True, False)


def test_choices_without_an_account_last_for_the_browser_session(
    client: Client, video: VideoPage
) -> None:
    client.post("/player/autoplay_next/on/")

    assert switch(get(client, "/video/video-1/"), "autoplay_next")
    assert not switch(get(Client(), "/video/video-1/"), "autoplay_next")
    assert not Preferences.objects.exists()


@pytest.mark.parametrize("name", ["keep_history", "is_staff", "user", "pk"])
def test_nothing_else_can_be_chosen(name: str, client: Client, make_user: Any) -> None:
    client.force_login(make_user("ada"))

    assert client.post(f"/player/{name}/on/").status_code == 404
    assert not Preferences.objects.exists()


def test_choosing_needs_post_a_token_and_stays_on_this_site(client: Client, video: Any) -> None:
    assert client.get("/player/shortcuts/off/").status_code == 405
    assert Client(enforce_csrf_checks=True).post("/player/shortcuts/off/").status_code == 403
    forged = client.post("/player/shortcuts/off/", {"next": "//evil.example"})
    assert forged["Location"] == "/"


# --- the page -----------------------------------------------------------------------------------


def test_the_policy_allows_the_controls_styles_by_hash_only(
    client: Client, video: VideoPage
) -> None:
    for path in ("/video/video-1/", "/embed/video-1/"):
        policy = client.get(path)["Content-Security-Policy"]
        assert "style-src 'self' 'sha256-" in policy
        assert "unsafe" not in policy


def test_the_page_is_the_visitors_own(client: Client, video: VideoPage) -> None:
    assert client.get("/video/video-1/")["Cache-Control"] == "private, no-cache"


def test_sharing_offers_the_link_and_for_open_videos_the_frame(
    client: Client, video: VideoPage
) -> None:
    page = get(client, "/video/video-1/")
    assert 'value="http://testserver/video/video-1/"' in page
    assert "&lt;iframe src=&quot;http://testserver/embed/video-1/&quot;" in page

    VideoPage.objects.update(is_premium=True)
    client.force_login(video.creator.user)
    assert "&lt;iframe" not in get(client, "/video/video-1/")


def test_the_controls_speak_the_pages_language() -> None:
    from django.utils import translation

    assert words() == {}
    with translation.override("de"):
        assert words().keys() == set(WORDS)


def test_the_number_of_queries_does_not_grow(
    client: Client,
    video: VideoPage,
    make_video: Any,
    make_user: Any,
    django_assert_max_num_queries: Any,
) -> None:
    ada = make_user("ada")
    client.force_login(ada)
    for number in range(12):
        other = make_video(f"Other {number}", description=CHAPTERS)
        if number < 4:
            Watch.objects.create(user=ada, video=other, watch_time=0.5, position=5)
    get(client, "/video/video-1/")

    with django_assert_max_num_queries(60) as few:
        get(client, "/video/video-1/")
    for number in range(12):
        other = make_video(f"More {number}", description=CHAPTERS)
        Watch.objects.create(user=ada, video=other, watch_time=0.5, position=5)
    CaptionTrack.objects.create(video=video, language="fr", webvtt="WEBVTT")
    with django_assert_max_num_queries(60) as many:
        get(client, "/video/video-1/")

    assert len(many.captured_queries) == len(few.captured_queries)
