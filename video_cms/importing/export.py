"""Writes the catalogue as the tables that an import reads back."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from io import TextIOWrapper
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.db.models import Exists, OuterRef

from ..models import Category, CreatorProfile, ParentCategory, VideoPage
from ..models.pages import VideoTag
from .rows import in_batches

BATCH = 500
Cells = Sequence[Any]


def write(file: IO[bytes]) -> None:
    """Write a ZIP of tables: categories, and what is published, with its creators.

    Films stay where they are: a column says which belongs to a video. Memory does not grow with
    the catalogue.
    """
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, header, rows in (
            ("parent_categories.csv", "name slug icon description", parent_categories()),
            ("categories.csv", "parent_category category slug icon description", categories()),
            ("creators.csv", "username name bio website location verified", creators()),
            (
                "videos.csv",
                "video_id title description creator categories parent_category tags visibility "
                "is_premium published_at file",
                videos(),
            ),
        ):
            with (
                archive.open(name, "w", force_zip64=True) as raw,
                TextIOWrapper(raw, "utf-8", newline="") as text,
            ):
                table = csv.writer(text)
                table.writerow(header.split())
                table.writerows(rows)


def parent_categories() -> Iterable[Cells]:
    return ParentCategory.objects.values_list("name", "slug", "icon", "description").iterator()


def categories() -> Iterable[Cells]:
    columns = ("parent__name", "name", "slug", "icon", "description")
    return Category.objects.values_list(*columns).iterator()


def published() -> Any:
    return VideoPage.objects.live().filter(deleted_at=None).exclude(media=None)


def creators() -> Iterable[Cells]:
    columns = ("user__username", "name", "bio", "website", "location", "verified")
    theirs = published().filter(creator=OuterRef("pk"))
    found = CreatorProfile.objects.filter(Exists(theirs)).order_by("pk")
    return found.values_list(*columns).iterator()


def videos() -> Iterator[Cells]:
    """Yield the rows of videos, with what is linked to them in three queries a batch."""
    found = published().select_related("creator__user", "media").order_by("pk")
    for batch in in_batches(found.iterator(BATCH), BATCH):
        pks = [page.pk for page in batch]
        links = VideoPage.categories.through.objects.filter(videopage__in=pks)
        own = joined(links.values_list("videopage", "category__name"))
        links = VideoPage.additional_parent_categories.through.objects.filter(videopage__in=pks)
        parents = joined(links.values_list("videopage", "parentcategory__name"))
        tagged = VideoTag.objects.filter(content_object__in=pks)
        tags = joined(tagged.values_list("content_object", "tag__name"))
        for page in batch:
            yield (
                page.video_id,
                page.title,
                page.description,
                page.creator.user.username,
                own[page.pk],
                parents[page.pk],
                tags[page.pk],
                page.visibility,
                page.is_premium,
                page.first_published_at.isoformat() if page.first_published_at else "",
                page.media.file.name,
            )


def joined(pairs: Iterable[tuple[int, str]]) -> dict[int, str]:
    """Return the names of each id, with “|” between them."""
    names: dict[int, list[str]] = defaultdict(list)
    for pk, name in pairs:
        names[pk].append(name)
    return defaultdict(str, {pk: "|".join(found) for pk, found in names.items()})
