"""The catalogue in the Wagtail admin, through its real views."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ReferenceIndex
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from video_cms.models import (
    Category,
    CreatorProfile,
    Follow,
    Like,
    ParentCategory,
    Picture,
    VideoPage,
    Watch,
)

#: A picture of one dot.
PIXEL = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
LISTS = {
    "videos": "videos:index",
    "parent categories": "wagtailsnippets_video_cms_parentcategory:list",
    "categories": "wagtailsnippets_video_cms_category:list",
    "creators": "wagtailsnippets_video_cms_creatorprofile:list",
}
ACTIVITY = {
    "watches": "wagtailsnippets_video_cms_watch:list",
    "likes": "wagtailsnippets_video_cms_like:list",
    "follows": "wagtailsnippets_video_cms_follow:list",
}


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def superuser(make_user: Callable[..., Any]) -> Client:
    return signed_in(make_user("boss", is_superuser=True, is_staff=True))


@pytest.fixture
def editor(make_user: Callable[..., Any]) -> Client:
    user = make_user("editor")
    user.groups.add(Group.objects.get(name="Editors"))
    return signed_in(user)


@pytest.fixture
def moderator(make_user: Callable[..., Any]) -> Client:
    user = make_user("moderator")
    user.groups.add(Group.objects.get(name="Moderators"))
    return signed_in(user)


@pytest.fixture
def visitor(make_user: Callable[..., Any]) -> Client:
    return signed_in(make_user("visitor"))


def form(video_id: str, creator: CreatorProfile, **fields: Any) -> dict[str, Any]:
    """Return what the edit form of a video sends."""
    return {
        "title": "A new video",
        "description": "Words",
        "media": "",
        "thumbnail": "",
        "creator": creator.pk,
        "categories": [],
        "additional_parent_categories": [],
        "tags": "",
        "visibility": "public",
        "video_id": video_id,
        "seo_title": "",
        "search_description": "",
        **nested_form_data({"comments": inline_formset([]), "captions": inline_formset([])}),
        **fields,
    }


@pytest.mark.parametrize("name", [*LISTS, *ACTIVITY])
def test_every_list_opens_for_a_superuser(
    superuser: Client, make_video: Any, make_user: Any, parent_categories: Any, name: str
) -> None:
    video, viewer = make_video("Owls", categories=["Birds"]), make_user("ada")
    Watch.objects.create(user=viewer, video=video, watch_time=0.5)
    Like.objects.create(user=viewer, video=video)
    Follow.objects.create(user=viewer, creator=video.creator)
    response = superuser.get(reverse({**LISTS, **ACTIVITY}[name]))
    assert response.status_code == 200
    expected = {"videos": "Owls", "parent categories": "Nature", "categories": "Birds"}
    assert expected.get(name, "ada" if name in ACTIVITY else "maker") in response.content.decode()


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_the_catalogue_open_for_editors_only(
    editor: Client, visitor: Client, make_video: Any, name: str
) -> None:
    make_video("Owls")
    assert editor.get(reverse(LISTS[name])).status_code == 200
    denied = visitor.get(reverse(LISTS[name]))
    assert denied.status_code in (302, 403)
    assert b"Owls" not in denied.content


@pytest.mark.parametrize("name", ACTIVITY)
def test_what_visitors_did_is_for_moderators_to_look_at_and_nobody_to_edit(
    editor: Client, moderator: Client, superuser: Client, make_video: Any, make_user: Any, name: str
) -> None:
    assert editor.get(reverse(ACTIVITY[name])).status_code == 302
    assert moderator.get(reverse(ACTIVITY[name])).status_code == 200
    add = reverse(ACTIVITY[name].replace(":list", ":add"))
    assert moderator.get(add).status_code == 302
    assert superuser.get(add).status_code == 302


def test_the_menu_shows_each_person_what_they_may_open(editor: Client, moderator: Client) -> None:
    for client, activity in ((editor, False), (moderator, True)):
        menu = client.get(reverse("wagtailadmin_home")).content.decode()
        assert "Catalogue" in menu
        assert reverse(LISTS["categories"]) in menu
        assert (reverse(ACTIVITY["watches"]) in menu) is activity


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("creator=owlet", {"Owls"}),
        ("categories={birds}", {"Owls"}),
        ("parent_category={nature}", {"Owls"}),
        ("visibility=private", {"Rye"}),
        ("is_premium=true", {"Rye"}),
        ("live=true", {"Owls"}),
        ("q=owl", {"Owls"}),
    ],
)
@pytest.mark.usefixtures("indexed")
def test_videos_are_filtered_and_found(
    editor: Client, make_video: Any, make_user: Any, parent_categories: Any, query: str, found: set
) -> None:
    owner = make_user("owlet").profile
    make_video("Owls", categories=["Birds"], creator=owner)
    make_video("Rye", categories=["Bread"], visibility="private", is_premium=True, publish=False)
    query = query.format(
        birds=Category.objects.get(name="Birds").pk,
        nature=parent_categories["Nature"].pk,
    )
    page = editor.get(f"{reverse('videos:index')}?{query}").content.decode()
    assert {
        title
        for title in ("Owls", "Rye")
        if f"{title}\n" in page or f">{title}<" in page or f"‘{title}’" in page
    } == found


@pytest.mark.parametrize(
    "ordering", ["title", "-views", "likes", "creator__name", "live", "nonsense"]
)
def test_videos_can_be_sorted(editor: Client, make_video: Any, ordering: str) -> None:
    make_video("Owls")
    url = f"{reverse('videos:index')}?ordering={ordering}"
    assert editor.get(url).status_code == 200


def test_listing_more_videos_takes_no_more_queries(editor: Client, make_video: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            editor.get(reverse("videos:index"))
        return len(captured)

    make_video()
    queries()  # fills caches of content types and permissions
    before = queries()
    for _number in range(12):
        make_video()
    assert queries() <= before + 2


def test_an_editor_makes_publishes_changes_unpublishes_and_deletes_a_video(
    editor: Client, site_tree: Any, make_user: Any, parent_categories: Any
) -> None:
    creator = make_user("maker").profile
    birds = Category.objects.get(name="Birds")
    add = reverse("wagtailadmin_pages:add", args=["video_cms", "videopage", site_tree.pk])
    assert editor.get(add).status_code == 200

    editor.post(add, form("owls_1", creator, categories=[birds.pk], **{"action-publish": "1"}))
    video = VideoPage.objects.get(video_id="owls_1")
    assert (video.live, video.slug, video.title) == (True, "owls_1", "A new video")
    assert list(video.categories.all()) == [birds]

    edit = reverse("wagtailadmin_pages:edit", args=[video.pk])
    assert editor.get(edit).status_code == 200
    changed = form("owls_1", creator, title="Owls at night", **{"action-publish": "1"})
    editor.post(edit, changed)
    video.refresh_from_db()
    assert video.title == "Owls at night"
    assert not video.categories.exists()

    editor.post(reverse("wagtailadmin_pages:unpublish", args=[video.pk]))
    video.refresh_from_db()
    assert not video.live

    editor.post(reverse("wagtailadmin_pages:delete", args=[video.pk]))
    assert not VideoPage.objects.filter(pk=video.pk).exists()


def test_the_address_follows_the_video_id_when_it_is_edited(
    superuser: Client, make_video: Any
) -> None:
    video = make_video("Owls", video_id="before")
    edit = reverse("wagtailadmin_pages:edit", args=[video.pk])
    superuser.post(edit, form("after", video.creator, **{"action-publish": "1"}))
    video.refresh_from_db()
    assert (video.video_id, video.slug) == ("after", "after")
    assert video.url_path.endswith("/after/")


@pytest.mark.parametrize("bad", ["", "with space", "ü", "a/b", "x" * 41])
def test_a_bad_video_id_is_refused_with_a_message(
    superuser: Client, site_tree: Any, make_user: Any, bad: str
) -> None:
    add = reverse("wagtailadmin_pages:add", args=["video_cms", "videopage", site_tree.pk])
    data = form(bad, make_user("maker").profile, **{"action-publish": "1"})
    response = superuser.post(add, data)
    assert response.status_code == 200
    assert "video_id" in response.context["form"].errors
    assert not VideoPage.objects.exists()


def test_an_imported_video_opens_and_saves_without_a_revision(
    superuser: Client, make_video: Any
) -> None:
    video = make_video("Owls")
    edit = reverse("wagtailadmin_pages:edit", args=[video.pk])
    assert superuser.get(edit).status_code == 200
    superuser.post(edit, form(video.video_id, video.creator, title="Owls again"))
    video.refresh_from_db()
    assert (video.title, video.draft_title) == ("Owls", "Owls again")


def test_a_visitor_can_neither_open_nor_change_a_private_video(
    visitor: Client, make_video: Any
) -> None:
    video = make_video("Diary", visibility="private")
    edit = reverse("wagtailadmin_pages:edit", args=[video.pk])
    for response in (
        visitor.get(video.get_url()),
        visitor.get(edit),
        visitor.post(edit, form(video.video_id, video.creator, visibility="public")),
        visitor.post(reverse("wagtailadmin_pages:delete", args=[video.pk])),
    ):
        assert response.status_code in (302, 403, 404)
        assert b"Diary" not in response.content
    video.refresh_from_db()
    assert video.visibility == "private"


def test_an_editor_makes_changes_and_may_not_delete_a_category(
    editor: Client, moderator: Client, parent_categories: Any
) -> None:
    nature = parent_categories["Nature"]
    data = {"parent": nature.pk, "name": "Moss", "slug": "", "icon": "leaf", "description": ""}
    editor.post(reverse("wagtailsnippets_video_cms_category:add"), data)
    moss = Category.objects.get(name="Moss")
    assert moss.slug == "moss"
    edit = reverse("wagtailsnippets_video_cms_category:edit", args=[moss.pk])
    editor.post(edit, {**data, "name": "Mosses", "slug": "moss"})
    moss.refresh_from_db()
    assert moss.name == "Mosses"
    delete = reverse("wagtailsnippets_video_cms_category:delete", args=[moss.pk])
    editor.post(delete)
    assert Category.objects.filter(pk=moss.pk).exists()
    moderator.post(delete)
    assert not Category.objects.filter(pk=moss.pk).exists()


@pytest.mark.usefixtures("indexed")  # Wagtail looks for usages before it deletes
def test_a_category_in_use_by_categories_is_not_deleted(
    superuser: Client, parent_categories: Any
) -> None:
    nature = parent_categories["Nature"]
    superuser.post(reverse("wagtailsnippets_video_cms_parentcategory:delete", args=[nature.pk]))
    assert ParentCategory.objects.filter(pk=nature.pk).exists()


def test_categories_say_how_many_videos_they_have(
    superuser: Client, make_video: Any, parent_categories: Any
) -> None:
    make_video(categories=["Birds", "Forests"])
    make_video(categories=["Birds"])
    for name, counts in {
        "parent categories": {"Nature": 2, "Music": 0},
        "categories": {"Birds": 2, "Forests": 1, "Jazz": 0},
    }.items():
        rows = superuser.get(reverse(LISTS[name])).context["object_list"]
        assert counts.items() <= {row.name: row.video_count for row in rows}.items()


def test_creators_are_found_by_name_and_by_account(superuser: Client, make_user: Any) -> None:
    profile = make_user("ada").profile
    profile.name = "Lovelace"
    profile.save()
    make_user("bob")
    for words in ("Lovel", "ada"):
        rows = superuser.get(f"{reverse(LISTS['creators'])}?q={words}").context["object_list"]
        assert [row.pk for row in rows] == [profile.pk]


def test_markup_in_titles_and_names_is_inert_in_the_lists(
    superuser: Client, make_video: Any, make_user: Any, parent_categories: Any
) -> None:
    evil = "<script>alert(1)</script>"
    maker = make_user("evil").profile
    maker.name = evil
    maker.save()
    video = make_video(evil, creator=maker)
    Category.objects.create(name=evil, slug="evil", parent=parent_categories["Music"])
    Watch.objects.create(
        user=maker.user, video=video, watch_time=0.1, timestamp=timezone.now() - timedelta(1)
    )
    for url in (*LISTS.values(), *ACTIVITY.values()):
        assert evil not in superuser.get(reverse(url)).content.decode()


def test_the_media_library_shows_the_state_of_files(superuser: Client, make_video: Any) -> None:
    media = make_video("Owls").media
    type(media).objects.filter(pk=media.pk).update(state="failed", failure="It is damaged.")
    for url in (
        reverse("wagtailmedia:index"),
        reverse("wagtailmedia:edit", args=[media.pk]),
        reverse("wagtailmedia:chooser"),
    ):
        response = superuser.get(url)
        assert response.status_code == 200
        page = response.content.decode()
        assert "It is damaged." in page, url


def test_video_files_are_chosen_with_a_preview_in_a_fixed_number_of_queries(
    superuser: Client, make_video: Any
) -> None:
    chooser = reverse("wagtailmedia:chooser_typed", args=["video"])
    superuser.get(chooser)
    counts = []
    for title in ("Owls", "Rye"):
        media = make_video(title).media
        media.poster = Picture.objects.create(
            title=title, file=ContentFile(PIXEL, name=f"{title}.png"), width=1, height=1
        )
        media.save()
        superuser.get(chooser)  # which makes the small picture
        with CaptureQueriesContext(connection) as asked:
            page = superuser.get(chooser).json()["html"]
        counts.append(len(asked))
        assert f'src="{media.play_url}"' in page
        assert f'href="{reverse("wagtailmedia:media_chosen", args=[media.pk])}"' in page
        assert "ready" in page
    assert counts[0] == counts[1]
    searched = superuser.get(chooser, {"q": "", "p": 1, "ordering": "title"}).content.decode()
    assert searched.index(">Owls<") < searched.index(">Rye<")


def test_activity_stays_out_of_the_reference_index(make_video: Any, make_user: Any) -> None:
    Watch.objects.create(user=make_user("ada"), video=make_video(), watch_time=0.5)
    assert not ReferenceIndex.objects.filter(content_type__model="watch").exists()
