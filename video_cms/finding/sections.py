"""The sections of the home page: a few videos, and a heading that says why they are there.

Each strategy makes a fixed number of queries and answers None where it has nothing for the visitor.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations_plugin import api

from ..counters import VIEW_PORTION
from ..models import ParentCategory, User, VideoIndexPage, VideoPage
from ..models.pages import VideoPageQuerySet
from ..viewers import begun_by, listed_videos, watches_of
from .trending import trending

#: Further videos asked for, since the visitor may not want some.
SPARE = 12


@dataclass(frozen=True, slots=True)
class Section:
    """Some videos, why they are there, and where there are more like them."""

    heading: str
    videos: Sequence[VideoPage]
    all_url: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What an editor asks of a section, and who looks at it.

    ``shown`` are the ids of the videos that stand further up the page already.
    """

    http: HttpRequest
    number: int
    category: ParentCategory | None
    shown: set[int]

    @property
    def viewer(self) -> api.Viewer:
        return api.viewer(self.http)

    @property
    def videos(self) -> VideoPageQuerySet:
        """The videos that may be shown: those of the category, if one is given."""
        videos = listed_videos(self.http)
        return videos.in_parent_category(self.category) if self.category else videos

    def fresh(self, videos: VideoPageQuerySet) -> list[VideoPage]:
        """Return the newest videos that are new to the visitor too, some more than asked for."""
        viewer = self.viewer
        videos = videos.exclude(pk__in=self.shown)
        if viewer.key:
            watched = VideoPage.objects.filter(**_watched_by(viewer))
            videos = videos.exclude(pk__in=watched.values("pk"))
        if viewer.user:
            videos = videos.exclude(creator__user=viewer.user)
        newest = videos.for_cards().order_by("-first_published_at", "-pk")
        return self.unseen(newest[: 2 * self.number + SPARE])

    def unseen(self, videos: Iterable[VideoPage]) -> list[Any]:
        """Return the videos that the visitor has neither seen nor dismissed."""
        return api.unseen(self.viewer, videos, request=self.http)


def section(strategy: str, asked: Request) -> Section | None:
    """Return a section by its strategy; None where it would be empty."""
    found = STRATEGIES[strategy](asked)
    return found if found and found.videos else None


# --- strategies ---------------------------------------------------------------------------------


def unfinished(asked: Request) -> Section:
    """What the visitor began to watch, latest first."""
    latest = begun_by(asked.viewer, asked.videos).for_cards()
    return Section(_("Continue watching"), list(latest[: asked.number]))


def followed(asked: Request) -> Section | None:
    """The newest of whom the visitor follows."""
    user = asked.http.user
    if not isinstance(user, User):
        return None
    videos = asked.fresh(asked.videos.filter(creator__followers__user=user))[: asked.number]
    names = list(dict.fromkeys(str(video.creator) for video in videos))
    if len(names) == 1:
        heading = _("Because you follow %(name)s") % {"name": names[0]}
    elif len(names) == 2:
        heading = _("Because you follow %(first)s and %(second)s") % {
            "first": names[0],
            "second": names[1],
        }
    else:
        heading = _("Because you follow %(names)s and others") % {"names": ", ".join(names[:2])}
    return Section(heading, videos, reverse("following"))


def like_the_last(asked: Request) -> Section | None:
    """What goes well with the video that the visitor watched last."""
    if not asked.viewer.key:
        return None
    watched = _watched_by(asked.viewer) | {"watches__watch_time__gte": VIEW_PORTION}
    last = asked.videos.filter(**watched).order_by("-watches__timestamp").first()
    if last is None:
        return None
    feed = api.similar(
        last,
        asked.viewer,
        limit=asked.number,
        exclude=api.shown(asked.http),
        request=asked.http,
    )
    videos = [found.object for found in feed.items]
    heading = _("Because you watched %(title)s") % {"title": last.title}
    return Section(heading, videos)


def newest(asked: Request) -> Section:
    """What is new: in the category, else in one of the visitor's interests, else anywhere."""
    category = asked.category or interest_of_today(asked.http.user)
    videos = asked.videos.in_parent_category(category) if category else asked.videos
    fresh = asked.fresh(videos)
    found = fresh[: min(asked.number, len(fresh) // 2)]  # leaves something to the feed below
    if category is None:
        page = VideoIndexPage.objects.live().first()
        return Section(_("New"), found, (page and page.get_url(asked.http)) or "")
    heading = _("New in %(name)s") % {"name": category.name}
    return Section(heading, found, f"{category.get_absolute_url()}?sort=new")


def popular_now(asked: Request) -> Section:
    """What is trending, in the category if there is one."""
    ranked = [pk for pk in trending(asked.videos) if pk not in asked.shown]
    found = asked.videos.for_cards().filter(pk__in=ranked[: asked.number + SPARE])
    videos = sorted(asked.unseen(found), key=lambda video: ranked.index(video.pk))[: asked.number]
    if asked.category is None:
        return Section(_("Trending"), videos, reverse("trending"))
    heading = _("Trending in %(name)s") % {"name": asked.category.name}
    return Section(heading, videos, f"{reverse('trending')}?topic={asked.category.slug}")


#: What editors may choose (see ``blocks.STRATEGIES`` for the names they read).
STRATEGIES: dict[str, Callable[[Request], Section | None]] = {
    "continue": unfinished,
    "following": followed,
    "watched": like_the_last,
    "new": newest,
    "trending": popular_now,
}


def interest_of_today(user: Any) -> ParentCategory | None:
    """Return one of a visitor's interests, each day another one."""
    if not isinstance(user, User):
        return None
    interests = list(ParentCategory.objects.filter(interested__user=user))
    today: dt.date = timezone.localdate()
    return interests[today.toordinal() % len(interests)] if interests else None


def _watched_by(viewer: api.Viewer) -> dict[str, Any]:
    """Return the fields that find what a viewer has watched."""
    return {f"watches__{name}": value for name, value in watches_of(viewer).items()}
