"""The picture of a film: taken over as it is, or encoded anew as H.264."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import av
from av.video.frame import PictureType
from av.video.reformatter import ColorRange

from .opening import TICK, Decoder, Unusable, upright

#: What every browser plays: see ``fits``.
PROFILES = {"Baseline", "Constrained Baseline", "Main", "High"}
HIGHEST_LEVEL = 52
#: Containers whose time stamps are good enough to take packets over.
TIMED = {"mov", "matroska"}
#: Bits a second at most, by the shorter side of the picture, at 30 frames a second.
RATES = {240: 400, 360: 800, 480: 1400, 720: 2800, 1080: 5000, 1440: 9000, 2160: 16000}
#: Seconds between key frames that are asked for.
KEY_EVERY = 4
#: AV1 needs about this portion of the bits.
AV1, AV1_BITS = "libsvtav1", 0.6
#: Transfer functions of high dynamic range (HLG and PQ), which get the usual range.
HDR = {16, 18}


def fits(stream: Any, frame: Any, demuxer: str, most: int) -> bool:
    """Return whether browsers play the picture as it is."""
    context = stream.codec_context
    return (
        demuxer in TIMED
        and context.name == "h264"
        and context.profile in PROFILES
        and context.level <= HIGHEST_LEVEL
        and context.pix_fmt in {"yuv420p", "yuvj420p"}
        and upright(stream, frame) == (stream.width, stream.height)
        and not frame.rotation
        and not frame.interlaced_frame
        and not (stream.width % 2 or stream.height % 2)
        and min(stream.width, stream.height) <= most
        and bool(context.extradata)
    )


class Copied:
    """Packets taken over, moved so that the film starts at 0."""

    def __init__(self, source: Any, target: Any, start: Fraction) -> None:
        self.target = target.add_stream_from_template(source, opaque=True)
        self.shift = round(start / source.time_base)
        self.last = -(2**62)

    def take(self, packet: Any) -> Iterator[Any]:
        """Yield what a packet becomes. Raises ``ValueError`` where time runs backwards."""
        if packet.dts is None and packet.pts is None:
            return  # the end of the stream
        if packet.dts is None or packet.pts is None or packet.dts <= self.last:
            raise ValueError("time stamps are missing or out of order")
        self.last = packet.dts
        packet.dts, packet.pts = packet.dts - self.shift, packet.pts - self.shift
        packet.stream = self.target
        yield packet

    def end(self) -> Iterator[Any]:
        """Yield what is still to come."""
        return iter(())


class Encoded:
    """Frames encoded as H.264 or AV1: upright, with square pixels, each shown when it was before.

    ``cuts`` are the seconds at which key frames must stand; with none, there is one each
    ``KEY_EVERY`` seconds, and more where the scene changes.
    """

    def __init__(
        self,
        source: Any,
        target: Any,
        start: Fraction,
        first: Any,
        size: tuple[int, int],
        cuts: Sequence[float] = (),
        av1: bool = False,
    ) -> None:
        self.source, self.start, self.size, self.av1 = source, start, size, av1
        self.cuts, self.last = iter(cuts) if cuts else None, -1
        self.due: float | None = next(self.cuts) if self.cuts else 0.0
        self.shape: Any = None
        self.filters: Any = None
        self.decoder = Decoder()
        self.pixels = source.width * source.height
        sample = next(self.filtered(first))
        self.shape = None
        self.target = self.stream(target, sample)

    def stream(self, target: Any, sample: Any) -> Any:
        rate = self.source.average_rate or self.source.guessed_rate or Fraction(25)
        rate = min(max(Fraction(rate), Fraction(1)), Fraction(120)).limit_denominator(1001)
        if self.av1:
            stream = target.add_stream(AV1, rate=rate, options=options_av1(self.size, rate))
        else:
            wanted = options(self.size, rate, exact=self.cuts is not None)
            stream = target.add_stream("libx264", rate=rate, options=wanted)
        stream.width, stream.height, stream.pix_fmt = *self.size, "yuv420p"
        stream.time_base = stream.codec_context.time_base = TICK
        for name in ("color_primaries", "color_trc", "colorspace", "color_range"):
            setattr(stream.codec_context, name, getattr(sample, name))
        return stream

    def take(self, packet: Any) -> Iterator[Any]:
        """Yield the packets that a packet becomes; what cannot be decoded is left out."""
        for frame in self.decoder.frames(packet):
            if frame.width * frame.height > 4 * self.pixels:
                raise Unusable("too_many_pixels")
            if frame.pts is not None:
                for shown in self.filtered(frame):
                    yield from self.encode(shown)

    def filtered(self, frame: Any) -> Iterator[Any]:
        """Yield a frame as it is to be shown."""
        shape = (frame.width, frame.height, frame.format.name, frame.rotation)
        if shape != self.shape:
            self.shape, self.filters = shape, graph(self.source, frame, self.size)
        if self.filters is None:
            yield frame
            return
        self.filters.vpush(frame)
        yield from pulled(self.filters)

    def encode(self, frame: Any) -> Iterator[Any]:
        pts = round((frame.pts * frame.time_base - self.start) / TICK)
        if pts <= self.last:
            return  # two frames at one moment: the first is shown
        self.last = pts
        frame.pts, frame.time_base = pts, TICK
        frame.pict_type = PictureType.I if self.is_cut(float(pts * TICK)) else PictureType.NONE
        yield from self.target.encode(frame)

    def is_cut(self, seconds: float) -> bool:
        """Return whether a key frame is due; asked once of each frame."""
        if self.due is None or seconds < self.due - 0.001:
            return False
        self.due = next(self.cuts, None) if self.cuts else seconds + KEY_EVERY
        return True

    def end(self) -> Iterator[Any]:
        yield from self.target.encode(None)


def options(size: tuple[int, int], rate: Fraction, exact: bool) -> dict[str, str]:
    """Return how x264 shall work."""
    most = bits(size, rate)
    # Nothing is a key frame but what is asked for: all sizes are cut at the same moments.
    keys = {"x264-params": "keyint=infinite:scenecut=0:open-gop=0"} if exact else {}
    return {
        "preset": "veryfast",
        "crf": "22",
        "maxrate": str(most),
        "bufsize": str(2 * most),
        "profile": "high",
        "forced-idr": "1",
        **keys,
    }


def options_av1(size: tuple[int, int], rate: Fraction) -> dict[str, str]:
    """Return how SVT-AV1 shall work: nothing is a key frame but what is asked for."""
    most = round(AV1_BITS * bits(size, rate) / 1000)
    return {"preset": "8", "crf": "35", "svtav1-params": f"keyint=-1:scd=0:lp=2:mbr={most}"}


def bits(size: tuple[int, int], rate: Fraction) -> int:
    """Return how many bits a second of a picture may have at most."""
    short = min(size)
    nearest = next((side for side in RATES if side >= short), max(RATES))
    return round(RATES[nearest] * 1000 * (1.5 if rate > 40 else 1.0))


def scaled(shape: tuple[int, int], most: int) -> tuple[int, int]:
    """Return the even size of a picture whose shorter side is ``most`` at most."""
    scale = min(1.0, most / min(shape))
    width, height = (max(2, 2 * round(side * scale / 2)) for side in shape)
    return width, height


def graph(source: Any, frame: Any, size: tuple[int, int]) -> Any | None:
    """Return the filters that bring a frame into shape; None where it has it."""
    steps: list[tuple[str, str]] = []
    if frame.interlaced_frame:
        steps.append(("bwdif", "mode=send_frame:deint=interlaced"))
    turn = frame.rotation % 360
    if turn:
        steps += {
            90: [("transpose", "cclock")],
            180: [("hflip", ""), ("vflip", "")],
            270: [("transpose", "clock")],
        }.get(turn, [])
    width, height = size
    if (frame.width, frame.height) != size or turn or frame.format.name != "yuv420p":
        colours = ""
        if int(frame.color_trc) in HDR:
            colours = ":out_primaries=bt709:out_transfer=bt709:out_color_matrix=bt709"
        steps += [
            ("scale", f"{width}:{height}:flags=bicubic:out_range=limited{colours}"),
            ("setsar", "1"),
            ("format", "yuv420p"),
        ]
    if not steps and frame.color_range != ColorRange.JPEG:
        return None
    made = av.filter.Graph()
    last = made.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=source.time_base
    )
    for name, arguments in [*steps, ("buffersink", "")]:
        step = made.add(name, arguments) if arguments else made.add(name)
        last.link_to(step)
        last = step
    made.configure()
    return made


def pulled(filters: Any) -> Iterator[Any]:
    """Yield the frames that filters have ready."""
    while True:
        try:
            yield filters.pull()
        except (av.BlockingIOError, av.EOFError):
            return
