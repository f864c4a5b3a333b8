"""Drafts that exist from the first keystroke, each once.

A form that nobody has typed in yet knows the address its video will have, signed for its visitor:
whatever is sent first makes the draft, and all that follows, or is sent twice, finds it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from ..models import User, VideoPage
from ..models.pages import new_video_id
from . import videos
from .forms import VideoForm

Answer = TypeVar("Answer")

SALT = "video_cms.studio.drafts"
#: Seconds a form may lie open before anything is typed.
PATIENCE = 7 * 24 * 3600


def token_for(user: User) -> str:
    """Return the token of a form for a new video."""
    return signing.dumps([user.pk, new_video_id()], salt=SALT)


def page_of(user: User, token: str) -> VideoPage:
    """Return the video a token stands for: there already, or unsaved. A bad token makes another."""
    video_id = new_video_id()
    try:
        owner, signed = signing.loads(token, salt=SALT, max_age=PATIENCE)
        video_id = signed if owner == user.pk else video_id
    except (signing.BadSignature, ValueError):
        pass
    made: VideoPage | None = VideoPage.objects.filter(creator__user=user, video_id=video_id).first()
    return made or VideoPage(video_id=video_id, live=False)


def with_page(user: User, token: str, act: Callable[[VideoPage], Answer]) -> Answer:
    """Do something with a token's video; with the one there is if it is made just meanwhile."""
    try:
        return act(page_of(user, token))
    except videos.AlreadyMade:
        return act(page_of(user, token))


def may_be_kept(page: VideoPage) -> bool:
    """Return whether unfinished words may replace what is there.

    Not what is live, due, or being looked at by a moderator: they are to see what they approve.
    """
    return not page.live and not (page.pk and (page.approved_schedule or page.workflow_in_progress))


@transaction.atomic
def keep(form: VideoForm, user: User) -> VideoPage:
    """Keep what is right so far of a draft's form; what is not stays as it was."""
    form.full_clean()
    form.errors.clear()
    page: VideoPage = form.save(commit=False)
    page.title = page.title or _("Untitled video")
    if page.pk is None:
        videos.add(page, user)
    else:
        videos.catch_up(page)
    form.save_m2m()
    page.save()
    latest = page.get_latest_revision()
    own = latest if latest and latest.user_id == user.pk else None
    page.save_revision(user=user, clean=False, overwrite_revision=own)
    return page
