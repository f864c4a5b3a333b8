"""``manage.py process_videos``"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from tqdm import tqdm

from ... import tasks
from ...models import VideoMedia
from ...processing import queue, steps
from ...processing.process import finish_media


class Command(BaseCommand):
    help = (
        "Make of video files what players want (MP4, sizes for slower connections, frames, small "
        "pictures for seeking), where it is missing: files of a catalogue that was imported, and "
        "those of before. Run it again to go on after an interruption."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ids", nargs="*", type=int, metavar="ID", help="only these files")
        parser.add_argument("--redo", action="store_true", help="also what is done already")
        parser.add_argument("--failed", action="store_true", help="also what failed")
        parser.add_argument("--queue", action="store_true", help="by the queue, not here and now")

    def handle(self, *args: Any, **options: Any) -> None:
        found = VideoMedia.objects.filter(type="video").order_by("pk")
        if options["ids"]:
            found = found.filter(pk__in=options["ids"])
        files = [media for media in found.iterator() if self._wanted(media, options)]
        quiet = options["verbosity"] == 0
        failed = 0
        for media in tqdm(files, desc="Processing", unit="file", disable=quiet or not files):
            if options["queue"]:
                queue.enqueue(media.pk)
                continue
            tasks.process_video(media.pk)
            media.refresh_from_db()
            while finish_media(media):
                pass
            failed += media.failed_steps or media.state == VideoMedia.State.FAILED
        self.stdout.write(f"Files: {len(files)}, with something that failed: {failed}")

    def _wanted(self, media: VideoMedia, options: dict[str, Any]) -> bool:
        """Plan what is missing of a file; returns whether anything is."""
        if media.state == VideoMedia.State.FAILED and not (options["failed"] or options["redo"]):
            return False
        steps.plan(media)
        if options["failed"] or options["redo"]:
            steps.retry(media)
        if options["redo"]:
            steps.again(media, everything=True)
        return steps.unfinished(media)
