"""What viewers are told: new videos of whom they follow, answers to their comments."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ
from wagtail.models import PageViewRestriction

from video_cms import notices, tasks
from video_cms.comments import moderation, writing
from video_cms.models import (
    Comment,
    CommentRules,
    Follow,
    Notice,
    Preferences,
    VideoPage,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(ada: Any) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def told(user: Any) -> list[str]:
    return [notice.video.title for notice in notices.notices_of(user)]


# --- new videos ---------------------------------------------------------------------------------


def test_publishing_a_public_video_tells_the_followers_by_the_queue(
    video: VideoPage, ada: Any, make_user: Any, django_capture_on_commit_callbacks: Any
) -> None:
    Follow.objects.create(user=ada, creator=video.creator)
    stranger = make_user("stranger")

    with django_capture_on_commit_callbacks(execute=True):
        video.save_revision().publish()

    queued = [row.task["func"] for row in OrmQ.objects.all()]
    assert "video_cms.tasks.tell_followers" in queued
    assert told(ada) == []
    for _ in range(2):
        tasks.tell_followers(video.pk)
    assert told(ada) == ["A walk"]
    assert told(stranger) == []


@pytest.mark.parametrize("change", [{"visibility": "private"}, {"visibility": "unlisted"}])
def test_what_is_not_public_is_not_spoken_of(
    video: VideoPage, ada: Any, django_capture_on_commit_callbacks: Any, change: Any
) -> None:
    Follow.objects.create(user=ada, creator=video.creator)
    video.visibility = change["visibility"]
    with django_capture_on_commit_callbacks(execute=True):
        video.save_revision().publish()
    assert not OrmQ.objects.exists()
    tasks.tell_followers(video.pk)
    assert not Notice.objects.exists()


def test_drafts_and_gone_videos_are_not_spoken_of(video: VideoPage, ada: Any) -> None:
    Follow.objects.create(user=ada, creator=video.creator)
    VideoPage.objects.update(live=False)
    tasks.tell_followers(video.pk)
    tasks.tell_followers(video.pk + 1)
    assert not Notice.objects.exists()


def test_creators_silent_followers_and_closed_accounts_are_not_told(
    video: VideoPage, make_user: Any
) -> None:
    silent, closed = make_user("silent"), make_user("closed", is_active=False)
    Preferences.objects.create(user=silent, notify_videos=False)
    for user in (silent, closed, video.creator.user):
        Follow.objects.create(user=user, creator=video.creator)
    assert notices.tell_followers(video) == 0
    assert not Notice.objects.exists()


def test_many_followers_are_told_in_batches_and_none_twice(
    video: VideoPage, make_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "BATCH", 3)
    people = [make_user(f"person-{number}") for number in range(8)]
    for user in people:
        Follow.objects.create(user=user, creator=video.creator)
    Notice.objects.create(user=people[5], video=video, kind="video")  # an interrupted run

    with CaptureQueriesContext(connection) as captured:
        assert notices.tell_followers(video) == 8
    assert sum("INSERT" in query["sql"] for query in captured) == 3
    assert Notice.objects.count() == 8


def test_who_follows_later_is_not_told_of_an_old_video_published_again(
    video: VideoPage, ada: Any, make_user: Any
) -> None:
    Follow.objects.create(user=make_user("early"), creator=video.creator)
    notices.tell_followers(video)
    later = timezone.now() + dt.timedelta(seconds=1)
    Follow.objects.create(user=ada, creator=video.creator, created_at=later)
    notices.tell_followers(video)
    assert told(ada) == []


@pytest.mark.parametrize("withdrawn", ["private", "unlisted", "draft", "restricted", "deleted"])
def test_a_notice_goes_when_its_video_is_withdrawn(
    reader: Client, video: VideoPage, ada: Any, withdrawn: str
) -> None:
    Notice.objects.create(user=ada, video=video, kind="video")
    assert told(ada) == ["A walk"]
    if withdrawn == "restricted":
        PageViewRestriction.objects.create(page=video.get_parent(), restriction_type="login")
    elif withdrawn == "deleted":
        video.delete()
    else:
        change = {"live": False} if withdrawn == "draft" else {"visibility": withdrawn}
        VideoPage.objects.filter(pk=video.pk).update(**change)
    assert told(ada) == []
    page = reader.get("/notices/").content.decode()
    assert "A walk" not in page
    assert "bell-number" not in page


# --- answers ------------------------------------------------------------------------------------


def say(author: Any, video: VideoPage, text: str = "Hello", **options: Any) -> Comment:
    return writing.write(author, video, text, CommentRules(), **options)


def test_an_answer_is_told_to_whom_it_answers(video: VideoPage, ada: Any, make_user: Any) -> None:
    bruno, chiara, dora = (make_user(name) for name in ("bruno", "Chiara", "dora"))
    first = say(ada, video)
    second = say(bruno, video, "So it is", answer_to=first)
    say(ada, video, "My own answer", answer_to=first)
    third = say(chiara, video, "@bruno: yes, @dora.", answer_to=second)
    say(ada, video, "Thanks, @chiara!", answer_to=third)

    def texts(user: Any) -> set[str]:
        return {notice.comment.text for notice in notices.notices_of(user)}

    assert texts(ada) == {"So it is", "@bruno: yes, @dora."}
    assert texts(bruno) == {"@bruno: yes, @dora."}
    assert texts(chiara) == {"Thanks, @chiara!"}
    assert texts(dora) == set(), "who took no part is not called by name"


def test_nobody_is_told_who_does_not_want_to_be(video: VideoPage, ada: Any, make_user: Any) -> None:
    Preferences.objects.create(user=ada, notify_replies=False)
    say(make_user("bruno"), video, answer_to=say(ada, video))
    assert not Notice.objects.exists()


def test_a_held_answer_is_told_when_a_moderator_approves_it(
    video: VideoPage, ada: Any, make_user: Any
) -> None:
    first = say(ada, video)
    answer = writing.write(
        make_user("bruno"), video, "A casino", CommentRules(held_words="casino"), first
    )
    assert told(ada) == []
    for _ in range(2):
        moderation.approve([answer])
    assert told(ada) == ["A walk"]
    moderation.hide([answer])
    assert told(ada) == []


def test_a_notice_goes_with_the_answer_and_with_the_video(
    video: VideoPage, ada: Any, make_user: Any
) -> None:
    answer = say(make_user("bruno"), video, answer_to=say(ada, video))
    assert told(ada) == ["A walk"]
    for change in ({"comments_enabled": False}, {"visibility": "private"}, {"live": False}):
        before = {name: getattr(video, name) for name in change}
        VideoPage.objects.filter(pk=video.pk).update(**change)
        assert told(ada) == []
        VideoPage.objects.filter(pk=video.pk).update(**before)
    VideoPage.objects.filter(pk=video.pk).update(visibility="unlisted")
    assert told(ada) == ["A walk"]
    writing.delete(answer)
    assert not Notice.objects.exists()


# --- the list and the bell ----------------------------------------------------------------------


def test_the_bell_counts_what_is_unread(
    reader: Client, video: VideoPage, ada: Any, make_user: Any
) -> None:
    say(make_user("bruno"), video, answer_to=say(ada, video))
    Notice.objects.create(user=ada, video=video, kind="video")
    page = reader.get("/notices/").content.decode()
    assert 'bell-number" aria-hidden="true">2<' in page
    assert "has a new video" in page
    assert "answered you" in page

    first = Notice.objects.filter(user=ada).latest("pk")
    response = reader.post(f"/notices/{first.pk}/read/", {"next": "//evil.example"})
    assert response["Location"] == "/notices/"
    assert 'bell-number" aria-hidden="true">1<' in reader.get("/search/").content.decode()

    reader.post("/notices/read/")
    page = reader.get("/notices/").content.decode()
    assert "bell-number" not in page
    assert "Mark all as read" not in page
    assert not Notice.objects.filter(read_at=None).exists()


def test_notices_are_their_readers_only(
    client: Client, reader: Client, video: VideoPage, make_user: Any
) -> None:
    other = Notice.objects.create(user=make_user("bruno"), video=video, kind="video")
    assert "A walk" not in reader.get("/notices/").content.decode()
    assert reader.post(f"/notices/{other.pk}/read/").status_code == 404
    assert reader.get(f"/notices/{other.pk}/read/").status_code == 405
    reader.post("/notices/read/")
    other.refresh_from_db()
    assert other.read_at is None
    for address in ("/notices/", "/notices/read/"):
        response = client.post(address) if "read" in address else client.get(address)
        assert response.status_code == 302
        assert "/accounts/login/" in response["Location"]
    assert "no-store" in reader.get("/notices/")["Cache-Control"]


def test_nobody_told_anything_is_told_what_to_do(reader: Client, site_tree: Any) -> None:
    assert "Follow creators" in reader.get("/notices/").content.decode()


def test_more_notices_take_no_more_queries(
    reader: Client, ada: Any, make_video: Any, make_user: Any, django_assert_num_queries: Any
) -> None:
    def queries(address: str) -> int:
        reader.get(address)
        with CaptureQueriesContext(connection) as captured:
            reader.get(address)
        return len(captured)

    def tell(number: int) -> None:
        video = make_video(f"Video {number}")
        Notice.objects.create(user=ada, video=video, kind="video")
        say(make_user(f"person-{number}"), video, answer_to=say(ada, video))

    tell(0)
    before = queries("/notices/"), queries("/search/")
    for number in range(1, 8):
        tell(number)
    assert (queries("/notices/"), queries("/search/")) == before
    request = type("Request", (), {"user": ada})()
    with django_assert_num_queries(1):
        assert notices.unread(request) == notices.unread(request) == 16  # type: ignore[arg-type]
