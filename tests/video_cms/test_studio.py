"""Creators: a file sent, looked at, published; changed, replaced, deleted; by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from video_cms.demo.clips import draw_clip
from video_cms.models import CaptionTrack, Category, VideoMedia, VideoPage, Watch
from video_cms.tasks import process_video

pytestmark = pytest.mark.django_db

SRT = b"1\n00:00:01,000 --> 00:00:02,000\nListen\n"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A real film of four seconds."""
    path = tmp_path_factory.mktemp("films") / "film.mp4"
    draw_clip("studio-test", "Music", path)
    return path.read_bytes()


@pytest.fixture
def sent(film: bytes, member: Client, site_tree: Any, parent_categories: Any) -> dict[str, Any]:
    """A well filled-in form."""
    return {
        "title": " Owls  at night ",
        "description": "0:00 Dusk",
        "categories": ["birds"],
        "tags": "owls, night",
        "visibility": "public",
        "comments_enabled": "on",
        "captions_language": "en",
        "file": SimpleUploadedFile("../../x\u202e.exe.mp4", film),
        "publish": "1",
    }


def upload(browser: Client, sent: dict[str, Any]) -> VideoPage:
    answer = browser.post("/upload/", sent)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return VideoPage.objects.latest("pk")


def looked_at(video: VideoPage) -> VideoPage:
    """Have the queue look at what waits."""
    for media in VideoMedia.objects.filter(state="new"):
        process_video(media.pk)
    return VideoPage.objects.get(pk=video.pk)


def test_a_film_is_published_when_it_has_been_looked_at(
    member: Client, sent: dict[str, Any], ada: Any, film: bytes
) -> None:
    sent["captions_file"] = SimpleUploadedFile("owls.srt", SRT)
    video = upload(member, sent)
    assert (video.live, video.media, video.creator.user) == (False, None, ada)
    assert "being looked at" in member.get("/studio/").content.decode()
    assert Client().get(f"/video/{video.video_id}/").status_code == 404

    video = looked_at(video)

    assert (video.live, video.title, video.duration) == (True, "Owls at night", 4.0)
    assert video.new_media is None
    assert Path(video.media.file.path).read_bytes() == film
    assert Path(video.media.file.name).stem.isalnum(), "the server gives the names"
    assert {tag.name for tag in video.tags.all()} == {"owls", "night"}
    assert [category.name for category in video.categories.all()] == ["Birds"]
    assert CaptionTrack.objects.get().webvtt.startswith("WEBVTT")
    page = Client().get(f"/video/{video.video_id}/").content.decode()
    assert "Owls at night" in page
    assert "Owls at night" in Client().get("/search/?q=owls").content.decode()


def test_a_draft_waits_for_its_creator(member: Client, sent: dict[str, Any]) -> None:
    del sent["publish"]
    video = looked_at(upload(member, sent))
    assert (video.live, video.media is not None) == (False, True)
    assert "Draft" in member.get("/studio/").content.decode()

    del sent["file"]
    member.post(f"/studio/{video.video_id}/", {**sent, "title": "Two owls", "publish": "1"})

    video = VideoPage.objects.get()
    assert (video.live, video.title) == (True, "Two owls")
    assert VideoMedia.objects.count() == 1


def test_10_a_file_of_no_use_says_why_and_can_be_replaced_without_retyping(
    member: Client, sent: dict[str, Any], film: bytes
) -> None:
    broken = film[:64] + b"\0" * 2000
    video = looked_at(upload(member, {**sent, "file": SimpleUploadedFile("x.mp4", broken)}))

    assert not video.live
    assert "Send another file" in member.get("/studio/").content.decode()
    form = member.get(f"/studio/{video.video_id}/").content.decode()
    assert video.new_media.failure in form
    assert "Owls at night" in form

    film_again = SimpleUploadedFile("x.mp4", film)
    member.post(f"/studio/{video.video_id}/", {**sent, "file": film_again})
    assert looked_at(video).live
    assert VideoMedia.objects.count() == 1, "the one of no use is gone"


def test_another_file_keeps_address_and_figures(
    member: Client, sent: dict[str, Any], film: bytes, make_user: Any
) -> None:
    video = looked_at(upload(member, sent))
    before = video.media_id
    Watch.objects.create(user=make_user("bruno"), video=video, watch_time=0.9)
    VideoPage.objects.update(views=1)

    sent["file"] = SimpleUploadedFile("better.mp4", film)
    member.post(f"/studio/{video.video_id}/", sent)
    waiting = VideoPage.objects.get()
    assert (waiting.live, waiting.media_id) == (True, before), "the old one is shown meanwhile"

    after = looked_at(video)
    assert (after.live, after.video_id, after.views) == (True, video.video_id, 1)
    assert after.media_id != before
    assert looked_at(video).media_id == after.media_id, "looking twice changes nothing"


def test_a_bad_other_file_leaves_the_video_as_it_is(
    member: Client, sent: dict[str, Any], film: bytes
) -> None:
    video = looked_at(upload(member, sent))
    sent["file"] = SimpleUploadedFile("x.mp4", film[:64] + b"\0" * 2000)
    member.post(f"/studio/{video.video_id}/", sent)

    after = looked_at(video)
    assert (after.live, after.media_id) == (True, video.media_id)
    assert "Send another file" in member.get("/studio/").content.decode()


def test_deleting_takes_the_files_along(
    member: Client, sent: dict[str, Any], film: bytes, django_capture_on_commit_callbacks: Any
) -> None:
    video = looked_at(upload(member, sent))
    member.post(f"/studio/{video.video_id}/", {**sent, "file": SimpleUploadedFile("b.mp4", film)})
    video = looked_at(video)
    paths = [Path(media.file.path) for media in VideoMedia.objects.all()]
    assert len(paths) == 2
    member.post(f"/studio/{video.video_id}/delete/")
    assert all(path.exists() for path in paths), "it can be brought back"

    with django_capture_on_commit_callbacks(execute=True):
        assert member.post(f"/studio/{video.video_id}/erase/").status_code == 302

    assert not VideoPage.objects.exists()
    assert not VideoMedia.objects.exists()
    assert not any(path.exists() for path in paths)


def test_a_video_can_be_made_a_draft_again(member: Client, sent: dict[str, Any]) -> None:
    video = looked_at(upload(member, sent))

    member.post(f"/studio/{video.video_id}/unpublish/")

    assert not VideoPage.objects.get().live
    assert Client().get(f"/video/{video.video_id}/").status_code == 404
    assert not looked_at(video).live


def text(content: bytes) -> Callable[[], SimpleUploadedFile]:
    return lambda: SimpleUploadedFile("film.mp4", content, "video/mp4")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("title", "  ", "This field is required"),
        ("title", "x" * 256, "at most 255"),
        ("title", "a\0b", "Null characters"),
        ("description", "x" * 5001, "at most 5000"),
        ("categories", "nowhere", "not one of the available choices"),
        ("tags", "x" * 41, "at most 15 tags"),
        ("tags", ",".join(f"tag{n}" for n in range(16)), "at most 15 tags"),
        ("visibility", "everywhere", "not one of the available choices"),
        ("captions_language", "xx", "not one of the available choices"),
        ("captions_file", text(b"hello"), "is missing"),
        ("captions_file", text(b"\xff\xfe\x00"), "UTF-8"),
        ("thumbnail_file", text(b"<svg onload=alert(1)>"), "JPEG, PNG or WebP"),
        ("file", None, "This field is required"),
        ("file", text(b""), "empty"),
        ("file", text(b"#EXTM3U\nfile:///etc/passwd"), "not a video file we can read"),
        ("file", text(b"<!doctype html><script>"), "not a video file we can read"),
        ("file", text(b"PK\x03\x04" + b"\0" * 400), "not a video file we can read"),
    ],
)
def test_4_what_cannot_be_gets_a_message_and_keeps_the_words(
    member: Client, sent: dict[str, Any], field: str, value: Any, message: str
) -> None:
    sent[field] = value() if callable(value) else value
    if sent[field] is None:
        del sent[field]

    answer = member.post("/upload/", sent)

    page = answer.content.decode()
    assert (answer.status_code, message in page) == (400, True), page[:4000]
    assert "owls, night" in page or field == "tags"
    assert not VideoPage.objects.exists()
    assert not VideoMedia.objects.exists()


def test_11_a_file_above_the_limit_is_refused_before_it_is_read(
    member: Client, sent: dict[str, Any], settings: Any
) -> None:
    settings.UPLOAD_LIMIT = 1000
    assert "larger than 1000" in member.post("/upload/", sent).content.decode().replace("\xa0", " ")
    settings.UPLOAD_LIMIT = -(1024**2)
    assert member.post("/upload/", sent).status_code == 413
    assert not VideoMedia.objects.exists()


def test_many_files_a_day_are_limited(member: Client, sent: dict[str, Any], settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "upload": "1/d/user"}
    upload(member, sent)
    sent["file"].seek(0)

    answer = member.post("/upload/", sent)

    assert answer.status_code == 429
    assert "tomorrow" in answer.content.decode()
    assert VideoPage.objects.count() == 1


@pytest.mark.parametrize("path", ["", "row/", "delete/", "unpublish/"])
def test_35_another_creators_video_is_not_found(
    path: str, member: Client, make_video: Any, make_user: Any
) -> None:
    theirs = make_video("A walk")

    for answer in (
        member.get(f"/studio/{theirs.video_id}/{path}"),
        member.post(f"/studio/{theirs.video_id}/{path}", {"title": "Mine"}),
    ):
        assert answer.status_code in (404, 405)
    assert VideoPage.objects.get().title == "A walk"
    assert "A walk" not in member.get("/studio/").content.decode()
    assert Client().get(f"/studio/{theirs.video_id}/{path}").status_code in (302, 405)


def test_38_fields_nobody_offered_change_nothing(
    member: Client, sent: dict[str, Any], make_user: Any
) -> None:
    other = make_user("bruno").profile
    video = upload(
        member,
        {**sent, "creator": other.pk, "views": 99, "live": "1", "media": 1, "video_id": "mine"},
    )
    assert (video.creator.user.username, video.views, video.live) == ("ada", 0, False)
    assert video.video_id != "mine"


def test_the_list_takes_the_same_queries_however_long(
    member: Client, ada: Any, make_video: Any, django_assert_max_num_queries: Any
) -> None:
    make_video("One", creator=ada.profile)
    with django_assert_max_num_queries(100) as few:
        member.get("/studio/")
    for number in range(6):
        make_video(f"Video {number}", creator=ada.profile)
    with django_assert_max_num_queries(len(few)):
        assert member.get("/studio/").content.decode().count("<li class=") >= 7


def test_categories_are_offered_below_their_parents(
    member: Client, parent_categories: Any, site_tree: Any
) -> None:
    page = member.get("/upload/").content.decode()
    assert '<optgroup label="Nature">' in page
    chooser = page[page.index('name="categories"') :]
    chooser = chooser[: chooser.index("</select>")]
    assert Category.objects.count() == chooser.count("<option value=")
