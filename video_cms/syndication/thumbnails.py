"""Pictures for other sites, by signed addresses: made when somebody opens one, not before."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from django.http import HttpRequest
from wagtail.images.models import Filter
from wagtail.images.views.serve import generate_image_url

from ..models import Picture
from .addresses import absolute

#: The boxes a picture is fitted into; few, so that nobody can fill the disk with sizes.
BOXES = ((1280, 720), (640, 360), (320, 180), (160, 90))


class Thumbnail(NamedTuple):
    """A picture's absolute address and its size."""

    url: str
    width: int
    height: int


def thumbnail(
    request: HttpRequest, picture: Picture | None, most: tuple[int, int] = BOXES[0]
) -> Thumbnail | None:
    """Return the largest thumbnail that is no larger than ``most``; None where there is none."""
    box = next((box for box in BOXES if box[0] <= most[0] and box[1] <= most[1]), None)
    if picture is None or box is None:
        return None
    image_filter = fitted(*box)
    width, height = image_filter.get_transform(picture).size
    address = generate_image_url(picture, image_filter.spec)
    return Thumbnail(absolute(request, address), int(width), int(height))


@cache
def fitted(width: int, height: int) -> Filter:
    """Return Wagtail's filter for a box. JPEG, because some readers know nothing newer."""
    return Filter(spec=f"max-{width}x{height}|format-jpeg")
