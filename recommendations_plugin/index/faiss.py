"""FAISS: exact search by inner product. The only module that imports faiss, and only when used.

Douze et al., "The Faiss library", arXiv:2401.08281.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy as np

from .base import Index


@cache
def library() -> Any:
    """Return faiss, told to use one thread: web processes already run side by side."""
    import faiss

    faiss.omp_set_num_threads(1)
    return faiss


class FaissIndex(Index):
    """A flat index: every item is compared, nothing is approximated."""

    file_name = "index.faiss"

    def __init__(self, index: Any) -> None:
        self.index = index

    @classmethod
    def build(cls, vectors: np.ndarray) -> Self:
        vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        index = library().IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return cls(index)

    @classmethod
    def open(cls, folder: Path) -> Self:
        # The plain IO_FLAG_MMAP copies a flat index into memory; this one really maps it.
        faiss = library()
        return cls(faiss.read_index(str(folder / cls.file_name), faiss.IO_FLAG_MMAP_IFC))

    def write(self, folder: Path) -> None:
        library().write_index(self.index, str(folder / self.file_name))

    def search(self, vector: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        k = min(k, len(self))
        if k <= 0:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        query = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, -1)
        scores, positions = self.index.search(query, k)
        found = positions[0] >= 0
        return positions[0][found], scores[0][found]

    def __len__(self) -> int:
        return int(self.index.ntotal)
