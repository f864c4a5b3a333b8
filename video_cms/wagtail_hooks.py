"""What the site adds to the Wagtail admin."""

from __future__ import annotations

from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet

from .models import Follow, Like, Watch
from .viewsets import ActivityGroup, CatalogueGroup, LookOnly

for model in (Watch, Like, Follow):
    register_permission_policy(model, LookOnly(model))

register_snippet(CatalogueGroup)
register_snippet(ActivityGroup)
