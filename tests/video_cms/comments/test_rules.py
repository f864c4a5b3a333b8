"""Which comments wait for a moderator."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from hypothesis import given
from hypothesis import strategies as st

from video_cms.comments.rules import has_held_word
from video_cms.models import Comment

pytestmark = pytest.mark.django_db

ALL = "/video/video-1/comments/"
LINKS = "https://one.example www.two.example three.org"


def state(client: Any, text: str) -> str:
    client.post(ALL, {"text": text})
    return Comment.objects.latest("pk").state


def test_too_many_links_wait(signed_in: Any, video: Any, ada: Any, rules: Any) -> None:
    client = signed_in(ada)
    assert state(client, "https://one.example www.two.example") == "published"
    assert state(client, LINKS) == "held"
    rules.links_allowed = 3
    rules.save()
    assert state(client, LINKS) == "published"


def test_held_words_wait_and_say_so(signed_in: Any, video: Any, ada: Any, rules: Any) -> None:
    rules.held_words = "casino\n\nfree money\n"
    rules.save()
    client = signed_in(ada)
    response = client.post(ALL, {"text": "FREE  money here"}, headers={"HX-Request": "true"})
    html = response.content.decode()
    assert Comment.objects.get().state == "held"
    assert "Waiting for approval" in html
    assert "A moderator looks at your comment before others see it." in html
    assert state(client, "It is free, money or not") == "published"


def test_a_published_comment_waits_when_an_edit_brings_a_held_word(
    signed_in: Any, ada: Any, say: Any, rules: Any
) -> None:
    rules.held_words = "casino"
    rules.save()
    comment = say(ada, pinned=True)
    signed_in(ada).post(f"/comments/{comment.pk}/edit/", {"text": "Casino!"})
    comment.refresh_from_db()
    assert (comment.state, comment.pinned) == ("held", False)


@pytest.mark.parametrize("start", ["held", "hidden"])
def test_an_edit_publishes_nothing(signed_in: Any, ada: Any, say: Any, start: str) -> None:
    comment = say(ada, state=start)
    signed_in(ada).post(f"/comments/{comment.pk}/edit/", {"text": "Harmless"})
    comment.refresh_from_db()
    assert (comment.state, comment.text) == (start, "Harmless")


def test_first_comments_wait_where_editors_want_it(
    signed_in: Any, video: Any, ada: Any, rules: Any
) -> None:
    rules.hold_first = True
    rules.save()
    client = signed_in(ada)
    assert state(client, "Hello") == "held"
    assert state(client, "Hello?") == "held"
    Comment.objects.filter(text="Hello").update(state="published")
    assert state(client, "Hello!") == "published"


def test_creators_and_moderators_do_not_wait(
    signed_in: Any, video: Any, bruno: Any, rules: Any
) -> None:
    rules.hold_first = True
    rules.save()
    bruno.groups.add(Group.objects.get(name="Moderators"))
    for user in (video.creator.user, bruno):
        assert state(signed_in(user), LINKS) == "published"


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("A CASINO", True),
        ("cas\u00adino", True),
        ("ｃａｓｉｎｏ", True),
        ("ca\u0301sino", True),
        ("casinos", False),
        ("the cas ino", False),
    ],
)
def test_words_are_found_whole_and_without_disguise(text: str, held: bool) -> None:
    assert has_held_word(text, "casino") is held


@given(st.text(max_size=200), st.text(max_size=50))
def test_any_words_can_be_looked_for_in_any_words(text: str, words: str) -> None:
    assert has_held_word(text, words) in (True, False)
