from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations_plugin.index import faiss as faiss_index
from recommendations_plugin.index.base import index_class
from recommendations_plugin.index.faiss import FaissIndex, library


@given(
    items=st.integers(0, 60),
    dimension=st.integers(1, 9),
    k=st.integers(0, 100),
    seed=st.integers(0),
)
@settings(deadline=None, max_examples=60)
def test_search_finds_what_comparing_everything_finds(items, dimension, k, seed):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(items, dimension)).astype(np.float32)
    query = rng.normal(size=dimension).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        FaissIndex.build(vectors).write(Path(folder))
        index = FaissIndex.open(Path(folder))
        positions, scores = index.search(query, k)
    expected = np.argsort(-(vectors @ query), kind="stable")[:k]
    assert positions.tolist() == expected.tolist()
    assert scores == pytest.approx((vectors @ query)[expected], abs=1e-5)
    assert (positions.dtype, scores.dtype) == (np.int64, np.float32)
    assert len(index) == items


@given(
    items=st.integers(1, 60),
    k=st.integers(1, 100),
    seed=st.integers(0),
    excluded=st.lists(st.integers(0, 59)),
    kind=st.sampled_from(["Flat", "SQfp16", "IVF1,PQ6x4fs,Refine(SQfp16)"]),
)
@settings(deadline=None, max_examples=60)
def test_what_is_excluded_is_not_found_and_all_else_is(items, k, seed, excluded, kind):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(items, 6)).astype(np.float32)
    index = library().index_factory(6, kind, library().METRIC_INNER_PRODUCT)
    index.train(np.random.default_rng(1).normal(size=(640, 6)).astype(np.float32))
    index.add(vectors)
    exclude = np.array([position for position in excluded if position < items], dtype=np.int64)
    positions, _scores = FaissIndex(index).search(vectors[0], k, exclude)
    left = set(range(items)) - set(exclude.tolist())
    assert len(positions) == min(k, len(left))
    assert set(positions.tolist()) <= left


@pytest.mark.parametrize(
    ("items", "kind", "least"),
    [
        (3_000, "Flat", 1.0),
        (20_000, "IVF64,PQ24x4fs,Refine", 0.99),
        (20_001, "SQfp16", 0.99),
        (40_000, "IVF800,SQfp16", 0.95),
    ],
)
def test_each_kind_finds_nearly_all_of_the_best_hundred(tmp_path, monkeypatch, items, kind, least):
    monkeypatch.setattr(faiss_index, "SCANNED", 20_000 * 24 / 2)
    monkeypatch.setattr(faiss_index, "HALF", 30_000)
    rng = np.random.default_rng(7)
    tastes = rng.normal(size=(50, 24))
    vectors = tastes[rng.integers(50, size=items)] + 0.5 * rng.normal(size=(items, 24))
    vectors = (vectors / np.linalg.norm(vectors, axis=1).max()).astype(np.float32)
    assert faiss_index.recipe(items, 24).startswith(kind)
    FaissIndex.build(vectors).write(tmp_path)
    index = FaissIndex.open(tmp_path)
    exclude = np.arange(0, 1000, 2)
    found = []
    for query in (tastes[:20] / 5).astype(np.float32):
        scores = vectors @ query
        scores[exclude] = -np.inf
        positions, _scores = index.search(query, 100, exclude)
        assert len(positions) == 100
        assert not set(positions) & set(exclude)
        found.append(len(set(np.argsort(-scores)[:100]) & set(positions)) / 100)
    assert np.mean(found) >= least


def test_opening_maps_the_file_instead_of_copying_it(tmp_path):
    FaissIndex.build(np.ones((200_000, 32), dtype=np.float32)).write(tmp_path)
    before = _own_memory()
    index = FaissIndex.open(tmp_path)
    index.search(np.ones(32, dtype=np.float32), 5)
    assert _own_memory() - before < 8_000
    assert len(index) == 200_000


def test_faiss_is_told_to_use_one_thread():
    assert library().omp_get_max_threads() == 1


def test_it_is_the_default_index():
    assert index_class() is FaissIndex


def _own_memory() -> int:
    """Return this process's private memory, KiB; what is mapped from files does not count."""
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip("There is no /proc here to read memory from.")
    line = next(line for line in status.read_text().splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1])
