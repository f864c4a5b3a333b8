"""FAISS: search by inner product. The only module that imports faiss, and only when used.

Douze et al., "The Faiss library", arXiv:2401.08281. Scanning four bits a number: André,
Kermarrec and Le Scouarnec, "Quicker ADC", IEEE TPAMI 2021.
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
#: Up to so many bytes of four bits a number, all items are compared by these first, which takes a
#: quarter of the time again. A process holds them for itself: faiss cannot map them.
SCANNED = 16 * 2**20
#: Cells of such an index, all of them searched, and how many times what is wanted is then compared
#: by half-precision numbers.
SCANNED_CELLS, REFINED = 64, 4
#: Cells of a large index beside the square root of its items, and the share that is searched.
CELLS, PROBED = 4, 1 / 4
#: Items a cell needs to be learned from.
TRAINED_ON = 40


@cache
def library() -> Any:
    """Return faiss, told to use one thread: web processes already run side by side."""
    import faiss

    faiss.omp_set_num_threads(1)
    return faiss


def recipe(items: int, dimension: int) -> str:
    """Return the kind of index for so many items, as ``faiss.index_factory`` names it."""
    if items <= EXACT:
        return "Flat"
    if items * dimension / 2 <= SCANNED:
        return f"IVF{SCANNED_CELLS},PQ{dimension}x4fs,Refine(SQfp16)"
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
        kind = recipe(*vectors.shape)
        index = faiss.index_factory(vectors.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
        if not index.is_trained:
            step = max(1, len(vectors) // (TRAINED_ON * _cells(index)))
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
        cells = _cells(self.index)
        if hasattr(self.index, "refine_index"):
            every = faiss.SearchParametersIVF(nprobe=cells, **given)
            return faiss.IndexRefineSearchParameters(k_factor=REFINED, base_index_params=every)
        if cells > 1:
            return faiss.SearchParametersIVF(nprobe=max(1, int(cells * PROBED)), **given)
        return faiss.SearchParameters(**given)

    def __len__(self) -> int:
        return int(self.index.ntotal)


def _cells(index: Any) -> int:
    """Return how many cells an index has, 1 where it has none."""
    inner = getattr(index, "base_index", index)
    return int(getattr(library().downcast_index(inner), "nlist", 1))
