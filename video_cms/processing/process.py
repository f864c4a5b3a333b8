"""Works on media files, step by step, and keeps what each step has made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from django.db import transaction
from django.db.models import QuerySet

from ..models import ProcessingStep, VideoMedia
from . import folders, ladder, making, queue, steps
from .child import NO_SPACE
from .files import local_file, path_of
from .making import Keep
from .pool import Tell, Worker, look_at_all
from .probe import Findings, UnusableVideo

Name, State = ProcessingStep.Name, VideoMedia.State
Progress = Callable[[VideoMedia], None]

WORK: dict[str, Callable[[VideoMedia, Tell], Keep | None]] = {
    Name.PROBE: making.probe,
    Name.MP4: making.mp4,
    Name.FRAMES: making.frames,
    Name.STORYBOARD: making.storyboard,
    Name.HLS: ladder.build,
}


def process_media(media: VideoMedia) -> None:
    """Do what a file needs before it can be watched. Does nothing when that is done."""
    if media.state == State.NEW:
        steps.plan(media)
    while one_step(media, steps.PLAYABLE):
        pass


def finish_media(media: VideoMedia) -> bool:
    """Do one step more of what makes a video better; returns whether there is more to do."""
    return one_step(media, steps.OTHERS) and steps.unfinished(media)


def one_step(media: VideoMedia, names: Sequence[str]) -> bool:
    """Do the next of some steps; returns whether there was one, and it is still ours."""
    held = steps.take(media, names)
    if held is None:
        return False
    try:
        work(media, held)
    except steps.Lost:
        folders.forget_lost(media)
        return False
    return True


def work(media: VideoMedia, held: steps.Held) -> None:
    """Do a step, or say why it cannot be done. Raises ``Lost``."""
    try:
        if held.hopeless:
            raise UnusableVideo("stopped")
        keep = WORK[held.name](media, held.tell)
        if keep is None:
            held.release()
        else:
            finish(media, held, keep)
    except (UnusableVideo, OSError) as problem:
        give_up(media, held, unusable(problem))
    except VideoMedia.DoesNotExist as gone:
        raise steps.Lost from gone


def unusable(problem: UnusableVideo | OSError) -> UnusableVideo:
    """Return what is said of a problem. Raises those that nothing can be said of."""
    if isinstance(problem, UnusableVideo):
        return problem
    if isinstance(problem, FileNotFoundError):
        return UnusableVideo("missing")
    if problem.errno in NO_SPACE:
        return UnusableVideo("no_space")
    raise problem


@transaction.atomic
def finish(media: VideoMedia, held: steps.Held, keep: Keep) -> None:
    """Keep what a step has made, unless the file was replaced or the step taken over meanwhile."""
    current = VideoMedia.objects.select_for_update().filter(pk=media.pk, file=media.file.name)
    if not current.exists():
        raise steps.Lost
    held.done()
    change(media, keep())


def change(media: VideoMedia, values: dict[str, object]) -> None:
    """Change a file's row; a poster that another takes the place of is deleted."""
    old = media.poster if "poster" in values else None
    if values:
        VideoMedia.objects.filter(pk=media.pk).update(**values)
    for name, value in values.items():
        setattr(media, name, value)
    if old is not None:
        old.delete()


@transaction.atomic
def give_up(media: VideoMedia, held: steps.Held, unusable: UnusableVideo) -> None:
    """Say why a step cannot be done; without the first ones the file is of no use.

    Where others killed the work it is tried again: ``steps.MOST_TRIES`` times in all.
    """
    if unusable.code == "killed":
        held.wait()
        return
    held.fail(unusable.code)
    if held.name in steps.PLAYABLE and media.state == State.NEW:
        change(media, useless(unusable))


def useless(unusable: UnusableVideo) -> dict[str, object]:
    """Return what is known of a file that cannot be shown."""
    return {
        "state": State.FAILED,
        "failure": str(unusable),
        "duration": 0.0,
        "width": None,
        "height": None,
        "codec": "",
        "poster": None,
    }


# --- many files, such as an import's ------------------------------------------------------------


def process_pending(
    progress: Progress | None = None,
    processes: int = 2,
    queryset: QuerySet[VideoMedia] | None = None,
) -> int:
    """Look at every file that waits, several at once; returns how many there were.

    Files that browsers play as they are stay so: nothing is made of them unless somebody asks
    (``manage.py process_videos``). Others go to the queue. ``progress`` is called with each file.
    """
    waiting = VideoMedia.objects.all() if queryset is None else queryset
    waiting = waiting.filter(state=State.NEW, type="video", steps=None).order_by("pk")
    done = 0
    for media, findings in chain(look_in_parallel(waiting, processes), look_in_turn(waiting)):
        store(media, findings)
        done += 1
        if progress is not None:
            progress(media)
    return done


def look_in_parallel(
    waiting: QuerySet[VideoMedia], processes: int
) -> Iterator[tuple[VideoMedia, Findings | UnusableVideo]]:
    """Look at the files that lie on this machine."""
    local = ((media, path) for media in waiting.iterator() if (path := path_of(media)))
    return look_at_all(list(local), processes)


def look_in_turn(
    waiting: QuerySet[VideoMedia],
) -> Iterator[tuple[VideoMedia, Findings | UnusableVideo]]:
    """Look at the files that lie elsewhere: one at a time, so that few copies take up space."""
    with Worker() as worker:
        for media in list(waiting):
            if path_of(media) is None:
                yield media, look(worker, media)


def look(worker: Worker, media: VideoMedia) -> Findings | UnusableVideo:
    """Return what is in a media file, or the reason why it is of no use."""
    try:
        with local_file(media) as path:
            return worker.look(path)
    except FileNotFoundError:
        return UnusableVideo("missing")
    except UnusableVideo as unusable:
        return unusable


@transaction.atomic
def store(media: VideoMedia, findings: Findings | UnusableVideo) -> None:
    """Keep what was found, unless the file was replaced or taken up by another meanwhile."""
    current = VideoMedia.objects.select_for_update().filter(
        pk=media.pk, file=media.file.name, state=State.NEW
    )
    if not current.exists():
        return
    if isinstance(findings, UnusableVideo):
        change(media, useless(findings))
        return
    found = making.found(media, findings)
    if findings.probe.plays:
        found["state"] = State.READY
    else:
        steps.plan(media, done=[Name.PROBE])
        queue.enqueue(media.pk)
    change(media, found)
