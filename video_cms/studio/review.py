"""Videos that moderators look at before anybody else sees them, where the site wants that."""

from __future__ import annotations

from typing import Any

from ..models import UploadRules, VideoPage


def is_needed(page: VideoPage) -> bool:
    """Return whether a creator's video may only be shown once a moderator agreed."""
    if page.creator.verified:
        return False
    site = page.get_site()
    return site is not None and UploadRules.for_site(site).review


def submit(page: VideoPage, user: Any) -> None:
    """Start the workflow of a video with its latest words, in place of an earlier one.

    Its approval publishes the video. Without any workflow an editor publishes it by hand.
    """
    if page.current_workflow_state is not None:
        page.current_workflow_state.cancel(user=user)
    workflow = page.get_workflow()
    if workflow is not None:
        workflow.start(page, user or page.owner)
