"""What everybody may see or play, whoever asks: what leaves the site is the same for all."""

from __future__ import annotations

from pathlib import PurePosixPath

from ..models import VideoMedia, VideoPage
from ..views.media import TYPES


def is_open(video: VideoPage) -> bool:
    """Return whether everybody who knows the link may open the page."""
    return (
        video.live
        and video.visibility != VideoPage.Visibility.PRIVATE
        and not video.get_view_restrictions().exists()
    )


def file_of(video: VideoPage) -> VideoMedia | None:
    """Return the file that players can be given; None while there is none."""
    media: VideoMedia | None = video.media
    if media is None or media.state != VideoMedia.State.READY or not file_type(media):
        return None
    return media


def free_file(video: VideoPage) -> VideoMedia | None:
    """Return the file if everybody who may open the page may also play it."""
    return None if video.is_premium else file_of(video)


def file_type(media: VideoMedia) -> str:
    """Return the content type that a video file is served with; empty for none."""
    return TYPES.get(PurePosixPath(media.play_name or "").suffix.lower(), "")
