"""All comments on one's videos in one place: answered, pinned, hidden, held, by nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from video_cms.models import Comment, CommentRules, VideoPage

pytestmark = pytest.mark.django_db


@pytest.fixture
def host(video: VideoPage) -> Client:
    """The browser of the video's creator."""
    browser = Client()
    browser.force_login(video.creator.user)
    return browser


@pytest.fixture
def said(video: VideoPage, ada: Any) -> Comment:
    return Comment.objects.create(video=video, author=ada, text="What a walk!")


def decide(browser: Client, comment: Comment, verb: str, **sent: str) -> int:
    return browser.post(f"/studio/comments/{comment.pk}/{verb}/", sent).status_code


def state(comment: Comment) -> str:
    return Comment.objects.get(pk=comment.pk).state


def shown(browser: Client, **asked: str) -> list[str]:
    page = browser.get("/studio/comments/", asked).context["page_obj"]
    return [comment.text for comment in page]


def test_a_creator_hides_a_comment_and_shows_it_again(
    host: Client, member: Client, said: Comment, video: VideoPage
) -> None:
    place = f"/video/{video.video_id}/comments/"
    assert f"/studio/comments/{said.pk}/hide/" in host.get(place).content.decode()

    assert decide(host, said, "hide", next=place) == 302

    assert "What a walk" not in Client().get(place).content.decode()
    assert "creator has hidden this" in member.get(place).content.decode()
    assert shown(host, show="hidden") == ["What a walk!"]
    decide(host, said, "show")
    assert "What a walk" in Client().get(place).content.decode()


def test_what_moderators_hid_or_hold_stays_so(host: Client, said: Comment) -> None:
    for held in ("hidden", "held"):
        Comment.objects.update(state=held)
        decide(host, said, "show")
        assert state(said) == held
    decide(host, said, "hide")
    CommentRules.objects.update(held_words="walk")
    decide(host, said, "show")
    assert state(said) == "held", "hiding is no way around the rules"


def test_holding_asks_a_moderator(host: Client, said: Comment) -> None:
    decide(host, said, "pin")
    decide(host, said, "hold")
    kept = Comment.objects.get()
    assert (kept.state, kept.pinned) == ("held", False)
    assert shown(host, show="held") == ["What a walk!"]


def test_an_answer_from_the_list_settles_a_comment(
    host: Client, said: Comment, settings: Any
) -> None:
    assert shown(host, show="unanswered") == ["What a walk!"]
    empty = host.post(f"/studio/comments/{said.pk}/answer/", {"text": " "})
    assert (empty.status_code, "Write something first" in empty.content.decode()) == (400, True)

    host.post(f"/studio/comments/{said.pk}/answer/", {"text": "Thank you"})

    assert shown(host, show="unanswered") == []
    assert Comment.objects.get(text="Thank you").parent == said
    assert shown(host) == ["Thank you", "What a walk!"]


def test_comments_of_one_video(host: Client, said: Comment, video: VideoPage) -> None:
    assert shown(host, video=video.video_id) == ["What a walk!"]
    assert shown(host, video="another") == []
    assert shown(host, video="a\0b", show="nonsense") == ["What a walk!"]


@pytest.mark.parametrize("verb", ["hide", "show", "hold", "pin", "unpin", "answer", "explode"])
def test_35_comments_on_others_videos_are_not_theirs_to_decide(
    member: Client, said: Comment, verb: str
) -> None:
    assert decide(member, said, verb, text="Mine") == 404
    assert Client().post(f"/studio/comments/{said.pk}/{verb}/").status_code == 302
    assert member.get(f"/studio/comments/{said.pk}/{verb}/").status_code == 405
    assert Comment.objects.get().state == "published"
    assert shown(member) == []


def test_the_list_takes_the_same_queries_however_long(
    host: Client,
    said: Comment,
    video: VideoPage,
    make_user: Any,
    django_assert_max_num_queries: Any,
) -> None:
    host.get("/studio/comments/")
    with django_assert_max_num_queries(50) as few:
        host.get("/studio/comments/?show=unanswered")
    for number in range(5):
        user = make_user(f"viewer{number}")
        Comment.objects.create(video=video, author=user, text=f"Number {number}")
    with django_assert_max_num_queries(len(few)):
        assert "Number 4" in host.get("/studio/comments/?show=unanswered").content.decode()
