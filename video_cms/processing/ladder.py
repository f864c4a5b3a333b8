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


def build(media: VideoMedia, tell: Tell) -> Keep | None:
    """Make the next size; None while others are missing.

    Finished sizes lie in the hidden folder, each beside what its playlist says, so whoever comes
    after a worker that was killed goes on where it stopped.
    """
    try:
        with folders.workplace(media, STEP, keep=True) as place, worker(media) as working:
            plan = planned(media, place, working, tell)
            sizes = ladder(plan["size"])
            missing = [short for short in sizes if not note(place, short).exists()]
            if missing:
                done, all_of_them = len(sizes) - len(missing), len(sizes)

                def tell_all(portion: float) -> None:
                    tell((done + portion) / all_of_them)

                make(media, place, missing[0], plan, working, tell_all)
            if missing[1:]:
                return None
            write_playlists(place, sizes, plan)
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


def make(
    media: VideoMedia, place: Path, short: int, plan: dict[str, Any], working: Worker, tell: Tell
) -> None:
    """Make one size; its note is written last."""
    own = plan["size"]
    scale = short / min(own)
    rung = working.ask(
        "rung",
        source(media),
        tell,
        seconds=seconds(media),
        output=str(place / f"{short}.mp4"),
        copied=plan["copied"] and short == min(own),
        size=[2 * round(side * scale / 2) for side in own],
        cuts=plan["cuts"],
    )
    write(note(place, short), rung)


def write_playlists(place: Path, sizes: Sequence[int], plan: dict[str, Any]) -> None:
    """Write what players read; the notes go."""
    rungs = {short: json.loads(note(place, short).read_text()) for short in sizes}
    for short, rung in rungs.items():
        text = playlists.media_playlist(f"{short}.mp4", rung, plan["cuts"], plan["end"])
        (place / f"{short}.m3u8").write_text(text)
        note(place, short).unlink()
    lasting = playlists.durations(plan["cuts"], plan["end"])
    named = [(f"{short}.m3u8", rung) for short, rung in rungs.items()]
    (place / playlists.MASTER).write_text(playlists.master_playlist(named, lasting))
    (place / PLAN).unlink()


def source(media: VideoMedia) -> Path:
    return folders.path_in_storage(media, media.mp4)


def note(place: Path, short: int) -> Path:
    """Return where it is noted what a size's playlist says."""
    return place / f"{short}.json"


def write(path: Path, what: dict[str, Any]) -> None:
    """Write a note whole or not at all."""
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps(what))
    unfinished.replace(path)
