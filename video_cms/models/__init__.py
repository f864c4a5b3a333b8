"""The site's content types, one module per subject."""

from .activity import Follow, Like, Watch
from .media import Picture, PictureRendition, VideoMedia
from .pages import HomePage, VideoIndexPage, VideoPage
from .taxonomy import Category, ParentCategory
from .users import CreatorProfile, User

__all__ = [
    "Category",
    "CreatorProfile",
    "Follow",
    "HomePage",
    "Like",
    "ParentCategory",
    "Picture",
    "PictureRendition",
    "User",
    "VideoIndexPage",
    "VideoMedia",
    "VideoPage",
    "Watch",
]
