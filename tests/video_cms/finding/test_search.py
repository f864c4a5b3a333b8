"""Search: words, filters, order, and suggestions while somebody types."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from video_cms.models import CaptionTrack, Category, VideoPage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("indexed")]


def found(client: Client, **asked: str) -> list[str]:
    answer = client.get("/search/", asked)
    assert answer.status_code == 200, answer.status_code
    return [video.title for video in answer.context["page_obj"] or []]


@pytest.fixture
def owls(make_video: Any, make_user: Any, parent_categories: Any) -> dict[str, VideoPage]:
    """Four videos about owls that differ in all that can be filtered."""
    maker = make_user("maker").profile
    videos = {
        "short": make_video("Owls at dawn", categories=["Birds"], creator=maker),
        "long": make_video("Owls all night", categories=["Forests"], creator=maker),
        "old": make_video("Owls of last year", categories=["Jazz"], creator=maker),
        "premium": make_video("Owls for members", categories=["Birds"], is_premium=True),
    }
    lengths = {"short": 60, "long": 3000, "old": 600, "premium": 239}
    for name, seconds in lengths.items():
        videos[name].media.duration = seconds
        videos[name].media.save()
    VideoPage.objects.filter(pk=videos["old"].pk).update(
        first_published_at=timezone.now() - dt.timedelta(days=300), views=900
    )
    return videos


def test_filters_narrow_what_is_found(client: Client, owls: Any) -> None:
    everything = {video.title for video in owls.values()}
    for asked, expected in (
        ({}, everything),
        ({"topic": "music"}, {"Owls of last year"}),
        ({"topic": "nature"}, everything - {"Owls of last year"}),
        ({"length": "short"}, {"Owls at dawn", "Owls for members"}),
        ({"length": "medium"}, {"Owls of last year"}),
        ({"length": "long"}, {"Owls all night"}),
        ({"date": "month"}, everything - {"Owls of last year"}),
        ({"date": "year"}, everything),
        ({"access": "premium"}, {"Owls for members"}),
        ({"access": "free", "length": "short"}, {"Owls at dawn"}),
    ):
        assert set(found(client, q="owls", **asked)) == expected, asked


def test_results_are_sorted_as_asked(client: Client, owls: Any) -> None:
    assert found(client, q="owls", sort="new")[-1] == "Owls of last year"
    assert found(client, q="owls", sort="views")[0] == "Owls of last year"


def test_titles_come_before_descriptions(client: Client, make_video: Any) -> None:
    make_video("Something else", description="Here is one word about a heron, among many others.")
    make_video("The heron")

    assert found(client, q="heron") == ["The heron", "Something else"]


def test_captions_are_found(client: Client, make_video: Any) -> None:
    video = make_video("A quiet film")
    track = "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nA marvellous kingfisher\n"
    CaptionTrack.objects.create(video=video, language="en", webvtt=track)
    video.save()

    assert found(client, q="kingfisher") == ["A quiet film"]


def test_beginnings_of_words_help_where_no_whole_word_does(client: Client, make_video: Any) -> None:
    make_video("Marmalade")

    assert found(client, q="marma") == ["Marmalade"]
    assert found(client, q="armalade") == []


def test_creators_and_subjects_are_found_too(
    client: Client, make_video: Any, make_user: Any, parent_categories: Any
) -> None:
    maker = make_user("zelda").profile
    maker.name = "Zelda Birds"
    maker.save()
    silent = make_user("silent").profile
    silent.name = "Silent Birds"
    silent.save()
    make_video("A walk", creator=maker)

    answer = client.get("/search/", {"q": "birds"})

    assert answer.context["creators"] == [maker], "those with something to show"
    assert [str(subject) for subject in answer.context["subjects"]] == ["Birds"]
    page = answer.content.decode()
    assert "1 video" in page
    assert 'href="/category/birds/"' in page


def test_nothing_found_gives_ideas(client: Client, owls: Any) -> None:
    page = client.get("/search/", {"q": "zeppelin"}).content.decode()

    assert "No videos found" in page
    assert 'href="/browse/music/"' in page
    assert (
        "without filters"
        in client.get("/search/?q=owls&length=long&date=day&topic=music").content.decode()
    )


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"q": "x" * 50_000}, 400),
        ({"q": "owls\0"}, 400),
        ({"q": "owls", "length": "endless"}, 400),
        ({"q": "owls", "topic": "none"}, 400),
        ({"q": "owls", "topic": "a\0b"}, 400),
        ({"q": "owls", "sort": "creator__user__password"}, 400),
        ({"q": "owls", "page": "999999999"}, 200),
        ({"q": "   "}, 200),
    ],
    ids=lambda value: str(value)[:40],
)
def test_22_what_cannot_be_is_refused_quickly_and_kept(
    asked: dict[str, str], status: int, client: Client, owls: Any
) -> None:
    client.get("/search/")
    start = time.perf_counter()
    answer = client.get("/search/", asked)
    took = time.perf_counter() - start

    assert answer.status_code == status
    if status == 400:
        page = answer.content.decode()
        assert 'class="errorlist"' in page, "a message beside the field"
        assert f'value="{asked["q"]}"' in page
        assert took < 1


def test_suggestions_hold_subjects_creators_and_videos(
    client: Client, make_video: Any, make_user: Any, parent_categories: Any
) -> None:
    maker = make_user("bella").profile
    maker.name = "Bella Birdsong"
    maker.save()
    make_video("Bird tables", creator=maker)
    make_video("Birdless, and private", creator=maker, visibility="private")

    page = client.get("/search/suggest/", {"q": "bird"}).content.decode()

    assert page.count('role="option"') == 3
    for address in ("/category/birds/", "/profile/bella/", "/video/video-1/"):
        assert f'data-address="{address}"' in page
    assert client.get("/search/suggest/", {"q": ""}).content.strip() == b""
    assert client.get("/search/suggest/", {"q": "\0"}).status_code == 400


def test_what_editors_publish_is_found_by_all_its_words(
    client: Client, make_video: Any, parent_categories: Any
) -> None:
    video = make_video("A quiet film")
    track = "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nA marvellous kingfisher\n"
    video.captions.add(CaptionTrack(language="en", webvtt=track))
    video.categories.add(Category.objects.get(name="Birds"))
    video.save_revision().publish()

    assert found(client, q="kingfisher") == ["A quiet film"]
    assert found(client, q="birds") == ["A quiet film"]
    assert found(client, q="webvtt") == [], "the format is not spoken"


def test_new_names_of_creators_and_categories_are_found(
    client: Client, make_video: Any, parent_categories: Any
) -> None:
    video = make_video("A quiet film", categories=["Birds"])
    video.creator.name = "Quickwater"
    video.creator.save()
    birds = Category.objects.get(name="Birds")
    birds.name = "Waders"
    birds.save()

    assert found(client, q="quickwater") == ["A quiet film"]
    assert found(client, q="waders") == ["A quiet film"]
