"""What people are told of the work on a film."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..models import ProcessingStep, VideoMedia, VideoPage

State = ProcessingStep.State


@dataclass(frozen=True, slots=True)
class Status:
    """How far the work on a film is: ``step`` is what is being done or comes next, if anything."""

    media: VideoMedia
    step: ProcessingStep | None
    failed: list[ProcessingStep]

    @property
    def playable(self) -> bool:
        """Whether it can be watched meanwhile."""
        return self.media.state == VideoMedia.State.READY


def status_of(media: VideoMedia) -> Status:
    """Return how far the work on a film is; reads ``media.steps``, which may be prefetched."""
    steps = list(media.steps.all())
    failed = [step for step in steps if step.state == State.FAILED]
    going = media.state != VideoMedia.State.FAILED
    todo = [step for step in steps if going and step.state in {State.WAITING, State.RUNNING}]
    return Status(media, next(iter(todo), None), failed)


def may_ask(user: Any, media: VideoMedia) -> bool:
    """Return whether somebody is told of the work on a film, and may have it tried again."""
    if not user.is_authenticated:
        return False
    own = VideoPage.objects.filter(creator__user=user)
    return (
        own.filter(media=media).exists()
        or own.filter(new_media=media).exists()
        or media.is_editable_by_user(user)
    )
