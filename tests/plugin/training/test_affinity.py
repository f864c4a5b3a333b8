from __future__ import annotations

import numpy as np
import pytest

from recommendations_plugin.training import affinity as module
from recommendations_plugin.training.affinity import affinity, labels_of, low_frequencies, meaning
from recommendations_plugin.types import FacetKind

KINDS = [FacetKind.CATEGORY.value] * 4 + [FacetKind.CREATOR.value] * 10


def site(make_snapshot, *, hidden=0.0, seed=1):
    """Four categories of 50, 20, 20 and 10 items; viewers keep to one, creators mostly too.

    Of a share of the items the category is hidden. Returns the snapshot, categories and what is
    hidden, bool [items].
    """
    rng = np.random.default_rng(seed)
    category = np.repeat([0, 1, 2, 3], [50, 20, 20, 10])
    rows = []
    for viewer in range(80):
        own = np.flatnonzero(category == viewer % 4)
        chosen = np.unique([*rng.choice(own, 8), *rng.integers(100, size=2)])
        rows += [(viewer, item, 1, 0, 0, at) for at, item in enumerate(chosen)]
    left_out = rng.random(100) < hidden
    pairs = [(item, category[item]) for item in range(100) if not left_out[item]]
    pairs += [(item, 4 + (2 * category[item] + item % 2) % 10) for item in range(100)]
    return make_snapshot(80, 100, rows, KINDS, pairs), category, left_out


def test_categories_hidden_from_a_tenth_of_the_items_are_found_far_better_than_the_commonest(
    make_snapshot,
):
    snapshot, category, hidden = site(make_snapshot, hidden=0.1, seed=2)
    found, report = affinity(snapshot, seed=1)
    likeliest = found.labels[:100, 0]
    assert hidden.sum() >= 5
    assert (likeliest[hidden] == category[hidden]).mean() > 0.85
    assert (category[hidden] == 0).mean() < 0.7  # what guessing the commonest would reach
    assert report["found"] > 0.9 > 0.6 > report["commonest"]


def test_confidence_is_how_often_such_a_suggestion_is_right(make_snapshot):
    rng = np.random.default_rng(2)
    scores = rng.normal(size=4000)
    truth = rng.random(4000) < 1 / (1 + np.exp(-2 * scores))
    known, likely = meaning(scores, truth.astype(np.float32))
    assert (np.diff(likely) >= 0).all()
    for score in (-1.0, 0.0, 1.0):
        assert np.interp(score, known, likely) == pytest.approx(
            1 / (1 + np.exp(-2 * score)), abs=0.1
        )


def test_creators_are_likely_of_what_their_items_are(make_snapshot):
    found, _report = affinity(site(make_snapshot)[0], seed=1)
    assert len(found.labels) == 100 + len(KINDS)
    assert found.labels[104:112, 0].tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert (found.confidence >= 0).all()
    assert (found.confidence <= 1).all()


def test_where_an_item_stands_does_not_tell_its_own_category(make_snapshot):
    """Else suggestions would be surer of items with categories than of those without."""
    with_all = low_frequencies(site(make_snapshot)[0], seed=1)
    with_few = low_frequencies(site(make_snapshot, hidden=0.9)[0], seed=1)
    assert np.array_equal(with_all, with_few)


def test_parent_categories_are_carried_where_there_are_no_others(make_snapshot):
    kinds = [FacetKind.PARENT_CATEGORY.value] * 2
    pairs = [(item, item % 2) for item in range(30)]
    labels = labels_of(make_snapshot(1, 30, [(0, 0, 1, 0, 0, 1)], kinds, pairs))
    assert labels.facets.tolist() == [0, 1]


@pytest.mark.parametrize("items", [0, 1, 10])
def test_too_few_labels_teach_nothing(make_snapshot, items):
    pairs = [(item, item % 2) for item in range(items)]
    snapshot = make_snapshot(1, 30, [(0, 0, 1, 0, 0, 1)], KINDS, pairs)
    assert affinity(snapshot, seed=1) == (None, {})


def test_memory_is_bounded_by_the_commonest_labels(make_snapshot, monkeypatch):
    monkeypatch.setattr(module, "CELLS", 300)
    labels = labels_of(site(make_snapshot)[0])
    assert labels.facets.tolist() == [0, 1, 2]
