"""Keys by position and positions by key, in arrays."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommendations_plugin.index import keys
from recommendations_plugin.index.keys import Keys

#: Two texts with the same CRC-32.
ALIKE = ["plumless", "buckeroo"]


@given(st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8")), unique=True))
def test_every_key_is_found_where_it_stands_and_no_other(texts):
    found = Keys.of(texts)
    assert list(found) == texts
    assert found.places(texts).tolist() == list(range(len(texts)))
    assert found.places(["not\0here", *texts[::-1]]).tolist() == [-1, *reversed(range(len(texts)))]


def test_keys_whose_hashes_are_the_same_are_told_apart():
    assert keys.crc32(ALIKE[0].encode()) == keys.crc32(ALIKE[1].encode())
    assert Keys.of(["a", ALIKE[0], ALIKE[1]]).places([*ALIKE, "a"]).tolist() == [1, 2, 0]
    assert Keys.of(["a", ALIKE[0]]).places(ALIKE).tolist() == [1, -1]
    assert Keys.of(ALIKE).get("a") is None


def test_no_keys_hold_no_key():
    assert Keys.of([]).places(["a"]).tolist() == [-1]
    assert Keys.of(["a"]).places([]).dtype == np.int64
