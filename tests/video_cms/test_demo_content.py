"""The demo's texts, pictures and invented viewers keep their promises."""

import csv
import hashlib
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random

import av
import pytest

from video_cms import captions
from video_cms.demo import clips
from video_cms.demo.captions import spoken
from video_cms.demo.comments import talk
from video_cms.demo.viewers import FIELDS, simulate, write_interactions
from video_cms.models import Comment, Notice
from video_cms.processing.pool import Worker

DEMO = Path(__file__).resolve().parents[2] / "fixtures" / "demo"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def read(name: str) -> list[dict[str, str]]:
    with (DEMO / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


PARENTS, CATEGORIES, CREATORS = read("parent_categories"), read("categories"), read("creators")
VIDEOS, VIEWERS, COMMENTS = read("videos"), read("viewers"), read("comments")
PARENT_NAMES = {row["name"] for row in PARENTS}
PARENT_OF = {row["category"]: row["parent_category"] for row in CATEGORIES}
DRAWN = [VIDEOS[0], VIDEOS[100], VIDEOS[-1]]


def opening(text: str) -> str:
    return " ".join(text.lower().split()[:6])


def picture_hash(path: Path) -> str:
    digest = hashlib.sha256()
    with av.open(str(path)) as clip:
        for frame in clip.decode(video=0):
            digest.update(frame.to_ndarray().tobytes())
    return digest.hexdigest()


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    for row in DRAWN:
        clips.draw_clip(row["video_id"], row["parent_category"], folder / row["file"])
    return folder


@pytest.fixture(scope="module")
def interactions() -> list[dict[str, str]]:
    return list(simulate(VIDEOS, VIEWERS, now=NOW))


# --- Texts


def test_there_is_enough_of_everything():
    assert len(PARENTS) == 12
    assert len(CATEGORIES) >= 40
    assert len(CREATORS) == 30
    assert len(VIDEOS) >= 252
    assert min(Counter(row["categories"].split("|")[0] for row in VIDEOS).values()) >= 6
    assert min(Counter(row["creator"] for row in VIDEOS).values()) >= 7
    verified = Counter(row["verified"] for row in CREATORS)
    assert 8 <= verified["true"] <= 15
    assert set(verified) == {"true", "false"}


def test_identifiers_are_unique_and_well_formed():
    ids = [row["video_id"] for row in VIDEOS]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{11}", video_id) for video_id in ids)
    for rows, column in ((PARENTS, "slug"), (CATEGORIES, "slug"), (CREATORS, "username")):
        values = [row[column] for row in rows]
        assert len(set(values)) == len(values)
        assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value) for value in values)


def test_every_reference_exists():
    creators = {row["username"] for row in CREATORS}
    assert set(PARENT_OF.values()) == PARENT_NAMES == set(clips.FAMILIES)
    for row in [*CREATORS, *VIEWERS]:
        assert set(row["parent_categories"].split("|")) <= PARENT_NAMES
    for row in VIDEOS:
        categories = row["categories"].split("|")
        assert 1 <= len(set(categories)) == len(categories) <= 3
        assert set(categories) <= set(PARENT_OF)
        assert row["parent_category"] == PARENT_OF[categories[0]]
        assert row["creator"] in creators
        assert row["file"] == f"clips/{row['video_id']}.mp4"


def test_creators_stay_with_their_subjects():
    subjects = {row["username"]: set(row["parent_categories"].split("|")) for row in CREATORS}
    assert all(row["parent_category"] in subjects[row["creator"]] for row in VIDEOS)


def test_texts_are_varied():
    titles, descriptions = ([row[name] for row in VIDEOS] for name in ("title", "description"))
    assert len({title.lower() for title in titles}) == len(titles)
    assert len({opening(text) for text in descriptions}) == len(descriptions)
    lengths = sorted(map(len, descriptions))
    assert lengths[0] > 15
    assert lengths[-1] > 5 * lengths[5]


def test_tags_dates_and_chapters_are_valid():
    for row in VIDEOS:
        tags = row["tags"].split("|")
        assert 2 <= len(tags) <= 5
        assert row["tags"] == row["tags"].lower()
        published = datetime.strptime(row["published_at"], "%Y-%m-%dT%H:%M:%SZ")
        assert datetime(2025, 6, 1) <= published < datetime(2026, 11, 21)
        chapters = re.findall(r"^(\d+:\d\d) ", row["description"], re.MULTILINE)
        assert chapters == sorted(set(chapters))
        assert all("0:00" <= chapter <= "0:04" for chapter in chapters)


@pytest.mark.parametrize("row", VIDEOS[::16], ids=lambda row: row["video_id"])
def test_captions_say_what_the_description_says(row):
    cues = list(spoken(row["description"], clips.SECONDS))
    said = " ".join(cue.plain for cue in captions.read(captions.write(cues)))
    told = " ".join(
        line.strip() for line in row["description"].splitlines() if not re.match(r"\d+:\d\d", line)
    )
    assert said.split() == told.split()
    assert cues[0].start == 0
    assert cues[-1].end == pytest.approx(clips.SECONDS)


def test_comments_are_said_by_known_people_in_order_and_within_the_clip():
    published = {row["video_id"]: row["published_at"] for row in VIDEOS}
    known = {row["username"] for row in [*CREATORS, *VIEWERS]}
    tops = {row["key"]: row for row in COMMENTS if not row["answer_to"]}
    assert len(COMMENTS) >= 50
    assert len({row["video_id"] for row in COMMENTS}) >= 12
    for row in COMMENTS:
        said = NOW - timedelta(hours=int(row["hours_ago"]))
        assert f"{said:%Y-%m-%dT%H:%M:%SZ}" > published[row["video_id"]], row["text"]
        assert row["author"] in known or re.fullmatch(r"simulated-(0|1|2)\d\d", row["author"])
        assert all("0:00" <= moment <= "0:04" for moment in re.findall(r"\d+:\d\d", row["text"]))
        if row["answer_to"]:
            top = tops[row["answer_to"]]
            assert top["video_id"] == row["video_id"]
            assert int(top["hours_ago"]) > int(row["hours_ago"])
            assert row["pinned"] == "false"
    pinned = Counter(row["video_id"] for row in COMMENTS if row["pinned"] == "true")
    assert set(pinned.values()) == {1}


@pytest.mark.django_db
def test_simulated_viewers_talk_once(make_user, make_video):
    people = {row["author"] for row in COMMENTS} | {f"simulated-{n:03}" for n in range(1, 100)}
    for name in sorted(people):
        make_user(name)
    for video_id in {row["video_id"] for row in COMMENTS}:
        make_video(video_id=video_id)
    assert talk(COMMENTS, NOW) == len(COMMENTS)
    assert talk(COMMENTS, NOW) == 0
    for row in COMMENTS:
        comment = Comment.objects.get(text=row["text"])
        assert comment.likes == comment.like_rows.count() == int(row["likes"])
    assert Notice.objects.filter(user__username="ada").exists()


# --- Pictures


@pytest.mark.parametrize("motif", [m for f in clips.FAMILIES.values() for m in f.motifs])
def test_each_motif_fills_the_picture_from_the_first_frame_to_the_last(motif):
    first, *_, last = islice(motif(Random(4)), clips.SECONDS * clips.RATE)  # noqa: S311
    assert first.shape == last.shape == (clips.HEIGHT, clips.WIDTH)
    assert first.dtype == last.dtype == "uint8"
    assert first.std() > 8
    assert (first != last).any()


@pytest.mark.parametrize("row", DRAWN, ids=lambda row: row["video_id"])
def test_clip_plays_with_the_promised_size_length_and_sound(row, media):
    path = media / row["file"]
    assert path.stat().st_size < 150_000
    assert path.read_bytes().find(b"moov") < path.read_bytes().find(b"mdat")
    with av.open(str(path)) as clip:
        video, sound = clip.streams.video[0], clip.streams.audio[0]
        assert (video.codec_context.name, sound.codec_context.name) == ("h264", "aac")
        assert (video.width, video.height, video.pix_fmt) == (640, 360, "yuv420p")
        assert float(video.duration * video.time_base) == clips.SECONDS
        frames = Counter(type(frame).__name__ for frame in clip.decode(video, sound))
    assert frames["VideoFrame"] == clips.SECONDS * clips.RATE
    assert frames["AudioFrame"] > 0
    with Worker() as worker:  # so that a new demo shows it at once, without encoding it again
        assert worker.look(path).probe.plays


@pytest.mark.parametrize("row", DRAWN, ids=lambda row: row["video_id"])
def test_poster_frame_is_neither_black_nor_plain(row, media):
    with av.open(str(media / row["file"])) as clip:
        poster = next(f for f in clip.decode(video=0) if f.time >= clips.POSTER_AT)
    assert poster.to_ndarray(format="gray").std() > 8


def test_same_video_is_always_drawn_the_same(media, tmp_path):
    row = DRAWN[0]
    clips.draw_clip(row["video_id"], row["parent_category"], tmp_path / "again.mp4")
    clips.draw_clip("another-one", row["parent_category"], tmp_path / "other.mp4")
    assert picture_hash(tmp_path / "again.mp4") == picture_hash(media / row["file"])
    assert picture_hash(tmp_path / "other.mp4") != picture_hash(media / row["file"])


def test_drawing_skips_what_is_there_and_leaves_no_scraps(tmp_path):
    rows = VIDEOS[:2]
    existing = tmp_path / rows[0]["file"]
    existing.parent.mkdir()
    existing.write_bytes(b"drawn before")
    assert list(clips.draw_clips(rows, tmp_path)) == [tmp_path / rows[1]["file"]]
    assert existing.read_bytes() == b"drawn before"
    assert len(list(existing.parent.iterdir())) == 2


def test_failure_names_the_video(tmp_path):
    row = VIDEOS[0] | {"parent_category": "No such family"}
    with pytest.raises(RuntimeError, match=row["video_id"]):
        list(clips.draw_clips([row], tmp_path, processes=1))


# --- Viewers


def test_interactions_are_repeatable_and_in_order(interactions):
    assert interactions == list(simulate(VIDEOS, VIEWERS, now=NOW))
    assert interactions != list(simulate(VIDEOS, VIEWERS, now=NOW, seed=8))
    times = [row["timestamp"] for row in interactions]
    assert times == sorted(times)
    assert times[-1] < NOW.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_interactions_are_well_formed(interactions):
    published = {row["video_id"]: row["published_at"] for row in VIDEOS}
    for row in interactions:
        assert tuple(row) == FIELDS
        assert row["timestamp"] > published[row["video_id"]]
        if row["kind"] == "like":
            assert row["value"] == ""
        else:
            assert row["kind"] == "watch"
            assert 0 <= float(row["value"]) <= 1


def test_everyone_watches_a_believable_amount(interactions):
    amounts = Counter(row["user"] for row in interactions)
    named = {row["username"] for row in VIEWERS}
    assert len(amounts) == 240 + len(named)
    assert all(12 <= amounts[user] <= 20 for user in named)
    assert all(15 <= amount <= 60 for user, amount in amounts.items() if user not in named)


def test_few_videos_are_popular_and_most_are_not(interactions):
    watches = Counter(row["video_id"] for row in interactions if row["kind"] == "watch")
    counts = sorted(watches.values(), reverse=True)
    tenth = len(counts) // 10
    assert sum(counts[:tenth]) > 0.2 * sum(counts)
    assert len(counts) > 0.9 * len(VIDEOS)


def test_named_viewers_have_visibly_different_tastes(interactions):
    parents = {
        row["video_id"]: {PARENT_OF[name] for name in row["categories"].split("|")}
        for row in VIDEOS
    }
    watched = defaultdict(list)
    for row in interactions:
        if row["kind"] == "watch":
            watched[row["user"]].append(row["video_id"])
    for viewer in VIEWERS:
        for user, ids in ((row["username"], watched[row["username"]]) for row in VIEWERS):
            own = set(viewer["parent_categories"].split("|"))
            share = sum(bool(own & parents[video_id]) for video_id in ids) / len(ids)
            assert share > 0.8 if user == viewer["username"] else share < 0.4


def test_likes_follow_long_watches(interactions):
    portions = {
        (row["user"], row["video_id"]): float(row["value"])
        for row in interactions
        if row["kind"] == "watch"
    }
    likes = [row for row in interactions if row["kind"] == "like"]
    assert likes
    assert all(portions[row["user"], row["video_id"]] > 0.45 for row in likes)


def test_interactions_survive_the_csv_file(interactions, tmp_path):
    path = tmp_path / "interactions.csv"
    write_interactions(path, interactions)
    with path.open(encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == interactions
