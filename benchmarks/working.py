"""Those who work on films in ``uploads.py``'s storm: killed again and again, and what they made."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
#: Seconds after which a worker that says nothing is taken for dead: less than in earnest.
SILENT = 6


class Cluster:
    """The cluster that works on films. Its children, its workers and all of it die now and then."""

    def __init__(self, folder: Path) -> None:
        self.log = (folder / "cluster.log").open("ab")
        self.kills: Counter[str] = Counter()
        self.retried = self.rounds = 0
        self.seconds = 0.0
        self._chance = random.Random(2)  # noqa: S311
        self._over = threading.Event()
        self._trouble = threading.Thread(target=self._die_often)

    def start(self) -> None:
        self._began = time.monotonic()
        self._process = self._run()
        self._trouble.start()

    def _run(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, str(ROOT / "manage.py"), "qcluster"],
            env={**os.environ, "Q_CLUSTER_NAME": "processing", "PROCESSING_WORKERS": "2"},
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )

    def _die_often(self) -> None:
        while not self._over.wait(self._chance.uniform(3, 10)):
            self._die(self._chance.choice(["child", "child", "worker", "cluster"]))

    def _die(self, what: str) -> None:
        """Kill one that encodes, one that waits for it, or all."""
        below = psutil.Process(self._process.pid).children(recursive=True)
        encoding = [process for process in below if "-I" in command_of(process)]
        if what == "cluster" or not encoding:
            self._end()
            self._process = self._run()
            what = "cluster"
        else:
            chosen = self._chance.choice(encoding)
            victim = chosen if what == "child" else chosen.parent()
            if victim is not None:
                victim.kill()
        self.kills[what] += 1

    def _end(self) -> None:
        """Kill all of it at once, as when a machine fails."""
        below = psutil.Process(self._process.pid).children(recursive=True)
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        psutil.wait_procs(below, timeout=20)

    def finish(self, at_most: float) -> None:
        """Wait until all is made; the site's minute-by-minute task runs more often than usual."""
        deadline = time.monotonic() + at_most
        while self._unfinished() and time.monotonic() < deadline:
            self._resume()
            time.sleep(3)
        self.seconds = time.monotonic() - self._began

    def stop(self) -> None:
        """End all of it for good."""
        self._over.set()
        self._trouble.join()
        self._end()

    def _unfinished(self) -> bool:
        from video_cms.models import ProcessingStep, VideoMedia

        return (
            VideoMedia.objects.filter(steps=None).exists()
            or ProcessingStep.objects.exclude(state=ProcessingStep.State.DONE).exists()
        )

    def _resume(self) -> None:
        """Let time pass for what was lost, hand it on, and try again what failed."""
        from django.utils import timezone
        from django_q.models import OrmQ

        from video_cms.models import ProcessingStep, VideoMedia
        from video_cms.processing import queue, steps
        from video_cms.tasks import resume_processing

        state, now = ProcessingStep.State, timezone.now()
        past = now - timedelta(seconds=1)
        silent = now + steps.LEASE - timedelta(seconds=SILENT)
        rows = ProcessingStep.objects
        rows.filter(state=state.RUNNING, leased_until__lt=silent).update(leased_until=past)
        if not OrmQ.objects.filter(key="processing", lock__lt=now).exists():
            rows.filter(state=state.WAITING).update(leased_until=past)
            VideoMedia.objects.filter(steps=None).update(created_at=past - steps.WAIT)
        for media in VideoMedia.objects.filter(steps__state=state.FAILED).distinct():
            steps.retry(media)
            queue.enqueue(media.pk)
            self.retried += 1
        resume_processing()
        self.rounds += 1

    def report(self) -> None:
        """Compare what was made with what there is, and print the figures."""
        from video_cms.models import ProcessingStep, VideoMedia
        from video_cms.processing import folders
        from video_cms.processing.pool import look_at_all
        from video_cms.processing.probe import UnusableVideo

        films = list(VideoMedia.objects.all())
        ready = [film for film in films if film.state == VideoMedia.State.READY and film.mp4]
        paths = [(film.pk, str(folders.path_in_storage(film, film.mp4))) for film in ready]
        bad = sum(isinstance(seen, UnusableVideo) for _, seen in look_at_all(paths))
        streams = sum(bool(film.hls) and streams_whole(film) for film in films)
        undone = ProcessingStep.objects.exclude(state=ProcessingStep.State.DONE).count()
        print(f"killed while working    {dict(self.kills)} in {self.seconds:.0f} s")
        print(f"films, playable MP4s    {len(films)}, {len(ready) - bad}")
        print(f"whole HLS               {streams}")
        print(f"steps not done          {undone}; films tried again by hand {self.retried}")


def command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def streams_whole(film: object) -> bool:
    """Return whether all that a film's master playlist names is there."""
    from video_cms.processing import folders

    master = folders.path_in_storage(film, film.hls)  # type: ignore[arg-type, attr-defined]
    sizes = [line for line in master.read_text().splitlines() if not line.startswith("#")]
    return bool(sizes) and all(
        (master.parent / size).exists() and (master.parent / size).with_suffix(".mp4").exists()
        for size in sizes
    )


def known_files() -> set[Path]:
    """Return the files that rows name: films, pictures and their sizes."""
    from video_cms.models import Picture, VideoMedia

    found = {Path(file.file.path) for file in VideoMedia.objects.all()}
    for picture in Picture.objects.prefetch_related("renditions"):
        found |= {Path(picture.file.path), *(Path(r.file.path) for r in picture.renditions.all())}
    return found


def is_made(path: Path) -> bool:
    """Return whether a file belongs to a step's result that its film names."""
    from video_cms.models import VideoMedia
    from video_cms.processing import folders

    made = VideoMedia.objects.exclude(folder=None).values_list("mp4", "hls", "storyboard")
    kept = {str(Path(name).parent) for names in made for name in names if name}
    return folders.ROOT in path.parts and str(Path(folders.ROOT, *path.parts[-3:-1])) in kept
