"""What muted and suspended accounts may do, who decides it, and that it is written down."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from wagtail.models import ModelLogEntry

from recommendations_plugin import api
from recommendations_plugin.models import Item
from video_cms import standing
from video_cms.models import Comment, CreatorProfile, Follow, VideoPage

pytestmark = pytest.mark.django_db
LIST = "wagtailsnippets_video_cms_creatorprofile:list"
Standing = CreatorProfile.Standing


@pytest.fixture
def moderator(make_user, client):
    """A member of the Moderators, signed in."""
    user = make_user("mod")
    user.groups.add(Group.objects.get(name="Moderators"))
    client.force_login(user)
    return user


@pytest.fixture
def maker(make_user):
    return make_user("vera").profile


def decide(client, action, profile, **form):
    query = urlencode({"id": profile.pk, "next": reverse(LIST)})
    address = f"/admin/bulk/video_cms/creatorprofile/{action}/?{query}"
    assert client.get(address).status_code == 200
    answer = client.post(address, form)
    profile.refresh_from_db()
    return answer


def test_a_suspended_creators_videos_leave_all_lists_and_feeds_and_come_back(
    moderator, client, maker, make_video, make_user
):
    video, other = make_video("Theirs", creator=maker), make_video("Another")
    viewer = make_user("viewer")
    Follow.objects.create(user=viewer, creator=maker)
    decide(client, "suspend", maker, reason="Spam")
    assert maker.suspended
    who = api.viewer(viewer)
    for _again in range(2):
        assert [item.object for item in api.recommend(who).items] == [other]
        client.force_login(viewer)
        pages = ("/", "/explore/", "/following/", "/search/?q=Theirs", "/profile/vera/")
        for page in (*pages, "/explore/trending/"):
            assert video.get_url() not in client.get(page).content.decode(), page
        assert client.get(video.get_url()).status_code == 404
        assert client.get(reverse("embed", args=[video.video_id])).status_code == 404
        maker.save()  # what else changes of the profile brings nothing back
        assert not Item.objects.get(key=api.key_of(video)).live
    client.force_login(maker.user)
    assert client.get(video.get_url()).status_code == 200
    client.force_login(moderator)
    decide(client, "reinstate", maker)
    assert VideoPage.objects.listed().filter(pk=video.pk).exists()
    assert {item.object for item in api.recommend(who).items} == {video, other}


def test_suspended_people_change_nothing_whatever_address_they_use(client, maker, make_video):
    video = make_video()
    standing.change([maker], Standing.SUSPENDED, user=None, reason="Spam")
    client.force_login(maker.user)
    attempts = [
        reverse("comments", args=[video.video_id]),
        reverse("like", args=[video.video_id]),
        reverse("follow", args=["maker"]),
        reverse("upload"),
        reverse("upload_create"),
        reverse("profile_edit"),
    ]
    for address in attempts:
        answer = client.post(address, {"text": "Hello", "title": "Hello"})
        assert answer.status_code == 403, address
        assert "Your account is suspended" in answer.content.decode()
    assert not Comment.objects.exists()
    assert client.post(reverse("export")).status_code == 200
    assert client.post(reverse("account_logout")).status_code == 302


def test_what_muted_people_write_waits(client, maker, make_video):
    video = make_video()
    standing.change([maker], Standing.MUTED, user=None, reason="Insults")
    client.force_login(maker.user)
    client.post(reverse("comments", args=[video.video_id]), {"text": "Hello"})
    assert Comment.objects.get().state == Comment.State.HELD
    assert client.post(reverse("like", args=[video.video_id])).status_code != 403


def test_each_decision_is_written_down_with_its_reason(moderator, client, maker):
    assert "required" in decide(client, "suspend", maker, reason=" ").content.decode()
    assert maker.standing == Standing.GOOD
    decide(client, "mute", maker, reason="Insults")
    decide(client, "suspend", maker, reason="Spam")
    decide(client, "reinstate", maker)
    decide(client, "verify", maker)
    assert maker.verified
    written = ModelLogEntry.objects.for_instance(maker).order_by("pk")
    assert [entry.action for entry in written] == [
        "video_cms.mute",
        "video_cms.suspend",
        "video_cms.reinstate",
        "video_cms.verify",
    ]
    assert {entry.user for entry in written} == {moderator}
    assert written[1].data["reason"] == "Spam"


def test_editors_without_the_right_decide_nothing_and_nobody_suspends_an_administrator(
    client, maker, make_user
):
    editor = make_user("editor")
    editor.groups.add(Group.objects.get(name="Editors"))
    client.force_login(editor)
    decide(client, "suspend", maker, reason="Mine")
    assert maker.standing == Standing.GOOD
    editor.user_permissions.add(Permission.objects.get(codename="moderate_creatorprofile"))
    boss = make_user("boss", is_superuser=True).profile
    decide(client, "suspend", boss, reason="Mine")
    assert boss.standing == Standing.GOOD
    decide(client, "suspend", maker, reason="Theirs")
    assert maker.suspended


def test_nobody_mutes_or_suspends_themselves(moderator, client):
    own = moderator.profile
    for action in ("mute", "suspend"):
        decide(client, action, own, reason="By mistake")
        assert own.standing == Standing.GOOD


def test_profiles_come_and_go_with_accounts_and_the_badge_is_given_by_the_list(
    moderator, client, maker
):
    prefix = "wagtailsnippets_video_cms_creatorprofile"
    assert client.get(reverse(f"{prefix}:add")).status_code == 302
    for address in (
        reverse(f"{prefix}:delete", args=[maker.pk]),
        f"/admin/bulk/video_cms/creatorprofile/delete/?id={maker.pk}",
    ):
        client.post(address)
        assert CreatorProfile.objects.filter(pk=maker.pk).exists()
    edit = reverse(f"{prefix}:edit", args=[maker.pk])
    page = client.get(edit).content.decode()
    assert 'name="user"' not in page
    assert "False" not in page
    client.post(edit, {"name": "Vera", "verified": "on", "user": moderator.pk, "bio": ""})
    maker.refresh_from_db()
    assert (maker.name, maker.verified, maker.user.username) == ("Vera", False, "vera")


#: What the groups may do, besides what Wagtail gives editors: in pages, and in pictures and files.
EDITORS = {
    "wagtailadmin.access_admin",
    *(
        f"video_cms.{verb}_{model}"
        for model in ("category", "parentcategory")
        for verb in ("add", "change", "view")
    ),
    "video_cms.change_creatorprofile",
    "video_cms.view_creatorprofile",
    "video_cms.change_comment",
    "video_cms.view_comment",
    "video_cms.view_commentreport",
}
MODERATORS = EDITORS | {
    "video_cms.delete_category",
    "video_cms.delete_parentcategory",
    "video_cms.delete_comment",
    "video_cms.change_commentrules",
    "video_cms.change_uploadrules",
    "video_cms.moderate_creatorprofile",
    "video_cms.view_watch",
    "video_cms.view_like",
    "video_cms.view_follow",
}


@pytest.mark.parametrize(
    ("name", "allowed", "pages"),
    [
        ("Editors", EDITORS, {"add_page", "change_page", "publish_page"}),
        (
            "Moderators",
            MODERATORS,
            {"add_page", "change_page", "publish_page", "lock_page", "unlock_page"},
        ),
        ("Creators", {"wagtailadmin.access_admin"}, {"add_page"}),
    ],
)
def test_groups_have_exactly_these_rights(site_tree, name, allowed, pages):
    group = Group.objects.get(name=name)
    given = group.permissions.values_list("content_type__app_label", "codename")
    apps = ("video_cms", "recommendations_plugin", "wagtailadmin")
    assert {f"{app}.{codename}" for app, codename in given if app in apps} == allowed
    codenames = group.page_permissions.values_list("permission__codename", flat=True)
    assert set(codenames) == pages


def test_creators_send_pictures_and_films_in_the_admin_and_manage_nobody_elses(
    client, make_user, make_video
):
    others = make_video("Another's")
    user = make_user("ines")
    user.groups.add(Group.objects.get(name="Creators"))
    client.force_login(user)
    assert client.get(reverse("wagtailimages:add")).status_code == 200
    assert client.get(reverse("wagtailmedia:add", args=["video"])).status_code == 200
    edit = reverse("wagtailmedia:edit", args=[others.media_id])
    assert client.get(edit).status_code == 302


def test_creators_write_their_own_videos_and_publish_nothing(client, make_user, make_video):
    others, index = make_video("Another's"), VideoPage.objects.get().get_parent()
    user = make_user("ines")
    user.groups.add(Group.objects.get(name="Creators"))
    client.force_login(user)
    add = reverse("wagtailadmin_pages:add", args=["video_cms", "videopage", index.pk])
    assert client.get(add).status_code == 200
    assert not others.permissions_for_user(user).can_edit()
    own = VideoPage(title="Mine", creator=user.profile, owner=user, live=False)
    index.add_child(instance=own)
    assert own.permissions_for_user(user).can_edit()
    assert not own.permissions_for_user(user).can_publish()
    home = client.get(reverse("wagtailadmin_home")).content.decode()
    for name in (LIST, "wagtailsnippets_video_cms_comment:list", "wagtailusers_users:index"):
        assert reverse(name) not in home
        assert client.get(reverse(name)).status_code == 302
    for page in (index, index.get_parent()):
        assert not page.permissions_for_user(user).can_edit()


def test_moderators_decide_about_creators_and_comments_but_not_about_settings(moderator, client):
    assert moderator.has_perm("video_cms.moderate_creatorprofile")
    assert client.get(reverse("wagtailsnippets_video_cms_comment:list")).status_code == 200
    for name in ("wagtailusers_users:index", "wagtailusers_groups:index", "wagtailsites:index"):
        assert client.get(reverse(name)).status_code == 302
    for rules in ("uploadrules", "commentrules"):
        address = reverse("wagtailsettings:edit", args=["video_cms", rules])
        assert client.get(address, follow=True).status_code == 200
        assert client.get(address, follow=True).request["PATH_INFO"] != reverse("wagtailadmin_home")
    for codename in ("train_model", "activate_model", "run_experiment"):
        assert not moderator.has_perm(f"recommendations_plugin.{codename}")
