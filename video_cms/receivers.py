"""What follows from a change: a profile with each account, fresh facts in the recommender."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from wagtail.signals import page_published

from recommendations_plugin import api
from recommendations_plugin.signals import viewer_merged

from . import engagement, history
from .importing.search import index_for_search
from .models import Category, CreatorProfile, Preferences, Upload, User, VideoPage
from .processing import receivers as processing
from .uploads import receiving

processing.connect()
post_delete.connect(receiving.forget_bytes, sender=Upload, dispatch_uid="video_cms_upload")


@receiver(post_save, sender=User, dispatch_uid="video_cms_profile")
def make_profile(instance: User, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """Every account has a profile from the start."""
    if created and not raw:
        CreatorProfile.objects.get_or_create(user=instance)


@receiver(viewer_merged, dispatch_uid="video_cms_merged")
def keep_watches(session: api.Viewer, viewer: api.Viewer, **kwargs: Any) -> None:
    """What was watched before signing in is part of the history, where one is kept."""
    if Preferences.of(viewer.user).keep_history:
        engagement.adopt(session, viewer)
    else:
        history.keep_out(session, viewer)


@receiver(post_save, sender=Category, dispatch_uid="video_cms_category")
@receiver(post_save, sender=CreatorProfile, dispatch_uid="video_cms_creator")
def describe_again(instance: models.Model, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """A category's or creator's name is part of how its videos are described and found."""
    if created or raw:
        return
    field = "categories" if isinstance(instance, Category) else "creator"
    videos = VideoPage.objects.live().filter(**{field: instance})
    api.index_items(videos.iterator(500))
    index_for_search(VideoPage, videos.values_list("pk", flat=True))


@receiver(page_published, sender=VideoPage, dispatch_uid="video_cms_searched")
def find_by_all_words(instance: VideoPage, **kwargs: Any) -> None:
    """Captions and categories are saved after the page, too late for the search index."""
    index_for_search(VideoPage, [instance.pk])


@receiver(page_published, sender=VideoPage, dispatch_uid="video_cms_tell_followers")
def tell_followers(instance: VideoPage, **kwargs: Any) -> None:
    """A creator's followers hear of a new public video; the queue tells them."""
    if instance.visibility != VideoPage.Visibility.PUBLIC:
        return

    def queue() -> None:
        from django_q.tasks import async_task

        async_task("video_cms.tasks.tell_followers", instance.pk)

    transaction.on_commit(queue, robust=True)
