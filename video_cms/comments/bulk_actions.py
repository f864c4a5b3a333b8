"""Deciding about many comments at once, in the Wagtail admin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ..asking import AskedAction
from ..models import Comment
from . import moderation


class Decision(AskedAction):
    """Does the same with all chosen comments, after asking."""

    models = [Comment]

    def check_perm(self, obj: Comment) -> bool:
        allowed: bool = self.permission_policy.user_has_permission(self.request.user, "change")
        return allowed


class Approve(Decision):
    display_name = _("Approve")
    action_type = "approve"
    aria_label = _("Approve the chosen comments")
    question = _("Show these comments to everybody, and settle their reports?")
    action_priority = 10

    @classmethod
    def execute_action(cls, objects: Sequence[Comment], **kwargs: Any) -> tuple[int, int]:
        return moderation.approve(objects), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        return ngettext(
            "%(number)d comment is shown to everybody.",
            "%(number)d comments are shown to everybody.",
            num_parent_objects,
        ) % {"number": num_parent_objects}


class Hide(Decision):
    display_name = _("Hide")
    action_type = "hide"
    aria_label = _("Hide the chosen comments")
    question = _("Hide these comments from all but their authors, and settle their reports?")
    action_priority = 20
    classes = {"serious"}

    @classmethod
    def execute_action(cls, objects: Sequence[Comment], **kwargs: Any) -> tuple[int, int]:
        return moderation.hide(objects), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        return ngettext(
            "%(number)d comment is hidden.", "%(number)d comments are hidden.", num_parent_objects
        ) % {"number": num_parent_objects}
