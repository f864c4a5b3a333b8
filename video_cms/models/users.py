"""Who uses the site: accounts and the profiles they show."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.validators import ASCIIUsernameValidator
from django.db import models
from django.db.models.functions import Lower
from django.forms import CheckboxSelectMultiple
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.models import PreviewableMixin
from wagtail.search import index

from ..panels import YesOrNoPanel


class User(AbstractUser):
    """An account. User name and e-mail are each unique, whatever their case."""

    username = models.CharField(
        _("user name"),
        max_length=40,
        unique=True,
        validators=[ASCIIUsernameValidator()],
        error_messages={"unique": _("Somebody has this user name already.")},
    )
    email = models.EmailField(
        _("e-mail address"),
        unique=True,
        error_messages={"unique": _("Somebody uses this e-mail address already.")},
    )

    class Meta(AbstractUser.Meta):
        permissions = [
            ("watch_premium", _("Can watch premium videos")),
            ("offer_premium", _("Can offer videos as premium")),
        ]
        constraints = [
            models.UniqueConstraint(Lower("username"), name="user_username_any_case"),
            models.UniqueConstraint(Lower("email"), name="user_email_any_case"),
        ]


class CreatorProfile(index.Indexed, PreviewableMixin, models.Model):
    """What an account shows of itself. Made with the account (see ``receivers``)."""

    class Standing(models.TextChoices):
        """What moderators let an account do (see ``standing``)."""

        GOOD = "good", _("in good standing")
        MUTED = "muted", _("muted")
        SUSPENDED = "suspended", _("suspended")

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="profile", verbose_name=_("account")
    )
    name = models.CharField(_("name"), max_length=80, blank=True)
    bio = models.TextField(_("about"), max_length=2000, blank=True)
    picture = models.ForeignKey(
        "video_cms.Picture",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("picture"),
    )
    banner = models.ForeignKey(
        "video_cms.Picture",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("banner"),
    )
    website = models.URLField(_("website"), blank=True)
    location = models.CharField(_("location"), max_length=120, blank=True)
    verified = models.BooleanField(
        _("verified"), default=False, help_text=_("Shows a badge beside the name.")
    )
    standing = models.CharField(
        _("standing"),
        max_length=10,
        choices=Standing.choices,
        default=Standing.GOOD,
        editable=False,
    )
    parent_categories = models.ManyToManyField(
        "video_cms.ParentCategory",
        blank=True,
        related_name="interested",
        verbose_name=_("interests"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    panels = [
        FieldRowPanel(
            [
                FieldPanel("user", read_only=True),
                YesOrNoPanel("verified", read_only=True),
                FieldPanel("standing", read_only=True),
            ]
        ),
        MultiFieldPanel(
            [
                FieldPanel("name"),
                FieldPanel("bio"),
                FieldRowPanel([FieldPanel("website"), FieldPanel("location")]),
            ],
            heading=_("About"),
        ),
        FieldRowPanel([FieldPanel("picture"), FieldPanel("banner")], heading=_("Pictures")),
        FieldPanel("parent_categories", widget=CheckboxSelectMultiple),
    ]

    search_fields = [
        index.SearchField("name", boost=2),
        index.AutocompleteField("name"),
        index.SearchField("bio"),
        index.RelatedFields("user", [index.SearchField("username")]),
        index.FilterField("verified"),
    ]

    class Meta:
        verbose_name = _("creator profile")
        verbose_name_plural = _("creator profiles")
        permissions = [("moderate_creatorprofile", _("Can verify, mute and suspend creators"))]

    def __str__(self) -> str:
        return self.name or self.user.get_username()

    @property
    def suspended(self) -> bool:
        """Whether the account may write nothing and its videos are shown to nobody else."""
        return self.standing == self.Standing.SUSPENDED

    def get_absolute_url(self) -> str:
        return reverse("profile", args=[self.user.get_username()])

    def get_preview_template(self, request: object, mode_name: str) -> str:
        return "video_cms/profile.html"

    def get_preview_context(self, request: object, mode_name: str) -> dict[str, object]:
        return {"profile": self}


class Preferences(models.Model):
    """How a viewer wants the site to behave. Missing means: as below."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="preferences", verbose_name=_("account")
    )
    keep_history = models.BooleanField(
        _("Keep a history of what I watch"),
        default=True,
        help_text=_("Off: nothing more is added to your history or used for your feeds."),
    )
    show_follows = models.BooleanField(
        _("Show on my profile whom I follow"),
        default=False,
    )
    autoplay_next = models.BooleanField(_("Play the next video by itself"), default=False)
    shortcuts = models.BooleanField(_("Keyboard shortcuts in the player"), default=True)
    notify_videos = models.BooleanField(_("New videos of creators I follow"), default=True)
    notify_replies = models.BooleanField(_("Answers to my comments"), default=True)
    weekly_digest = models.BooleanField(_("A weekly mail of videos picked for me"), default=False)
    digest_sent_at = models.DateTimeField(
        _("last weekly mail"), null=True, blank=True, editable=False
    )

    class Meta:
        verbose_name = _("preferences")
        verbose_name_plural = _("preferences")

    def __str__(self) -> str:
        return str(self.user)

    @classmethod
    def of(cls, user: object) -> Preferences:
        """Return a user's preferences; the defaults for those who chose none and for nobody."""
        found = cls.objects.filter(user=user).first() if isinstance(user, User) else None
        return found or cls(user=user if isinstance(user, User) else None)
