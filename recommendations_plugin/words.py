"""Words as numbers: the same in training and where a new item is placed by what it says."""

from __future__ import annotations

import re
from array import array
from itertools import islice
from zlib import crc32

#: Columns that words share by their hash, and the most words of a text that are read.
HASHED, READ = 2048, 200

_WORD = re.compile(r"\w{2,}")


def columns(title: str, text: str) -> array[int]:
    """Return the columns of what an item says, each once, in order."""
    words = islice(_WORD.finditer(f"{title} {text}".casefold()), READ)
    # Not hash(): that differs from process to process.
    found = {crc32(word[0].encode("utf-8", "replace")) % HASHED for word in words}
    return array("H", sorted(found))
