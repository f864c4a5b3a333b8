from __future__ import annotations

from dataclasses import replace

import numpy as np

from recommendations_plugin.training.content import from_content, side_features, words_of
from recommendations_plugin.types import Embeddings, FacetKind
from recommendations_plugin.words import columns

DAY = 86_400


def described(make_snapshot, titles, facets=(), pairs=(), published=None):
    snapshot = make_snapshot(0, len(titles), [], [FacetKind.CATEGORY.value] * len(facets), pairs)
    return replace(
        snapshot,
        item_titles=titles,
        facet_keys=list(facets),
        published_at=np.array(published or [0] * len(titles), dtype=np.float64),
    )


def alike(features, one, other):
    return float((features[[one]] @ features[[other]].T).toarray()[0, 0])


def test_items_that_share_words_facets_or_season_are_alike(make_snapshot):
    titles = ["Baking bread", "BREAD for beginners", "Jazz at night", "Untitled"]
    features = side_features(described(make_snapshot, titles))
    assert alike(features, 0, 1) > alike(features, 0, 2)
    facets = side_features(described(make_snapshot, [""] * 3, ["a", "b"], [(0, 0), (1, 0), (2, 1)]))
    assert alike(facets, 0, 1) > alike(facets, 0, 2)
    seasons = side_features(described(make_snapshot, [""] * 3, published=[0, DAY, 4000 * DAY]))
    assert alike(seasons, 0, 1) > alike(seasons, 0, 2)


def test_features_are_the_same_in_every_process_and_order_of_words(make_snapshot):
    first, second = (
        side_features(described(make_snapshot, [title])).toarray()
        for title in ("two words", "words, two")
    )
    assert np.array_equal(first, second)


def test_odd_text_and_times_do_no_harm(make_snapshot):
    titles = ["", "\ud800", "x" * 10_000, "\0 – é 日本語"]
    features = side_features(described(make_snapshot, titles, published=[-1e12, 0, 1e12, 5]))
    assert np.isfinite(features.data).all()


def test_what_a_category_means_is_learned_from_its_known_items(make_snapshot):
    pairs = [(item, item % 2) for item in range(40)]
    snapshot = described(make_snapshot, [""] * 40, ["even", "odd"], pairs)
    vectors = np.zeros((40, 2), dtype=np.float32)
    vectors[np.arange(40), np.arange(40) % 2] = 1
    engaged = np.where(np.arange(40) < 38, 5.0, 0.0)
    vectors[38:] = 7  # nobody knows these: they teach nothing
    predicted = from_content(side_features(snapshot), engaged, vectors, engaged == 0)
    assert predicted[0, 0] > 2 * predicted[0, 1]
    assert predicted[1, 1] > 2 * predicted[1, 0]
    assert predicted.max() < 1.5


def placed(snapshot, vectors):
    """Vectors of items, whose one facet lies in their middle."""
    middle = vectors.mean(axis=0, keepdims=True)
    return Embeddings(snapshot.item_keys, vectors, ["a"], middle, 2 * vectors, middle)


def test_what_a_word_says_beyond_the_facets_is_learned_from_known_items(make_snapshot):
    titles = [f"{'bread' if item % 2 else 'jazz'} today" for item in range(40)]
    snapshot = described(make_snapshot, titles, ["a"], [(item, 0) for item in range(40)])
    vectors = np.eye(2, dtype=np.float32)[np.arange(40) % 2]
    words = words_of(snapshot, placed(snapshot, vectors), np.full(40, 5.0))
    met = ("bread", "jazz", "today", "unknown")
    bread, jazz, today, unknown = (columns(word, "")[0] for word in met)
    assert words.items[bread, 1] > 0.1 > -0.1 > words.items[bread, 0]
    assert words.pulls[jazz, 0] > 0.1 > -0.1 > words.pulls[jazz, 1]
    assert np.abs(words.items[today]).max() < 0.05
    assert words.weights[bread] > words.weights[today] > words.weights[unknown] == 0


def test_items_without_words_and_without_viewers_teach_no_words(make_snapshot):
    for title, engaged in (("", 5.0), ("bread", 0.0)):
        snapshot = described(make_snapshot, [title] * 3, ["a"], [(0, 0)])
        vectors = np.ones((3, 2), dtype=np.float32)
        words = words_of(snapshot, placed(snapshot, vectors), np.full(3, engaged))
        assert not words.items.any()
        assert not words.pulls.any()
