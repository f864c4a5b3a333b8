"""FAISS: search by inner product. The only module that imports faiss, and only when used.

Douze et al., "The Faiss library", arXiv:2401.08281.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy as np

from .base import Index

#: Up to so many items each is compared as it is; up to so many by half-precision numbers, which
#: is as good as exact and takes a quarter of the time; beyond, only the nearest cells are searched.
EXACT, HALF = 5_000, 300_000
#: Cells of a large index beside the square root of its items, and the share that is searched.
CELLS, PROBED = 4, 1 / 3
#: Items a cell needs to be learned from.
TRAINED_ON = 40


@cache
def library() -> Any:
    """Return faiss, told to use one thread: web processes already run side by side."""
    import faiss

    faiss.omp_set_num_threads(1)
    return faiss


def recipe(items: int) -> str:
    """Return the kind of index for so many items, as ``faiss.index_factory`` names it."""
    if items <= EXACT:
        return "Flat"
    if items <= HALF:
        return "SQfp16"
    return f"IVF{int(CELLS * items**0.5)},SQfp16"


class FaissIndex(Index):
    """An index whose kind follows from the number of items (see ``recipe``)."""

    file_name = "index.faiss"

    def __init__(self, index: Any) -> None:
        self.index = index

    @classmethod
    def build(cls, vectors: np.ndarray) -> Self:
        vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        faiss = library()
        index = faiss.index_factory(
            vectors.shape[1], recipe(len(vectors)), faiss.METRIC_INNER_PRODUCT
        )
        if not index.is_trained:
            step = max(1, len(vectors) // (TRAINED_ON * getattr(index, "nlist", 1)))
            index.train(np.ascontiguousarray(vectors[::step]))
        index.add(vectors)
        return cls(index)

    @classmethod
    def open(cls, folder: Path) -> Self:
        # The plain IO_FLAG_MMAP copies a flat index into memory; this one really maps it.
        faiss = library()
        return cls(faiss.read_index(str(folder / cls.file_name), faiss.IO_FLAG_MMAP_IFC))

    def write(self, folder: Path) -> None:
        library().write_index(self.index, str(folder / self.file_name))

    def search(
        self, vector: np.ndarray, k: int, exclude: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        k = min(k, len(self))
        if k <= 0:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        query = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, -1)
        scores, positions = self.index.search(query, k, params=self._parameters(exclude))
        found = positions[0] >= 0
        return positions[0][found], scores[0][found]

    def _parameters(self, exclude: np.ndarray | None) -> Any:
        """Return what faiss is to be told for one search."""
        faiss, given = library(), {}
        if exclude is not None and len(exclude):
            wanted = np.ones(len(self), dtype=bool)
            wanted[exclude] = False
            given["sel"] = faiss.IDSelectorBitmap(np.packbits(wanted, bitorder="little"))
        cells = getattr(self.index, "nlist", 0)
        if cells:
            return faiss.SearchParametersIVF(nprobe=max(1, int(cells * PROBED)), **given)
        return faiss.SearchParameters(**given)

    def __len__(self) -> int:
        return int(self.index.ntotal)
