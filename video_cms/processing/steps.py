"""The steps of the work on a file, as rows: who holds one, how far it is, how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone

from ..models import ProcessingStep, VideoMedia
from .probe import REASONS

Name, State = ProcessingStep.Name, ProcessingStep.State

#: After these a video can be watched; the others make it better.
PLAYABLE = (Name.PROBE, Name.MP4)
OTHERS = (Name.FRAMES, Name.STORYBOARD, Name.HLS)
#: How long a worker that says nothing still holds a step.
LEASE = timedelta(seconds=45)
#: How long a step waits in the queue before it is thought lost.
WAIT = timedelta(hours=1)
MOST_TRIES = 3


class Lost(Exception):
    """The step is no longer ours: the file is gone or replaced, or another worker has the step."""


def plan(media: VideoMedia, done: Sequence[str] = ()) -> None:
    """Make the rows of a file's steps, where there are none yet."""
    ProcessingStep.objects.bulk_create(
        [
            ProcessingStep(
                media=media,
                name=name,
                state=State.DONE if name in done else State.WAITING,
                progress=float(name in done),
                leased_until=timezone.now() + WAIT,
            )
            for name in (*PLAYABLE, *OTHERS)
        ],
        ignore_conflicts=True,
    )


def again(media: VideoMedia, *, everything: bool = False) -> None:
    """Have what failed, or everything, done once more."""
    steps = ProcessingStep.objects.filter(media=media)
    if not everything:
        steps = steps.filter(state=State.FAILED)
    steps.update(
        state=State.WAITING, attempts=0, error="", progress=0, leased_until=timezone.now() + WAIT
    )


def retry(media: VideoMedia) -> None:
    """Have what failed done once more; a file that was of no use is new again."""
    plan(media)
    again(media)
    failed = VideoMedia.objects.filter(pk=media.pk, state=VideoMedia.State.FAILED)
    failed.update(state=VideoMedia.State.NEW, failure="")
    media.refresh_from_db(fields=["state", "failure"])


def unfinished(media: VideoMedia) -> bool:
    """Return whether steps of a file are still to be done."""
    steps = dict(ProcessingStep.objects.filter(media=media).values_list("name", "state"))
    if any(steps.get(name) == State.FAILED for name in PLAYABLE):
        return False
    return bool({State.WAITING, State.RUNNING} & set(steps.values()))


def claim_stale() -> list[int]:
    """Return the files with work whose worker, or whose place in the queue, is lost; once each."""
    now = timezone.now()
    lost = ProcessingStep.objects.filter(
        state__in=[State.WAITING, State.RUNNING], leased_until__lt=now
    )
    files = sorted({*lost.values_list("media", flat=True), *plan_forgotten()})
    ProcessingStep.objects.filter(media__in=files, state=State.WAITING).update(
        leased_until=now + WAIT
    )
    return files


def plan_forgotten() -> list[int]:
    """Plan the steps of files that no worker has begun with: their place in the queue is lost."""
    forgotten = VideoMedia.objects.filter(
        type="video",
        state=VideoMedia.State.NEW,
        steps=None,
        created_at__lt=timezone.now() - WAIT,
    )
    found = list(forgotten)
    for media in found:
        plan(media)
    return [media.pk for media in found]


def take(media: VideoMedia, names: Sequence[str]) -> Held | None:
    """Take the next step of a file; None when nothing is to be done, or another is at it."""
    for step in ProcessingStep.objects.filter(media=media).order_by("pk"):
        if step.state == State.FAILED and step.name in PLAYABLE:
            return None
        if step.name not in names or step.state in {State.DONE, State.FAILED}:
            continue
        return hold(step)
    return None


def hold(step: ProcessingStep) -> Held | None:
    """Take a step, unless another has it; the try is counted first."""
    now = timezone.now()
    free = Q(state=State.WAITING) | Q(state=State.RUNNING, leased_until__lt=now)
    taken = ProcessingStep.objects.filter(free, pk=step.pk, attempts=step.attempts).update(
        state=State.RUNNING,
        attempts=F("attempts") + 1,
        leased_until=now + LEASE,
        started_at=now,
        finished_at=None,
    )
    return Held(step.pk, step.name, step.attempts + 1) if taken else None


class Held:
    """A step that this worker holds. Each change fails with ``Lost`` when it no longer does."""

    def __init__(self, pk: int, name: str, attempt: int) -> None:
        self.pk, self.name, self.attempt = pk, name, attempt

    @property
    def hopeless(self) -> bool:
        """Whether the tries before this one all stopped their workers."""
        return self.attempt > MOST_TRIES

    def tell(self, portion: float) -> None:
        """Say how far it is, from 0 to 1, and go on holding it."""
        self._change(progress=portion, leased_until=timezone.now() + LEASE)

    def wait(self) -> None:
        """Let it wait for another try."""
        self._change(state=State.WAITING, leased_until=timezone.now() + WAIT)

    def done(self) -> None:
        """Say that it is done."""
        self._change(state=State.DONE, progress=1.0, error="", finished_at=timezone.now())

    def release(self) -> None:
        """Let it wait for its next part."""
        self._change(state=State.WAITING, attempts=0, leased_until=timezone.now() + WAIT)

    def fail(self, code: str) -> None:
        """Say why it cannot be done."""
        self._change(state=State.FAILED, error=str(REASONS[code]), finished_at=timezone.now())

    def _change(self, **values: object) -> None:
        held = ProcessingStep.objects.filter(pk=self.pk, state=State.RUNNING, attempts=self.attempt)
        if not held.update(**values):
            raise Lost
