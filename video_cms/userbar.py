"""What the user bar of a video's public page adds for its editors."""

from __future__ import annotations

from typing import Any

from wagtail.admin.userbar import BaseItem

from .models import VideoPage


class StatisticsItem(BaseItem):
    """Leads to the figures of a video, for those who may edit it."""

    template_name = "video_cms/admin/userbar_statistics.html"

    def __init__(self, video: VideoPage) -> None:
        self.video = video

    def render_html(self, parent_context: Any) -> str:
        user = parent_context["request"].user
        allowed = self.video.permissions_for_user(user).can_edit()
        return super().render_html(parent_context) if allowed else ""
