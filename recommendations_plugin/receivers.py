"""Listens to the CMS and to accounts: what is published, unpublished, deleted, signed in.

Drafts and autosaves send ``post_save`` too, so models with drafts are never read from it. ``api``
is imported when something is heard: a process starts without it.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in
from django.db import models
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from wagtail.models import AbstractPage, DraftStateMixin
from wagtail.signals import (
    page_published,
    page_unpublished,
    post_page_move,
    published,
    unpublished,
)

from .registry import adapter_for


@receiver([page_published, published, post_page_move], dispatch_uid="recommendations_published")
def take_in(sender: Any, instance: models.Model, signal: Any = None, **kwargs: Any) -> None:
    """An item went live, changed or moved."""
    from . import api

    if signal is published and isinstance(instance, AbstractPage):
        return  # ``page_published`` is sent too
    instance = getattr(instance, "specific", instance)
    if adapter_for(instance):
        api.index_items([instance])


@receiver([page_unpublished, unpublished], dispatch_uid="recommendations_unpublished")
def take_out(sender: Any, instance: models.Model, **kwargs: Any) -> None:
    """An item is no longer live."""
    from . import api

    if adapter_for(instance):
        api.remove_items([instance])


@receiver(post_save, dispatch_uid="recommendations_saved")
def follow_plain_model(
    sender: type[models.Model], instance: models.Model, raw: bool = False, **kwargs: Any
) -> None:
    """A registered model without drafts is live as soon as it is saved."""
    adapter = None if raw or issubclass(sender, DraftStateMixin) else adapter_for(instance)
    if adapter and isinstance(instance, adapter.model):  # a migration's historical model is not
        from . import api

        api.index_items([instance])


@receiver(post_delete, dispatch_uid="recommendations_deleted")
def drop(sender: type[models.Model], instance: models.Model, **kwargs: Any) -> None:
    """An item or an account is gone."""
    from . import api

    if adapter_for(instance):
        api.remove_items([instance])
    if isinstance(instance, get_user_model()):
        api.forget(api.viewer(instance))


@receiver(user_logged_in, dispatch_uid="recommendations_signed_in")
def keep_session(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    """What an anonymous visitor did becomes theirs when they sign in or sign up.

    Token logins send this with a request that has no session.
    """
    from . import api

    session = getattr(request, "session", None)
    name = session.pop(api.SESSION_KEY, None) if session is not None else None
    if name:
        api.merge(api.Viewer(f"session:{name}"), api.viewer(user))
