"""The graph contract, on every server."""

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from recommendations_plugin.graph import bolt
from recommendations_plugin.graph.base import GraphError
from recommendations_plugin.graph.bolt import BoltGraph
from recommendations_plugin.types import (
    Facet,
    FacetKind,
    InteractionState,
    ItemState,
    ViewerState,
)

MUSIC = Facet(FacetKind.CATEGORY, "category:music", "Music")
ARTS = Facet(FacetKind.PARENT_CATEGORY, "category:arts", "Arts")
ADA = Facet(FacetKind.CREATOR, "creator:ada", "Ada")
LIVE = Facet(FacetKind.TAG, "tag:live", "live")

HOSTILE = [
    "x'}) DETACH DELETE n //",
    '"; MATCH (n) DETACH DELETE n; //',
    "`backtick` \\ backslash \\u0027",
    "$rows {key} ${key} %s",
    "😀 é \u202eright to left\u202c \n\t",
    "",
    "long " * 50_000,
]


def item(key: str, version: int = 1, *facets: Facet, live: bool = True, **other) -> ItemState:
    return ItemState(key, version, live, facets=facets, **other)


def watch(viewer: str, item: str, version: int = 1, portion: float = 0.5) -> InteractionState:
    return InteractionState(viewer, item, version, portion, False, False, 10.0)


def pairs(snapshot, ends: np.ndarray, first: str, second: str) -> list[tuple[str, str]]:
    """Return index pairs as keys."""
    left, right = getattr(snapshot, first), getattr(snapshot, second)
    return [(left[a], right[b]) for a, b in ends.T]


def item_facets(graph: BoltGraph) -> list[tuple[str, str]]:
    snapshot = graph.snapshot()
    return pairs(snapshot, snapshot.item_facet, "item_keys", "facet_keys")


def in_threads(*works: Callable[[], None]) -> None:
    """Run all at once and raise what one of them raised."""
    errors = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_an_empty_graph_has_an_empty_snapshot(graph):
    snapshot = graph.snapshot()
    assert list(snapshot.item_keys) == []
    assert snapshot.viewer.shape == (0,)
    assert snapshot.item_facet.shape == (2, 0)
    assert graph.counts() == {"viewers": 0, "items": 0, "facets": 0, "interactions": 0}


def test_the_snapshot_is_sorted_and_typed(graph):
    graph.write_items(
        [
            item("b", 1, MUSIC, title="B", text="about b", published_at=2.5),
            item("a", 1, LIVE, MUSIC, ARTS, ADA, title="A", published_at=1.5),
        ]
    )
    graph.write_interactions(
        [
            InteractionState("w", "a", 1, 0.25, True, False, 3.0),
            InteractionState("v", "b", 1, 0.75, False, True, 4.0),
            InteractionState("v", "a", 1, 1.0, True, False, 5.0),
        ]
    )
    graph.write_viewers([ViewerState("v", 1, {ARTS.key: 1.5}, (ADA.key,))])
    snapshot = graph.snapshot()
    assert snapshot.viewer_keys == ["v", "w"]
    assert snapshot.item_keys == ["a", "b"]
    assert snapshot.item_titles == ["A", "B"]
    assert snapshot.item_texts == ["", "about b"]
    assert snapshot.facet_keys == [ARTS.key, MUSIC.key, ADA.key, LIVE.key]
    assert snapshot.facet_kinds == ["parent_category", "category", "creator", "tag"]
    assert snapshot.viewer.tolist() == [0, 0, 1]
    assert snapshot.item.tolist() == [0, 1, 0]
    assert snapshot.portion.tolist() == [1.0, 0.75, 0.25]
    assert snapshot.liked.tolist() == [True, False, True]
    assert snapshot.dismissed.tolist() == [False, True, False]
    assert snapshot.at.tolist() == [5.0, 4.0, 3.0]
    assert snapshot.published_at.tolist() == [1.5, 2.5]
    assert snapshot.item_facet.tolist() == [[0, 0, 0, 0, 1], [0, 1, 2, 3, 1]]
    assert snapshot.interest.tolist() == [[0], [0]]
    assert snapshot.interest_score.tolist() == [1.5]
    assert snapshot.follow.tolist() == [[0], [2]]
    assert [snapshot.viewer.dtype, snapshot.portion.dtype] == [np.int64, np.float32]
    assert [snapshot.liked.dtype, snapshot.at.dtype] == [np.bool_, np.float64]
    assert graph.counts() == {"viewers": 2, "items": 2, "facets": 4, "interactions": 3}


def test_an_older_version_never_replaces_a_newer_one(graph):
    graph.write_items([item("a", 5, MUSIC, title="new")])
    graph.write_items([item("a", 4, LIVE, title="old", live=False)])
    graph.write_viewers([ViewerState("v", 5, {}, (MUSIC.key,))])
    graph.write_viewers([ViewerState("v", 4, {MUSIC.key: 1.0})])
    graph.write_interactions([watch("v", "a", 5, 1.0)])
    graph.write_interactions([watch("v", "a", 4, 0.0)])
    snapshot = graph.snapshot()
    assert snapshot.item_titles == ["new"]
    assert snapshot.facet_keys == [MUSIC.key]
    assert snapshot.interest.shape == (2, 0)
    assert snapshot.follow.shape == (2, 1)
    assert snapshot.portion.tolist() == [1.0]


def test_the_newest_of_one_batch_wins_whatever_its_place(graph):
    graph.write_items([item("a", 3, title="3"), item("a", 9, title="9"), item("a", 8, title="8")])
    graph.write_interactions([watch("v", "a", 2, 1.0), watch("v", "a", 1, 0.0)])
    assert graph.snapshot().item_titles == ["9"]
    assert graph.snapshot().portion.tolist() == [1.0]


def test_facets_interests_and_follows_are_replaced_as_a_whole(graph):
    graph.write_items([item("a", 1, MUSIC, LIVE), item("b", 1, ARTS, LIVE, ADA)])
    graph.write_viewers([ViewerState("v", 1, {ARTS.key: 1.0, MUSIC.key: 0.5}, (ADA.key,))])
    graph.write_items([item("a", 2, ARTS)])
    graph.write_viewers([ViewerState("v", 2, {ARTS.key: 2.0}, (LIVE.key,))])
    snapshot = graph.snapshot()
    assert item_facets(graph) == [
        ("a", ARTS.key),
        ("b", ARTS.key),
        ("b", ADA.key),
        ("b", LIVE.key),
    ]
    assert pairs(snapshot, snapshot.interest, "viewer_keys", "facet_keys") == [("v", ARTS.key)]
    assert snapshot.interest_score.tolist() == [2.0]
    assert pairs(snapshot, snapshot.follow, "viewer_keys", "facet_keys") == [("v", LIVE.key)]


def test_an_item_is_not_in_the_snapshot_before_its_own_state_arrives(graph):
    graph.write_interactions([watch("v", "a")])
    graph.write_viewers([ViewerState("v", 0, {ARTS.key: 1.0}, (ADA.key,))])
    assert graph.counts() == {"viewers": 1, "items": 0, "facets": 0, "interactions": 0}
    graph.write_items([item("a", 0, ARTS, ADA)])
    assert graph.counts() == {"viewers": 1, "items": 1, "facets": 2, "interactions": 1}
    assert graph.snapshot().interest.tolist() == [[0], [0]]
    assert graph.snapshot().follow.tolist() == [[0], [1]]


def test_an_item_that_is_not_live_leaves_with_its_interactions_and_can_come_back(graph):
    graph.write_items([item("a", 1, MUSIC), item("b")])
    graph.write_interactions([watch("v", "a"), watch("v", "b")])
    graph.write_items([item("a", 2, MUSIC, live=False)])
    snapshot = graph.snapshot()
    assert snapshot.item_keys == ["b"]
    assert snapshot.facet_keys == []
    assert snapshot.item.tolist() == [0]
    assert graph.counts() == {"viewers": 1, "items": 1, "facets": 0, "interactions": 1}
    graph.write_items([item("a", 3, MUSIC)])
    assert graph.counts() == {"viewers": 1, "items": 2, "facets": 1, "interactions": 2}


def test_an_erased_viewer_leaves_nothing_and_others_stay(graph):
    graph.write_items([item("a", 1, ARTS)])
    graph.write_interactions([watch("v", "a"), watch("w", "a")])
    graph.write_viewers([ViewerState("v", 1, {ARTS.key: 1.0}, (ARTS.key,))])
    graph.erase_viewers(iter(["v", "nobody"]))
    snapshot = graph.snapshot()
    assert snapshot.viewer_keys == ["w"]
    assert snapshot.viewer.tolist() == [0]
    assert snapshot.interest.shape == snapshot.follow.shape == (2, 0)


def test_clear_leaves_nothing(graph, monkeypatch):
    monkeypatch.setattr(bolt, "CLEAR_BATCH", 2)
    graph.write_items([item(str(number), 1, MUSIC) for number in range(5)])
    graph.write_interactions([watch("v", str(number)) for number in range(5)])
    graph.clear()
    assert graph.counts() == {"viewers": 0, "items": 0, "facets": 0, "interactions": 0}


def test_input_larger_than_a_transaction_is_written_whole(graph, monkeypatch):
    monkeypatch.setattr(bolt, "BATCH", 7)
    monkeypatch.setattr(bolt, "SMALL_BATCH", 3)
    graph.write_items([item(f"{number:02}", 1, MUSIC, LIVE) for number in range(20)])
    graph.write_interactions([watch(f"{n % 4}", f"{n:02}") for n in range(20)])
    graph.write_viewers([ViewerState(str(n), 1, {}, (MUSIC.key,)) for n in range(4)])
    assert graph.counts() == {"viewers": 4, "items": 20, "facets": 2, "interactions": 20}
    assert graph.snapshot().follow.shape == (2, 4)


def test_nothing_to_write_is_nothing_written(graph):
    graph.write_items([])
    graph.write_viewers([])
    graph.write_interactions([])
    graph.erase_viewers([])
    assert graph.counts()["viewers"] == 0


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_text_is_never_read_as_a_query(graph, text):
    key = text[:190] or "empty"
    facet = Facet(FacetKind.TAG, key, text)
    graph.write_items([item(key, 1, facet, title=text, text=text), item("~other")])
    graph.write_interactions([watch(key, key)])
    graph.write_viewers([ViewerState(key, 1, {key: 1.0}, (key,))])
    snapshot = graph.snapshot()
    assert snapshot.item_keys == sorted([key, "~other"])
    place = snapshot.item_keys.index(key)
    assert (snapshot.item_titles[place], snapshot.item_texts[place]) == (text, text)
    assert (snapshot.viewer_keys, snapshot.facet_keys) == ([key], [key])
    graph.erase_viewers([key])
    assert graph.counts() == {"viewers": 0, "items": 2, "facets": 1, "interactions": 0}


def test_two_writers_can_make_the_same_new_nodes_at_once(graph, options):
    states = [watch(f"v{n % 30}", f"i{n % 41}") for n in range(600)]
    items = [item(f"i{n}", 1, MUSIC, ARTS, LIVE) for n in range(41)]

    def work() -> None:
        with BoltGraph(**options) as other:
            other.write_interactions(states)
            other.write_items(items)

    in_threads(work, work)
    distinct = len({(state.viewer, state.item) for state in states})
    assert graph.counts() == {"viewers": 30, "items": 41, "facets": 3, "interactions": distinct}
    assert graph.snapshot().item_facet.shape == (2, 123)


def test_the_older_of_two_writers_at_once_never_wins(graph):
    graph.write_items([item("a", 1)])
    graph.write_interactions([watch("v", "a", 1)])
    begun = threading.Event()

    def write_slowly(tx, version: int) -> None:
        bolt.write_items(tx, [item("a", version, MUSIC, title="new")])
        bolt.write_interactions(tx, [watch("v", "a", version, 1.0)])
        begun.set()
        time.sleep(0.5)

    def write_older() -> None:
        begun.wait()
        graph.write_items([item("a", 2, LIVE, title="old")])
        graph.write_interactions([watch("v", "a", 2, 0.0)])

    in_threads(lambda: graph._transact(write_slowly, 3), write_older)
    assert graph.snapshot().item_titles == ["new"]
    assert graph.snapshot().portion.tolist() == [1.0]
    assert item_facets(graph) == [("a", MUSIC.key)]


def test_ping_names_the_server(graph):
    assert "5.26" in graph.ping()


def test_what_the_server_refuses_is_a_graph_error(graph):
    with pytest.raises(GraphError, match="refused"):
        graph._transact(bolt.run, "THIS IS NOT CYPHER")
