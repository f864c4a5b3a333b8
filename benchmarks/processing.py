"""What the work on films costs: copying, encoding, memory, and what web pages feel of it.

``python benchmarks/processing.py [copy] [encode] [memory]`` prints one line for each; with
``web URL`` it asks a running site for pages while films are encoded here. Films are drawn first.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "site")]

from video_cms.processing.child import picture  # noqa: E402
from video_cms.processing.pool import Worker  # noqa: E402

WANTED = {"largest": 1080, "largest_copied": 2160, "loudness": -16.0, "seconds": 36_000}


#: Sounds as filters draw them; the quiet ones have to be made louder. A pure tone is what the
#: encoder of sound is slowest at.
TONE = "aevalsrc='{volume}*sin(440*2*PI*t)':d={seconds}:s=48000:c=stereo[out1]"
NOISE = (
    "anoisesrc=d={seconds}:r=48000:a={volume}:c=pink:seed=1[left];"
    "anoisesrc=d={seconds}:r=48000:a={volume}:c=pink:seed=2[right];"
    "[left][right]join=inputs=2:channel_layout=stereo,tremolo=f=2:d=0.8[out1]"
)


def draw(
    path: Path, size: tuple[int, int], seconds: int, volume: float = 0.17, sound: str = TONE
) -> Path:
    """Draw a film with sound."""
    width, height = size
    graph = (
        f"testsrc2=size={width}x{height}:rate=25:duration={seconds},format=yuv420p[out0];"
        + sound.format(volume=volume, seconds=seconds)
    )
    with av.open(graph, format="lavfi") as source, av.open(str(path), "w") as target:
        film = target.add_stream("libx264", rate=25, options={"preset": "ultrafast", "g": "50"})
        film.width, film.height, film.pix_fmt = width, height, "yuv420p"
        heard = target.add_stream("aac", rate=48_000, layout="stereo")
        reencode(source, target, {"video": film, "audio": heard})
    return path


def reencode(source: Any, target: Any, encoders: dict[str, Any]) -> None:
    """Decode each frame of one container and encode it anew into the other."""
    for packet in source.demux():
        for frame in packet.decode():
            if isinstance(frame, av.VideoFrame):
                frame.pict_type = picture.PictureType.NONE
            target.mux(encoders[packet.stream.type].encode(frame))
    for stream in encoders.values():
        target.mux(stream.encode(None))


def make(source: Path, output: Path, **more: object) -> float:
    """Make an MP4 of a film; returns seconds."""
    with Worker(bytes_at_most=1 << 33) as worker:
        worker.look(source)  # the child is up, as in the queue
        began = time.perf_counter()
        worker.ask("mp4", source, output=str(output), **{**WANTED, **more})
        return time.perf_counter() - began


def copy(folder: Path) -> None:
    """Print how much faster than playing a film is taken over whose picture fits."""
    sounds = {
        "sound as loud as wanted": (0.17, TONE),
        "noise made louder": (0.1, NOISE),
        "a tone made louder": (0.02, TONE),
    }
    for name, (volume, sound) in sounds.items():
        spent = []
        for seconds in (60, 300):
            film = draw(folder / "copy.mp4", (640, 360), seconds, volume, sound)
            spent.append(seconds / make(film, folder / "out.mp4"))
        print(f"copy, {name}: {spent[0]:.0f} and {spent[1]:.0f} x real time (1 and 5 minutes)")


def encode(folder: Path) -> None:
    """Print our speed at 720p as a ratio to x264 called directly on the same film."""
    film = draw(folder / "encode.mp4", (1280, 720), 20)
    ratios = []
    for _ in range(3):
        began = time.perf_counter()
        directly(film, folder / "direct.mp4")
        direct = time.perf_counter() - began
        ours = make(film, folder / "out.mp4", largest_copied=0)
        ratios.append(direct / ours)
    print(
        f"encode: {statistics.median(ratios):.2f} of x264's own speed ({20 / ours:.1f} x real time)"
    )


def directly(source: Path, output: Path) -> None:
    """Encode picture and sound with the same settings and nothing around them."""
    options = picture.options((1280, 720), Fraction(25), exact=False)
    with av.open(str(source)) as film, av.open(str(output), "w") as target:
        film.streams.video[0].thread_type = "AUTO"
        encoders = {
            "video": target.add_stream("libx264", rate=25, options=options),
            "audio": target.add_stream("aac", rate=48_000, layout="stereo"),
        }
        encoders["video"].width, encoders["video"].height = 1280, 720
        reencode(film, target, encoders)


def memory(folder: Path) -> None:
    """Print the peak of the child's memory for films of 1, 4 and 16 times the length."""
    peaks = []
    for times in (1, 4, 16):
        film = draw(folder / "memory.mp4", (320, 180), 20 * times)
        with Worker(bytes_at_most=1 << 33) as worker:
            worker.look(film)
            child = psutil.Process(worker._process.pid)  # type: ignore[union-attr]
            worker.ask(
                "mp4", film, output=str(folder / "out.mp4"), **{**WANTED, "largest_copied": 0}
            )
            status = Path(f"/proc/{child.pid}/status").read_text()
        peaks.append(int(status.partition("VmHWM:")[2].split()[0]) / 1024)
    print("memory at 1, 4, 16 times the length: " + ", ".join(f"{p:.0f} MB" for p in peaks))


def web(folder: Path, address: str) -> None:
    """Print the 95th percentile of a page's answers: idle, and while two films are encoded."""
    film = draw(folder / "web.mp4", (1280, 720), 60)
    idle = answers(address)
    code = f"import sys; sys.path[:0] = {sys.path[:2]!r}; from benchmarks.processing import *; "
    code += "make(Path(sys.argv[1]), Path(sys.argv[2]), largest_copied=0)"
    busy = [
        subprocess.Popen([sys.executable, "-c", code, str(film), str(folder / f"{n}.mp4")])  # noqa: S603
        for n in range(2)
    ]
    time.sleep(2)
    meanwhile = answers(address)
    if any(process.poll() is not None for process in busy):
        raise SystemExit("The films were done too early: draw longer ones.")
    for process in busy:
        process.kill()
    print(f"web p95: idle {idle:.0f} ms, with two films {meanwhile:.0f} ms: {meanwhile / idle:.2f}")


def answers(address: str, count: int = 60) -> float:
    """Return the 95th percentile of some answers, in milliseconds."""
    spent = []
    for _ in range(count):
        began = time.perf_counter()
        with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310
            answer.read()
        spent.append(1000 * (time.perf_counter() - began))
    return statistics.quantiles(spent, n=20)[-1]


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("load {:.1f} {:.1f} {:.1f}".format(*os.getloadavg()))
        if names[:1] == ["web"]:
            web(folder, names[1])
            return
        for part in (copy, encode, memory):
            if not names or part.__name__ in names:
                part(folder)


if __name__ == "__main__":
    main(sys.argv[1:])
