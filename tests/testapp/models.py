"""Four kinds of content: a page, a snippet with drafts, plain models, one keyed by UUIDs."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail import blocks
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import DraftStateMixin, Page, RevisionMixin
from wagtail.snippets.models import register_snippet

from recommendations_plugin.blocks import recommendation_blocks


@register_snippet
class Section(models.Model):
    """What readers choose as an interest."""

    name = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.name


class ArticleTag(TaggedItemBase):
    content_object = ParentalKey(
        "testapp.ArticlePage", on_delete=models.CASCADE, related_name="tagged_items"
    )


class ArticlePage(Page):
    introduction = models.TextField(blank=True)
    section = models.ForeignKey(Section, on_delete=models.PROTECT)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True
    )
    tags = ClusterTaggableManager(through=ArticleTag, blank=True)
    body = StreamField([("text", blocks.TextBlock()), *recommendation_blocks()], blank=True)

    content_panels = [*Page.content_panels, FieldPanel("section"), FieldPanel("body")]
    template = "testapp/article_page.html"


@register_snippet
class Event(DraftStateMixin, RevisionMixin, models.Model):
    name = models.CharField(max_length=80)
    section = models.ForeignKey(Section, on_delete=models.PROTECT)

    panels = [FieldPanel("name"), FieldPanel("section")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/events/{self.pk}/"


class Podcast(models.Model):
    title = models.CharField(max_length=80)
    section = models.ForeignKey(Section, on_delete=models.PROTECT)
    released_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/podcasts/{self.pk}/"


class Note(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    title = models.CharField(max_length=80)
    section = models.ForeignKey(Section, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/notes/{self.pk}/"
