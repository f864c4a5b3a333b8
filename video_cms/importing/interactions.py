"""Imports what viewers did. Repeatable: rows that say nothing new change nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from recommendations_plugin import api
from recommendations_plugin.api import Kind, Signal

from .. import counters, daily, played
from ..models import Like, Source, User, VideoPage, Watch
from .cleaning import moment, portion
from .people import accounts, make_accounts, user_name
from .report import ImportFailed, Report, RowError
from .rows import Row, in_batches, read

BATCH = 4000
COLUMNS = ("user", "video_id", "kind", "value", "timestamp")
KINDS = (Kind.WATCH, Kind.LIKE, Kind.UNLIKE)
WATCHES, LIKES, VIEWERS = gettext_noop("watches"), gettext_noop("likes"), gettext_noop("viewers")

#: The ids of a user and a page.
Pair = tuple[int, int]


class Action(NamedTuple):
    """A checked row. ``portion`` is 0 unless it is a watch."""

    line: int
    user: str
    video_id: str
    kind: Kind
    portion: float
    at: datetime
    source: str = Source.UNKNOWN
    parts: played.Parts = ()


class Video(NamedTuple):
    """What has to be known of a video."""

    pk: int
    duration: float
    creator: int


def import_interactions(
    path: Path, report: Report, dry_run: bool, track: Callable[[Path], Callable[[int], object]]
) -> None:
    """Import a file, batch by batch. Raises ``ImportFailed`` when it is no such file."""
    if not path.is_file():
        raise ImportFailed(_("There is no file %s.") % path)
    rows = read(path, COLUMNS, report, track(path))
    for actions in in_batches(checked(rows, path, report), BATCH):
        batch = Batch(actions, find_videos({action.video_id for action in actions}), report)
        batch.drop_unknown(path)
        if not dry_run:
            batch.save()


def checked(rows: Iterable[Row], path: Path, report: Report) -> Iterator[Action]:
    """Yield the rows that can be true, and report the others."""
    for row in rows:
        try:
            yield action_of(row)
        except RowError as error:
            report.reject(path, row.line, str(error))


def action_of(row: Row) -> Action:
    """Return what a row says. Raises ``RowError``."""
    kind = row["kind"].lower()
    if kind not in KINDS:
        raise RowError(_("%r is none of watch, like and unlike.") % row["kind"][:40])
    watched = portion(row["value"]) if kind == Kind.WATCH else 0.0
    name, at = known_name(row["user"]), moment(row["timestamp"])
    source, parts = source_of(row["source"]), parts_of(row["played"])
    return Action(row.line, name, row["video_id"], Kind(kind), watched, at, source, parts)


def source_of(value: str) -> str:
    """Return how somebody came to a video. Raises ``RowError``."""
    if value and value not in Source.values:
        raise RowError(
            _("%(value)r is none of: %(sources)s.")
            % {"value": value[:40], "sources": ", ".join(Source.values)}
        )
    return value or Source.UNKNOWN


def parts_of(value: str) -> played.Parts:
    """Return the parts of a video that were played. Raises ``RowError``."""
    try:
        return played.read(value)
    except ValueError as error:
        raise RowError(_("%r are no parts such as 0-4.5,10-12.") % value[:40]) from error


def find_videos(video_ids: set[str]) -> dict[str, Video]:
    """Return what is known of videos, by their ids."""
    rows = VideoPage.objects.filter(video_id__in=video_ids).values_list(
        "video_id", "pk", "media__duration", "creator__user_id"
    )
    return {video_id: Video(pk, duration or 0.0, user) for video_id, pk, duration, user in rows}


@lru_cache(maxsize=50_000)
def key_of(model: type[models.Model], pk: int) -> str:
    """Return the recommender's key of a row that need not be read for it."""
    return api.key_of(model(pk=pk))


#: The same few names come again and again.
known_name = lru_cache(maxsize=50_000)(user_name)


@dataclass
class Batch:
    """Some rows, saved together: watches, likes, counters and what the recommender learns."""

    actions: Sequence[Action]
    videos: dict[str, Video]
    report: Report
    users: dict[str, int] = field(default_factory=dict)
    views: Counter[int] = field(default_factory=Counter)
    likes: Counter[int] = field(default_factory=Counter)
    signals: list[Signal] = field(default_factory=list)
    days: daily.Days = field(default_factory=daily.Days)

    def drop_unknown(self, path: Path) -> None:
        """Refuse what was done with videos that do not exist."""
        for action in self.actions:
            if action.video_id not in self.videos:
                reason = _("There is no video %r.") % action.video_id[:60]
                self.report.reject(path, action.line, reason)
        self.actions = [action for action in self.actions if action.video_id in self.videos]

    @transaction.atomic
    def save(self) -> None:
        """Write everything that is new."""
        self.make_viewers()
        self.save_watches()
        self.save_likes()
        self.days.save()
        counters.add("views", self.views)
        counters.add("likes", self.likes)
        api.record_many(sorted(self.signals, key=lambda signal: (signal.at, signal.kind)))

    def make_viewers(self) -> None:
        names = list(dict.fromkeys(action.user for action in self.actions))
        before = len(accounts(names))
        self.users = make_accounts(names)
        self.report.made[VIEWERS] += len(self.users) - before

    def pairs(self, *kinds: Kind) -> Iterator[tuple[Pair, Action]]:
        """Yield the actions of these kinds, oldest first, each with whom and what it is about."""
        for action in sorted(self.actions, key=lambda action: action.at):
            if action.kind in kinds:
                yield (self.users[action.user.lower()], self.videos[action.video_id].pk), action

    def save_watches(self) -> None:
        """Keep the largest portion and the latest time of each pair."""
        wanted: dict[Pair, Action] = {}
        for pair, action in self.pairs(Kind.WATCH):
            before = wanted.get(pair, action)
            wanted[pair] = action._replace(
                portion=max(before.portion, action.portion),
                parts=played.together(before.parts, action.parts),
            )
        rows = existing(Watch, wanted)
        new, changed = [], []
        for pair, action in wanted.items():
            row = rows.get(pair)
            if row is None:
                row = Watch(user_id=pair[0], video_id=pair[1], timestamp=action.at)
                new.append(row)
            elif action.portion > row.watch_time or action.at > row.timestamp:
                changed.append(row)
            else:
                continue
            self.advance(row, action, started=pair not in rows)
        Watch.objects.bulk_create(new, ignore_conflicts=True)
        Watch.objects.bulk_update(
            changed, ["watch_time", "watched_duration", "played", "timestamp"], batch_size=200
        )
        self.report.made[WATCHES] += len(new)
        self.report.left[WATCHES] += len(wanted) - len(new)

    def advance(self, row: Watch, action: Action, started: bool) -> None:
        """Move a watch on, and note the view, the day's figures and the signal that come of it."""
        video, before, seconds = self.videos[action.video_id], row.watch_time, row.watched_duration
        row.played = played.together(row.played, played.within(action.parts, video.duration))
        row.watch_time = max(before, action.portion)
        row.watched_duration = max(row.watched_duration, row.watch_time * video.duration)
        row.timestamp = max(row.timestamp, action.at)
        if row.user_id != video.creator:
            view = counters.is_view(row.watch_time) and not counters.is_view(before)
            self.views[video.pk] += view
            added = row.watched_duration - seconds
            self.days.add(
                video.pk, action.at, action.source, started=started, view=view, seconds=added
            )
            self.tell(action, row.watch_time)

    def save_likes(self) -> None:
        """Make each pair's like what the latest row of the pair says."""
        wanted = dict(self.pairs(Kind.LIKE, Kind.UNLIKE))
        rows = existing(Like, wanted)
        new, gone = [], []
        for pair, action in wanted.items():
            row = rows.get(pair)
            if action.kind == Kind.LIKE and row is None:
                new.append(Like(user_id=pair[0], video_id=pair[1], created_at=action.at))
            elif action.kind == Kind.UNLIKE and row is not None and row.created_at <= action.at:
                gone.append(row.pk)
            else:
                self.report.left[LIKES] += int(row is not None)
                continue
            self.likes[pair[1]] += 1 if action.kind == Kind.LIKE else -1
            self.tell(action)
        Like.objects.bulk_create(new, ignore_conflicts=True)
        Like.objects.filter(pk__in=gone).delete()
        self.report.made[LIKES] += len(new)

    def tell(self, action: Action, watched: float | None = None) -> None:
        """Note what the recommender shall learn."""
        viewer = key_of(User, self.users[action.user.lower()])
        video = key_of(VideoPage, self.videos[action.video_id].pk)
        self.signals.append(Signal(action.kind, viewer, video, watched, action.at))


def existing(model: type[models.Model], pairs: Iterable[Pair]) -> dict[Pair, Any]:
    """Return the rows of these pairs of user and page."""
    wanted = set(pairs)
    rows: Any = model._default_manager.filter(
        user__in={user for user, _video in wanted}, video__in={video for _user, video in wanted}
    ).order_by()
    return {pair: row for row in rows.iterator() if (pair := (row.user_id, row.video_id)) in wanted}
