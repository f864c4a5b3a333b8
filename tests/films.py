"""Small films that PyAV draws: a white block in the upper left corner, a flash and a beep."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

SHORT = 0.12  # seconds of the flash, and of the beep


def draw(
    path: Path,
    *,
    size: tuple[int, int] = (160, 90),
    seconds: float = 2.0,
    rate: int = 25,
    video: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    audio: str | None = "aac",
    layout: str = "stereo",
    loudness: float = 0.5,
    rotate: int = 0,
    shape: Fraction | None = None,
    times: list[float] | None = None,
    flash: float = 1.0,
    metadata: dict[str, str] | None = None,
) -> Path:
    """Write a film. ``times`` are when its frames are shown, where they come at no even pace.

    The flash and the beep begin ``flash`` seconds after the start. Raises ``ValueError`` where the
    codec is not there.
    """
    times = times or [number / rate for number in range(round(seconds * rate))]
    with av.open(str(path), "w") as target:
        target.metadata.update(metadata or {})
        stream = target.add_stream(video, rate=rate, options=options or {})
        stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
        stream.codec_context.thread_count = 1
        if video != "mpeg2video":  # which knows but few
            stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        if rotate:
            stream.set_display_rotation(rotate)
        if shape:
            stream.codec_context.sample_aspect_ratio = shape
        sound = None
        if audio:
            sound = target.add_stream(audio, rate=48_000, layout=layout)
        for time in times:
            frame = picture(size, flash <= time < flash + SHORT, time).reformat(format=pix_fmt)
            frame.pts, frame.time_base = round(time * 1000), Fraction(1, 1000)
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
        if sound is not None:
            for frame in beep(seconds, flash, sound, loudness):
                target.mux(sound.encode(frame))
            target.mux(sound.encode(None))
    return path


def picture(size: tuple[int, int], white: bool, time: float) -> Any:
    """Return a grey picture with a block in the corner; white while it flashes."""
    width, height = size
    points = np.full((height, width, 3), 90, np.uint8)
    points[:, int(time * 40) % width] = 130
    points[: height // 4, : width // 4] = (235, 40, 40)
    if white:
        points[:] = 255
    return av.VideoFrame.from_ndarray(points, format="rgb24")


def beep(seconds: float, start: float, stream: Any, loudness: float) -> list[Any]:
    """Return sound: a quiet hum, and a loud tone while it flashes."""
    count = round(seconds * 48_000)
    moments = np.arange(count) / 48_000
    wave = np.sin(2 * np.pi * 440 * moments) * 0.01
    loud = (moments >= start) & (moments < start + SHORT)
    wave[loud] = np.sin(2 * np.pi * 1000 * moments[loud]) * loudness
    channels = len(stream.codec_context.layout.channels)
    samples = np.tile(wave.astype(np.float32), (channels, 1))
    frames = []
    for offset in range(0, count, 1024):
        part = np.ascontiguousarray(samples[:, offset : offset + 1024])
        frame = av.AudioFrame.from_ndarray(
            part, format="fltp", layout=stream.codec_context.layout.name
        )
        frame.sample_rate, frame.pts, frame.time_base = 48_000, offset, Fraction(1, 48_000)
        frames.append(frame)
    return frames


def flash_and_beep(path: Path) -> tuple[float, float | None]:
    """Return when a film flashes, and when it beeps, in seconds."""
    with av.open(str(path)) as film:
        seen = next(
            f.time for f in film.decode(video=0) if f.to_ndarray(format="gray").mean() > 200
        )
    with av.open(str(path)) as film:
        if not film.streams.audio:
            return seen, None
        for frame in film.decode(audio=0):
            heard = frame.to_ndarray()
            whole = 1.0 if heard.dtype.kind == "f" else np.iinfo(heard.dtype).max
            loud = np.flatnonzero(np.abs(heard / whole).max(axis=0) > 0.05)
            if len(loud):
                place = loud[0] // (1 if frame.format.is_planar else frame.layout.nb_channels)
                return seen, frame.time + place / frame.sample_rate
    return seen, None
