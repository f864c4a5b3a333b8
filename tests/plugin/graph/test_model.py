"""Random writes in any order, repeated: the snapshot equals a model in plain Python."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations_plugin.graph.bolt import BoltGraph
from recommendations_plugin.types import (
    Facet,
    FacetKind,
    InteractionState,
    ItemState,
    Snapshot,
    ViewerState,
)

RANDOM = Random(7)  # noqa: S311
VIEWERS = ["v1", "v2", "v3"]
ITEMS = ["i1", "i2", "i3"]
FACETS = [Facet(kind, f"{kind}:{n}", f"{kind} {n}") for kind in FacetKind for n in range(2)]
VERSIONS = range(4)


def some(values: list) -> tuple:
    return tuple(RANDOM.sample(values, RANDOM.randint(0, 3)))


# One state for each entity and version, as the database would give it.
ITEM_STATES = [
    ItemState(
        key, version, RANDOM.random() < 0.7, f"{key} {version}", "text", version / 4, some(FACETS)
    )
    for key in ITEMS
    for version in VERSIONS
]
VIEWER_STATES = [
    ViewerState(
        key,
        version,
        {facet.key: version / 4 for facet in some(FACETS)},
        tuple(facet.key for facet in some(FACETS)),
    )
    for key in VIEWERS
    for version in VERSIONS
]
INTERACTION_STATES = [
    InteractionState(
        viewer, item, version, version / 4, version % 2 == 0, version % 3 == 0, version * 1.5
    )
    for viewer in VIEWERS
    for item in ITEMS
    for version in VERSIONS
]


class Model:
    """What the graph shall hold: the newest state of each entity."""

    def __init__(self) -> None:
        self.items: dict[str, ItemState] = {}
        self.viewers: dict[str, ViewerState] = {}
        self.interactions: dict[tuple[str, str], InteractionState] = {}

    def write_items(self, states: list[ItemState]) -> None:
        for state in states:
            keep_newest(self.items, state.key, state)

    def write_viewers(self, states: list[ViewerState]) -> None:
        for state in states:
            keep_newest(self.viewers, state.key, state)

    def write_interactions(self, states: list[InteractionState]) -> None:
        for state in states:
            keep_newest(self.interactions, (state.viewer, state.item), state)
            self.viewers.setdefault(state.viewer, ViewerState(state.viewer, -1))

    def erase_viewers(self, keys: list[str]) -> None:
        for key in keys:
            self.viewers.pop(key, None)
        self.interactions = {
            pair: state for pair, state in self.interactions.items() if pair[0] not in keys
        }

    def plain(self) -> dict:
        live = [self.items[key] for key in sorted(self.items) if self.items[key].live]
        kinds = {facet.key: str(facet.kind) for item in live for facet in item.facets}
        live_keys = [item.key for item in live]
        return {
            "viewers": sorted(self.viewers),
            "items": [(item.key, item.title, item.text, item.published_at) for item in live],
            "facets": sorted(kinds.items()),
            "item_facets": [
                (item.key, key) for item in live for key in sorted(f.key for f in item.facets)
            ],
            "interactions": [
                (s.viewer, s.item, s.portion, s.liked, s.dismissed, s.at)
                for _, s in sorted(self.interactions.items())
                if s.item in live_keys
            ],
            "interests": sorted(
                (state.key, facet, score)
                for state in self.viewers.values()
                for facet, score in state.interests.items()
                if facet in kinds
            ),
            "follows": sorted(
                (state.key, facet)
                for state in self.viewers.values()
                for facet in state.follows
                if facet in kinds
            ),
        }


def keep_newest(known: dict, key: object, state: object) -> None:
    if key not in known or known[key].version < state.version:
        known[key] = state


def plain(s: Snapshot) -> dict:
    """Return a snapshot with keys in place of indices, in its own order."""
    return {
        "viewers": list(s.viewer_keys),
        "items": list(
            zip(s.item_keys, s.item_titles, s.item_texts, s.published_at.tolist(), strict=True)
        ),
        "facets": list(zip(s.facet_keys, s.facet_kinds, strict=True)),
        "item_facets": [(s.item_keys[i], s.facet_keys[f]) for i, f in s.item_facet.T],
        "interactions": [
            (s.viewer_keys[viewer], s.item_keys[item], *rest)
            for viewer, item, *rest in zip(
                s.viewer,
                s.item,
                s.portion.tolist(),
                s.liked.tolist(),
                s.dismissed.tolist(),
                s.at.tolist(),
                strict=True,
            )
        ],
        "interests": [
            (s.viewer_keys[viewer], s.facet_keys[facet], score)
            for (viewer, facet), score in zip(s.interest.T, s.interest_score.tolist(), strict=True)
        ],
        "follows": [(s.viewer_keys[viewer], s.facet_keys[facet]) for viewer, facet in s.follow.T],
    }


def batches(method: str, values: list) -> st.SearchStrategy:
    return st.tuples(st.just(method), st.lists(st.sampled_from(values), min_size=1, max_size=12))


WRITES = st.lists(
    st.one_of(
        batches("write_items", ITEM_STATES),
        batches("write_viewers", VIEWER_STATES),
        batches("write_interactions", INTERACTION_STATES),
        batches("erase_viewers", VIEWERS),
    ),
    max_size=10,
)


@settings(max_examples=15, deadline=None)
@given(writes=WRITES)
def test_any_sequence_of_writes_gives_what_the_model_gives(options, writes):
    model = Model()
    with BoltGraph(**options) as graph:
        graph.clear()
        graph.prepare()
        for method, values in writes:
            getattr(graph, method)(values)
            getattr(model, method)(values)
        assert plain(graph.snapshot()) == model.plain()
