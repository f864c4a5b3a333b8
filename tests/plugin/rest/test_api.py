"""The JSON API: what it gives and takes, from whom, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from recommendations_plugin import api
from recommendations_plugin.models import Event, Impression, Interaction
from video_cms.models import Like, VideoPage, Watch

pytestmark = pytest.mark.django_db
BASE = "/api/recommendations/v1"


@pytest.fixture
def member(client: Client, make_user: Any) -> Any:
    """A registered user, signed in."""
    user = make_user("member")
    client.force_login(user)
    return user


@pytest.fixture
def videos(make_video: Any, parent_categories: Any) -> list[Any]:
    return [make_video(f"Video {number}", categories=["Jazz"]) for number in range(5)]


def send(client: Client, method: str, path: str, data: Any = None) -> Any:
    body = "" if data is None else json.dumps(data)
    return getattr(client, method)(f"{BASE}/{path}", body, content_type="application/json")


# --- reading ------------------------------------------------------------------------------------


def test_a_feed_comes_page_by_page_with_reasons_and_what_the_site_says(client, member, videos):
    first = client.get(f"{BASE}/feeds/home/", {"limit": 3})
    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "private, no-store"
    page = first.json()
    assert len(page["items"]) == 3
    card = page["items"][0]
    video = next(each for each in videos if api.key_of(each) == card["key"])
    assert card["item"]["title"] == video.title
    assert card["item"]["url"] == video.get_url()
    assert card["reason"] == {"code": "latest", "name": "", "target": "", "text": "New here"}
    second = client.get(f"{BASE}/feeds/home/", {"limit": 3, "cursor": page["cursor"]}).json()
    assert second["cursor"] == ""
    keys = [each["key"] for each in page["items"] + second["items"]]
    assert sorted(keys) == sorted(map(api.key_of, videos))


def test_a_feed_may_keep_to_a_category(client, videos, make_video, parent_categories):
    birds = make_video("Robins", categories=["Birds"])
    nature = f"video_cms.parentcategory:{parent_categories['Nature'].pk}"
    page = client.get(f"{BASE}/feeds/category/", {"within": nature}).json()
    assert [card["key"] for card in page["items"]] == [api.key_of(birds)]


def test_reading_needs_no_account_and_sets_no_cookie(client, videos):
    key = api.key_of(videos[0])
    for path in ("feeds/home/", f"items/{key}/similar/", f"items/{key}/explanation/"):
        answer = client.get(f"{BASE}/{path}")
        assert answer.status_code == 200
        assert not answer.cookies
    assert client.get(f"{BASE}/feeds/home/").json()["items"][0]["trace"] == ""


def test_everybody_is_told_their_own_reasons_and_operators_every_stage(client, member, videos):
    api.record("watch", api.viewer(member), videos[0], value=1)
    path = f"{BASE}/items/{api.key_of(videos[1])}/explanation/"
    own = client.get(path).json()
    assert own["rank"]
    assert own["reason"]["text"]
    assert "stages" not in own
    assert client.get(f"{BASE}/items/{api.key_of(videos[0])}/explanation/").json()["seen"] is True
    member.user_permissions.add(Permission.objects.get(codename="view_trainingrun"))
    stages = client.get(path).json()["stages"]
    assert {"sources", "parts", "weights", "score", "step", "tier"} <= stages.keys()


def test_the_document_describes_every_address(client):
    found = client.get(f"{BASE}/openapi.json/")
    assert found.status_code == 200
    assert "public" in found.headers["Cache-Control"]
    operations = {
        operation["operationId"]
        for path in found.json()["paths"].values()
        for operation in path.values()
    }
    assert operations == {
        *("feed", "similar", "explain", "record", "dismiss", "undismiss", "report", "forget")
    }


# --- writing ------------------------------------------------------------------------------------


def test_watching_and_liking_are_kept_as_the_pages_keep_them(client, member, videos):
    key = api.key_of(videos[0])
    answer = send(client, "post", "interactions/", {"kind": "watch", "item": key, "value": 0.5})
    assert answer.status_code == 204
    assert Watch.objects.get(user=member).watched_duration == 5
    assert send(client, "post", "interactions/", {"kind": "like", "item": key}).status_code == 204
    assert Like.objects.filter(user=member).exists()
    assert VideoPage.objects.get(pk=videos[0].pk).likes == 1
    did = Interaction.objects.get()
    assert (did.portion, did.liked) == (0.5, True)
    assert send(client, "post", "interactions/", {"kind": "unlike", "item": key}).status_code == 204
    assert not Like.objects.exists()


def test_what_is_dismissed_goes_at_once_and_comes_back(client, member, videos):
    key = api.key_of(videos[0])

    def shown():
        return {card["key"] for card in client.get(f"{BASE}/feeds/home/").json()["items"]}

    assert send(client, "put", f"dismissals/{key}/").status_code == 204
    assert key not in shown()
    assert send(client, "delete", f"dismissals/{key}/").status_code == 204
    assert key in shown()


def test_a_report_of_what_was_seen_is_credited_and_forgetting_takes_all(client, member, videos):
    cards = client.get(f"{BASE}/feeds/home/").json()["items"]
    traces = [card["trace"] for card in cards]
    report = {"seen": [*traces, "forged"], "followed": traces[:1]}
    assert send(client, "post", "impressions/", report).status_code == 204
    send(client, "post", "interactions/", {"kind": "watch", "item": cards[0]["key"], "value": 0.5})
    assert Impression.objects.get(followed_at__isnull=False).seconds == 5
    assert send(client, "delete", "viewer/").status_code == 204
    assert not Impression.objects.exists()
    assert not Interaction.objects.exists()


def test_an_anonymous_session_may_watch_and_dismiss_but_not_like(client, videos):
    key = api.key_of(videos[0])
    assert send(client, "put", f"dismissals/{key}/").status_code == 204
    assert Interaction.objects.get().viewer_key.startswith("session:")
    answer = send(client, "post", "interactions/", {"kind": "like", "item": key})
    assert (answer.status_code, Like.objects.exists()) == (403, False)


# --- outsiders ----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["private", "draft", "deleted"])
def test_45_what_may_not_be_seen_is_not_there(client, member, make_video, state):
    video = make_video("Secret plans")
    key = api.key_of(video)
    if state == "private":
        VideoPage.objects.update(visibility="private")
    elif state == "draft":
        VideoPage.objects.update(live=False)
    else:
        video.delete()
    before = Event.objects.count()
    answers = [
        client.get(f"{BASE}/items/{key}/similar/"),
        client.get(f"{BASE}/items/{key}/explanation/"),
        send(client, "put", f"dismissals/{key}/"),
        *(
            send(client, "post", "interactions/", {"kind": kind, "item": key, "value": 0.9})
            for kind in ("watch", "like")
        ),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert b"Secret" not in b"".join(answer.content for answer in answers)
    assert client.get(f"{BASE}/feeds/home/").json()["items"] == []
    assert Event.objects.count() == before


def test_39_nothing_changes_without_a_token_nor_by_a_form_of_another_site(member, make_video):
    key = api.key_of(make_video())
    strict = Client(enforce_csrf_checks=True)
    for _ in range(2):
        assert send(strict, "put", f"dismissals/{key}/").status_code == 403
        strict.force_login(member)
    assert send(strict, "delete", "viewer/").status_code == 403
    client = Client()
    form = client.post(f"{BASE}/interactions/", {"kind": "watch", "item": key, "value": "0.9"})
    assert form.status_code == 415
    assert not Interaction.objects.exists()


def test_40_a_feed_is_that_of_who_asks(client, member, videos, make_user):
    api.record("dismiss", api.viewer(member), videos[0])
    assert len(client.get(f"{BASE}/feeds/home/").json()["items"]) == 4
    other = Client()
    other.force_login(make_user("other"))
    assert len(other.get(f"{BASE}/feeds/home/").json()["items"]) == 5


def test_29_who_asks_too_often_waits_whatever_address_is_forged(client, settings, videos):
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "API": {"READ": "3/min"}}
    answers = [
        client.get(f"{BASE}/feeds/home/", headers={"x-forwarded-for": f"10.0.0.{number}"})
        for number in range(4)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0


# --- what nobody means ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=61",
        "limit=x",
        f"limit={'9' * 5000}",
        "cursor=x",
        "cursor=%00",
        "cursor=%ED%A0%80",
        f"cursor={'A' * 5000}",
        "within=nothing",
        "within=%00",
        f"within={'x' * 300}",
    ],
)
def test_17_a_wrong_question_is_explained(client, videos, query):
    answer = client.get(f"{BASE}/feeds/home/?{query}")
    assert answer.status_code == 400
    assert list(answer.json()) == [query.partition("=")[0]]


@pytest.mark.parametrize("placement", ["No", "%00", "a" * 61, "é", "x%0d%0aX-Evil: 1", "..%2f"])
def test_17_a_placement_has_a_plain_name(client, videos, placement):
    assert client.get(f"{BASE}/feeds/{placement}/").status_code in (400, 404)


@pytest.mark.parametrize(
    "key",
    [
        *("x", ":", "video_cms.videopage:", "video_cms.videopage:x", "video_cms.videopage:%00"),
        *(f"video_cms.videopage:{2**63}", f"video_cms.videopage:{'9' * 5000}", "video_cms.user:1"),
        *("video_cms.videopage:1'--", "%ED%A0%80:1", "../admin:1"),
    ],
)
def test_20_a_key_that_names_nothing_is_not_found(client, videos, key):
    assert client.get(f"{BASE}/items/{key}/similar/").status_code == 404
    assert send(client, "put", f"dismissals/{key}/").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        *("", "x", "null", "1", '"x"', "[]", "{}", "[" * 200_000, "9" * 5000),
        '{"kind": "watch", "item": KEY}',
        '{"kind": "dance", "item": KEY, "value": 1}',
        '{"kind": ["watch"], "item": KEY, "value": 1}',
        *(
            f'{{"kind": "watch", "item": KEY, "value": {value}}}'
            for value in ("NaN", "1e999", "-1", "1.01", '"x"', "true", "null", "{}", "9" * 5000)
        ),
        *(
            f'{{"kind": "watch", "item": KEY, "value": 0.5, "seconds": {value}}}'
            for value in ("NaN", "1e999", "-1", "1e8", "[]")
        ),
        '{"kind": "watch", "item": "\\u0000", "value": 1}',
        '{"kind": "watch", "item": "\\ud800", "value": 1}',
        '{"kind": "watch", "item": {"a": 1}, "value": 1}',
    ],
)
def test_18_to_20_a_body_that_cannot_be_true_keeps_nothing(client, member, make_video, body):
    key = json.dumps(api.key_of(make_video()))
    answer = client.post(
        f"{BASE}/interactions/", body.replace("KEY", key), content_type="application/json"
    )
    assert answer.status_code == 400
    assert answer.json()
    assert not Interaction.objects.exists()


@pytest.mark.parametrize("report", [{"seen": "x"}, {"seen": ["x"] * 201}, {"seen": [["x"]]}, []])
def test_a_report_is_lists_of_texts(client, member, site_tree, report):
    assert send(client, "post", "impressions/", report).status_code == 400


def test_a_body_beyond_all_measure_is_refused(client, member, site_tree):
    answer = send(client, "post", "impressions/", {"seen": ["x" * 300_000]})
    assert (answer.status_code, answer.json()["detail"]) == (400, "The request is too long.")


def test_markup_in_a_title_is_only_text(client, make_video):
    make_video("<script>alert(1)</script>")
    answer = client.get(f"{BASE}/feeds/home/")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_addresses_have_names(client):
    assert reverse("recommendations_api:feed", args=["home"]) == f"{BASE}/feeds/home/"
