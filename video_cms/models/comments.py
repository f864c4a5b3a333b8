"""What viewers say about videos."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

#: Characters of a comment.
COMMENT_LENGTH = 2000


class Comment(models.Model):
    """A comment on a video, or an answer to one; answers have no answers of their own."""

    class State(models.TextChoices):
        PUBLISHED = "published", _("published")
        HELD = "held", _("held for a moderator")
        HIDDEN = "hidden", _("hidden")
        BY_CREATOR = "by_creator", _("hidden by the video's creator")
        DELETED = "deleted", _("deleted by its author")

    video = models.ForeignKey(
        "video_cms.VideoPage",
        on_delete=models.CASCADE,
        related_name="comments",
        verbose_name=_("video"),
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="comments",
        verbose_name=_("author"),
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="replies",
        verbose_name=_("answer to"),
    )
    text = models.TextField(_("text"), max_length=COMMENT_LENGTH)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.PUBLISHED
    )
    pinned = models.BooleanField(_("pinned by the creator"), default=False)
    likes = models.PositiveIntegerField(_("likes"), default=0, editable=False)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["video", "parent", "-created_at"], name="comment_thread"),
            models.Index(fields=["state", "-created_at"], name="comment_state"),
            models.Index(fields=["created_at"], name="comment_recent"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["video"], condition=Q(pinned=True), name="one_pinned_comment"
            )
        ]

    def __str__(self) -> str:
        return f"{self.author}: {Truncator(self.text).chars(80)}"

    def get_absolute_url(self) -> str:
        """Return where the comment stands: in its thread, on a page of its own."""
        address = reverse("comment_thread", args=[self.parent_id or self.pk])
        return f"{address}#comment-{self.pk}"


class CommentLike(models.Model):
    """A viewer likes a comment."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="like_rows")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="comment_likes"
    )
    created_at = models.DateTimeField(_("liked at"), default=timezone.now)

    class Meta:
        verbose_name = _("like of a comment")
        verbose_name_plural = _("likes of comments")
        constraints = [
            models.UniqueConstraint(fields=["comment", "user"], name="comment_like_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} × {self.comment_id}"


class CommentReport(models.Model):
    """A viewer asks moderators to look at a comment."""

    class Reason(models.TextChoices):
        SPAM = "spam", _("Spam or advertising")
        ABUSE = "abuse", _("Insults or harassment")
        HATE = "hate", _("Hatred or violence")
        PRIVATE = "private", _("Somebody's private matters")
        OTHER = "other", _("Something else")

    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, related_name="reports", verbose_name=_("comment")
    )
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="comment_reports",
        verbose_name=_("reported by"),
    )
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    text = models.TextField(_("what is wrong"), blank=True, max_length=1000)
    created_at = models.DateTimeField(_("reported at"), default=timezone.now)
    resolved_at = models.DateTimeField(_("settled at"), null=True, blank=True)

    class Meta:
        verbose_name = _("report of a comment")
        verbose_name_plural = _("reports of comments")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["comment", "reporter"], name="comment_report_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.comment}"


@register_setting(icon="comment", order=200)
class CommentRules(BaseSiteSetting):
    """Which comments of a site wait for a moderator before others see them."""

    held_words = models.TextField(
        _("words that are held"),
        blank=True,
        help_text=_("One word or phrase on a line. A comment with one of them waits."),
    )
    links_allowed = models.PositiveSmallIntegerField(
        _("links allowed"), default=2, help_text=_("A comment with more links waits.")
    )
    hold_first = models.BooleanField(
        _("Hold first comments"),
        default=False,
        help_text=_("Whoever has no published comment yet waits for a moderator."),
    )

    panels = [
        FieldPanel("held_words"),
        FieldPanel("links_allowed"),
        FieldPanel("hold_first"),
    ]

    class Meta:
        verbose_name = _("comment rules")

    def __str__(self) -> str:
        return str(self.site)
