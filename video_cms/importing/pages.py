"""Writes many video pages at once: a handful of queries per batch instead of thirty per page."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from taggit.models import Tag
from wagtail.models import Page, ReferenceIndex

from recommendations_plugin import api

from ..models import Category, ParentCategory, VideoIndexPage, VideoPage
from ..models.pages import VideoTag
from .cleaning import cleaned
from .search import index_for_search

#: Checked by the import itself, or set when the page gets its place in the tree.
NOT_CLEANED = {
    *("page_ptr", "path", "depth", "locale", "content_type", "url_path"),
    *("creator", "media"),
}


@dataclass
class NewVideo:
    """A checked row on its way to become a page."""

    line: int
    page: VideoPage
    creator: str
    file: Path
    categories: list[Category]
    parents: list[ParentCategory]
    tags: list[str]


def unsaved_page(video_id: str, title: str, published_at: datetime, **fields: object) -> VideoPage:
    """Return a page that has passed validation but for its place. Raises ``RowError``."""
    page = VideoPage(
        video_id=video_id,
        slug=video_id,
        title=title,
        draft_title=title,
        first_published_at=published_at,
        last_published_at=published_at,
        live=True,
        created_at=timezone.now(),  # a raw insert leaves “auto_now_add” undone
        translation_key=uuid.uuid4(),
        **fields,
    )
    return cleaned(page, exclude=NOT_CLEANED)


@transaction.atomic
def write(index: VideoIndexPage, videos: Sequence[NewVideo]) -> None:
    """Make pages below the list of videos, with all that a publication would bring.

    ``page_published`` is not sent; the recommender gets the whole batch instead.
    """
    index = VideoIndexPage.objects.select_for_update().get(pk=index.pk)
    pages = [video.page for video in videos]
    place_below(index, pages)
    insert(pages)
    VideoIndexPage.objects.filter(pk=index.pk).update(numchild=F("numchild") + len(pages))
    insert_links(videos)
    pks = [page.pk for page in pages]
    index_for_search(VideoPage, pks)
    index_references(pages)
    api.index_items(VideoPage.objects.filter(pk__in=pks))


def place_below(index: VideoIndexPage, pages: Sequence[VideoPage]) -> None:
    """Give pages the next paths below their parent."""
    content_type = ContentType.objects.get_for_model(VideoPage)
    last = index.get_last_child()
    path = last._inc_path() if last else index._get_path(index.path, index.depth + 1, 1)
    for page in pages:
        page.path, page.depth, page.numchild = path, index.depth + 1, 0
        page.locale_id, page.content_type = index.locale_id, content_type
        page.set_url_path(index)
        path = page._inc_path()


def insert(pages: Sequence[VideoPage]) -> None:
    """Insert pages. Django cannot do this in bulk for a model with a parent table, so: parents
    in bulk, then each child row as a fixture is loaded, which sends signals with ``raw``."""
    shared = [field.attname for field in Page._meta.concrete_fields if not field.primary_key]
    rows = Page.objects.bulk_create(
        Page(**{name: getattr(page, name) for name in shared}) for page in pages
    )
    for page, row in zip(pages, rows, strict=True):
        page.pk = page.page_ptr_id = page.id = row.pk
        page.save_base(raw=True, force_insert=True)


def insert_links(videos: Sequence[NewVideo]) -> None:
    """Insert categories, further parent categories and tags."""
    category, parent = (
        VideoPage.categories.through,
        VideoPage.additional_parent_categories.through,
    )
    category.objects.bulk_create(
        category(videopage_id=video.page.pk, category_id=found.pk)
        for video in videos
        for found in video.categories
    )
    parent.objects.bulk_create(
        parent(videopage_id=video.page.pk, parentcategory_id=found.pk)
        for video in videos
        for found in video.parents
    )
    tags = tags_by_name([name for video in videos for name in video.tags])
    VideoTag.objects.bulk_create(
        VideoTag(content_object_id=video.page.pk, tag=tag)
        for video in videos
        for tag in dict.fromkeys(tags[name.casefold()] for name in video.tags)
    )


def tags_by_name(names: Sequence[str]) -> dict[str, Tag]:
    """Return tags by case-folded name, making those that do not exist."""
    tags = {tag.name.casefold(): tag for tag in Tag.objects.all()} if names else {}
    for name in names:
        if name.casefold() not in tags:
            tags[name.casefold()] = Tag.objects.create(name=name)
    return tags


def index_references(pages: Sequence[VideoPage]) -> None:
    """Note which creators, files and tags the pages use, for Wagtail's “usage” views."""
    for page in pages:
        ReferenceIndex.create_or_update_for_object(page)
