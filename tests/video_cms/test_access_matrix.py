"""Nobody where they do not belong: every address against every viewer and every kind of video.

The addresses come from the site's own list of them, so that a new one is covered the day it is
made. Lines 30, 34, 35 and 45 of the hostile cases.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.exceptions import NoReverseMatch
from wagtail.models import PageViewRestriction

from recommendations_plugin import api
from video_cms import urls
from video_cms.models import CaptionTrack, Comment, Follow, Like, Playlist, PlaylistItem, Watch

pytestmark = pytest.mark.django_db

VIEWERS = ("anonymous", "other", "follower", "owner", "superuser")
KINDS = ("public", "unlisted", "private", "premium", "draft", "restricted", "deleted")

#: Which kinds a viewer may open by their address.
EVERYBODY = {"public", "unlisted", "premium"}
OPEN = {
    "anonymous": EVERYBODY,
    "other": EVERYBODY | {"restricted"},
    "follower": EVERYBODY | {"restricted"},
    "owner": EVERYBODY | {"restricted", "private"},
    "superuser": EVERYBODY | {"restricted", "private"},
}
#: What may stand in lists, for everybody; an own private video only where it is one's own.
LISTED = {"public", "premium"}


def patterns(found: Any = None) -> Iterator[URLPattern]:
    for pattern in urls.urlpatterns if found is None else found:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns)
        else:
            yield pattern


def about_videos() -> list[str]:
    """Return the names of the addresses of one video, with nothing else to know."""
    return sorted(
        {
            pattern.name
            for pattern in patterns()
            if pattern.name and set(pattern.pattern.converters) == {"video_id"}
        }
    )


def lists() -> list[str]:
    """Return the addresses that need no argument."""
    found = set()
    for pattern in patterns():
        if pattern.name and not pattern.pattern.converters:
            try:
                found.add(get_resolver().reverse(pattern.name))
            except NoReverseMatch:
                continue
    return sorted(found)


@pytest.fixture
def videos(make_video: Any, make_user: Any) -> dict[str, Any]:
    """A video of each kind, with captions and a comment; ``owner`` made them."""
    creator = make_user("owner").profile
    options: dict[str, dict[str, Any]] = {
        "public": {},
        "unlisted": {"visibility": "unlisted"},
        "private": {"visibility": "private"},
        "premium": {"is_premium": True},
        "draft": {"publish": False},
        "restricted": {},
        "deleted": {},
    }
    made = {}
    for kind, more in options.items():
        video = made[kind] = make_video(
            f"Marker{kind} film",
            video_id=f"id-{kind}",
            description=f"Marker{kind} words",
            creator=creator,
            **more,
        )
        CaptionTrack.objects.create(video=video, language="en", webvtt=vtt(kind))
        Comment.objects.create(video=video, author=creator.user, text=f"Marker{kind} opinion")
    PageViewRestriction.objects.create(page=made["restricted"], restriction_type="login")
    made["deleted"].delete()
    return made


def vtt(kind: str) -> str:
    return f"WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nMarker{kind} spoken\n"


@pytest.fixture
def visitors(make_user: Any, django_user_model: Any, videos: dict[str, Any]) -> dict[str, Client]:
    """A browser for each viewer; whoever is signed in has had to do with every video before."""
    clients = {"anonymous": Client()}
    for name in VIEWERS[1:]:
        user = (
            django_user_model.objects.get(username="owner")
            if name == "owner"
            else make_user(name, is_superuser=name == "superuser", is_staff=name == "superuser")
        )
        clients[name] = Client()
        clients[name].force_login(user)
        remember(user, videos)
        if name == "follower":
            Follow.objects.create(user=user, creator=videos["public"].creator)
    return clients


def remember(user: Any, videos: dict[str, Any]) -> None:
    """Fill a viewer's lists as if every video had once been public."""
    later = Playlist.objects.create(owner=user, kind="later", title="Watch later")
    own = Playlist.objects.create(owner=user, title="Mine", visibility="public")
    for kind, video in videos.items():
        if kind == "deleted":
            continue
        for playlist in (later, own):
            PlaylistItem.objects.create(playlist=playlist, video=video)
        Watch.objects.create(user=user, video=video, watch_time=0.5, position=5)
        Like.objects.create(user=user, video=video)
        if kind != "draft":
            api.record(api.Kind.WATCH, api.viewer(user), video, value=0.5)


def may_open(viewer: str, name: str) -> set[str]:
    """Return the kinds of video that an address is there for: in the studio all of one's own.

    Figures are for editors too.
    """
    if name.startswith(("studio", "statistics")):
        theirs = viewer == "owner" or (name == "statistics" and viewer == "superuser")
        return set(KINDS) - {"deleted"} if theirs else set()
    return OPEN[viewer]


def given_away(text: str) -> set[str]:
    return {kind for kind in KINDS if f"Marker{kind}" in text}


@pytest.mark.parametrize("viewer", VIEWERS)
def test_30_each_address_of_a_video_exists_only_for_those_who_may_open_it(
    visitors: dict[str, Client], viewer: str
) -> None:
    client, wrong = visitors[viewer], []
    for name in about_videos():
        for kind in KINDS:
            address = get_resolver().reverse(name, video_id=f"id-{kind}")
            for method in (client.get, client.post):
                answer = method(f"/{address}")
                shown = given_away(answer.content.decode(errors="replace"))
                if kind in may_open(viewer, name):
                    if answer.status_code >= 500:
                        wrong.append((name, kind, method.__name__, answer.status_code))
                elif answer.headers.get("Location", "").startswith("/accounts/login/"):
                    continue  # asked to sign in, whatever there is
                elif shown & {kind} or answer.status_code not in (404, 405):
                    wrong.append((name, kind, method.__name__, answer.status_code))
    assert not wrong


@pytest.mark.parametrize("viewer", VIEWERS)
def test_30_the_page_itself(visitors: dict[str, Client], viewer: str) -> None:
    found = {kind for kind in KINDS if visitors[viewer].get(f"/video/id-{kind}/").status_code < 300}

    assert found == OPEN[viewer]


@pytest.mark.usefixtures("indexed")
@pytest.mark.parametrize("viewer", VIEWERS)
def test_34_no_list_gives_away_what_is_not_listed(visitors: dict[str, Client], viewer: str) -> None:
    client, wrong = visitors[viewer], []
    # Whoever has opened an unlisted or restricted video by its link may find it in their own lists.
    allowed = LISTED | (OPEN[viewer] if viewer != "anonymous" else set())
    for address in lists():
        answer = client.get(f"/{address}", follow=True)
        assert answer.status_code < 500, address
        known = allowed | may_open(viewer, address.strip("/"))
        if shown := given_away(answer.getvalue().decode(errors="replace")) - known:
            wrong.append((address, shown))
    for address in ("/", "/video/", "/search/?q=Markerprivate", "/profile/owner/"):
        answer = client.get(address)
        text = answer.content.decode().replace("Markerprivate</h1>", "")
        shown = given_away(text) - allowed - ({"private"} if "search" in address else set())
        if shown:
            wrong.append((address, shown))
    assert not wrong


@pytest.mark.parametrize("viewer", ["anonymous", "other"])
def test_30_what_is_public_lists_hold_listed_videos_only(
    visitors: dict[str, Client], viewer: str
) -> None:
    for address in ("/", "/video/", "/profile/owner/", "/videos.rss", "/sitemap-videos.xml"):
        assert given_away(visitors[viewer].get(address).content.decode()) <= LISTED, address


@pytest.mark.parametrize("viewer", VIEWERS)
def test_30_the_json_api_knows_listed_videos_only(
    visitors: dict[str, Client], videos: dict[str, Any], viewer: str
) -> None:
    client, base = visitors[viewer], "/api/recommendations/v1"
    assert given_away(client.get(f"{base}/feeds/home/").content.decode()) <= LISTED
    for kind, video in videos.items():
        item = f"{base}/items/video_cms.videopage:{video.pk or 999_999}"
        for address in (f"{item}/similar/", f"{item}/explanation/"):
            answer = client.get(address)
            assert given_away(answer.content.decode()) <= LISTED, (kind, address)
            listed = kind in LISTED and viewer != "owner"  # feeds are not for one's own
            assert answer.status_code == (200 if listed else 404), (kind, address)


@pytest.mark.parametrize("viewer", ["anonymous", "other", "follower"])
def test_34_other_peoples_playlists_hold_only_what_this_viewer_may_open(
    visitors: dict[str, Client], viewer: str
) -> None:
    playlist = Playlist.objects.get(owner__username="owner", kind="list")
    text = visitors[viewer].get(playlist.get_absolute_url()).content.decode()

    assert "Markerpublic" in text
    assert given_away(text) <= LISTED
    later = Playlist.objects.get(owner__username="owner", kind="later")
    assert visitors[viewer].get(later.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("kind", ["private", "draft", "deleted"])
def test_45_nothing_is_recorded_about_what_a_viewer_may_not_see(
    visitors: dict[str, Client], kind: str
) -> None:
    before = Watch.objects.count(), Like.objects.count(), Comment.objects.count()
    client = visitors["other"]
    for name in about_videos():
        report = {"watch_time": "0.9", "watched_duration": "9", "text": "hello", "position": "9"}
        client.post(f"/{get_resolver().reverse(name, video_id=f'id-{kind}')}", report)

    assert (Watch.objects.count(), Like.objects.count(), Comment.objects.count()) == before
