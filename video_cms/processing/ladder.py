"""The sizes of a film for adaptive streaming, made one after the other and published together."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from ..models import ProcessingStep, VideoMedia
from . import folders, playlists
from .making import Keep, replaced, seconds, worker
from .pool import Tell, Worker
from .probe import UnusableVideo

STEP = ProcessingStep.Name.HLS
PLAN = "plan.json"
#: A size is worth making when its shorter side is at most this portion of the film's.
SMALLER = 0.75
#: How AV1 is told in names, and the largest size (shorter side) it is made in.
AV1, LARGEST_AV1 = "-av1", 1080


def build(media: VideoMedia, tell: Tell) -> Keep | None:
    """Make the next size; None while others are missing.

    Finished sizes lie in the hidden folder, each beside what its playlist says, so whoever comes
    after a worker that was killed goes on where it stopped.
    """
    try:
        with folders.workplace(media, STEP, keep=True) as place, worker(media) as working:
            plan = planned(media, place, working, tell)
            names = variants(plan)
            missing = [name for name in names if not note(place, name).exists()]
            if missing:
                done, all_of_them = len(names) - len(missing), len(names)

                def tell_all(portion: float) -> None:
                    tell((done + portion) / all_of_them)

                make(media, place, missing[0], plan, working, tell_all)
            if missing[1:]:
                return None
            write_playlists(place, names, plan)
    except UnusableVideo as unusable:
        if unusable.code == "killed":
            raise  # another try goes on
        shutil.rmtree(folders.folder_of(media) / f".{STEP}", ignore_errors=True)
        raise
    return lambda: replaced(media, STEP, playlists.MASTER)


def planned(media: VideoMedia, place: Path, working: Worker, tell: Tell) -> dict[str, Any]:
    """Return where the film is cut, finding it out if that was not done for this very MP4."""
    kept = place / PLAN
    if kept.exists():
        plan: dict[str, Any] = json.loads(kept.read_text())
        if plan["mp4"] == media.mp4:
            return plan
        for file in place.iterdir():
            file.unlink()
    plan = working.ask("cuts", source(media), tell, seconds=seconds(media))
    write(kept, {**plan, "mp4": media.mp4})
    return plan


def ladder(size: Sequence[int]) -> list[int]:
    """Return the shorter sides of the sizes to make; the last is the film's own."""
    own = min(size)
    wanted: Any = settings.PROCESSING["RUNGS"]
    return [*(short for short in sorted(wanted) if short <= SMALLER * own), own]


def variants(plan: dict[str, Any]) -> list[str]:
    """Return the names of what to make: each size as H.264, and where wanted as AV1 as well."""
    sizes = ladder(plan["size"])
    names = [str(short) for short in sizes]
    if settings.PROCESSING["AV1"] and plan["av1"]:
        names += [f"{short}{AV1}" for short in sizes if short <= LARGEST_AV1]
    return names


def make(
    media: VideoMedia, place: Path, name: str, plan: dict[str, Any], working: Worker, tell: Tell
) -> None:
    """Make one size; its note is written last."""
    own, short, av1 = plan["size"], int(name.removesuffix(AV1)), name.endswith(AV1)
    scale = short / min(own)
    rung = working.ask(
        "rung",
        source(media),
        tell,
        seconds=seconds(media),
        output=str(place / f"{name}.mp4"),
        av1=av1,
        copied=plan["copied"] and short == min(own) and not av1,
        size=[2 * round(side * scale / 2) for side in own],
        cuts=plan["cuts"],
    )
    write(note(place, name), rung)


def write_playlists(place: Path, names: Sequence[str], plan: dict[str, Any]) -> None:
    """Write what players read; the notes go."""
    rungs = {name: json.loads(note(place, name).read_text()) for name in names}
    for name, rung in rungs.items():
        text = playlists.media_playlist(f"{name}.mp4", rung, plan["cuts"], plan["end"])
        (place / f"{name}.m3u8").write_text(text)
        note(place, name).unlink()
    lasting = playlists.durations(plan["cuts"], plan["end"])
    named = [(f"{name}.m3u8", rung) for name, rung in rungs.items()]
    (place / playlists.MASTER).write_text(playlists.master_playlist(named, lasting))
    (place / PLAN).unlink()


def source(media: VideoMedia) -> Path:
    return folders.path_in_storage(media, media.mp4)


def note(place: Path, name: str) -> Path:
    """Return where it is noted what a size's playlist says."""
    return place / f"{name}.json"


def write(path: Path, what: dict[str, Any]) -> None:
    """Write a note whole or not at all."""
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps(what))
    unfinished.replace(path)
