"""The vector index contract, and how the configured one is opened."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Self

import numpy as np
from django.utils.module_loading import import_string

from .. import conf


class Index(ABC):
    """Finds the items whose vectors have the largest inner product with a query's."""

    #: File name inside an artifact's folder.
    file_name: str

    @classmethod
    @abstractmethod
    def build(cls, vectors: np.ndarray) -> Self:
        """Build from item vectors, float32 [n, d], each of length at most 1."""

    @classmethod
    @abstractmethod
    def open(cls, folder: Path) -> Self:
        """Open the file in an artifact's folder, memory-mapped where the library can."""

    @abstractmethod
    def write(self, folder: Path) -> None:
        """Write the file into a folder."""

    @abstractmethod
    def search(
        self, vector: np.ndarray, k: int, exclude: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return positions (int64) and inner products (float32) of at most ``k`` items, best first.

        ``vector``: float32 [d]. ``exclude``: int64 positions that are not to be found, so that a
        long history costs no wider search. Never returns position -1, whatever ``k``.
        """

    @abstractmethod
    def __len__(self) -> int: ...


def index_class() -> type[Index]:
    """Return the index class that the site's settings name."""
    return import_string(conf.settings.INDEX)
