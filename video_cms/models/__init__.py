"""The site's content types, one module per subject."""

from .activity import Follow, Like, Watch
from .captions import CaptionTrack
from .comments import Comment, CommentLike, CommentReport, CommentRules
from .importing import ImportRun
from .library import Playlist, PlaylistItem
from .looks import LookSettings
from .media import Picture, PictureRendition, VideoMedia
from .notices import Notice
from .pages import HomePage, VideoIndexPage, VideoPage
from .renditions import ProcessingStep, VideoFrame
from .rules import UploadRules
from .statistics import Source, VideoDay
from .taxonomy import Category, ParentCategory
from .uploads import Upload
from .users import CreatorProfile, Preferences, User

__all__ = [
    "CaptionTrack",
    "Category",
    "Comment",
    "CommentLike",
    "CommentReport",
    "CommentRules",
    "CreatorProfile",
    "Follow",
    "HomePage",
    "ImportRun",
    "Like",
    "LookSettings",
    "Notice",
    "ParentCategory",
    "Picture",
    "PictureRendition",
    "Playlist",
    "PlaylistItem",
    "Preferences",
    "ProcessingStep",
    "Source",
    "Upload",
    "UploadRules",
    "User",
    "VideoDay",
    "VideoFrame",
    "VideoIndexPage",
    "VideoMedia",
    "VideoPage",
    "Watch",
]
