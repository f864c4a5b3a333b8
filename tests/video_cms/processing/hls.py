"""A strict reader of HLS playlists (RFC 8216) and of the fragments they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s]+)(?:,|$)')
CODECS = re.compile(r"(avc1\.(42|4d|64)[0-9a-f]{4}|av01\.0\.\d\dM\.08)(,mp4a\.40\.2)?")


def attributes(text: str) -> dict[str, str]:
    found = dict(ATTRIBUTE.findall(text))
    assert ",".join(f"{name}={value}" for name, value in found.items()) == text
    return found


def check(master: Path) -> dict[int, list[float]]:
    """Hold a master playlist and all it names to the rules; returns each size's cuts."""
    lines = master.read_text().splitlines()
    assert lines[0] == "#EXTM3U"
    assert "#EXT-X-INDEPENDENT-SEGMENTS" in lines
    cuts = {}
    for number, line in enumerate(lines):
        if not line.startswith("#EXT-X-STREAM-INF:"):
            assert line.startswith("#") or lines[number - 1].startswith("#EXT-X-STREAM-INF:")
            continue
        told = attributes(line.partition(":")[2])
        codecs = told["CODECS"].strip('"')
        assert CODECS.fullmatch(codecs), codecs
        width, height = (int(side) for side in told["RESOLUTION"].split("x"))
        assert float(told["FRAME-RATE"]) > 0
        rates, starts, head = check_media(master.parent / lines[number + 1])
        assert max(rates) <= int(told["BANDWIDTH"])
        assert int(told["AVERAGE-BANDWIDTH"]) <= int(told["BANDWIDTH"])
        assert picture_size(head) == (width, height)
        assert (b"mp4a" in head) == ("mp4a" in codecs)
        if codecs.startswith("avc1"):
            assert bytes.fromhex(codecs[5:11]) in head, "the codec is the one of the file"
        else:
            assert b"av01" in head
        cuts[min(width, height)] = starts
    assert cuts
    assert all(starts == next(iter(cuts.values())) for starts in cuts.values()), "cut alike"
    return cuts


def check_media(playlist: Path) -> tuple[list[float], list[float], bytes]:
    """Return bits a second and start of each segment, and the head of the file."""
    lines = playlist.read_text().splitlines()
    assert lines[:2] == ["#EXTM3U", "#EXT-X-VERSION:7"]
    assert lines[-1] == "#EXT-X-ENDLIST"
    tags = {
        line.partition(":")[0]: line.partition(":")[2] for line in lines if line.startswith("#")
    }
    target = int(tags["#EXT-X-TARGETDURATION"])
    assert tags["#EXT-X-PLAYLIST-TYPE"] == "VOD"
    assert "#EXT-X-INDEPENDENT-SEGMENTS" in tags
    where = attributes(tags["#EXT-X-MAP"])
    data = (playlist.parent / where["URI"].strip('"')).read_bytes()
    size, offset = (int(number) for number in where["BYTERANGE"].strip('"').split("@"))
    assert offset == 0
    head = data[:size]
    assert [name for name, _ in boxes(head)] == [b"ftyp", b"moov"]

    rates, starts, at, end = [], [], 0.0, size
    for number, line in enumerate(lines):
        if not line.startswith("#EXTINF:"):
            continue
        seconds = float(line[8:].rstrip(","))
        assert int(seconds + 0.5) <= target
        size, offset = (int(n) for n in lines[number + 1].partition(":")[2].split("@"))
        assert offset == end, "segments follow each other without a gap"
        end = offset + size
        assert lines[number + 2] == where["URI"].strip('"')
        segment = data[offset:end]
        assert {name for name, _ in boxes(segment)} <= {b"styp", b"sidx", b"moof", b"mdat"}
        assert first_is_key(segment), "each segment stands alone"
        starts.append(at)
        assert start_of(segment, head) - at == pytest.approx(0, abs=0.09)
        heard = sound_start(segment, head)
        assert at or heard is None or heard == pytest.approx(start_of(segment, head), abs=0.04)
        rates.append(8 * size / seconds)
        at += seconds
    assert end == len(data), "nothing but what the playlist names"
    return rates, starts, head


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and content of each box, the outer ones only."""
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        assert 8 <= length <= len(data) - at
        yield data[at + 4 : at + 8], data[at + 8 : at + length]
        at += length


def inside(data: bytes, *names: bytes) -> list[bytes]:
    """Return the contents of the boxes at a path, such as moof, traf, trun."""
    found = [content for name, content in boxes(data) if name == names[0]]
    if len(names) == 1:
        return found
    return [deeper for content in found for deeper in inside(content, *names[1:])]


def number(data: bytes, at: int, size: int = 4, signed: bool = False) -> int:
    return int.from_bytes(data[at : at + size], "big", signed=signed)


def first_is_key(segment: bytes) -> bool:
    """Return whether the first picture of a segment needs none before it."""
    trun = inside(segment, b"moof", b"traf", b"trun")[0]
    flags, at = number(trun, 1, 3), 8
    at += 4 if flags & 0x1 else 0
    if flags & 0x4:
        return not number(trun, at) & 0x10000
    tfhd = inside(segment, b"moof", b"traf", b"tfhd")[0]
    return not number(tfhd, len(tfhd) - 4) & 0x10000


def start_of(segment: bytes, head: bytes) -> float:
    """Return the second at which the first picture of a segment is shown."""
    tfdt = inside(segment, b"moof", b"traf", b"tfdt")[0]
    decoded = number(tfdt, 4, 8 if tfdt[0] else 4)
    trun = inside(segment, b"moof", b"traf", b"trun")[0]
    flags = number(trun, 1, 3)
    at = 8 + sum(4 for bit in (0x1, 0x4) if flags & bit)
    at += sum(4 for bit in (0x100, 0x200, 0x400) if flags & bit)
    shift = number(trun, at, signed=trun[0] == 1) if flags & 0x800 else 0
    mdhd = inside(head, b"moov", b"trak", b"mdia", b"mdhd")[0]
    return (decoded + shift) / number(mdhd, 20 if mdhd[0] else 12)


def sound_start(segment: bytes, head: bytes) -> float | None:
    """Return the second at which the sound of a segment starts."""
    trafs = inside(segment, b"moof", b"traf", b"tfdt")
    media = inside(head, b"moov", b"trak", b"mdia", b"mdhd")
    if len(media) < 2:
        return None
    return number(trafs[1], 4, 8 if trafs[1][0] else 4) / number(
        media[1], 20 if media[1][0] else 12
    )


def picture_size(head: bytes) -> tuple[int, int]:
    """Return width and height as the track tells them."""
    tkhd = inside(head, b"moov", b"trak", b"tkhd")[0]
    return number(tkhd, len(tkhd) - 8) >> 16, number(tkhd, len(tkhd) - 4) >> 16
