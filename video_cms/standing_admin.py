"""Verifying, muting, suspending and reinstating creators in the Wagtail admin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.permission_policies import ModelPermissionPolicy

from . import standing
from .asking import AskedAction
from .models import CreatorProfile

MAY_MODERATE = "video_cms.moderate_creatorprofile"


class WithAccounts(ModelPermissionPolicy):
    """Profiles come and go with their accounts: nobody adds or deletes them in the admin."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action not in ("add", "delete") and super().user_has_permission(user, action)


class ReasonForm(forms.Form):
    """Why, for the audit log."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is kept in the audit log."),
    )


class ReasonRequiredForm(ReasonForm):
    """The same where somebody loses something by it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = True


class StandingAction(AskedAction):
    """Changes the standing of the chosen creators, after asking."""

    models = [CreatorProfile]
    form_class = ReasonForm
    becomes = ""

    def check_perm(self, obj: CreatorProfile) -> bool:
        user = self.request.user
        if obj.user_id == user.pk or (obj.user.is_superuser and not user.is_superuser):
            return False
        allowed: bool = user.has_perm(MAY_MODERATE)
        return allowed

    def get_execution_context(self) -> dict[str, Any]:
        reason = self.cleaned_form.cleaned_data["reason"]
        return {**super().get_execution_context(), "user": self.request.user, "reason": reason}

    @classmethod
    def execute_action(
        cls, objects: Sequence[CreatorProfile], user: Any = None, reason: str = "", **kwargs: Any
    ) -> tuple[int, int]:
        return standing.change(objects, cls.becomes, user=user, reason=reason), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        return ngettext(
            "%(number)d creator was changed.",
            "%(number)d creators were changed.",
            num_parent_objects,
        ) % {"number": num_parent_objects}


class Verify(StandingAction):
    display_name = _("Verify")
    action_type = "verify"
    aria_label = _("Verify the chosen creators")
    question = _("Show a badge beside these creators' names?")
    action_priority = 10

    @classmethod
    def execute_action(
        cls, objects: Sequence[CreatorProfile], user: Any = None, reason: str = "", **kwargs: Any
    ) -> tuple[int, int]:
        return standing.verify(objects, user=user, reason=reason), 0


class Mute(StandingAction):
    display_name = _("Mute")
    action_type = "mute"
    aria_label = _("Mute the chosen creators")
    question = _("Let a moderator look at whatever these people write before others see it?")
    action_priority = 20
    form_class = ReasonRequiredForm
    becomes = standing.Standing.MUTED
    classes = {"serious"}


class Suspend(StandingAction):
    display_name = _("Suspend")
    action_type = "suspend"
    aria_label = _("Suspend the chosen creators")
    question = _(
        "Take these creators' videos out of all lists and feeds, and let these people write and "
        "upload nothing?"
    )
    action_priority = 30
    form_class = ReasonRequiredForm
    becomes = standing.Standing.SUSPENDED
    classes = {"serious"}


class Reinstate(StandingAction):
    display_name = _("Reinstate")
    action_type = "reinstate"
    aria_label = _("Reinstate the chosen creators")
    question = _("Show these creators' videos again, and let these people write and upload?")
    action_priority = 40
    becomes = standing.Standing.GOOD


DECISIONS = (Verify, Mute, Suspend, Reinstate)
