"""How videos are sorted: parent categories, which viewers choose, and categories under them."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.search import index


class AbstractCategory(index.Indexed, models.Model):
    """A name, an address, an icon and a description."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    slug = models.SlugField(_("slug"), max_length=80, unique=True, blank=True)
    icon = models.CharField(
        _("icon"),
        max_length=30,
        blank=True,
        help_text=_("Name of one of the theme's icons, such as “music” or “leaf”."),
    )
    description = models.TextField(_("description"), blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    search_fields = [
        index.SearchField("name", boost=2),
        index.AutocompleteField("name"),
        index.SearchField("description"),
    ]

    class Meta:
        abstract = True
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        self.slug = self.slug or slugify(self.name)

    def save(self, *args: object, **kwargs: object) -> None:
        self.slug = self.slug or slugify(self.name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class ParentCategory(AbstractCategory):
    """A broad subject, which viewers choose as an interest."""

    panels = [
        FieldRowPanel([FieldPanel("name"), FieldPanel("slug"), FieldPanel("icon")]),
        FieldPanel("description"),
    ]

    class Meta(AbstractCategory.Meta):
        verbose_name = _("parent category")
        verbose_name_plural = _("parent categories")

    def get_absolute_url(self) -> str:
        return reverse("parent_category", args=[self.slug])


class Category(AbstractCategory):
    """A subject under a parent category; videos have one or more."""

    parent = models.ForeignKey(
        ParentCategory,
        on_delete=models.PROTECT,
        related_name="categories",
        verbose_name=_("parent category"),
    )

    panels = [
        FieldPanel("parent"),
        FieldRowPanel([FieldPanel("name"), FieldPanel("slug"), FieldPanel("icon")]),
        FieldPanel("description"),
    ]
    search_fields = [
        *AbstractCategory.search_fields,
        index.FilterField("parent"),
    ]

    class Meta(AbstractCategory.Meta):
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def get_absolute_url(self) -> str:
        return reverse("category", args=[self.slug])
