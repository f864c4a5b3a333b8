"""Videos in the admin's lists: sorted many at once, exported; and the bar on their pages."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Group
from django.core.files.images import ImageFile
from django.urls import reverse
from django.utils import timezone
from wagtail.images.tests.utils import get_test_image_file
from wagtail.search import index

from video_cms import explorer
from video_cms.models import (
    CaptionTrack,
    Category,
    CreatorProfile,
    Picture,
    VideoMedia,
    VideoPage,
    Watch,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(make_user, client):
    user = make_user("ed")
    user.groups.add(Group.objects.get(name="Editors"))
    client.force_login(user)
    return user


def recategorise(client, *pages, **form):
    query = urlencode([("id", page.pk) for page in pages] + [("next", reverse("videos:index"))])
    address = f"/admin/bulk/wagtailcore/page/recategorise/?{query}"
    assert client.get(address).status_code == 200
    return client.post(address, form, follow=True).content.decode()


def names(page):
    found = VideoPage.objects.get(pk=page.pk)
    return {category.name for category in found.categories.all()}


def test_many_videos_are_sorted_at_once(editor, client, make_video, parent_categories):
    jazz, bread = (Category.objects.get(name=name) for name in ("Jazz", "Bread"))
    one, two = make_video(categories=["Bread"]), make_video(categories=["Birds", "Bread"])
    page = recategorise(client, one, two, add=[jazz.pk], remove=[bread.pk])
    assert "The categories of 2 videos are changed." in page
    assert (names(one), names(two)) == ({"Jazz"}, {"Jazz", "Birds"})
    assert VideoPage.objects.get(pk=one.pk).live
    said = recategorise(client, one, add=[jazz.pk], remove=[jazz.pk])
    assert "added or removed, not both" in said
    assert "Choose at least one category" in recategorise(client, one)


def test_drafts_of_live_videos_are_sorted_without_being_published(
    editor, client, make_video, parent_categories
):
    video = make_video("Live words")
    draft = VideoPage.objects.get(pk=video.pk)
    draft.title = "Draft words"
    draft.save_revision()
    recategorise(client, video, add=[Category.objects.get(name="Jazz").pk])
    video.refresh_from_db()
    assert (video.title, names(video)) == ("Live words", set())
    latest = video.get_latest_revision_as_object()
    assert latest.title == "Draft words"
    assert [category.name for category in latest.categories.all()] == ["Jazz"]


def test_nobody_sorts_what_they_may_not_change(
    client, make_user, make_video, parent_categories, site_tree
):
    user = make_user("ines")
    user.groups.add(Group.objects.get(name="Creators"))
    client.force_login(user)
    video = make_video()
    jazz = Category.objects.get(name="Jazz")
    for page in (video, site_tree):
        recategorise(client, page, add=[jazz.pk])
    assert names(video) == set()


def test_the_list_is_exported_with_its_filters(editor, client, make_video, make_user):
    vera = make_user("vera").profile
    make_video("Hers", creator=vera)
    make_video("Another's")
    answer = client.get(reverse("videos:index"), {"creator": "VER", "export": "csv"})
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 2
    assert ",Hers," in lines[1]
    assert ",vera," in lines[1]


WEBVTT = "WEBVTT\n\n00:01.000 --> 00:02.000\nThe nightjar sings\n"


def listed(client, **query):
    answer = client.get(reverse("videos:index"), query)
    assert answer.status_code == 200
    return [video.title for video in answer.context["object_list"]]


@pytest.mark.usefixtures("indexed")
def test_videos_are_found_by_what_is_spoken_and_sorted_by_anything(
    editor, client, make_video, make_user, parent_categories
):
    owls = make_video("Owls", categories=["Birds"], creator=make_user("vera").profile)
    owls.captions.add(CaptionTrack(language="en", webvtt=WEBVTT))
    owls.save()
    index.insert_or_update_object(owls)
    make_video("Nights out")
    assert listed(client, q="nightjar sings") == ["Owls"]
    assert listed(client, q='"Nigh') == ["Nights out"]  # where no word is whole, how titles begin
    for ordering in ("creator__name", "-likes", "deleted_at", "views", "-title", "nonsense"):
        assert listed(client, q="nightjar", ordering=ordering) == ["Owls"]
    parent = parent_categories["Nature"].pk
    assert listed(client, q="nightjar", creator="ve", parent_category=parent) == ["Owls"]
    assert listed(client, q="nightjar", creator="mak") == []


def test_a_parent_category_counts_and_lists_what_was_given_it_directly(
    editor, client, make_video, parent_categories
):
    nature = parent_categories["Nature"]
    make_video("Both", categories=["Birds", "Forests"])
    for title, categories in (("Directly", []), ("Twice", ["Birds"])):
        video = make_video(title, categories=categories)
        video.additional_parent_categories.add(nature)
        video.save()
    make_video("Music", categories=["Jazz"])
    rows = client.get(reverse("wagtailsnippets_video_cms_parentcategory:list"))
    counts = {row.name: row.video_count for row in rows.context["object_list"]}
    assert counts == {"Nature": 3, "Music": 1, "Cooking": 0}
    assert set(listed(client, parent_category=nature.pk)) == {"Both", "Directly", "Twice"}


def test_a_row_shows_picture_creator_and_length_and_what_its_creator_deleted_is_marked(
    editor, client, make_video, make_user
):
    user = make_user("vera")  # whose profile has no name
    CreatorProfile.objects.filter(user=user).update(name="")
    picture = Picture(title="P", file=ImageFile(get_test_image_file().file, name="p.png"))
    picture.save()
    video = make_video("Whole", creator=user.profile, thumbnail=picture)
    VideoMedia.objects.filter(pk=video.media_id).update(duration=61)
    gone = make_video("Gone", publish=False)
    VideoPage.objects.filter(pk=gone.pk).update(deleted_at=timezone.now())

    def row(title, **query):
        page = client.get(reverse("videos:index"), query).content.decode()
        rows = [part for part in page.split("<tr") if f"{title}</span>" in part]
        return rows[0] if rows else ""

    shown = row("Whole")
    small = picture.renditions.get(filter_spec=explorer.SMALL)
    assert all(part in shown for part in (small.url, "vera", "1:01"))
    assert 'aria-label="More options for' in shown
    assert reverse("wagtailadmin_pages:delete", args=[video.pk]) in shown
    assert "Deleted by its creator" not in shown
    assert "Deleted by its creator" in row("Gone")
    assert row("Gone", deleted="true")
    assert not row("Whole", deleted="true")


def test_pages_of_the_list_hold_each_video_once_in_order(editor, client, make_video, monkeypatch):
    monkeypatch.setattr(explorer.VideoIndexView, "paginate_by", 2)
    for title in ("One", "Two", "Three"):
        make_video(title)
    pages = [listed(client, ordering="-title", p=page) for page in (1, 2)]
    assert pages == [["Two", "Three"], ["One"]]
    assert len(listed(client) + listed(client, p=2)) == 3


def test_editors_get_a_bar_on_a_videos_page_and_visitors_do_not(
    editor, client, make_video, make_user
):
    video = make_video()
    page = client.get(video.get_url()).content.decode()
    assert reverse("wagtailadmin_pages:edit", args=[video.pk]) in page
    assert f'{reverse("statistics", args=[video.video_id])}" target="_parent"' in page
    client.force_login(make_user("viewer"))
    assert "wagtail-userbar" not in client.get(video.get_url()).content.decode()


def test_a_videos_form_shows_how_long_viewers_stay_as_curve_and_table(
    editor, client, make_video, make_user
):
    video = make_video()
    form = reverse("wagtailadmin_pages:edit", args=[video.pk])
    assert "Portion of viewers" not in client.get(form).content.decode()
    for name, end in (("ada", 10), ("bruno", 5)):
        fields = {"watch_time": end / 10, "played": [[0, end]]}
        Watch.objects.create(user=make_user(name), video=video, **fields)
    page = client.get(form).content.decode()
    assert '<svg class="plot-drawing"' in page
    assert "<td>0.0 s</td><td>100%</td>" in page
    assert "<td>6.0 s</td><td>50%</td>" in page
