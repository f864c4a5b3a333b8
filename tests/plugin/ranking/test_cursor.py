"""Cursors: what was shown, there and back, and nothing else."""

from __future__ import annotations

import base64
import time
import zlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations_plugin.ranking import cursor

LABELS = st.sampled_from(["video_cms.videopage", "blog.article", "shop.thing"])
WORDS = st.text(st.characters(categories=["L", "N", "P"], exclude_characters=":"), min_size=1)
PKS = st.one_of(st.integers(0, 10**18).map(str), st.uuids().map(str), WORDS.map(lambda t: t[:20]))
KEYS = st.builds("{}:{}".format, LABELS, PKS)


@given(st.sets(KEYS, max_size=60))
def test_a_cursor_gives_back_exactly_what_was_put_in(keys: set[str]) -> None:
    text = cursor.encode(keys)

    assert cursor.decode(text).shown == keys
    assert bool(text) == bool(keys)
    assert text.replace("-", "").replace("_", "").isalnum() or not text
    assert text == cursor.encode(sorted(keys)), "order does not matter"


@given(st.text(max_size=200))
def test_any_other_text_is_refused_or_harmless(text: str) -> None:
    try:
        found = cursor.decode(text)
    except cursor.InvalidCursor:
        return
    assert all(":" in key for key in found.shown)


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_any_packed_bytes_are_refused_or_harmless(data: bytes) -> None:
    packed = bytes([cursor.VERSION]) + zlib.compress(data)
    text = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    try:
        found = cursor.decode(text)
    except cursor.InvalidCursor:
        return
    assert len(found.shown) <= cursor.MOST
    assert all(key.isprintable() for key in found.shown)


@given(st.sets(KEYS, min_size=1, max_size=20), st.integers(0, 400), st.integers(0, 255))
def test_a_cursor_with_one_character_changed_never_breaks_anything(
    keys: set[str], where: int, other: int
) -> None:
    text = cursor.encode(keys)
    where %= len(text)
    with suppress(cursor.InvalidCursor):
        cursor.decode(text[:where] + chr(other) + text[where + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "\0",
        "A",
        "AQ",
        "====",
        "é" * 20,
        "x" * 100_000,
        "'; DROP TABLE x --",
        base64.urlsafe_b64encode(b"\x01" + zlib.compress(b"")).decode(),
        base64.urlsafe_b64encode(b"\x02" + zlib.compress(b"\0" * 10_000_000)).decode(),
        base64.urlsafe_b64encode(b"\x02" + zlib.compress(b"\0\x01a\xff\xff\xff")).decode(),
    ],
)
def test_20_what_is_no_cursor_is_refused_at_once(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(cursor.InvalidCursor):
        cursor.decode(text)
    assert time.perf_counter() - start < 0.1


def test_a_full_cursor_fits_into_an_address_and_a_fuller_one_does_not() -> None:
    keys = [f"video_cms.videopage:{number * 37}" for number in range(cursor.MOST)]

    text = cursor.encode(keys)
    assert 0 < len(text) <= cursor.LONGEST
    assert len(cursor.decode(text).shown) == cursor.MOST
    assert cursor.encode([*keys, "video_cms.videopage:1"]) == ""


@given(st.sets(KEYS, min_size=1, max_size=20), st.integers(1, cursor.START))
def test_a_full_cursor_also_gives_back_its_place(keys: set[str], below: int) -> None:
    assert cursor.decode(cursor.encode(keys, below)) == cursor.Cursor(frozenset(keys), below)
