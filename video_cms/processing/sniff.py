"""Tells a file's container from its first bytes. Names and extensions are never believed."""

from __future__ import annotations

HEAD = 400
MP4_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
PICTURE_BRANDS = {b"avif", b"avis", b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"crx "}
TS_SYNC, TS_PACKET, M2TS_PACKET = 0x47, 188, 192


def sniff(head: bytes) -> str | None:
    """Return the FFmpeg demuxer for a file that starts with ``head``; None when we take no such."""
    if head[4:8] in MP4_BOXES:
        return None if head[4:8] == b"ftyp" and head[8:12] in PICTURE_BRANDS else "mov"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if head.startswith(b"OggS"):
        return "ogg"
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "avi"
    if head.startswith(b"\x00\x00\x01\xba"):
        return "mpeg"
    return "mpegts" if _has_packets(head) else None


def _has_packets(head: bytes) -> bool:
    """Return whether transport stream packets, with or without time codes, start the file."""
    return any(
        len(head) > start + size and head[start] == head[start + size] == TS_SYNC
        for start, size in ((0, TS_PACKET), (4, M2TS_PACKET))
    )
