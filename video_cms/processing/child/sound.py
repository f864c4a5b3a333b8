"""The sound of a film: how loud it is, and the same as AAC, as loud as all others."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import log10
from typing import Any

import av

from .opening import Decoder
from .picture import TIMED, pulled

#: Decibels below full scale that no peak may come nearer than when sound is made louder.
HEADROOM = 1.5
#: Changes that nobody hears are not made, in decibels.
UNHEARD = 1.0
#: Quieter than this (LUFS) is no sound at all.
SILENCE = -60.0
RATES = (44_100, 48_000)
#: Sample rates that need not be changed.
PLAYED = {22_050, 24_000, 32_000, *RATES}
#: At these bit rates the other way to choose coefficients is not heard, and takes several times
#: as long.
QUICK = {"aac_coder": "fast"}
BITS = {1: 96_000, 2: 160_000}


def gain(container: Any, stream: Any, target: float) -> float:
    """Return by how many decibels to change the sound (EBU R128, true peak), by reading it all.

    It is one change for the whole film, so loud and quiet stay apart.
    """
    filters: Any = None
    found: dict[str, str] = {}
    decoder = Decoder()
    for packet in container.demux(stream):
        for frame in decoder.frames(packet):
            if filters is None:
                filters = graph(stream, frame, [("ebur128", "metadata=1:peak=true")])
            filters.push(frame)
            for measured in pulled(filters):
                found = measured.metadata or found
    loudness = float(found.get("lavfi.r128.I", -70))
    peaks = [float(v) for k, v in found.items() if k.startswith("lavfi.r128.true_peaks_ch")]
    if loudness <= SILENCE or not peaks:
        return 0.0
    peak = decibels(max(peaks))
    change = min(target - loudness, -HEADROOM - peak) if target > loudness else target - loudness
    return change if abs(change) >= UNHEARD else 0.0


def decibels(portion: float) -> float:
    """Return a portion of full scale in decibels."""
    return 20 * log10(max(portion, 1e-6))


def fits(stream: Any, demuxer: str) -> bool:
    """Return whether browsers play the sound as it is."""
    context = stream.codec_context
    return (
        demuxer in TIMED
        and context.name == "aac"
        and context.profile == "LC"
        and context.channels <= 2
        and context.sample_rate in PLAYED
        and bool(context.extradata)
    )


def graph(stream: Any, frame: Any, steps: list[tuple[str, str]]) -> Any:
    """Return filters for frames of this kind."""
    made = av.filter.Graph()
    last = made.add_abuffer(
        sample_rate=frame.sample_rate,
        format=frame.format.name,
        layout=frame.layout.name,
        time_base=stream.time_base,
    )
    for name, arguments in [*steps, ("abuffersink", "")]:
        step = made.add(name, arguments) if arguments else made.add(name)
        last.link_to(step)
        last = step
    made.configure()
    return made


class Encoded:
    """Sound as AAC, stereo or mono, in time with the picture: gaps are filled with silence."""

    def __init__(self, source: Any, target: Any, start: Fraction, change: float) -> None:
        self.source, self.start, self.change = source, start, change
        context = source.codec_context
        self.rate = context.sample_rate if context.sample_rate in RATES else RATES[1]
        self.layout = "mono" if context.channels == 1 else "stereo"
        self.target = target.add_stream("aac", rate=self.rate, layout=self.layout, options=QUICK)
        self.target.bit_rate = BITS[1 if self.layout == "mono" else 2]
        self.shape: Any = None
        self.filters: Any = None
        self.decoder = Decoder()

    def take(self, packet: Any) -> Iterator[Any]:
        """Yield the packets that a packet becomes."""
        for frame in self.decoder.frames(packet):
            if frame.pts is not None:
                yield from self.encode(frame)

    def encode(self, frame: Any) -> Iterator[Any]:
        shape = (frame.sample_rate, frame.format.name, frame.layout.name)
        if self.filters is None:
            self.shape, self.filters = shape, graph(self.source, frame, self.steps())
        if shape != self.shape:
            return  # a stream that changes its kind in the middle: the rest is silent
        frame.pts -= round(self.start / frame.time_base)
        self.filters.push(frame)
        for heard in pulled(self.filters):
            yield from self.target.encode(heard)

    def steps(self) -> list[tuple[str, str]]:
        louder = [("volume", f"{self.change:.2f}dB")] if self.change else []
        form = f"sample_fmts=fltp:sample_rates={self.rate}:channel_layouts={self.layout}"
        return [*louder, ("aresample", f"{self.rate}:async=1:first_pts=0"), ("aformat", form)]

    def end(self) -> Iterator[Any]:
        if self.filters is not None:
            self.filters.push(None)
            for heard in pulled(self.filters):
                yield from self.target.encode(heard)
        yield from self.target.encode(None)
