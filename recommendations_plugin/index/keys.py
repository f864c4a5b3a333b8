"""The keys of a model's items: two arrays that processes share, since a million texts are large."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import overload
from zlib import crc32

import numpy as np


class Keys(Sequence[str]):
    """Keys by position, and positions by key."""

    def __init__(self, texts: np.ndarray, places: np.ndarray) -> None:
        """Take what ``arrays`` gives, in memory or mapped."""
        self.texts, self.places_by_hash = texts, places

    @classmethod
    def of(cls, keys: Iterable[str]) -> Keys:
        """Return these keys, in memory."""
        return cls(*arrays(keys))

    @overload
    def __getitem__(self, position: int) -> str: ...

    @overload
    def __getitem__(self, position: slice) -> list[str]: ...

    def __getitem__(self, position: int | slice) -> str | list[str]:
        if isinstance(position, slice):
            return self.at(position)
        return self.texts[position].decode()

    def at(self, positions: slice | np.ndarray) -> list[str]:
        """Return the keys at positions, int64."""
        return [text.decode() for text in self.texts[positions].tolist()]

    def __len__(self) -> int:
        return len(self.texts)

    def get(self, key: str) -> int | None:
        """Return where a key is, or None."""
        place = int(self.places([key])[0])
        return None if place < 0 else place

    def places(self, keys: Iterable[str]) -> np.ndarray:
        """Return where each key is, int64; -1 for one that is not here."""
        wanted = [key.encode() for key in keys]
        found = np.full(len(wanted), -1, dtype=np.int64)
        if not len(self) or not wanted:
            return found
        hashes, positions = self.places_by_hash
        sought = np.fromiter(map(crc32, wanted), dtype=np.uint32, count=len(wanted))
        left, texts = np.argsort(sought), np.array(wanted)  # in order: neighbours share cache lines
        at = np.searchsorted(hashes, sought[left])
        while len(left):  # once, but for keys whose hashes are the same
            at, left = at[at < len(self)], left[at < len(self)]
            alike = hashes[at] == sought[left]
            at, left = at[alike], left[alike]
            candidates = positions[at].astype(np.int64)
            right = self.texts[candidates] == texts[left]
            found[left[right]] = candidates[right]
            at, left = at[~right] + 1, left[~right]
        return found


def arrays(keys: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the keys, bytes [n], and their hashes in order with their positions, uint32 [2, n]."""
    texts = [key.encode() for key in keys]
    hashes = np.array([crc32(text) for text in texts], dtype=np.uint32)
    order = np.argsort(hashes, kind="stable")
    places = np.stack([hashes[order], order.astype(np.uint32)])
    return np.array(texts, dtype=f"S{max(map(len, texts), default=1)}"), places
