"""Vectors of items that nobody knows yet, from what is said of them.

A ridge regression from side features to the vectors of the items that viewers do know: what a
category, a creator, a word or a time usually means. (Gantner et al., "Learning Attribute-to-Feature
Mappings for Cold-Start Recommendations", ICDM 2010.)
"""

from __future__ import annotations

from itertools import chain

import numpy as np
import scipy.sparse as sp
from scipy.linalg import cho_factor, cho_solve

from ..types import Embeddings, Snapshot, Words
from ..words import HASHED, columns
from .dataset import averaging

#: Days that the narrowest and each wider bin of the publishing date spans.
SPANS = (30, 365, 5 * 365)
#: Strength of the ridge, and engagement at which an item's own vector counts half.
RIDGE, HALF_KNOWN = 3.0, 3.0
#: Items that words are learned from, at most: those that most engaged with.
LEARNED_FROM = 50_000


def side_features(snapshot: Snapshot) -> sp.csr_array:
    """Return what is known of items without viewers, float32 CSR [items, features].

    Facets, hashed words of title and text, bins of the publishing date, and a constant. A feature
    weighs more the rarer it is; each kind together has length one at most.
    """
    items = len(snapshot.item_keys)
    facets = sp.csr_array(
        (np.ones(snapshot.item_facet.shape[1]), tuple(snapshot.item_facet)),
        shape=(items, len(snapshot.facet_keys)),
    )
    kinds = [facets, _words(snapshot), *_dates(snapshot.published_at)]
    constant = sp.csr_array(np.ones((items, 1)))
    return sp.csr_array(sp.hstack([constant, *map(_weighed, kinds)])).astype(np.float32)


def _weighed(features: sp.csr_array) -> sp.csr_array:
    if features.nnz == 0:
        return features
    items = features.shape[0]
    weighed = sp.csr_array(features @ sp.diags_array(_seldom(features)))
    length = np.sqrt((weighed * weighed).sum(axis=1))
    inverse = np.divide(1.0, length, out=np.zeros(items), where=length > 0)
    return sp.csr_array(sp.diags_array(inverse) @ weighed)


def _seldom(features: sp.csr_array) -> np.ndarray:
    return np.log1p(features.shape[0] / np.maximum(features.sum(axis=0), 1.0))


def _words(snapshot: Snapshot) -> sp.csr_array:
    said = list(map(columns, snapshot.item_titles, snapshot.item_texts))
    starts = np.cumsum([0, *map(len, said)])
    found = np.fromiter(chain.from_iterable(said), np.int32, starts[-1])
    return sp.csr_array((np.ones(len(found)), found, starts), shape=(len(said), HASHED))


def _dates(published_at: np.ndarray) -> list[sp.csr_array]:
    """Return bins of several widths, so that both the season and the era may tell."""
    rows = np.arange(len(published_at))
    binned = []
    for span in SPANS:
        bins = np.floor(np.asarray(published_at, dtype=np.float64) / (span * 86400))
        _values, columns = np.unique(bins, return_inverse=True)
        binned.append(sp.csr_array((np.ones(len(rows)), (rows, columns))))
    return binned


def telling(features: sp.csr_array) -> np.ndarray:
    """Return which features, bool [f], tell items apart: what all items have tells nothing."""
    known = np.bincount(features.indices, minlength=features.shape[1])
    return (known > 0) & (known < features.shape[0])


def described(features: sp.csr_array) -> np.ndarray:
    """Return of which items, bool [n], anything is said that is not said of all."""
    return np.diff(sp.csr_array(features[:, np.flatnonzero(telling(features))]).indptr) > 0


def from_content(
    features: sp.csr_array, engaged: np.ndarray, vectors: np.ndarray, wanted: np.ndarray
) -> np.ndarray:
    """Return what vectors the features alone predict for the ``wanted`` rows, float32 [k, d].

    ``features``: CSR [n, f]; ``engaged``: [n], how much all viewers engaged with each item;
    ``vectors``: float32 [n, d], trusted the more the more viewers know the item.
    """
    used = np.flatnonzero(features.sum(axis=0) > 0)
    features = sp.csr_array(features[:, used])
    return np.asarray(features[wanted] @ _ridge(features, engaged, vectors), dtype=np.float32)


def words_of(snapshot: Snapshot, embeddings: Embeddings, engaged: np.ndarray) -> Words:
    """Return what words say of an item beyond its facets: of where it lies less what these mean.

    ``engaged``: [n], how much all viewers engaged with each item.
    """
    words = _words(snapshot)
    used = np.flatnonzero(words.sum(axis=0) > 0)
    best = np.argsort(-engaged, kind="stable")[:LEARNED_FROM]
    best = best[engaged[best] > 0]
    features = sp.csr_array(sp.csr_array(_weighed(words)[best])[:, used])
    weights = np.zeros(HASHED, dtype=np.float32)
    weights[used] = _seldom(words)[used]
    pairs = (np.ones(snapshot.item_facet.shape[1]), tuple(snapshot.item_facet))
    shape = len(snapshot.item_keys), len(snapshot.facet_keys)
    facets = sp.csr_array(averaging(sp.csr_array(pairs, shape=shape))[best])

    def learned(vectors: np.ndarray, of_facets: np.ndarray) -> np.ndarray:
        found = np.zeros((HASHED, vectors.shape[1]), dtype=np.float32)
        if len(used):
            found[used] = _ridge(features, engaged[best], vectors[best] - facets @ of_facets)
        return found

    return Words(
        weights,
        learned(embeddings.items, embeddings.facet_items),
        learned(embeddings.pulls, embeddings.facets),
    )


def _ridge(features: sp.csr_array, engaged: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return what each feature adds to a vector, float32 [f, d]."""
    trust = engaged / (engaged + HALF_KNOWN)
    weighted = sp.csr_array(sp.diags_array(trust) @ features)
    gram = (features.T @ weighted).toarray().astype(np.float64)
    gram[np.diag_indices_from(gram)] += RIDGE
    right = np.asarray(weighted.T @ vectors, dtype=np.float64)
    solved = cho_solve(cho_factor(gram, overwrite_a=True), right)
    return np.asarray(solved, dtype=np.float32)
