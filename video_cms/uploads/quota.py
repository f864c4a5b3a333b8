"""How much a creator may keep here."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Sum
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from ..models import Upload, User, VideoMedia


def used(user: User) -> int:
    """Return how many bytes a creator's video files take, those on their way included."""
    kept = VideoMedia.objects.filter(uploaded_by_user=user)
    coming = Upload.objects.filter(user=user, finished_at=None)
    return sum(rows.aggregate(sum=Sum("size"))["sum"] or 0 for rows in (kept, coming))


def complaint(user: User, size: int) -> str:
    """Return why a creator may not send a file of this many bytes; nothing if they may."""
    if size <= 0:
        return _("This file is empty. Choose another one.")
    if size > settings.UPLOAD_LIMIT:
        return too_large()
    return over_quota(user, size)


def over_quota(user: User, size: int) -> str:
    """Return why so many bytes more are too many for a creator; nothing if they are not."""
    taken = used(user)
    if taken + size > settings.UPLOAD_QUOTA:
        return _(
            "This file has %(size)s, and of your %(quota)s there are %(left)s left. "
            "Delete a video you no longer need, or choose a smaller file."
        ) % {
            "size": filesizeformat(size),
            "quota": filesizeformat(settings.UPLOAD_QUOTA),
            "left": filesizeformat(max(0, settings.UPLOAD_QUOTA - taken)),
        }
    return ""


def too_large() -> str:
    """Return what is said of a file above the limit."""
    most = {"most": filesizeformat(settings.UPLOAD_LIMIT)}
    return _("This file is larger than %(most)s. Choose a smaller one.") % most
