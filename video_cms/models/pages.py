"""The pages editors make: the home page, the list of videos, and the videos."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.forms import CheckboxSelectMultiple
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page, PageManager
from wagtail.query import PageQuerySet
from wagtail.search import index
from wagtailmedia.edit_handlers import MediaChooserPanel

from recommendations_plugin.blocks import recommendation_blocks
from recommendations_plugin.item_panel import RecommendationPanel

from ..blocks import SectionBlock, TextBlock
from ..panels import RetentionPanel, SuggestedCategoriesPanel
from .deleted import Deletable
from .taxonomy import Category, ParentCategory


def new_video_id() -> str:
    """Return a fresh video id: 11 characters, safe in an address, not guessable."""
    return secrets.token_urlsafe(8)


class HomePage(Page):
    """The start page: sections and a feed that editors arrange."""

    body = StreamField(
        [("section", SectionBlock()), *recommendation_blocks(), ("text", TextBlock())],
        blank=True,
        verbose_name=_("body"),
    )

    content_panels = [*Page.content_panels, FieldPanel("body")]
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["video_cms.VideoIndexPage"]
    max_count_per_parent = 1
    template = "video_cms/home.html"

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from ..views.browse import home_context

        return {**super().get_context(request, *args, **kwargs), **home_context(request)}


class VideoIndexPage(Page):
    """Holds the videos; lists the latest."""

    parent_page_types = ["video_cms.HomePage"]
    subpage_types = ["video_cms.VideoPage"]
    max_count_per_parent = 1
    template = "video_cms/video_index.html"

    class Meta:
        verbose_name = _("video list")
        verbose_name_plural = _("video lists")


class VideoTag(TaggedItemBase):
    """A tag on a video."""

    content_object = ParentalKey(
        "video_cms.VideoPage", on_delete=models.CASCADE, related_name="tagged_items"
    )


class VideoPageQuerySet(PageQuerySet):
    """Questions that are asked of videos."""

    def listed(self) -> VideoPageQuerySet:
        """Return videos that may appear in lists: live, public, of creators not suspended."""
        from .users import CreatorProfile

        shown = self.live().public().filter(visibility=VideoPage.Visibility.PUBLIC)
        return shown.exclude(creator__standing=CreatorProfile.Standing.SUSPENDED)

    def open(self) -> VideoPageQuerySet:
        """Return videos that everybody who knows the link may open: unlisted ones too."""
        from .users import CreatorProfile

        shown = self.live().public().exclude(visibility=VideoPage.Visibility.PRIVATE)
        return shown.exclude(creator__standing=CreatorProfile.Standing.SUSPENDED)

    def playable(self) -> VideoPageQuerySet:
        """Return videos with a file that was not found to be unusable."""
        from .media import VideoMedia

        with_file = self.filter(media__isnull=False)
        return with_file.exclude(media__state=VideoMedia.State.FAILED)

    def in_parent_category(self, parent: ParentCategory) -> VideoPageQuerySet:
        """Return videos with a category under ``parent``, or given it directly."""
        return self.filter(
            Q(categories__parent=parent) | Q(additional_parent_categories=parent)
        ).distinct()

    def for_cards(self) -> VideoPageQuerySet:
        """Add what a card shows, in a fixed number of queries."""
        return self.select_related(
            "creator__user", "creator__picture", "media__poster", "thumbnail"
        ).prefetch_related(
            "thumbnail__renditions", "media__poster__renditions", "creator__picture__renditions"
        )


class VideoPage(Deletable, Page):
    """A video with its words, its file and its place in the catalogue."""

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("Public")
        UNLISTED = "unlisted", _("Unlisted: only by its link")
        PRIVATE = "private", _("Private: only the creator")

    video_id = models.CharField(
        _("video id"),
        max_length=40,
        unique=True,
        default=new_video_id,
        validators=[RegexValidator(r"^[A-Za-z0-9_-]+\Z", _("Use letters, digits, “-” and “_”."))],
        help_text=_("The last part of the video's address."),
    )
    description = models.TextField(_("description"), blank=True, max_length=5000)
    creator = models.ForeignKey(
        "video_cms.CreatorProfile",
        on_delete=models.PROTECT,
        related_name="videos",
        verbose_name=_("creator"),
    )
    thumbnail = models.ForeignKey(
        "video_cms.Picture",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("thumbnail"),
        help_text=_("Without one, a frame of the video is shown."),
    )
    media = models.ForeignKey(
        "video_cms.VideoMedia",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="pages",
        verbose_name=_("video file"),
    )
    new_media = models.ForeignKey(
        "video_cms.VideoMedia",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("new video file"),
        help_text=_("Takes the place of the video file when it was found good."),
    )
    publish_when_ready = models.BooleanField(
        _("publish when the file is ready"), default=False, editable=False
    )
    categories = ParentalManyToManyField(
        Category, blank=True, related_name="videos", verbose_name=_("categories")
    )
    additional_parent_categories = ParentalManyToManyField(
        ParentCategory,
        blank=True,
        related_name="+",
        verbose_name=_("further parent categories"),
        help_text=_("The parents of the categories above are added by themselves."),
    )
    language = models.CharField(
        _("language"), max_length=12, blank=True, help_text=_("Spoken in the video, such as “en”.")
    )
    tags = ClusterTaggableManager(through=VideoTag, blank=True, verbose_name=_("tags"))
    visibility = models.CharField(
        _("visibility"), max_length=10, choices=Visibility.choices, default=Visibility.PUBLIC
    )
    is_premium = models.BooleanField(_("premium"), default=False)
    comments_enabled = models.BooleanField(_("comments"), default=True)
    views = models.PositiveIntegerField(_("views"), default=0, editable=False)
    likes = models.PositiveIntegerField(_("likes"), default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)

    objects = PageManager.from_queryset(VideoPageQuerySet)()

    content_panels = [
        # Not Wagtail's own panel of it, which fills in a slug: that follows the video's id here.
        FieldPanel("title", classname="title"),
        FieldPanel("description"),
        MultiFieldPanel(
            [MediaChooserPanel("media", media_type="video"), FieldPanel("thumbnail")],
            heading=_("Video and thumbnail"),
        ),
        FieldRowPanel([FieldPanel("creator"), FieldPanel("language")]),
        MultiFieldPanel(
            [
                FieldPanel("categories", widget=CheckboxSelectMultiple),
                SuggestedCategoriesPanel(),
                FieldPanel("additional_parent_categories", widget=CheckboxSelectMultiple),
                FieldPanel("tags"),
            ],
            heading=_("Where it belongs"),
        ),
        FieldRowPanel(
            [FieldPanel("visibility"), FieldPanel("is_premium"), FieldPanel("comments_enabled")],
            heading=_("Access"),
        ),
        RecommendationPanel(heading=_("In feeds"), icon="crosshairs"),
        RetentionPanel(heading=_("Viewers still watching"), icon="history"),
        InlinePanel("captions", heading=_("Captions"), label=_("Captions")),
    ]
    promote_panels = [
        FieldPanel("video_id"),
        FieldPanel("seo_title"),
        FieldPanel("search_description"),
    ]

    search_fields = [
        *Page.search_fields,
        index.SearchField("description"),
        index.RelatedFields("creator", [index.SearchField("name"), index.FilterField("standing")]),
        index.RelatedFields("categories", [index.SearchField("name")]),
        index.RelatedFields("captions", [index.SearchField("spoken")]),
        index.FilterField("visibility"),
        index.FilterField("is_premium"),
        index.FilterField("views"),
        index.FilterField("video_id"),
    ]

    parent_page_types = ["video_cms.VideoIndexPage"]
    subpage_types: list[str] = []
    template = "video_cms/video.html"

    class Meta:
        verbose_name = _("video")
        verbose_name_plural = _("videos")

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        self.slug = self.video_id
        super().full_clean(*args, **kwargs)

    def with_content_json(self, content: dict[str, Any]) -> VideoPage:
        """Keep what is today's when an older revision is shown or published."""
        page: VideoPage = super().with_content_json(content)
        for name in ("views", "likes", "new_media_id", "publish_when_ready", "deleted_at"):
            setattr(page, name, getattr(self, name))
        return page

    @property
    def poster(self) -> Any:
        """The picture that stands for the video: its thumbnail, else a frame; may be None."""
        return self.thumbnail or (self.media and self.media.poster)

    @property
    def duration(self) -> float:
        """Seconds, 0 while unknown."""
        return self.media.duration if self.media else 0.0

    def parent_categories(self) -> list[ParentCategory]:
        """Return the parents of the categories and the further ones, without repeats."""
        parents = [category.parent for category in self.categories.all()]
        return list(dict.fromkeys([*parents, *self.additional_parent_categories.all()]))

    def owned_by(self, user: Any) -> bool:
        """Return whether this is the creator's own video."""
        return user.is_authenticated and self.creator.user_id == user.pk

    def visible_to(self, user: Any) -> bool:
        """Return whether the page may be opened.

        Private ones, and those of suspended creators, are for their creator and editors only.
        """
        private = self.visibility == self.Visibility.PRIVATE or self.creator.suspended
        if not private or self.owned_by(user):
            return True
        return self.permissions_for_user(user).can_edit()

    def playable_by(self, user: Any) -> bool:
        """Return whether the file may be played: premium ones need the permission."""
        if not self.visible_to(user):
            return False
        return (
            not self.is_premium or self.owned_by(user) or user.has_perm("video_cms.watch_premium")
        )

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.visible_to(request.user):
            raise Http404
        from ..player import for_player

        return for_player(super().serve(request, *args, **kwargs))

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from ..watching import watch_context

        return {**super().get_context(request, *args, **kwargs), **watch_context(request, self)}
