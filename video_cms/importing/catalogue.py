"""Imports a catalogue: parent categories, categories, creators and videos, from a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from taggit.models import Tag

from ..models import Category, CreatorProfile, ParentCategory, VideoMedia, VideoPage
from ..models.taxonomy import AbstractCategory
from ..processing.process import process_pending
from ..site_tree import ensure_site_tree
from .cleaning import cleaned, flag, moment, parts, words
from .files import MediaFiles
from .pages import NewVideo, unsaved_page, write
from .people import accounts, make_accounts, user_name
from .report import ImportFailed, Report, RowError
from .rows import Row, in_batches, read

BATCH = 500
PARENTS, CATEGORIES = gettext_noop("parent categories"), gettext_noop("categories")
CREATORS, VIDEOS = gettext_noop("creators"), gettext_noop("videos")

State = VideoMedia.State
Tracker = Callable[[Path], Callable[[int], object]]
Named = TypeVar("Named", bound=AbstractCategory)
Taken = TypeVar("Taken")


def untracked(path: Path) -> Callable[[int], object]:
    """Show no progress."""
    return lambda size: None


class CatalogueImport:
    """One import of a folder. Run it again to go on, or to add what is new; known rows stay.

    With an ``owner`` the videos are that creator's, whatever the rows say, and nothing else is
    made: no categories, no accounts. An id that another creator's video has is refused.
    """

    def __init__(
        self,
        folder: Path,
        report: Report,
        media_dir: Path | None = None,
        dry_run: bool = False,
        track: Tracker = untracked,
        owner: CreatorProfile | None = None,
    ) -> None:
        self.owner = owner
        self.folder, self.report, self.dry_run, self.track = folder, report, dry_run, track
        places = [media_dir, folder, folder / "media"]
        user = owner.user if owner else None
        self.may_offer_premium = user is None or user.has_perm("video_cms.offer_premium")
        self.files = MediaFiles([place for place in places if place and place.is_dir()], user)
        self.parents: dict[str, ParentCategory] = {}
        self.categories: dict[str, Category] = {}
        self.creators_seen: set[str] = set()
        self.videos_seen: set[str] = set()
        self.unseen: set[int] = set()  # files of videos that an interrupted import made

    def run(self) -> None:
        """Import the folder. Raises ``ImportFailed`` when it is no catalogue."""
        for name in ("videos.csv",) if self.owner else ("categories.csv", "videos.csv"):
            if not (self.folder / name).is_file():
                raise ImportFailed(_("There is no file %s.") % name)
        if not self.dry_run:
            self.index = ensure_site_tree().videos
        self.import_categories()
        if self.owner is None:
            self.import_creators()
        self.import_videos()

    def take(
        self, name: str, required: Sequence[str], check: Callable[[Row], Taken]
    ) -> Iterator[Taken]:
        """Yield the checked rows of a file, if there is one, and report the others."""
        path = self.folder / name
        if not path.is_file():
            return
        for row in read(path, required, self.report, self.track(path)):
            try:
                yield check(row)
            except RowError as error:
                self.report.reject(path, row.line, str(error))

    # --- categories ---------------------------------------------------------------------------

    def import_categories(self) -> None:
        self.parents = {parent.name: parent for parent in ParentCategory.objects.all()}
        found = Category.objects.select_related("parent")
        self.categories = {category.name: category for category in found}
        if self.owner is not None:
            return
        for _parent in self.take("parent_categories.csv", ["name"], self.parent_of):
            pass
        for _category in self.take(
            "categories.csv", ["parent_category", "category"], self.category_of
        ):
            pass

    def parent_of(self, row: Row) -> ParentCategory:
        return self.keep(self.parents, ParentCategory(name=row["name"], **described(row)), PARENTS)

    def category_of(self, row: Row) -> Category:
        name, parent = row["category"], self.parents.get(row["parent_category"])
        if parent is None:
            parent = self.keep(self.parents, ParentCategory(name=row["parent_category"]), PARENTS)
        if name in self.categories and self.categories[name].parent.name != parent.name:
            raise RowError(
                _("The category %(name)r is under %(parent)r already.")
                % {"name": name, "parent": self.categories[name].parent.name}
            )
        new = Category(name=name, parent=parent, **described(row))
        return self.keep(self.categories, new, CATEGORIES)

    def keep(self, known: dict[str, Named], new: Named, what: str) -> Named:
        """Return the category of this name, made if it does not exist. Raises ``RowError``."""
        if new.name in known:
            self.report.left[what] += 1
            return known[new.name]
        try:
            new.full_clean(exclude=["parent"])
        except ValidationError as error:
            raise RowError(words(error)) from error
        if not self.dry_run:
            new.save()
        known[new.name] = new
        self.report.made[what] += 1
        return new

    # --- creators -----------------------------------------------------------------------------

    def import_creators(self) -> None:
        rows = self.take("creators.csv", ["username"], self.creator_of)
        for batch in in_batches(rows, BATCH):
            known = accounts([name for name, _profile, _interests in batch])
            self.report.left[CREATORS] += len(known)
            self.report.made[CREATORS] += len(batch) - len(known)
            if not self.dry_run:
                save_creators(batch)

    def creator_of(self, row: Row) -> Creator:
        name = user_name(row["username"])
        if name.lower() in self.creators_seen:
            raise RowError(_("%r is in the file already.") % name)
        profile = CreatorProfile(
            name=row["name"],
            bio=row["bio"],
            website=row["website"],
            location=row["location"],
            verified=flag(row["verified"]),
        )
        interests = [self.known(self.parents, name) for name in parts(row["parent_categories"])]
        cleaned(profile, exclude=["user"])
        self.creators_seen.add(name.lower())
        return name, profile, interests

    def known(self, names: dict[str, Named], name: str) -> Named:
        """Return a category by its name. Raises ``RowError``."""
        if name not in names:
            raise RowError(_("There is no category %r.") % name[:80])
        return names[name]

    # --- videos -------------------------------------------------------------------------------

    def import_videos(self) -> None:
        required = ["video_id", "title", "categories", "published_at", "file"]
        required += [] if self.owner else ["creator"]
        rows = self.take("videos.csv", required, self.video_of)
        for batch in in_batches(rows, BATCH):
            ids = [video.page.video_id for video in batch]
            there = set(
                VideoPage.objects.filter(video_id__in=ids).values_list("video_id", flat=True)
            )
            if self.owner:
                self.refuse_others(batch)
            new = [video for video in batch if video.page.video_id not in there]
            self.report.left[VIDEOS] += len(there)
            self.note_unseen(there)
            self.save_videos(new)
        if not self.dry_run:
            self.process_files()

    def note_unseen(self, video_ids: set[str]) -> None:
        """Note the files of videos that are there, but that nobody has looked at."""
        videos = VideoPage.objects.filter(video_id__in=video_ids, media__state=State.NEW)
        if self.owner:
            videos = videos.filter(creator=self.owner)
        self.unseen.update(videos.values_list("media", flat=True))

    def refuse_others(self, videos: Sequence[NewVideo]) -> None:
        """Report the rows whose ids are taken by videos of others."""
        theirs = set(
            VideoPage.objects.filter(video_id__in=[video.page.video_id for video in videos])
            .exclude(creator=self.owner)
            .values_list("video_id", flat=True)
        )
        for video in videos:
            if video.page.video_id in theirs:
                self.report.reject("videos.csv", video.line, _("This id is taken."))

    def video_of(self, row: Row) -> NewVideo:
        video_id = row["video_id"]
        if video_id in self.videos_seen:
            raise RowError(_("The id %r is in the file already.") % video_id)
        categories = [self.known(self.categories, name) for name in parts(row["categories"])]
        implied = {category.parent.name for category in categories}
        further = [name for name in parts(row["parent_category"]) if name not in implied]
        video = NewVideo(
            line=row.line,
            page=unsaved_page(
                video_id=video_id,
                title=row["title"],
                published_at=moment(row["published_at"]),
                description=row["description"],
                visibility=row["visibility"] or VideoPage.Visibility.PUBLIC,
                is_premium=flag(row["is_premium"]) and self.may_offer_premium,
            ),
            creator=self.owner.user.username if self.owner else user_name(row["creator"]),
            file=self.files.find(row["file"]),
            categories=categories,
            parents=[self.known(self.parents, name) for name in further],
            tags=[tag_name(name) for name in parts(row["tags"])],
        )
        self.videos_seen.add(video_id)
        return video

    def save_videos(self, videos: Sequence[NewVideo]) -> None:
        """Save a batch; when the database refuses it, find the row that is to blame by halves."""
        if self.dry_run or not videos:
            self.report.made[VIDEOS] += len(videos)
            return
        self.complete(videos)
        try:
            write(self.index, videos)
        except (IntegrityError, DataError) as error:
            if len(videos) == 1:
                self.report.reject("videos.csv", videos[0].line, str(error))
                return
            half = len(videos) // 2
            self.save_videos(videos[:half])
            self.save_videos(videos[half:])
        else:
            self.report.made[VIDEOS] += len(videos)

    def complete(self, videos: Sequence[NewVideo]) -> None:
        """Give pages their creators and files, made if they do not exist."""
        users = make_accounts(video.creator for video in videos)
        profiles = dict(
            CreatorProfile.objects.filter(user__in=users.values()).values_list("user_id", "pk")
        )
        for video in videos:
            video.page.creator_id = profiles[users[video.creator.lower()]]
            video.page.media = self.files.stored(video.file, video.page.title)

    def process_files(self) -> None:
        """Look at the files that were stored now, or by an import that was interrupted."""
        files = VideoMedia.objects.filter(pk__in=self.unseen.union(self.files.used))
        count = process_pending(queryset=files)
        if count:
            self.report.notes.append(_("%d video files probed") % count)
        for media in files.filter(state=State.FAILED):
            self.report.reject(media.title, 0, media.failure)


Creator = tuple[str, CreatorProfile, list[ParentCategory]]


@transaction.atomic
def save_creators(creators: Sequence[Creator]) -> None:
    """Make accounts with these profiles; accounts that exist keep theirs."""
    make_accounts(
        [name for name, _profile, _interests in creators],
        {name.lower(): profile for name, profile, _interests in creators},
    )
    through = CreatorProfile.parent_categories.through
    through.objects.bulk_create(
        through(creatorprofile_id=profile.pk, parentcategory_id=interest.pk)
        for _name, profile, interests in creators
        if profile.pk
        for interest in interests
    )


def described(row: Row) -> dict[str, str]:
    """Return the columns a category may have."""
    return {name: row[name] for name in ("slug", "icon", "description")}


def tag_name(name: str) -> str:
    """Return a tag's name. Raises ``RowError``."""
    return cleaned(Tag(name=name), exclude=["slug"]).name
