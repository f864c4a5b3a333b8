"""What outsiders try: other people's things, fields nobody offered, forged headers.

The names carry the numbers of the hostile cases; docs/security.md lists them all.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupPagePermission

from recommendations_plugin import api, conf
from recommendations_plugin.models import Event, Interaction
from video_cms.models import Follow, Like, VideoMedia, VideoPage

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(client: Client, make_user: Any) -> Any:
    """A registered user, signed in."""
    user = make_user("member")
    client.force_login(user)
    return user


@pytest.fixture
def editor_elsewhere(client: Client, make_user: Any) -> Any:
    """Somebody who may enter the admin, but may not touch the videos."""
    user = make_user("elsewhere")
    group = Group.objects.create(name="Elsewhere")
    group.permissions.set(Group.objects.get(name="Editors").permissions.all())
    user.groups.add(group)
    assert not GroupPagePermission.objects.filter(group=group).exists()
    client.force_login(user)
    return user


def test_15_markup_in_a_file_name_is_inert_in_the_media_library(
    client: Client, make_user: Any
) -> None:
    media = VideoMedia(title="<img src=x onerror=alert(1)>", type="video", duration=1)
    media.file.save("<img src=x onerror=alert(1)>.mp4", ContentFile(b"x"))
    client.force_login(make_user("root", is_superuser=True))

    for address in (reverse("wagtailmedia:index"), reverse("wagtailmedia:edit", args=[media.pk])):
        page = client.get(address).content.decode()
        assert "<img src=x" not in page
        assert "onerror=alert(1)&gt;" in page or "img-srcx-onerroralert1" in page


@pytest.mark.usefixtures("indexed")
@pytest.mark.parametrize("name", ["order_by", "_connector", "sort", "creator__user__password"])
@pytest.mark.parametrize("address", ["/category/birds/", "/browse/nature/", "/search/?q=walk"])
def test_23_only_what_is_offered_sorts_and_filters(
    client: Client, make_video: Any, parent_categories: Any, address: str, name: str
) -> None:
    make_video("A walk", categories=["Birds"])
    mark = "&" if "?" in address else "?"

    answer = client.get(f"{address}{mark}{name}=creator__user__password")

    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert "A walk" in answer.content.decode()


def test_29_a_forged_host_is_refused(client: Client, site_tree: Any) -> None:
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400
    page = client.get("/", headers={"x-forwarded-host": "evil.example"}).content.decode()
    assert "evil.example" not in page


def test_32_a_files_address_dies_with_the_videos_publicity(client: Client, make_video: Any) -> None:
    video = make_video("A walk")
    address = video.media.url
    assert client.get(address).status_code == 200

    VideoPage.objects.update(visibility="private")

    assert client.get(address).status_code in (403, 404)


def test_36_without_permission_on_the_page_an_editor_sees_nothing_of_it(
    client: Client, editor_elsewhere: Any, make_video: Any
) -> None:
    video = make_video("Secret plans", visibility="private")
    video.save_revision(user=video.creator.user)
    revision = video.save_revision(user=video.creator.user)

    for name, arguments in {
        "wagtailadmin_pages:edit": [video.pk],
        "wagtailadmin_pages:history": [video.pk],
        "wagtailadmin_pages:revisions_compare": [video.pk, "earliest", "latest"],
        "wagtailadmin_pages:revisions_revert": [video.pk, revision.pk],
        "wagtailadmin_pages:revisions_view": [video.pk, revision.pk],
        "wagtailadmin_pages:view_draft": [video.pk],
        "wagtailadmin_pages:copy": [video.pk],
        "wagtailadmin_pages:delete": [video.pk],
        "wagtailadmin_pages:preview_on_edit": [video.pk],
    }.items():
        answer = client.get(reverse(name, args=arguments))
        assert answer.status_code in (302, 403, 404), name
        assert b"Secret plans" not in answer.content, name


def test_37_registering_opens_no_door_to_the_admin(client: Client, site_tree: Any) -> None:
    fields = {"username": "newcomer", "email": "n@example.org", "password1": "green-teapot-41"}
    assert client.post("/accounts/signup/", fields).status_code == 302

    from django.contrib.auth import get_user_model

    user = get_user_model().objects.get()
    assert not user.groups.exists()
    assert not user.get_all_permissions()
    for name in (
        "wagtailadmin_home",
        "wagtailmedia:index",
        "wagtailmedia:chooser",
        "wagtailimages_chooser:choose",
        "wagtailadmin_explore_root",
        "recommendations_status",
    ):
        answer = client.get(reverse(name))
        assert answer.status_code in (302, 403, 404), name
        if answer.status_code == 302:
            assert "login" in answer["Location"], name


def test_38_fields_nobody_offered_change_nothing(
    client: Client, member: Any, make_video: Any
) -> None:
    video = make_video("A walk")
    more = {
        "is_staff": "1",
        "is_superuser": "1",
        "verified": "on",
        "creator": member.profile.pk,
        "views": "1000",
        "likes": "1000",
        "status": "published",
        "visibility": "private",
        "user": "1",
    }
    client.post("/profile/edit/", {"name": "Me", **more})
    client.post(f"/video/{video.video_id}/like/", more)
    client.post(f"/video/{video.video_id}/watch/", {"watch_time": "0.5", **more})

    member.refresh_from_db()
    assert (member.is_staff, member.is_superuser) == (False, False)
    assert not member.profile.verified
    after = VideoPage.objects.get()
    assert (after.creator, after.visibility) == (video.creator, "public")
    assert (after.views, after.likes) == (1, 1)


@pytest.mark.parametrize(
    "path", ["/video/video-1/like/", "/video/video-1/dismiss/", "/profile/maker/follow/"]
)
def test_39_nothing_changes_by_a_link_or_without_a_token(
    member: Any, make_video: Any, path: str
) -> None:
    make_video("A walk")
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)

    assert client.get(path).status_code == 405
    assert client.post(path).status_code == 403
    assert not Like.objects.exists()
    assert not Follow.objects.exists()
    assert not Interaction.objects.exists()


def test_40_what_is_personal_stays_out_of_shared_caches(
    client: Client, member: Any, make_video: Any
) -> None:
    make_video("A walk")
    for path in ("/", "/video/video-1/", "/feed/", "/profile/edit/", "/profile/member/"):
        caching = client.get(path).headers.get("Cache-Control", "")
        assert "private" in caching or "no-store" in caching, f"{path}: {caching!r}"


def test_45_what_may_not_be_seen_cannot_be_acted_on(
    client: Client, member: Any, make_video: Any
) -> None:
    make_video("A walk", visibility="private")
    before = Event.objects.count()
    for action in ("watch", "like", "dismiss"):
        answer = client.post(f"/video/video-1/{action}/", {"watch_time": "0.9"})
        assert answer.status_code == 404
    assert Event.objects.count() == before


def test_44_a_hundred_likes_at_once_move_a_video_within_a_bound(
    make_video: Any, make_user: Any
) -> None:
    videos = [make_video() for _ in range(5)]
    viewer = api.viewer(make_user("ada"))

    def score() -> float:
        found = api.recommend(viewer, limit=5).items
        return next(item.score for item in found if item.object == videos[0])

    before = score()
    key = api.key_of(videos[0])
    api.record_many(
        [api.Signal(api.Kind.LIKE, f"session:fresh-{number}", key) for number in range(100)]
    )

    weights = conf.settings.WEIGHTS
    assert before < score() <= before + weights["engagement"] + weights["trending"] + 1e-6
