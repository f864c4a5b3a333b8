"""The moderators' desk in the Wagtail admin, through its real views."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from video_cms.models import Comment, CommentReport, CommentRules

pytestmark = pytest.mark.django_db

LIST = "/admin/snippets/video_cms/comment/"


@pytest.fixture
def desk(make_user: Any, signed_in: Any) -> Client:
    """An editor's browser."""
    editor = make_user("editor")
    editor.groups.add(Group.objects.get(name="Editors"))
    client: Client = signed_in(editor)
    return client


def decide(desk: Client, action: str, *comments: Comment) -> str:
    """Carry out a bulk action, with its confirmation; return what is said afterwards."""
    query = urlencode([("id", comment.pk) for comment in comments] + [("next", LIST)])
    address = f"/admin/bulk/video_cms/comment/{action}/?{query}"
    assert desk.get(address).status_code == 200
    return desk.post(address, follow=True).content.decode()


def listed(desk: Client, query: str = "") -> set[str]:
    rows = desk.get(f"{LIST}?{query}").context["object_list"]
    return {comment.text for comment in rows}


def report(comment: Comment, reporter: Any, **fields: Any) -> CommentReport:
    return CommentReport.objects.create(
        **{"comment": comment, "reporter": reporter, "reason": "spam", **fields}
    )


def test_the_list_shows_who_said_what_where_and_what_is_wrong(
    desk: Client, ada: Any, bruno: Any, say: Any
) -> None:
    comment = say(ada, "Buy my hats")
    report(comment, bruno)
    html = desk.get(LIST).content.decode()
    for shown in ("ada: Buy my hats", "A walk", "published", "Spam or advertising"):
        assert shown in html
    assert f'href="/comments/{comment.pk}/#comment-{comment.pk}"' in html


def test_the_list_is_filtered_and_searched(desk: Client, ada: Any, bruno: Any, say: Any) -> None:
    say(ada, "Fine")
    say(ada, "Held", state="held")
    report(say(ada, "Reported"), bruno)
    report(say(bruno, "Hidden", state="hidden"), ada, resolved_at=say(ada, "Old").created_at)
    assert listed(desk, "queue=waiting") == {"Held", "Reported"}
    assert listed(desk, "queue=reported") == {"Reported"}
    assert listed(desk, "state=hidden") == {"Hidden"}
    assert listed(desk, "q=fine") == {"Fine"}
    assert listed(desk, "q=bruno") == {"Hidden"}


def test_approving_shows_comments_and_settles_their_reports(
    desk: Client, ada: Any, bruno: Any, say: Any
) -> None:
    held, reported = say(ada, "Held", state="held"), say(ada, "Reported")
    gone = say(ada, "", state="deleted")
    complaint = report(reported, bruno)

    assert "2 comments are shown to everybody." in decide(desk, "approve", held, reported, gone)

    states = dict(Comment.objects.values_list("pk", "state"))
    assert states == {held.pk: "published", reported.pk: "published", gone.pk: "deleted"}
    complaint.refresh_from_db()
    assert complaint.resolved_at is not None
    assert listed(desk, "queue=waiting") == set()


def test_hiding_takes_comments_from_the_site(desk: Client, ada: Any, bruno: Any, say: Any) -> None:
    comment = say(ada, "Buy my hats", pinned=True)
    complaint = report(comment, bruno)
    assert "1 comment is hidden." in decide(desk, "hide", comment)
    comment.refresh_from_db()
    complaint.refresh_from_db()
    assert (comment.state, comment.pinned) == ("hidden", False)
    assert complaint.resolved_at is not None
    assert "Buy my hats" not in Client().get("/video/video-1/").content.decode()


def test_a_moderator_decides_about_one_comment_and_never_changes_its_words(
    desk: Client, ada: Any, bruno: Any, say: Any
) -> None:
    comment = say(ada, "Buy my hats", state="held")
    complaint = report(comment, bruno, text="He sells hats")
    edit = reverse("wagtailsnippets_video_cms_comment:edit", args=[comment.pk])
    html = desk.get(edit).content.decode()
    for shown in ("Buy my hats", "Spam or advertising", "He sells hats", "A walk"):
        assert shown in html

    desk.post(edit, {"state": "hidden", "text": "Other words"})
    comment.refresh_from_db()
    complaint.refresh_from_db()
    assert (comment.state, comment.text) == ("hidden", "Buy my hats")
    assert complaint.resolved_at is not None
    assert desk.post(edit, {"state": "deleted"}).status_code == 200
    comment.refresh_from_db()
    assert comment.state == "hidden"


def test_the_first_page_says_how_many_comments_wait(
    desk: Client, ada: Any, bruno: Any, say: Any
) -> None:
    report(say(ada), bruno)
    say(ada, state="held")
    html = desk.get("/admin/").content.decode()
    assert "2 comments wait" in html
    assert f"{LIST}?queue=waiting" in html


def test_the_desk_is_for_editors(ada: Any, say: Any, signed_in: Any) -> None:
    comment = say(ada, "Doubtful", state="held")
    visitor = signed_in(ada)
    edit = reverse("wagtailsnippets_video_cms_comment:edit", args=[comment.pk])
    bulk = f"/admin/bulk/video_cms/comment/approve/?id={comment.pk}"
    for response in (visitor.get(LIST), visitor.get(edit), visitor.get(bulk)):
        assert response.status_code in (302, 403)
    for address in (edit, bulk):
        assert visitor.post(address, {"state": "published"}).status_code in (302, 403)
    comment.refresh_from_db()
    assert comment.state == "held"


def test_nobody_writes_comments_in_the_admin(desk: Client, make_user: Any, signed_in: Any) -> None:
    boss = signed_in(make_user("boss", is_superuser=True, is_staff=True))
    for client in (desk, boss):
        assert client.get(f"{LIST}add/").status_code in (302, 403)
        assert f"{LIST}add/" not in client.get(LIST).content.decode()


def test_editors_decide_and_moderators_make_the_rules(
    desk: Client, make_user: Any, signed_in: Any
) -> None:
    from wagtail.models import Site

    moderator = make_user("moderator")
    moderator.groups.add(Group.objects.get(name="Moderators"))
    address = f"/admin/settings/video_cms/commentrules/{Site.objects.get().pk}/"
    assert desk.get(address).status_code == 302
    client = signed_in(moderator)
    assert client.get(address).status_code == 200
    client.post(address, {"held_words": "casino", "links_allowed": "0", "hold_first": "on"})
    rules = CommentRules.objects.get()
    assert (rules.held_words, rules.links_allowed, rules.hold_first) == ("casino", 0, True)


def test_markup_is_inert_in_the_admin(desk: Client, ada: Any, bruno: Any, say: Any) -> None:
    evil = "<script>alert(1)</script>"
    comment = say(ada, evil)
    say(bruno, evil, parent=comment)
    report(comment, bruno, text=evil)
    edit = reverse("wagtailsnippets_video_cms_comment:edit", args=[comment.pk])
    bulk = f"/admin/bulk/video_cms/comment/hide/?id={comment.pk}"
    for address in (LIST, edit, bulk):
        html = desk.get(address).content.decode()
        assert "&lt;script&gt;alert(1)" in html
        assert evil not in html


def test_a_longer_list_takes_no_more_queries(
    desk: Client, make_user: Any, bruno: Any, say: Any
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            desk.get(LIST)
        return len(captured)

    def talk(number: int) -> None:
        report(say(make_user(f"person-{number}"), f"Comment {number}"), bruno)

    talk(0)
    queries()
    before = queries()
    for number in range(1, 12):
        talk(number)
    assert queries() <= before + 1
