"""Settings, taking one's data away, and closing one's account (hostile case 75)."""

from __future__ import annotations

import json
import re
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from recommendations_plugin import api, registry
from recommendations_plugin.models import Event, Facet, Following, Interaction, Item
from video_cms import engagement, takeout
from video_cms.models import (
    Comment,
    CommentLike,
    CommentReport,
    Like,
    Notice,
    Picture,
    Playlist,
    PlaylistItem,
    Preferences,
    User,
    VideoMedia,
    VideoPage,
    Watch,
)

pytestmark = pytest.mark.django_db

#: Words that only Ada's rows hold.
CANARY = "zanzibar"


@pytest.fixture
def ada(client: Client, make_user: Any, site_tree: Any) -> User:
    """Ada, signed in."""
    user: User = make_user("ada-zanzibar")
    client.force_login(user)
    return user


@pytest.fixture
def busy(ada: User, make_user: Any, make_video: Any, parent_categories: Any) -> User:
    """Ada, who did all there is to do; others did some of it with her."""
    bea = make_user("bea")
    theirs = make_video("Owls", categories=["Birds"])
    hers = make_video(f"Her {CANARY}", creator=ada.profile, description=CANARY, categories=["Jazz"])
    hers.tags.add("walks")
    hers.save_revision(user=ada).publish()
    make_video(f"Her draft {CANARY}", creator=ada.profile, publish=False, media=hers.media)

    profile = ada.profile
    profile.name, profile.bio, profile.location = f"Ada {CANARY}", CANARY, CANARY
    profile.website = f"https://{CANARY}.example.org/"
    profile.picture = picture(ada, f"face {CANARY}")
    profile.banner = picture(ada, f"banner {CANARY}")
    profile.save()
    profile.parent_categories.set([parent_categories["Nature"]])
    api.set_interests(api.viewer(ada), [registry.parent_category(parent_categories["Nature"])])
    EmailAddress.objects.create(user=ada, email=f"{CANARY}@example.org", primary=True)
    Preferences.objects.create(user=ada, show_follows=True)

    engagement.watch(api.viewer(ada), theirs, portion=0.9, seconds=9, position=3)
    engagement.watch(api.viewer(bea), theirs, portion=0.9, seconds=9)
    engagement.watch(api.viewer(bea), hers, portion=0.9, seconds=9)
    for user in (ada, bea):
        engagement.like(user, theirs)
    engagement.follow(ada, theirs.creator)
    engagement.follow(bea, profile)

    said = Comment.objects.create(video=theirs, author=bea, text="Lovely.", likes=1)
    CommentLike.objects.create(comment=said, user=ada)
    CommentReport.objects.create(comment=said, reporter=ada, reason="spam", text=CANARY)
    Comment.objects.create(video=theirs, author=ada, text=f"My {CANARY}.")
    Comment.objects.create(video=hers, author=bea, text="Nice.")
    Notice.objects.create(user=ada, kind="video", video=theirs)
    playlist = Playlist.objects.create(owner=ada, title=f"List {CANARY}", description=CANARY)
    PlaylistItem.objects.create(playlist=playlist, video=theirs)
    return ada


def picture(owner: User, title: str) -> Picture:
    buffer = BytesIO()
    Image.new("RGB", (40, 30), "orange").save(buffer, "JPEG")
    file = ContentFile(buffer.getvalue(), name="picture.jpg")
    made: Picture = Picture.objects.create(title=title, file=file, uploaded_by_user=owner)
    return made


# --- how the site behaves -----------------------------------------------------------------------


def test_settings_are_kept(client: Client, ada: User) -> None:
    page = client.get("/settings/").content.decode()
    assert page.count('type="checkbox"') == 7

    answer = client.post("/settings/", {"show_follows": "on", "shortcuts": "on", "user": "1"})

    assert answer["Location"] == "/settings/"
    kept = Preferences.objects.get()
    assert kept.user == ada
    assert (kept.show_follows, kept.shortcuts) == (True, True)
    assert (kept.keep_history, kept.autoplay_next, kept.notify_videos) == (False, False, False)


@pytest.mark.parametrize("path", ["", "data/", "delete/"])
def test_settings_are_for_members(path: str, client: Client, site_tree: Any) -> None:
    assert client.get(f"/settings/{path}")["Location"].startswith("/accounts/login/?next=/settings")


@pytest.mark.parametrize("path", ["", "data/", "delete/"])
def test_settings_ask_the_database_as_often_whatever_was_done(
    path: str, client: Client, busy: User, make_video: Any
) -> None:
    client.get(f"/settings/{path}")
    with CaptureQueriesContext(connection) as first:
        client.get(f"/settings/{path}")
    for number in range(5):
        engagement.like(busy, make_video())
        make_video(f"Another of hers {number}", creator=busy.profile)
    with CaptureQueriesContext(connection) as then:
        client.get(f"/settings/{path}")

    assert len(then) == len(first) < 15


# --- taking one's data away ---------------------------------------------------------------------


def exported(client: Client) -> dict[str, Any]:
    answer = client.post("/settings/export/")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/zip"
    with ZipFile(BytesIO(answer.getvalue())) as archive:
        assert archive.testzip() is None
        return {
            name.removesuffix(".json"): json.loads(archive.read(name))
            if name.endswith(".json")
            else archive.read(name)
            for name in archive.namelist()
        }


def test_an_export_holds_all_that_is_known(client: Client, busy: User) -> None:
    found = exported(client)

    assert found["account"][0]["username"] == "ada-zanzibar"
    assert found["account"][0]["email_addresses"][0]["email"] == "zanzibar@example.org"
    assert found["profile"][0]["interests"] == ["Nature"]
    assert found["settings"] == [
        {
            "keep_history": True,
            "show_follows": True,
            "autoplay_next": False,
            "shortcuts": True,
            "notify_videos": True,
            "notify_replies": True,
            "weekly_digest": False,
        }
    ]
    assert [video["title"] for video in found["videos"]] == ["Her zanzibar", "Her draft zanzibar"]
    assert (found["history"][0]["title"], found["history"][0]["position"]) == ("Owls", 3)
    assert found["likes"][0]["video"] == "video-1"
    assert found["follows"][0]["creator"] == "maker"
    assert found["playlists"][0]["videos"][0]["title"] == "Owls"
    assert found["comments"][0]["text"] == "My zanzibar."
    assert found["comment_likes"][0]["video"] == "video-1"
    assert found["comment_reports"][0]["text"] == "zanzibar"
    assert found["notices"][0]["kind"] == "video"
    [known] = found["recommendations"]
    assert known["interests"][0]["chosen"]
    assert len(known["signals"]) == 1
    assert {"picture.jpg", "banner.jpg"} <= found.keys()


def test_an_export_tells_nothing_of_others(client: Client, busy: User) -> None:
    VideoPage.objects.filter(video_id="video-1").update(visibility="private", title="A secret")

    text = json.dumps({k: v for k, v in exported(client).items() if not isinstance(v, bytes)})

    for secret in ("A secret", "Lovely.", "Nice.", "bea"):
        assert secret not in text


def test_an_empty_account_can_be_exported_too(client: Client, ada: User) -> None:
    found = exported(client)

    assert found["history"] == []
    assert found["profile"][0]["bio"] == ""


def test_every_row_that_hangs_on_an_account_is_in_the_export() -> None:
    """A new table with a visitor's rows must find its way into ``takeout`` (or stand here)."""
    told = {
        "CreatorProfile": "profile",
        "Preferences": "settings",
        "Watch": "history",
        "Like": "likes",
        "Follow": "follows",
        "Playlist": "playlists",
        "Comment": "comments",
        "CommentLike": "comment_likes",
        "CommentReport": "comment_reports",
        "Notice": "notices",
        "ImportRun": "imports",
        "Upload": "uploads",
        "EmailAddress": "account",
        "Group": "account",
    }
    ours = {"video_cms", "account"}
    hanging = {
        relation.related_model.__name__
        for relation in User._meta.related_objects
        if relation.related_model._meta.app_label in ours
    }
    editors = {"Picture", "VideoMedia"}  # files of the media library, by who uploaded them

    assert hanging - editors <= told.keys()
    assert set(told.values()) <= takeout.SECTIONS.keys()


def test_exports_are_posts_and_limited(client: Client, ada: User) -> None:
    assert client.get("/settings/export/").status_code == 405
    assert Client().post("/settings/export/").status_code == 302
    statuses = {client.post("/settings/export/").status_code for _ in range(8)}
    assert statuses == {200, 429}
    assert Client(enforce_csrf_checks=True).post("/settings/export/").status_code == 403


# --- closing an account -------------------------------------------------------------------------


def close(client: Client, **fields: str) -> Any:
    return client.post("/settings/delete/", {"password": "secret", **fields})


def everything() -> str:
    """Return all that stands in the database, as text."""
    with connection.cursor() as cursor:
        # SQLite's search keeps words in its segments until it merges these; nothing finds them.
        tables = [
            table
            for table in connection.introspection.table_names(cursor)
            if not re.search("_fts_(data|idx)$", table)
        ]
        rows = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            rows += [f"{table}: {row}" for row in cursor.fetchall()]
    return "\n".join(rows)


def test_an_account_is_erased_with_all_that_is_its_own(
    client: Client, busy: User, django_capture_on_commit_callbacks: Any
) -> None:
    key, profile = api.key_of(busy), busy.profile
    names = [profile.picture.file.name, profile.banner.file.name]
    names += [VideoMedia.objects.get(pages__title=f"Her {CANARY}").file.name]
    client.get("/profile/ada-zanzibar/")  # renditions are made
    assert CANARY in everything()

    with django_capture_on_commit_callbacks(execute=True):
        answer = close(client, videos="on")

    assert answer["Location"] == "/"
    left = [row for row in everything().splitlines() if CANARY in row.lower()]
    assert left == []
    assert not [name for name in names if default_storage.exists(name)]
    for model in apps.get_models():
        for field in model._meta.fields:
            if field.name == "viewer_key":
                rows = model._default_manager.filter(viewer_key=key)
                assert {row.kind for row in rows} <= {"forget"}
    assert "_auth_user_id" not in client.session
    assert "Your account and everything in it are deleted." in client.get("/").content.decode()
    assert client.get("/profile/ada-zanzibar/").status_code == 404


def test_what_is_others_stays_and_counts_right(client: Client, busy: User) -> None:
    close(client, videos="on")

    video = VideoPage.objects.get()
    assert (video.title, video.views, video.likes) == ("Owls", 1, 1)
    assert (Watch.objects.count(), Like.objects.count()) == (1, 1)
    assert (Comment.objects.get().text, Comment.objects.get().likes) == ("Lovely.", 0)
    item = Item.objects.get(title="Owls")
    assert (item.likes, item.viewers) == (1, 1)
    assert Interaction.objects.filter(item_key=item.key).count() == 1


def test_the_recommender_forgets_the_creator_too(client: Client, busy: User) -> None:
    facet = registry.creator(busy.profile).key
    page = api.key_of(VideoPage.objects.get(title=f"Her {CANARY}"))
    assert Following.objects.filter(facet__key=facet).exists()

    close(client, videos="on")

    assert Facet.objects.get(key=facet).name == ""
    assert not Following.objects.filter(facet__key=facet).exists()
    assert not Item.objects.get(key=page).live
    told = Event.objects.filter(kind="item", target_key=page).latest("pk")
    assert Item.objects.get(key=page).version == told.pk


@pytest.mark.parametrize("fields", [{"password": "wrong", "videos": "on"}, {"password": ""}])
def test_closing_needs_the_password(fields: dict[str, str], client: Client, busy: User) -> None:
    answer = close(client, **fields)

    assert answer.status_code == 400
    assert answer.context["form"].errors["password"]
    assert "wrong" not in answer.content.decode().split("<form")[2]
    assert User.objects.filter(pk=busy.pk).exists()
    assert VideoPage.objects.count() == 3


def test_videos_go_only_when_told(client: Client, busy: User) -> None:
    page = client.get("/settings/delete/").content.decode()
    assert "your 2 videos" in page

    answer = close(client)

    assert answer.status_code == 400
    assert "Your videos cannot stay without you" in answer.content.decode()
    assert User.objects.filter(pk=busy.pk).exists()


def test_an_account_without_videos_needs_its_password_only(client: Client, ada: User) -> None:
    assert "video" not in str(client.get("/settings/delete/").context["form"])

    assert close(client).status_code == 302
    assert not User.objects.filter(pk=ada.pk).exists()


def test_guessing_the_password_is_limited(client: Client, ada: User) -> None:
    answers = [close(client, password=f"guess-{number}") for number in range(12)]

    assert answers[-1].status_code == 429


def test_nothing_is_erased_by_halves(
    client: Client, busy: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/settings/delete/")
    before = everything()

    def fails(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr(User, "delete", fails)
    with pytest.raises(RuntimeError):
        close(client, videos="on")

    assert everything() == before
