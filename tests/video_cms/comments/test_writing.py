"""Commenting: writing, answering, changing, taking back, liking, pinning, reporting."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from video_cms.models import Comment, CommentLike, CommentReport

pytestmark = pytest.mark.django_db

ALL = "/video/video-1/comments/"
HTMX = {"HX-Request": "true"}


def page(client: Client, address: str = "/video/video-1/") -> str:
    return client.get(address).content.decode()


def test_a_comment_stands_on_the_videos_page(signed_in: Any, video: Any, ada: Any) -> None:
    client = signed_in(ada)

    response = client.post(ALL, {"text": " What a walk!\r\n\r\n\r\n\r\nAgain. "}, follow=True)

    comment = Comment.objects.get()
    assert (comment.author, comment.video, comment.state) == (ada, video, "published")
    assert comment.text == "What a walk!\n\nAgain."
    assert response.redirect_chain == [(comment.get_absolute_url(), 302)]
    assert "What a walk!" in page(Client())
    assert 'Comments <span class="talk-number">1</span>' in page(Client())


def test_htmx_gets_the_section_with_the_new_comment_first(
    signed_in: Any, video: Any, ada: Any, bruno: Any, say: Any
) -> None:
    say(bruno, "Pinned words", pinned=True)
    response = signed_in(ada).post(ALL, {"text": "Fresh words"}, headers=HTMX)

    html = response.content.decode()
    assert response["HX-Retarget"] == "#comments"
    assert html.index("Fresh words") < html.index("Pinned words")
    assert "<html" not in html
    assert "Your comment is published." in html


def test_somebody_without_an_account_is_asked_to_sign_in(
    client: Client, video: Any, ada: Any, say: Any
) -> None:
    comment = say(ada)
    assert "Sign in to comment" in page(client)
    assert "Nobody has said anything yet" not in page(client)
    for address in (ALL, f"/comments/{comment.pk}/answer/", f"/comments/{comment.pk}/like/"):
        response = client.post(address, {"text": "Hello"})
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/?next=%2F")
    assert Comment.objects.count() == 1
    assert not CommentLike.objects.exists()


def test_an_answer_joins_the_thread_and_so_does_an_answer_to_it(
    signed_in: Any, video: Any, ada: Any, bruno: Any, say: Any
) -> None:
    first = say(ada, "First")
    client = signed_in(bruno)

    client.post(f"/comments/{first.pk}/answer/", {"text": "Second"})
    second = Comment.objects.get(text="Second")
    assert "@bruno" in signed_in(ada).get(f"/comments/{second.pk}/answer/").content.decode()
    client.post(f"/comments/{second.pk}/answer/", {"text": "Third"})

    third = Comment.objects.get(text="Third")
    assert (second.parent, third.parent) == (first, first)
    html = page(client)
    assert html.index("First") < html.index("Second") < html.index("Third")
    assert client.get(f"/comments/{third.pk}/").url == third.get_absolute_url()


def test_an_edit_is_marked_and_only_the_author_may(
    signed_in: Any, ada: Any, bruno: Any, say: Any
) -> None:
    comment = say(ada, "Befor")
    address = f"/comments/{comment.pk}/edit/"
    assert signed_in(bruno).get(address).status_code == 404
    assert signed_in(bruno).post(address, {"text": "Mine"}).status_code == 404
    client = signed_in(ada)
    assert "Befor" in client.get(address).content.decode()

    client.post(address, {"text": "Befor"})
    comment.refresh_from_db()
    assert comment.edited_at is None
    client.post(address, {"text": "Before"})

    comment.refresh_from_db()
    assert comment.text == "Before"
    assert comment.edited_at is not None
    assert "(edited)" in page(client)


def test_a_deleted_comment_is_gone_unless_it_has_answers(
    signed_in: Any, ada: Any, bruno: Any, say: Any
) -> None:
    lonely, answered = say(ada, "Lonely"), say(ada, "Answered", likes=2, pinned=True)
    answer = say(bruno, "But why?", parent=answered)
    client = signed_in(ada)
    assert signed_in(bruno).post(f"/comments/{lonely.pk}/delete/").status_code == 404
    assert "Delete your comment?" in client.get(f"/comments/{lonely.pk}/delete/").content.decode()

    for comment in (lonely, answered):
        client.post(f"/comments/{comment.pk}/delete/")

    assert not Comment.objects.filter(pk=lonely.pk).exists()
    answered.refresh_from_db()
    assert (answered.state, answered.text, answered.pinned) == ("deleted", "", False)
    html = page(client)
    assert "deleted by its author" in html
    assert "But why?" in html
    assert "Answered" not in html

    signed_in(bruno).post(f"/comments/{answer.pk}/delete/")
    assert not Comment.objects.exists(), "an empty place without answers goes too"


def test_deleting_by_htmx_takes_the_thread_away(signed_in: Any, ada: Any, say: Any) -> None:
    comment = say(ada)
    response = signed_in(ada).post(f"/comments/{comment.pk}/delete/", headers=HTMX)
    assert response["HX-Retarget"] == f"#thread-{comment.pk}"
    assert "dialog-done" in response["HX-Trigger"]
    assert "<li" not in response.content.decode()


@pytest.mark.parametrize("action", ["answer", "edit", "delete", "report"])
def test_forms_are_pages_and_htmx_gets_just_the_form(
    signed_in: Any, ada: Any, bruno: Any, say: Any, action: str
) -> None:
    comment = say(ada if action in ("edit", "delete") else bruno)
    client = signed_in(ada)
    address = f"/comments/{comment.pk}/{action}/"
    assert "<html" in page(client, address)
    fragment = client.get(address, headers=HTMX).content.decode()
    assert "<html" not in fragment
    assert f'action="{address}"' in fragment


def test_a_like_counts_once_and_never_ones_own(
    signed_in: Any, ada: Any, bruno: Any, say: Any
) -> None:
    comment = say(ada)
    client = signed_in(bruno)

    def likes() -> int:
        comment.refresh_from_db()
        return comment.likes

    for _ in range(2):
        client.post(f"/comments/{comment.pk}/like/")
    assert likes() == 1
    assert 'aria-pressed="true"' in page(client, f"/comments/{comment.pk}/")
    for _ in range(2):
        client.post(f"/comments/{comment.pk}/unlike/")
    assert likes() == 0
    signed_in(ada).post(f"/comments/{comment.pk}/like/")
    assert likes() == 0


def test_the_creator_pins_one_comment(signed_in: Any, video: Any, ada: Any, say: Any) -> None:
    first, second = say(ada, "First", likes=9), say(ada, "Second")
    creator = signed_in(video.creator.user)
    assert signed_in(ada).post(f"/comments/{first.pk}/pin/").status_code == 404

    for comment in (first, second):
        creator.post(f"/comments/{comment.pk}/pin/")
    html = page(creator)
    assert html.count("Pinned by the creator") == 1
    assert html.index("Second") < html.index("First")

    creator.post(f"/comments/{second.pk}/unpin/")
    assert "Pinned by the creator" not in page(creator)


def test_a_report_is_kept_once_per_person(signed_in: Any, ada: Any, bruno: Any, say: Any) -> None:
    comment = say(ada, "Buy my hats")
    address = f"/comments/{comment.pk}/report/"
    client = signed_in(bruno)
    assert "Spam or advertising" in client.get(address).content.decode()

    without = client.post(address, {"text": "Hats!"})
    assert without.status_code == 400
    assert "Choose a reason." in without.content.decode()
    assert "Hats!" in without.content.decode()
    assert client.post(address, {"reason": "nonsense"}).status_code == 400
    for reason in ("spam", "abuse"):
        client.post(address, {"reason": reason, "text": "Hats!"})

    report = CommentReport.objects.get()
    assert (report.reason, report.text, report.reporter) == ("spam", "Hats!", bruno)
    assert "You have reported this comment." in client.get(address).content.decode()
    assert signed_in(ada).get(address).status_code == 404, "nobody reports themselves"


@pytest.mark.parametrize("action", ["like", "unlike", "pin", "unpin"])
def test_nothing_changes_by_get(signed_in: Any, ada: Any, say: Any, action: str) -> None:
    assert signed_in(ada).get(f"/comments/{say(ada).pk}/{action}/").status_code == 405


def test_nothing_changes_without_a_token(ada: Any, say: Any, video: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    comment = say(ada)
    for address in (ALL, *(f"/comments/{comment.pk}/{a}/" for a in ("edit", "delete", "like"))):
        assert client.post(address, {"text": "Forged"}).status_code == 403
    assert Comment.objects.get().text == "Hello"


# --- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Write something first."),
        (" \n\t\u200b\u2060 ", "Write something first."),
        ("x" * 2001, "Write at most 2000 characters; you have 2001."),
        ("e" + "\u0301" * 10_000, "Write at most 2000 characters; you have 10001."),
        ("y" * 50_000, "you have 50000."),
        ("z" * 1_000_000, "you have 1000000."),
        ("a\x00b", "Null characters are not allowed."),
    ],
    ids=["empty", "invisible", "too long", "marks (21)", "no spaces (22)", "1 MB (21)", "NUL (17)"],
)
def test_a_bad_comment_gets_a_message_and_keeps_its_words(
    signed_in: Any, video: Any, ada: Any, text: str, message: str
) -> None:
    response = signed_in(ada).post(ALL, {"text": text})

    html = response.content.decode()
    assert response.status_code == 400
    assert message in html
    assert 'aria-invalid="true"' in html
    assert text.strip("\x00 \n\t\u200b\u2060")[:500] in html
    assert not Comment.objects.exists()


def test_windows_line_ends_do_not_count_twice(signed_in: Any, video: Any, ada: Any) -> None:
    text = "\r\n".join(["line"] * 400)
    signed_in(ada).post(ALL, {"text": text})
    assert len(Comment.objects.get().text) == 1999


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "{{7*7}} {% debug %}",
        "x'}) DETACH DELETE n //",
        '"><svg onload=alert(1)>',
    ],
    ids=["script (13)", "img (13)", "template (25)", "cypher (24)", "attribute (13)"],
)
def test_markup_stays_words(signed_in: Any, video: Any, ada: Any, text: str) -> None:
    from django.utils.html import escape

    client = signed_in(ada)
    client.post(ALL, {"text": text})

    comment = Comment.objects.get()
    assert comment.text == text
    addresses = ["/video/video-1/", ALL, f"/comments/{comment.pk}/edit/"]
    for html in (page(client, address) for address in addresses):
        assert escape(text) in html
        assert "<script>alert" not in html
        assert "onerror=alert(1)>" not in html.replace(escape(text), "")


def test_links_are_nobodys_recommendation(signed_in: Any, video: Any, ada: Any) -> None:
    text = "https://example.org/river javascript:alert(1)"
    signed_in(ada).post(ALL, {"text": text})
    html = page(Client())
    assert '<a href="https://example.org/river" rel="nofollow noopener ugc">' in html
    assert 'href="javascript' not in html


@pytest.mark.parametrize("number", ["0", "99999999", str(2**63), "9" * 5000])
def test_numbers_of_no_comment_are_not_found(signed_in: Any, ada: Any, number: str) -> None:
    client = signed_in(ada)
    for action in ("", "answer/", "edit/", "delete/", "report/"):
        assert client.get(f"/comments/{number}/{action}").status_code == 404
    assert client.post(f"/comments/{number}/like/").status_code == 404


# --- how often ----------------------------------------------------------------------------------


def test_too_many_comments_in_a_row_get_a_message_and_keep_their_words(
    signed_in: Any, video: Any, ada: Any, bruno: Any
) -> None:
    client = signed_in(ada)
    codes = [client.post(ALL, {"text": f"Number {n}"}).status_code for n in range(6)]
    assert codes == [302] * 6

    response = client.post(ALL, {"text": "One more"})

    assert response.status_code == 429
    assert "Wait a minute" in response.content.decode()
    assert "One more" in response.content.decode()
    assert Comment.objects.count() == 6
    assert signed_in(bruno).post(ALL, {"text": "Me too"}).status_code == 302
