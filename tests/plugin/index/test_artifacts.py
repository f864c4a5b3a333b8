from __future__ import annotations

import errno
import json
import os
import shutil
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommendations_plugin.index import artifacts, files
from recommendations_plugin.index.artifacts import BrokenArtifact, publish
from recommendations_plugin.index.faiss import FaissIndex
from recommendations_plugin.index.keys import arrays as keys_of
from recommendations_plugin.types import Words
from recommendations_plugin.words import HASHED

FILES = [
    "manifest.json",
    "items.npy",
    "pulls.npy",
    "facets.npy",
    "facet_items.npy",
    "keys.json",
    "index.faiss",
]


@pytest.fixture
def root(tmp_path, settings):
    """The configured folder of versions, with nothing opened yet."""
    settings.RECOMMENDATIONS = {"ARTIFACTS_DIR": str(tmp_path / "versions")}
    artifacts._opened.clear()
    return tmp_path / "versions"


@pytest.fixture
def version(root, make_embeddings):
    return publish(make_embeddings(), metrics={"recall@20": 0.2})


def assert_refused(version, reason):
    for read in (artifacts.verify, artifacts.load):
        with pytest.raises(BrokenArtifact, match=reason):
            read(version)


# --- the good way -----------------------------------------------------------------------------


def test_what_was_published_is_loaded(version, make_embeddings):
    given = make_embeddings()
    artifacts.verify(version)
    artifact = artifacts.load(version)
    assert artifact.version == version
    assert list(artifact.item_keys) == given.item_keys
    assert np.array_equal(artifact.items, given.items)
    assert np.array_equal(artifact.item_vector("app.video:7"), given.items[7])
    assert np.array_equal(artifact.item_pull("app.video:7"), given.pulls[7])
    assert np.array_equal(artifact.facet_vector("app.category:2"), given.facets[2])
    assert np.array_equal(artifact.facet_item("app.category:2"), given.facet_items[2])
    assert artifact.item_vector("app.video:99") is artifact.facet_vector("nothing") is None
    assert artifact.half_life == 10.0
    assert artifact.manifest["metrics"] == {"recall@20": 0.2}
    assert (artifact.manifest["items"], artifact.manifest["facets"]) == (23, 4)
    positions, _scores = artifact.index.search(given.facets[0], 3)
    assert positions.tolist() == np.argsort(-given.items @ given.facets[0])[:3].tolist()


def with_words(embeddings):
    rng = np.random.default_rng(5)
    vectors = rng.normal(size=(HASHED, embeddings.items.shape[1])).astype(np.float32)
    return replace(embeddings, words=Words(vectors[:, 0], vectors, 2 * vectors))


def test_words_travel_with_the_model_and_are_verified_like_the_rest(root, make_embeddings):
    given = with_words(make_embeddings())
    version = publish(given, metrics={})
    for read in (version, artifacts.rebuild_index(version)):
        words = artifacts.load(read).words
        assert np.array_equal(words.weights, given.words.weights)
        assert np.array_equal(words.items, given.words.items)
        assert np.array_equal(words.pulls, given.words.pulls)
    artifacts._opened.clear()
    (root / version / "word_pulls.npy").write_bytes(b"broken")
    assert_refused(version, "word_pulls.npy is not the file that was written")


def test_words_that_do_not_fit_are_not_published(root, make_embeddings):
    given = with_words(make_embeddings())
    for wrong in (
        replace(given.words, items=given.words.items[:, :3]),
        replace(given.words, weights=given.words.weights[:5]),
        replace(given.words, pulls=given.words.pulls * np.nan),
    ):
        with pytest.raises(ValueError, match="ords"):
            publish(replace(given, words=wrong), metrics={})


def test_items_may_be_shorter_than_what_viewers_are_made_of(root, make_embeddings):
    whole = make_embeddings()
    projection = np.linalg.qr(np.random.default_rng(2).normal(size=(8, 3)))[0].astype(np.float32)
    shorter = {"items": whole.items @ projection, "facet_items": whole.facet_items @ projection}
    given = replace(whole, **shorter, projection=projection)
    artifact = artifacts.load(publish(given, metrics={}))
    assert np.array_equal(artifact.projection, projection)
    assert np.array_equal(artifact.embeddings.items, given.items)
    assert artifact.pulls.shape == (23, 8)
    for misfit in (replace(given, projection=projection[:, :2]), replace(given, projection=None)):
        with pytest.raises(ValueError, match="fit"):
            publish(misfit, metrics={})


def test_vectors_are_mapped_and_cannot_be_changed(version):
    items = artifacts.load(version).items
    assert isinstance(items.base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        items[0] = 0


@pytest.mark.parametrize("items", [0, 1, 23])
def test_small_catalogues_are_served_without_position_minus_one(root, make_embeddings, items):
    artifact = artifacts.load(publish(make_embeddings(items, facets=0), metrics={}))
    positions, scores = artifact.index.search(np.ones(8, dtype=np.float32), 20)
    assert len(positions) == len(scores) == min(items, 20)
    assert (positions >= 0).all()


def test_versions_are_listed_newest_first(root, make_embeddings):
    assert artifacts.versions() == []
    published = [publish(make_embeddings(seed=seed), metrics={}) for seed in range(3)]
    (root / "lost+found").mkdir()
    assert artifacts.versions() == published[::-1]
    assert all(len(version) <= 64 for version in published)


def test_a_version_is_read_through_once_a_process(version, monkeypatch):
    first = artifacts.load(version)
    monkeypatch.setattr(files, "verified", None)
    assert artifacts.load(version) is first


def test_only_the_last_two_versions_stay_open(root, make_embeddings):
    for seed in range(4):
        artifacts.load(publish(make_embeddings(seed=seed), metrics={}))
    assert len(artifacts._opened) == 2


def test_rebuilding_needs_no_index_file(root, version):
    (root / version / "index.faiss").unlink()
    rebuilt = artifacts.rebuild_index(version)
    assert artifacts.versions() == [rebuilt, version]
    assert len(artifacts.load(rebuilt).index) == 23
    assert artifacts.load(rebuilt).manifest["metrics"] == {"recall@20": 0.2}


def test_rebuilding_from_damaged_vectors_is_refused(root, version):
    damage(root / version / "items.npy")
    with pytest.raises(BrokenArtifact, match=r"items\.npy"):
        artifacts.rebuild_index(version)


# --- damaged, foreign, newer ------------------------------------------------------------------


def damage(path: Path, at: int = -1) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", ["truncated", "flipped", "extended", "missing", "empty"])
def test_a_damaged_file_is_refused(root, version, name, how):
    path = root / version / name
    content = path.read_bytes()
    if how == "flipped":
        damage(path)
    elif how == "missing":
        path.unlink()
    else:
        path.write_bytes(
            {"truncated": content[: len(content) // 2], "extended": content + b"x", "empty": b""}[
                how
            ]
        )
    reason = "cannot be read: No such file" if how == "missing" else "checksum differs"
    assert_refused(version, rf"{name} .*{reason}")


@given(name=st.sampled_from(FILES), part=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_flipped_bit_anywhere_is_noticed(root, version, name, part, bit):
    path = root / version / name
    whole = path.read_bytes()
    content = bytearray(whole)
    content[int(part * len(whole))] ^= 1 << bit
    path.write_bytes(content)
    try:
        with pytest.raises(BrokenArtifact):
            artifacts.verify(version)
    finally:
        path.write_bytes(whole)


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_build_is_refused(root, version, make_embeddings, name):
    other = publish(make_embeddings(seed=2), metrics={})
    if name == "keys.json":
        keys = json.loads((root / other / name).read_text())
        (root / other / name).write_text(json.dumps({"facets": keys["facets"][::-1]}))
    shutil.copy(root / other / name, root / version / name)
    assert_refused(version, f"{name} .*checksum differs")


def test_a_newer_schema_is_refused_by_name(root, make_embeddings, monkeypatch):
    monkeypatch.setattr(files, "SCHEMA", 5)
    version = publish(make_embeddings(), metrics={})
    assert_refused(version, "of schema 5; this code reads 2, 3 and 4")


def forge(root, make_embeddings, monkeypatch, **changes):
    """Publish with a manifest that says something else, and is whole otherwise."""
    honest = files.manifest_of
    monkeypatch.setattr(files, "manifest_of", lambda *of: {**honest(*of), **changes})
    return publish(make_embeddings(), metrics={})


def test_another_dimension_is_refused(root, make_embeddings, monkeypatch):
    version = forge(root, make_embeddings, monkeypatch, dimension=9)
    assert_refused(version, r"shape \(23, 8\), expected \(23, 9\)")


def test_a_manifest_that_misses_a_file_is_refused(root, make_embeddings, monkeypatch):
    version = forge(root, make_embeddings, monkeypatch, sha256={})
    assert_refused(version, "not in the manifest")


def test_another_number_of_keys_is_refused(root, make_embeddings, monkeypatch):
    monkeypatch.setattr(files, "arrays", lambda keys: keys_of(list(keys)[1:]))
    assert_refused(publish(make_embeddings(), metrics={}), "22 keys for 23 vectors")


def test_an_index_of_other_vectors_is_refused(root, make_embeddings, monkeypatch):
    build = FaissIndex.build
    monkeypatch.setattr(FaissIndex, "build", lambda vectors: build(vectors[1:]))
    assert_refused(publish(make_embeddings(), metrics={}), "index has 22 items, the keys 23")


def test_a_pickle_is_never_opened(root, make_embeddings, monkeypatch):
    def smuggle(path, _vectors, allow_pickle):
        np.lib.format.write_array(path.open("wb"), np.array([Bomb()], dtype=object))

    monkeypatch.setattr(np, "save", smuggle)
    version = publish(make_embeddings(), metrics={})
    assert_refused(version, "cannot be read.*Python objects")


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was opened",))


@pytest.mark.parametrize("name", ["", "..", "../../etc", "20260101T000000.000000Z-x", "a/b"])
def test_what_is_no_version_is_refused(root, name):
    assert_refused(name, "not the name of a version")


def test_a_version_that_is_gone_is_refused(root):
    assert_refused("20260101T000000.000000Z-0123456789ab", "No such file")


# --- refused before anything is written --------------------------------------------------------


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_vectors_that_are_not_finite_are_not_published(root, make_embeddings, value):
    embeddings = make_embeddings()
    embeddings.items[3, 2] = value
    with pytest.raises(ValueError, match="not finite"):
        publish(embeddings, metrics={})
    assert artifacts.versions() == []


def test_metrics_that_are_not_finite_are_not_published(root, make_embeddings):
    with pytest.raises(ValueError, match="JSON"):
        publish(make_embeddings(), metrics={"recall@20": float("nan")})
    assert list(root.iterdir()) == []


# --- interrupted writes ------------------------------------------------------------------------

KILLED_WRITER = """
import os, signal, sys
from pathlib import Path
import django, faiss
django.setup()
from recommendations_plugin.index import artifacts
from recommendations_plugin.index.keys import arrays as keys_of
from recommendations_plugin.types import Words
from recommendations_plugin.words import HASHED
from tests_embeddings import embeddings_of

def count_down(point):
    left = [point]
    def tick(*_):
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
    def audited(event, arguments):
        if event in ("os.rename", "os.mkdir", "os.chmod", "shutil.rmtree") or (
            event == "open" and str(root) in str(arguments[0])
        ):
            tick()
    fsync = os.fsync
    os.fsync = lambda descriptor: (fsync(descriptor), tick())
    sys.addaudithook(audited)

point = 0
while True:
    root = Path(sys.argv[1]) / str(point)
    root.mkdir()
    child = os.fork()  # faiss is imported here, but was never used
    if child == 0:
        artifacts.publish(embeddings_of(seed=1), metrics={}, root=root)
        count_down(point)
        artifacts.publish(embeddings_of(seed=2), metrics={}, root=root)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    if os.WIFEXITED(status):
        sys.exit(os.WEXITSTATUS(status))
    point += 1
"""


def test_killed_at_any_point_readers_see_the_whole_old_or_the_whole_new(tmp_path, root):
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path / "tests_embeddings.py")
    folder = tmp_path / "killed"
    folder.mkdir()
    path = os.pathsep.join([str(tmp_path), *sys.path])
    result = subprocess.run(
        [sys.executable, "-c", KILLED_WRITER, str(folder)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    points = sorted(folder.iterdir(), key=lambda path: int(path.name))
    assert len(points) > 15
    counts = [len(artifacts.versions(point)) for point in points]
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (1, 2)
    for point in points:
        for version in artifacts.versions(point):
            artifacts.verify(version, root=point)


def full_disk(*arguments, **options):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (np, "save"),
        (files, "write_json"),
        (FaissIndex, "write"),
        (os, "fsync"),
        (Path, "rename"),
    ],
)
def test_a_full_disk_leaves_the_old_version_and_nothing_else(
    root, version, make_embeddings, monkeypatch, target, name
):
    monkeypatch.setattr(target, name, full_disk)
    with pytest.raises(OSError, match="No space left"):
        publish(make_embeddings(seed=2), metrics={})
    monkeypatch.undo()
    assert [path.name for path in root.iterdir()] == [version]
    artifacts.verify(version, root=root)


# --- housekeeping ------------------------------------------------------------------------------


def test_prune_keeps_the_newest_and_the_active_one(root, make_embeddings):
    published = [publish(make_embeddings(seed=seed), metrics={}) for seed in range(5)]
    gone = artifacts.prune(keep=3, active=published[0])
    assert gone == [published[2], published[1]]
    assert artifacts.versions() == [published[4], published[3], published[0]]


def test_a_reader_goes_on_with_a_version_that_was_pruned(root, version, make_embeddings):
    artifact = artifacts.load(version)
    new = publish(make_embeddings(seed=2), metrics={})
    artifacts.prune(keep=1, active=new)
    assert artifacts.versions() == [new]
    positions, _scores = artifact.index.search(artifact.items[0], 5)
    assert len(positions) == 5


def test_what_a_killed_writer_left_is_collected_after_a_day(root, version):
    old, fresh = root / ".writing-old", root / ".writing-fresh"
    for folder in (old, fresh):
        folder.mkdir()
        (folder / "items.npy").write_bytes(b"half")
    yesterday = time.time() - artifacts.ABANDONED - 60
    os.utime(old, (yesterday, yesterday))
    artifacts.prune(keep=3, active=version)
    assert not old.exists()
    assert fresh.exists()


def test_published_folders_can_be_read_by_the_web_server(root, version):
    assert stat.S_IMODE((root / version).stat().st_mode) == 0o755
