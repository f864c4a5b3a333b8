"""Invents viewers for the demo, so that the recommender has something to learn from.

Nobody real is behind these rows. Each viewer has a few favourite parent categories and,
inside them, a favourite category and creator or two. What they open depends on that
taste, on how popular a video is (a few are watched by many, most by few) and on chance;
how much of it they watch depends on the taste again, and likes follow long watches.
"""

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

FIELDS = ("user", "video_id", "kind", "value", "timestamp")
PERIOD = timedelta(days=120)  # simulated viewers were active this long before now

Row = Mapping[str, str]


@dataclass(frozen=True)
class Video:
    """What a viewer sees of a video before pressing play."""

    id: str
    creator: str
    categories: tuple[str, ...]
    parents: frozenset[str]
    published: datetime
    popularity: float  # above 0; most are small


@dataclass(frozen=True)
class Taste:
    """What a viewer likes; strength falls from creators to categories to parents."""

    parents: frozenset[str]
    categories: frozenset[str]
    creators: frozenset[str]
    curiosity: float  # weight of a video outside every favourite parent, 0-1

    def match(self, video: Video) -> float:
        """How well a video suits, from 0 (not at all) to 1 (made for this viewer)."""
        score = 0.45 * bool(self.parents & video.parents)
        score += 0.3 * bool(self.categories & set(video.categories))
        return score + 0.25 * (video.creator in self.creators)


def simulate(
    videos: Iterable[Row], viewers: Iterable[Row], *, count: int = 240, seed: int = 7, now: datetime
) -> Iterator[dict[str, str]]:
    """Yield the interactions of ``count`` simulated and all named viewers, oldest first.

    ``videos`` and ``viewers`` are rows of the CSV files of the same names, ``now`` is an
    aware datetime that no interaction reaches. A ``watch`` has the portion watched (0-1)
    as its value, a ``like`` has none. Equal arguments give equal rows.
    """
    random = Random(seed)  # noqa: S311 - invented people, not secrets
    catalogue = _catalogue(videos, random)
    rows: list[dict[str, str]] = []
    for number in range(1, count + 1):
        amount = min(60, 15 + int(random.expovariate(1 / 12)))
        taste = _random_taste(catalogue, random)
        rows += _history(f"simulated-{number:03}", taste, amount, catalogue, now, random)
    for viewer in viewers:
        parents = frozenset(viewer["parent_categories"].split("|"))
        taste = _taste_within(parents, catalogue, random, curiosity=0.01)
        amount = random.randint(14, 20)
        rows += _history(viewer["username"], taste, amount, catalogue, now, random)
    yield from sorted(rows, key=lambda row: (row["timestamp"], row["user"], row["kind"] == "like"))


def write_interactions(path: Path, rows: Iterable[Row]) -> None:
    """Write interactions as a CSV file with a header."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _catalogue(rows: Iterable[Row], random: Random) -> list[Video]:
    rows = list(rows)
    parent_of = {row["categories"].split("|")[0]: row["parent_category"] for row in rows}
    return [
        Video(
            id=row["video_id"],
            creator=row["creator"],
            categories=(categories := tuple(row["categories"].split("|"))),
            parents=frozenset(parent_of[category] for category in categories),
            published=datetime.fromisoformat(row["published_at"]),
            popularity=random.paretovariate(1.6),
        )
        for row in rows
    ]


def _random_taste(catalogue: Sequence[Video], random: Random) -> Taste:
    everything = sorted({parent for video in catalogue for parent in video.parents})
    parents = frozenset(random.sample(everything, random.choice((1, 2, 2, 3))))
    return _taste_within(parents, catalogue, random, curiosity=random.uniform(0.02, 0.12))


def _taste_within(
    parents: frozenset[str], catalogue: Sequence[Video], random: Random, curiosity: float
) -> Taste:
    """Pick favourites from the videos whose own parent categories are these."""
    own = [video for video in catalogue if video.parents <= parents]
    categories = sorted({category for video in own for category in video.categories})
    creators = sorted({video.creator for video in own})
    return Taste(
        parents,
        frozenset(random.sample(categories, min(len(categories), random.choice((1, 2))))),
        frozenset(random.sample(creators, min(len(creators), random.choice((1, 2))))),
        curiosity,
    )


def _history(
    user: str,
    taste: Taste,
    amount: int,
    catalogue: Sequence[Video],
    now: datetime,
    random: Random,
) -> list[dict[str, str]]:
    """About ``amount`` interactions (watches and likes) of one viewer."""
    rows: list[dict[str, str]] = []
    choices = _in_order_of_wish(taste, [v for v in catalogue if v.published < now], random)
    moments = _moments(amount, now, random)
    for video, moment in zip(choices, moments, strict=False):
        if len(rows) >= amount:
            break
        moment = _after(video.published, moment, now, random)
        match = taste.match(video)
        portion = round(min(1.0, max(0.03, random.gauss(0.25 + 0.65 * match, 0.18))), 2)
        rows.append(_row(user, video, "watch", f"{portion:.2f}", moment))
        if len(rows) < amount and random.random() < match * max(0.0, portion - 0.45) * 1.8:
            rows.append(_row(user, video, "like", "", moment))
    return rows


def _in_order_of_wish(taste: Taste, catalogue: Sequence[Video], random: Random) -> list[Video]:
    """Shuffle the videos so that suiting and popular ones tend to come first."""

    def arrival(video: Video) -> float:  # the first of many exponential clocks rings next
        match = taste.match(video)
        wish = taste.curiosity if match < 0.4 else math.exp(3 * (match - 0.45))
        return random.expovariate(wish * video.popularity)

    return sorted(catalogue, key=arrival)


def _moments(amount: int, now: datetime, random: Random) -> list[datetime]:
    """Times in evening-heavy sessions of one to six videos, some minutes apart."""
    moments: list[datetime] = []
    while len(moments) < amount:
        day = (now - PERIOD * random.random()).replace(minute=0, second=0, microsecond=0)
        hour = random.choice((7, 12, 13, 17, 18, 19, 20, 20, 21, 21, 22))
        moment = day.replace(hour=hour) + timedelta(minutes=random.randrange(60))
        for _ in range(random.randint(1, 6)):
            moments.append(moment)
            moment += timedelta(seconds=random.randint(60, 900))
    return moments


def _after(published: datetime, moment: datetime, now: datetime, random: Random) -> datetime:
    """Move a moment before publication, or not yet reached, to between the two."""
    if published < moment < now:
        return moment
    return published + (now - published) * random.uniform(0.02, 0.98)


def _row(user: str, video: Video, kind: str, value: str, moment: datetime) -> dict[str, str]:
    return {
        "user": user,
        "video_id": video.id,
        "kind": kind,
        "value": value,
        "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
