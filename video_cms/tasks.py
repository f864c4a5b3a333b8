"""What the queue runs. Tasks get ids and may run twice."""

from __future__ import annotations

from . import notices
from .models import VideoMedia, VideoPage


def process_video(media_id: int) -> None:
    """Probe a media file and make its poster; a file that is gone by now is left."""
    from .processing.process import process_media

    media = VideoMedia.objects.filter(pk=media_id).first()
    if media is not None:
        process_media(media)


def tell_followers(page_id: int) -> None:
    """Tell the creator's followers of a new video, unless it is no longer public."""
    video = VideoPage.objects.listed().select_related("creator").filter(pk=page_id).first()
    if video is not None:
        notices.tell_followers(video)
