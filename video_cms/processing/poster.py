"""Posters: the frame that stands for a video nobody gave a thumbnail."""

from __future__ import annotations

import os

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Collection

from ..models import Picture, VideoMedia

COLLECTION = "Video posters"


def poster(path: str | os.PathLike[str]) -> bytes:
    """Return a frame that stands for a video, as JPEG. Raises ``UnusableVideo``."""
    from .pool import Worker

    with Worker() as worker:
        return worker.look(path).poster


def save_poster(media: VideoMedia, jpeg: bytes, name: str = "poster") -> Picture:
    """Keep a frame in the picture library, in a collection of its own."""
    picture = Picture(
        title=media.title,
        file=ContentFile(jpeg, name=f"{name}-{media.pk}.jpg"),
        description=_("A frame of the video"),
        collection=poster_collection(),
        uploaded_by_user_id=media.uploaded_by_user_id,
    )
    forget_unknown(picture)
    picture.save()
    return picture


def forget_unknown(picture: Picture) -> None:
    """Remove the file that a worker has left which was killed before the picture's row was kept."""
    name = picture.get_upload_to(picture.file.name)
    if not Picture.objects.filter(file=name).exists():
        picture.file.storage.delete(name)


def poster_collection() -> Collection:
    """Return the collection of posters; they would bury the pictures editors choose from."""
    root = Collection.get_first_root_node()
    with transaction.atomic():
        found = root.get_children().filter(name=COLLECTION).first()
        return found or root.add_child(name=COLLECTION)
