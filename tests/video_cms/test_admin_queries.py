"""Pages of the admin ask the database the same number of questions however much they list."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.images import ImageFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.images.tests.utils import get_test_image_file

from recommendations_plugin import api
from recommendations_plugin.models import (
    EditorialRule,
    Event,
    Experiment,
    Facet,
    Impression,
    Item,
    TrainingRun,
    UserCategoryInterest,
)
from video_cms.models import (
    Category,
    Comment,
    CommentReport,
    Follow,
    Like,
    ParentCategory,
    Picture,
    ProcessingStep,
    Watch,
)

pytestmark = pytest.mark.django_db

LISTS = [
    "videos:index",
    "recommendations_releases",
    *(
        f"wagtailsnippets_{name}:list"
        for name in (
            "video_cms_parentcategory",
            "video_cms_category",
            "video_cms_creatorprofile",
            "video_cms_comment",
            "video_cms_watch",
            "video_cms_like",
            "video_cms_follow",
            "video_cms_processingstep",
            "recommendations_plugin_editorialrule",
            "recommendations_plugin_experiment",
            "recommendations_plugin_trainingrun",
            "recommendations_plugin_usercategoryinterest",
            "recommendations_plugin_item",
            "recommendations_plugin_facet",
            "recommendations_plugin_impression",
            "recommendations_plugin_event",
        )
    ),
]
#: Questions asked of lists.
QUERIES = {
    "videos:index": ["ordering=-views", "creator=p", "export=csv"],
    "wagtailsnippets_video_cms_comment:list": ["queue=waiting", "ordering=-open_reports", "q=c"],
    "wagtailsnippets_video_cms_creatorprofile:list": ["ordering=video_count"],
    "wagtailsnippets_video_cms_watch:list": ["q=p"],
}
ADDRESSES = [(name, query) for name in LISTS for query in ["", *QUERIES.get(name, [])]]


@pytest.fixture
def add(make_video: Any, make_user: Any, parent_categories: Any) -> Any:
    """Add a row to each list: ``add(7)``, none of them like another."""

    def add(number: int) -> None:
        now = timezone.now()
        parent = ParentCategory.objects.create(name=f"Parent {number}")
        Category.objects.create(name=f"Category {number}", parent=parent)
        user, other = make_user(f"person-{number}"), make_user(f"other-{number}")
        picture = Picture(title="P", file=ImageFile(get_test_image_file().file, name="p.png"))
        picture.save()
        video = make_video(
            creator=user.profile, categories=[f"Category {number}"], thumbnail=picture
        )
        Watch.objects.create(user=other, video=video, watch_time=0.5)
        Like.objects.create(user=other, video=video)
        Follow.objects.create(user=other, creator=user.profile)
        comment = Comment.objects.create(video=video, author=other, text="c", state="held")
        CommentReport.objects.create(comment=comment, reporter=user, reason="spam")
        ProcessingStep.objects.create(media=video.media, name="probe", state="failed")
        item, facet = Item.objects.get(key=api.key_of(video)), Facet.objects.latest("pk")
        EditorialRule.objects.create(kind="pin", item=item, position=number)
        experiment = Experiment.objects.create(name=f"Experiment {number}", status="stopped")
        experiment.arms.add(experiment.arms.model(name="control"))
        experiment.save()
        TrainingRun.objects.create(version=f"v{number}", status="done", finished_at=now)
        UserCategoryInterest.objects.create(viewer_key=f"user:{number}", category=facet)
        Impression.objects.create(
            viewer_key=f"user:{number}",
            feed="f",
            item_key=item.key,
            placement="home",
            position=0,
            shown_at=now,
        )
        Event.objects.create(kind="watch", occurred_at=now, target_key=item.key)

    return add


def test_no_list_asks_more_for_more_rows(client: Any, make_user: Any, add: Any) -> None:
    client.force_login(make_user("boss", is_superuser=True))

    def asked() -> dict[tuple[str, str], int]:
        found = {}
        for name, query in ADDRESSES:
            cache.clear()
            address = f"{reverse(name)}?{query}"
            client.get(address)  # pictures are made when they are first shown
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(address)
                if answer.streaming:
                    list(answer.streaming_content)
            assert answer.status_code == 200, address
            found[name, query] = len(queries)
        return found

    for number in range(1, 3):
        add(number)
    few = asked()
    for number in range(3, 8):
        add(number)
    assert asked() == few
