"""What takes long to compute, kept on disk until a training ends well.

A training that was killed or cancelled goes on from there. Names are digests of all that went in,
so what is found is what would be computed, bit for bit; other data finds nothing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .. import __version__

#: Bytes on disk beyond which nothing more is kept.
MOST = 2**30


def digest(*parts: Any) -> str:
    """Return a name for what is computed of these: arrays, or what ``repr`` tells apart."""
    found = hashlib.sha256(__version__.encode())
    for part in parts:
        if isinstance(part, np.ndarray):
            found.update(f"{part.dtype}{part.shape}".encode())
            found.update(np.ascontiguousarray(part).data)
        else:
            found.update(repr(part).encode())
    return found.hexdigest()


class Kept:
    """A folder of tensors by name; without a folder nothing is kept."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    def tensors(self, name: str, make: Callable[[], tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
        """Return what is kept under a name; else make it, and keep it if there is room."""
        if self.folder is None:
            return make()
        path = self.folder / f"{name}.npz"
        if path.exists():
            with np.load(path, allow_pickle=False) as arrays:
                return tuple(torch.from_numpy(arrays[key]) for key in arrays)
        made = make()
        self.folder.mkdir(parents=True, exist_ok=True)
        taken = sum(file.stat().st_size for file in self.folder.iterdir())
        if taken + sum(tensor.nbytes for tensor in made) <= MOST:
            unfinished = self.folder / f".{name}.npz"
            np.savez(unfinished, *(tensor.numpy() for tensor in made))
            os.replace(unfinished, path)
        return made
