"""Where a feed goes on: the items already shown, packed into a short text.

A feed is ranked afresh for each page, so "from the 25th on" would repeat and skip whatever moved
meanwhile. A cursor instead names what was shown, and the next page leaves that out. Nothing is
stored: about two characters an item travel in the address. When that is full, after a thousand
items or more, the rest of the catalogue follows in the order in which it came in, newest first:
then a cursor holds no more items but the last one's place.

The text is a version byte and, compressed, that place and groups, in URL-safe base64. A group is a
label, its whole numbers (sorted, as differences) and its other primary keys.
"""

from __future__ import annotations

import base64
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

VERSION = 2
#: Most items a cursor holds, and its longest text: some web servers take addresses of 4 KB only.
MOST = 2000
LONGEST = 3600
#: Length from which a cursor is full.
FULL = 2800
#: Most bytes unpacked, so that a small text cannot fill the memory.
UNPACKED = 64 * 1024
#: Largest number of a primary key.
LARGEST = 2**63 - 1
#: The place before everything in the catalogue.
START = LARGEST
#: Longest key, as the plugin's tables have it.
LONGEST_KEY = 190


class InvalidCursor(ValueError):
    """A text that no feed gave as its cursor."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """What was shown, and in a full one the catalogue's id that the feed goes on below."""

    shown: frozenset[str] = frozenset()
    below: int | None = None


def encode(keys: Iterable[str], below: int | None = None) -> str:
    """Return the cursor for these item keys, and where it is full, for a place.

    Empty for no keys, and for more than fit.
    """
    unique = set(keys)
    if not unique or len(unique) > MOST:
        return ""
    place = _number(0 if below is None else below)
    packed = zlib.compress(b"".join([place, *_groups(unique)]), 9)
    text = base64.urlsafe_b64encode(bytes([VERSION]) + packed).decode().rstrip("=")
    return text if len(text) <= LONGEST else ""


def decode(text: str) -> Cursor:
    """Return what a cursor stands for. Raises ``InvalidCursor`` for any other."""
    if not text:
        return Cursor()
    try:
        reader = _Reader(_unpack(text))
        below = reader.number() or None
        keys = list(_read(reader))
    except UnicodeError as error:
        raise InvalidCursor("The cursor holds something that is no text.") from error
    if len(keys) > MOST:
        raise InvalidCursor("A cursor holds fewer items.")
    return Cursor(frozenset(keys), below)


# --- writing ------------------------------------------------------------------------------------


def _groups(keys: set[str]) -> Iterator[bytes]:
    by_label: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        label, _, pk = key.rpartition(":")
        by_label[label].append(pk)
    for label, pks in sorted(by_label.items()):
        numbers = sorted(int(pk) for pk in pks if _is_number(pk))
        others = sorted(pk for pk in pks if not _is_number(pk))
        yield _text(label)
        yield _number(len(numbers))
        for before, number in zip([0, *numbers], numbers, strict=False):
            yield _number(number - before)
        yield _number(len(others))
        yield from map(_text, others)


def _is_number(pk: str) -> bool:
    """Return whether a primary key is a whole number, written the one way that reads back."""
    return pk.isdecimal() and pk.isascii() and (pk == "0" or pk[0] != "0") and len(pk) < 19


def _number(number: int) -> bytes:
    """Write a whole number, seven bits a byte, the lowest first."""
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def _text(text: str) -> bytes:
    encoded = text.encode()
    return _number(len(encoded)) + encoded


# --- reading ------------------------------------------------------------------------------------


def _unpack(text: str) -> bytes:
    if len(text) > LONGEST:
        raise InvalidCursor("The cursor is too long.")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        unpacking = zlib.decompressobj()
        found = unpacking.decompress(raw[1:], UNPACKED)
    except (ValueError, zlib.error) as error:
        raise InvalidCursor("This is no cursor.") from error
    if raw[:1] != bytes([VERSION]) or not unpacking.eof or unpacking.unused_data:
        raise InvalidCursor("This is no cursor of this version.")
    return found


def _read(reader: _Reader) -> Iterator[str]:
    while not reader.at_end:
        label, number = reader.text(), 0
        for _ in range(reader.count()):
            number += reader.number()
            yield _key(label, str(number))
        for _ in range(reader.count()):
            yield _key(label, reader.text())


def _key(label: str, pk: str) -> str:
    key = f"{label}:{pk}"
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise InvalidCursor("The cursor holds something that is no key.")
    return key


class _Reader:
    """Takes numbers and texts off bytes."""

    def __init__(self, data: Sequence[int]) -> None:
        self.data, self.position = bytes(data), 0

    @property
    def at_end(self) -> bool:
        return self.position >= len(self.data)

    def number(self) -> int:
        number = shift = 0
        while True:
            if self.at_end or shift > 63:
                raise InvalidCursor("The cursor breaks off.")
            byte = self.data[self.position]
            self.position += 1
            number |= (byte & 0x7F) << shift
            if byte <= 0x7F:
                break
            shift += 7
        if number > LARGEST:
            raise InvalidCursor("The cursor holds a number that no key has.")
        return number

    def count(self) -> int:
        number = self.number()
        if number > MOST:
            raise InvalidCursor("A cursor holds fewer items.")
        return number

    def text(self) -> str:
        size = self.count()
        found = self.data[self.position : self.position + size]
        if len(found) < size:
            raise InvalidCursor("The cursor breaks off.")
        self.position += size
        return found.decode()
