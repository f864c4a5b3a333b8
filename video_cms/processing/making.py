"""What each step makes. It works outside any transaction; what it returns is kept in one."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from django.conf import settings

from ..models import ProcessingStep, VideoFrame, VideoMedia, VideoPage
from . import folders, playlists
from .files import local_file
from .pool import Tell, Worker
from .poster import save_poster
from .probe import Findings

Name = ProcessingStep.Name
#: Keeps what a step has made; returns what changes in the media's row.
Keep = Callable[[], dict[str, Any]]

#: Processor seconds that a second of film may cost, and those that any film may.
SECONDS_EACH, SECONDS_ANYWAY = 240, 900
#: Bits a second that no film of ours has; a child may write this much, and as much as it reads.
MOST_BITS = 40_000_000


def worker(media: VideoMedia) -> Worker:
    """Return a worker that may write as much as a film like this needs."""
    most = int(media.duration * MOST_BITS / 8) + 2 * (media.file.size or 0)
    return Worker(bytes_at_most=most + 64 * 1024**2)


def seconds(media: VideoMedia) -> int:
    """Return how much processor time the work on a film may take."""
    return SECONDS_ANYWAY + int(SECONDS_EACH * media.duration)


def probe(media: VideoMedia, tell: Tell) -> Keep:
    """Look at the file."""
    with Worker() as looking, local_file(media) as path:
        findings = looking.look(path, tell)
    return lambda: found(media, findings)


def found(media: VideoMedia, findings: Findings) -> dict[str, Any]:
    """Return what a look at a file changes in its row."""
    return {
        "failure": "",
        "duration": findings.probe.duration,
        "width": findings.probe.width,
        "height": findings.probe.height,
        "codec": findings.probe.codec,
        "poster": save_poster(media, findings.poster),
    }


def mp4(media: VideoMedia, tell: Tell) -> Keep:
    """Make the film that every browser plays."""
    wanted = settings.PROCESSING
    with (
        folders.workplace(media, Name.MP4) as place,
        local_file(media) as path,
        worker(media) as working,
    ):
        working.ask(
            "mp4",
            path,
            tell,
            seconds=seconds(media),
            output=str(place / "video.mp4"),
            largest=wanted["LARGEST"],
            largest_copied=wanted["LARGEST_COPIED"],
            loudness=wanted["LOUDNESS"],
        )
    return lambda: {
        **replaced(media, Name.MP4, "video.mp4"),
        "state": VideoMedia.State.READY,
        "failure": "",
    }


def replaced(media: VideoMedia, step: str, file: str) -> dict[str, Any]:
    """Publish what a step has made; returns the change that puts it in the place of the old."""
    name = folders.publish(media, step)
    folders.withdraw(media, getattr(media, step))
    return {step: f"{name}/{file}"}


def frames(media: VideoMedia, tell: Tell) -> Keep:
    """Choose frames that may become the thumbnail."""
    with Worker() as looking:
        path = folders.path_in_storage(media, media.play_name)
        chosen = looking.ask("frames", path, tell, seconds=seconds(media), duration=media.duration)[
            "frames"
        ]

    def keep() -> dict[str, Any]:
        forget_frames(media)
        for number, frame in enumerate(chosen, start=1):
            picture = save_poster(media, base64.b64decode(frame["jpeg"]), f"frame-{number}")
            VideoFrame.objects.create(media=media, picture=picture, at=frame["at"])
        return {}

    return keep


def forget_frames(media: VideoMedia) -> None:
    """Delete a file's frames; a picture that a video shows as its thumbnail stays."""
    for frame in media.frames.select_related("picture"):
        frame.delete()
        if not VideoPage.objects.filter(thumbnail=frame.picture_id).exists():
            frame.picture.delete()


def storyboard(media: VideoMedia, tell: Tell) -> Keep:
    """Make the small pictures that the player shows for seeking."""
    with folders.workplace(media, Name.STORYBOARD) as place:
        path = folders.path_in_storage(media, media.play_name)
        with worker(media) as working:
            board = working.ask(
                "storyboard",
                path,
                tell,
                seconds=seconds(media),
                output=str(place / "storyboard.jpg"),
                duration=media.duration,
            )
        text = playlists.storyboard("storyboard.jpg", board, media.duration)
        (place / playlists.STORYBOARD).write_text(text)
    return lambda: replaced(media, Name.STORYBOARD, playlists.STORYBOARD)
