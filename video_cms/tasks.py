"""What the queue runs. Tasks get ids and may run twice."""

from __future__ import annotations

from . import notices
from .models import VideoMedia, VideoPage
from .studio import videos


def process_video(media_id: int) -> None:
    """Look at a media file and show it where it is waited for; it may be gone by now."""
    from .processing.process import process_media

    media = VideoMedia.objects.filter(pk=media_id).first()
    if media is not None:
        process_media(media)
        videos.take_up(media)


def tell_followers(page_id: int) -> None:
    """Tell the creator's followers of a new video, unless it is no longer public."""
    video = VideoPage.objects.listed().select_related("creator").filter(pk=page_id).first()
    if video is not None:
        notices.tell_followers(video)
