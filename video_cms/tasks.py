"""What the queue runs. Tasks get ids and may run twice."""

from __future__ import annotations

from .models import VideoMedia


def process_video(media_id: int) -> None:
    """Probe a media file and make its poster; a file that is gone by now is left."""
    from .processing.process import process_media

    media = VideoMedia.objects.filter(pk=media_id).first()
    if media is not None:
        process_media(media)
