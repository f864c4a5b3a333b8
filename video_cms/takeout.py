"""What the site holds of an account, for its owner to take away: a ZIP of JSON files.

Of others' videos it names what is public; of other people nothing but their user names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from allauth.account.models import EmailAddress
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Case, F, Model, QuerySet, Value, When
from django.forms import model_to_dict

from recommendations_plugin import api

from .models import (
    Comment,
    CommentLike,
    CommentReport,
    CreatorProfile,
    Follow,
    ImportRun,
    Like,
    Notice,
    PlaylistItem,
    Preferences,
    User,
    VideoDay,
    VideoPage,
    Watch,
)

Row = Mapping[str, Any]

#: What is told of a day of one of one's videos.
DAY = ("day", "source", "viewers", "views", "seconds")


def write_zip(user: User, file: IO[bytes]) -> None:
    """Write everything as ``<name>.json``, a list each; memory holds a row at a time."""
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, rows in SECTIONS.items():
            with archive.open(f"{name}.json", "w") as entry:
                for text in as_json(rows(user)):
                    entry.write(text.encode())
        for name, picture in pictures(user):
            with picture.open_file() as source:
                archive.writestr(name, source.read())


def as_json(rows: Iterable[Row]) -> Iterator[str]:
    """Write a list of rows as JSON, piece by piece."""
    encoder = DjangoJSONEncoder(ensure_ascii=False, indent=1)
    start = "["
    for row in rows:
        yield start + "\n" + encoder.encode(row)
        start = ","
    yield "[]\n" if start == "[" else "\n]\n"


# --- what there is ------------------------------------------------------------------------------


def account(user: User) -> Iterator[Row]:
    yield {
        **only(user, "username", "email", "first_name", "last_name", "date_joined", "last_login"),
        "groups": [group.name for group in user.groups.all()],
        "email_addresses": list(
            EmailAddress.objects.filter(user=user).values("email", "verified", "primary")
        ),
    }


def profile(user: User) -> Iterator[Row]:
    fields = (
        "name",
        "bio",
        "website",
        "location",
        "verified",
        "standing",
        "created_at",
        "updated_at",
    )
    for row in CreatorProfile.objects.filter(user=user):
        interests = list(row.parent_categories.values_list("name", flat=True))
        yield {**only(row, *fields), "interests": interests}


def settings(user: User) -> Iterator[Row]:
    yield model_to_dict(Preferences.of(user), exclude=["id", "user"])


def videos(user: User) -> Iterator[Row]:
    fields = (
        "video_id",
        "title",
        "description",
        "language",
        "visibility",
        "is_premium",
        "live",
        "views",
    )
    for row in VideoPage.objects.filter(creator__user=user).order_by("pk").iterator(100):
        yield {
            **only(row, *fields, "likes", "created_at", "first_published_at"),
            "tags": [tag.name for tag in row.tags.all()],
            "categories": [category.name for category in row.categories.all()],
        }


def uploads(user: User) -> Iterator[Row]:
    for row in user.uploads.filter(finished_at=None).select_related("video"):
        yield {"video": row.video.video_id, **only(row, "name", "size", "created_at", "expires_at")}


def history(user: User) -> Iterator[Row]:
    rows = Watch.objects.filter(user=user)
    return of_videos(rows, "watch_time", "watched_duration", "position", "timestamp")


def likes(user: User) -> Iterator[Row]:
    return of_videos(Like.objects.filter(user=user), "created_at")


def follows(user: User) -> Iterator[Row]:
    rows = Follow.objects.filter(user=user).order_by("pk")
    fields = ("creator__user__username", "created_at", "video__video_id")
    for creator, since, video in rows.values_list(*fields).iterator(500):
        yield {"creator": creator, "created_at": since, "since_video": video}


def playlists(user: User) -> Iterator[Row]:
    fields = ("playlist_id", "kind", "title", "description", "visibility", "created_at")
    for row in user.playlists.order_by("pk"):
        items = PlaylistItem.objects.filter(playlist=row)
        yield {**only(row, *fields), "videos": list(of_videos(items, "position", "added_at"))}


def comments(user: User) -> Iterator[Row]:
    rows = Comment.objects.filter(author=user)
    return of_videos(rows, "text", "state", "pinned", "likes", "created_at", "edited_at")


def comment_likes(user: User) -> Iterator[Row]:
    return of_videos(CommentLike.objects.filter(user=user), "created_at", path="comment__video")


def comment_reports(user: User) -> Iterator[Row]:
    rows = CommentReport.objects.filter(reporter=user)
    return of_videos(rows, "reason", "text", "created_at", "resolved_at", path="comment__video")


def notices(user: User) -> Iterator[Row]:
    return of_videos(Notice.objects.filter(user=user), "kind", "created_at", "read_at")


def video_days(user: User) -> Iterator[Row]:
    rows = VideoDay.objects.filter(video__creator__user=user).order_by("video", "day", "source")
    for row in rows.values(*DAY, video_id_=F("video__video_id")).iterator(500):
        yield {"video": row.pop("video_id_"), **row}


def imports(user: User) -> Iterator[Row]:
    fields = ("name", "state", "made", "left", "refused", "created_at", "ended_at")
    yield from ImportRun.objects.filter(user=user).order_by("pk").values(*fields)


def recommendations(user: User) -> Iterator[Row]:
    yield api.export(api.viewer(user))


SECTIONS: dict[str, Callable[[User], Iterator[Row]]] = {
    "account": account,
    "profile": profile,
    "settings": settings,
    "videos": videos,
    "uploads": uploads,
    "video_days": video_days,
    "imports": imports,
    "history": history,
    "likes": likes,
    "follows": follows,
    "playlists": playlists,
    "comments": comments,
    "comment_likes": comment_likes,
    "comment_reports": comment_reports,
    "notices": notices,
    "recommendations": recommendations,
}


def pictures(user: User) -> Iterator[tuple[str, Any]]:
    """Return the profile's pictures with the names they get in the archive."""
    for row in CreatorProfile.objects.filter(user=user).select_related("picture", "banner"):
        for name, picture in (("picture", row.picture), ("banner", row.banner)):
            if picture is not None:
                yield f"{name}.{picture.file.name.rpartition('.')[2]}", picture


# --- rows ---------------------------------------------------------------------------------------


def only(row: Model, *fields: str) -> dict[str, Any]:
    return {field: getattr(row, field) for field in fields}


def of_videos(rows: QuerySet[Any], *fields: str, path: str = "video") -> Iterator[Row]:
    """Return rows about videos with the video's id, and its title where that is public."""
    public = When(
        **{f"{path}__in": VideoPage.objects.listed().order_by()}, then=F(f"{path}__title")
    )
    told = rows.order_by("pk").values(
        *fields,
        video_id_=F(f"{path}__video_id"),
        video_title=Case(public, default=Value("")),
    )
    for row in told.iterator(500):
        yield {"video": row.pop("video_id_"), "title": row.pop("video_title"), **row}
