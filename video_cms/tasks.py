"""What the queue runs. Tasks get ids and may run twice."""

from __future__ import annotations

from django.core.management import call_command

from . import digest, notices
from .models import ImportRun, VideoMedia, VideoPage
from .studio import deleting, videos
from .uploads import receiving


def process_video(media_id: int) -> None:
    """Make a media file playable and show it where it is waited for; it may be gone by now."""
    from .processing import queue, steps
    from .processing.process import process_media

    media = VideoMedia.objects.filter(pk=media_id).first()
    if media is not None:
        process_media(media)
        videos.take_up(media)
        if steps.unfinished(media):
            queue.enqueue(media_id, "finish_video")


def finish_video(media_id: int) -> None:
    """Do one step more on a video that can be watched; other videos get their turn in between."""
    from .processing import queue
    from .processing.process import finish_media

    media = VideoMedia.objects.filter(pk=media_id).first()
    if media is not None and finish_media(media):
        queue.enqueue(media_id, "finish_video")


def resume_processing() -> None:
    """Queue the work whose worker, or whose place in the queue, was lost."""
    from .processing import queue, steps

    for media_id in steps.claim_stale():
        queue.enqueue(media_id)


def import_catalogue(run_id: int) -> None:
    """Import a back catalogue that was sent; nothing where it has ended."""
    from .importing import runs

    run = ImportRun.objects.filter(pk=run_id, ended_at=None).first()
    if run is not None:
        runs.carry_out(run)


def tend_imports() -> None:
    """Go on with imports whose worker died; delete what belongs to none."""
    from .importing import runs

    runs.tend()


def tell_followers(page_id: int) -> None:
    """Tell the creator's followers of a new video, unless it is no longer public."""
    video = VideoPage.objects.listed().select_related("creator").filter(pk=page_id).first()
    if video is not None:
        notices.tell_followers(video)


def publish_scheduled() -> None:
    """Publish and expire what creators and editors scheduled for a time that has come."""
    call_command("publish_scheduled")


def clean_uploads() -> None:
    """Finish uploads that have arrived whole; delete those that nobody went on with."""
    receiving.clean()


def send_digests() -> None:
    """Send the weekly mail to whom it is due; who got it is noted one by one."""
    digest.send_due()


def erase_deleted() -> None:
    """Erase the videos whose creators have not brought them back in time."""
    deleting.erase_due()


#: What the queue runs by itself: task and minutes between.
SCHEDULES = {
    publish_scheduled: 1,
    resume_processing: 1,
    clean_uploads: 60,
    tend_imports: 10,
    send_digests: 60,
    erase_deleted: 60,
}


def schedule() -> None:
    """Make or change the site's schedules in the queue; run it at each deploy."""
    from django_q.models import Schedule

    for task, minutes in SCHEDULES.items():
        how = {"schedule_type": Schedule.MINUTES, "minutes": minutes, "repeats": -1}
        Schedule.objects.update_or_create(
            name=f"videos: {task.__name__}",
            defaults={"func": f"video_cms.tasks.{task.__name__}", **how},
        )
