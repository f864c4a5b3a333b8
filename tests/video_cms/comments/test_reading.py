"""What is shown of the comments, to whom, and at what cost."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageViewRestriction

from video_cms.comments import threads
from video_cms.models import Comment, CommentLike, VideoPage

pytestmark = pytest.mark.django_db

ALL = "/video/video-1/comments/"
HTMX = {"HX-Request": "true"}


def texts(client: Client, address: str = ALL, **options: Any) -> list[str]:
    html = client.get(address, **options).content.decode()
    return re.findall(r'<div class="comment-words" dir="auto"><p>(.*?)</p>', html)


def test_a_video_nobody_talks_about_says_so(client: Client, video: Any) -> None:
    html = client.get("/video/video-1/").content.decode()
    assert "Nobody has said anything yet." in html
    assert "talk-sorts" not in html


def test_comments_come_by_likes_or_by_age(client: Client, ada: Any, say: Any) -> None:
    now = timezone.now()
    for text, likes, days in (("Old", 1, 3), ("Liked", 5, 2), ("New", 0, 1)):
        say(ada, text, likes=likes, created_at=now - dt.timedelta(days))
    assert texts(client) == ["Liked", "Old", "New"]
    assert texts(client, f"{ALL}?sort=new") == ["New", "Liked", "Old"]
    assert texts(client, f"{ALL}?sort=nonsense") == ["Liked", "Old", "New"]


def test_every_comment_is_reached_by_pages_of_threads(client: Client, ada: Any, say: Any) -> None:
    for number in range(25):
        say(ada, f"Comment {number}")
    found = [text for page in (1, 2, 3) for text in texts(client, f"{ALL}?page={page}")]
    assert len(found) == len(set(found)) == 25
    assert "page=4" not in client.get(f"{ALL}?page=3").content.decode()
    for beyond in ("4", "501", "999999"):
        assert client.get(f"{ALL}?page={beyond}").status_code == 404
    for first in ("-1", "abc", ""):
        assert len(texts(client, f"{ALL}?page={first}")) == 10

    more = client.get(f"{ALL}?page=2", headers=HTMX).content.decode()
    assert more.count('class="thread"') == 10
    assert 'id="more-comments" hx-swap-oob="true"' in more


def test_a_long_thread_shows_its_first_answers_and_where_the_rest_is(
    client: Client, ada: Any, say: Any
) -> None:
    first = say(ada, "First")
    for number in range(7):
        say(ada, f"Answer {number}", parent=first)
    assert texts(client) == ["First", "Answer 0", "Answer 1", "Answer 2"]
    html = client.get(ALL).content.decode()
    assert "All 7 answers" in html
    assert len(texts(client, f"/comments/{first.pk}/")) == 8


def test_moments_are_links_into_the_video(client: Client, ada: Any, say: Any) -> None:
    say(ada, "At 0:07 and (0:09). Not 0:11, 1:2, 12:34:56 or https://example.org/0:05")
    html = client.get(ALL).content.decode()
    assert '<a href="/video/video-1/?t=7" data-seek="7">0:07</a>' in html
    assert re.findall(r'data-seek="(\d+)"', html) == ["7", "9"]


def test_turned_off_comments_are_neither_shown_nor_taken(
    signed_in: Any, video: Any, ada: Any, say: Any
) -> None:
    comment = say(ada, "Too late")
    VideoPage.objects.update(comments_enabled=False)
    client = signed_in(ada)
    html = client.get("/video/video-1/").content.decode()
    assert "Comments are turned off" in html
    assert "Too late" not in html
    assert client.post(ALL, {"text": "Hello"}).status_code == 403
    for action in ("", "answer/", "edit/", "delete/", "report/"):
        assert client.get(f"/comments/{comment.pk}/{action}").status_code == 404
    assert Comment.objects.count() == 1


# --- who sees what ------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["held", "hidden"])
def test_only_its_author_sees_a_comment_that_is_not_published(
    signed_in: Any, video: Any, ada: Any, bruno: Any, say: Any, state: str
) -> None:
    comment = say(ada, "Doubtful", state=state)
    answer = say(bruno, "Under a doubtful one", parent=comment)
    assert texts(signed_in(ada)) == ["Doubtful", "Under a doubtful one"]
    note = {"held": "Waiting for approval", "hidden": "A moderator has hidden this"}[state]
    assert note in signed_in(ada).get(ALL).content.decode()
    for other in (Client(), signed_in(bruno), signed_in(video.creator.user)):
        assert texts(other) == []
        for pk in (comment.pk, answer.pk):
            for action in ("", "answer/", "report/"):
                assert other.get(f"/comments/{pk}/{action}").status_code == 404
            assert other.post(f"/comments/{pk}/like/").status_code == 404
    assert threads.number_of_comments(video) == 0


@pytest.mark.parametrize("state", ["held", "hidden"])
def test_only_its_author_sees_an_answer_that_is_not_published(
    signed_in: Any, ada: Any, bruno: Any, say: Any, state: str
) -> None:
    say(ada, "Doubtful", parent=say(bruno, "First"), state=state)
    assert texts(signed_in(ada)) == ["First", "Doubtful"]
    assert texts(signed_in(bruno)) == texts(Client()) == ["First"]


def test_what_a_closed_account_said_is_gone(client: Client, ada: Any, say: Any) -> None:
    comment = say(ada)
    ada.is_active = False
    ada.save()
    assert texts(client) == []
    assert client.get(f"/comments/{comment.pk}/").status_code == 404


@pytest.mark.parametrize("withdrawn", ["private", "draft", "restricted"])
def test_comments_of_a_video_one_may_not_open_do_not_exist(
    signed_in: Any, video: Any, ada: Any, say: Any, withdrawn: str
) -> None:
    comment = say(ada)
    if withdrawn == "restricted":
        PageViewRestriction.objects.create(page=video, restriction_type=PageViewRestriction.GROUPS)
    else:
        change = {"private": {"visibility": "private"}, "draft": {"live": False}}[withdrawn]
        VideoPage.objects.filter(pk=video.pk).update(**change)
    for client in (Client(), signed_in(ada)):
        assert client.get(ALL).status_code == 404
        assert client.post(ALL, {"text": "Hello"}).status_code == 404
        for action in ("", "answer/", "edit/", "delete/", "report/"):
            assert client.get(f"/comments/{comment.pk}/{action}").status_code == 404
        for action in ("answer", "edit", "delete", "report", "like", "unlike", "pin", "unpin"):
            answer = client.post(f"/comments/{comment.pk}/{action}/", {"text": "Hello"})
            assert answer.status_code == 404
    assert list(Comment.objects.values_list("text", "likes")) == [("Hello", 0)]


def test_the_creator_and_visitors_by_link_still_talk(signed_in: Any, video: Any, ada: Any) -> None:
    VideoPage.objects.update(visibility="private")
    assert signed_in(video.creator.user).post(ALL, {"text": "Note to self"}).status_code == 302
    VideoPage.objects.update(visibility="unlisted")
    assert signed_in(ada).post(ALL, {"text": "By link"}).status_code == 302


# --- cost ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("signed", [False, True])
def test_more_comments_take_no_more_queries(
    signed_in: Any, make_user: Any, ada: Any, say: Any, signed: bool
) -> None:
    client = signed_in(ada) if signed else Client()

    def queries(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    def talk(number: int) -> Comment:
        author = make_user(f"person-{number}")
        comment = say(author, f"Comment {number}")
        for _ in range(3):
            say(author, "Answer", parent=comment)
        CommentLike.objects.create(user=ada, comment=comment)
        return comment

    first = talk(0)
    addresses = ("/video/video-1/", ALL, f"/comments/{first.pk}/")
    before = [queries(address) for address in addresses]
    for number in range(1, 12):
        talk(number)
    assert [queries(address) for address in addresses] == before


def test_a_page_of_threads_takes_six_queries(
    video: Any, ada: Any, bruno: Any, say: Any, django_assert_num_queries: Any
) -> None:
    from django.core.files.base import ContentFile

    from video_cms.models import Picture

    picture = Picture.objects.create(title="Ada", file=ContentFile(PIXEL, name="ada.png"))
    ada.profile.picture = bruno.profile.picture = picture
    ada.profile.save()
    bruno.profile.save()
    say(bruno, "Answer", parent=say(ada, "First"))
    with django_assert_num_queries(6):
        threads.conversation(video, ada)


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)
