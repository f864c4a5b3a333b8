"""The feed block and the template tags, as a page shows them."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import reverse

from recommendations_plugin import api
from recommendations_plugin.blocks import FeedBlock

pytestmark = pytest.mark.django_db


def request_of(user):
    request = RequestFactory().get("/")
    request.user = user
    request.session = {}
    return request


def render(text, request, **context):
    return Template("{% load recommendations wagtailcore_tags %}" + text).render(
        Context({"request": request, **context})
    )


@pytest.fixture
def ada(make_user, parent_categories):
    return make_user("ada", interests=[parent_categories["Music"]])


@pytest.fixture
def videos(make_video, parent_categories):
    return [
        make_video("A jazz hour", categories=["Jazz"]),
        make_video("A loaf", categories=["Bread"]),
    ]


def test_the_block_shows_each_visitor_their_own_feed(videos, ada, make_user, parent_categories):
    bo = make_user("bo", interests=[parent_categories["Cooking"]])
    block = FeedBlock()
    value = block.to_python({"heading": "For you", "placement": "home", "number": 1})
    pages = [block.render(value, {"request": request_of(user)}) for user in (ada, bo)]
    assert "A jazz hour" in pages[0]
    assert "A loaf" not in pages[0]
    assert "A loaf" in pages[1]
    assert "For you" in pages[1]


def test_a_block_without_items_says_so_instead_of_vanishing(site_tree, ada):
    block = FeedBlock()
    value = block.to_python({"heading": "", "placement": "home", "number": 3})
    assert "<section" in block.render(value, {"request": request_of(ada)})


@pytest.mark.parametrize("changes", [{"number": 0}, {"number": 61}, {"placement": "Über mich"}])
def test_a_value_that_makes_no_sense_is_refused(changes):
    block = FeedBlock()
    value = {"heading": "", "placement": "home", "number": 12, **changes}
    with pytest.raises(ValidationError):
        block.clean(block.to_python(value))


def test_the_block_has_a_real_preview_in_the_admin(videos, client, make_user):
    admin = make_user("root", is_staff=True, is_superuser=True)
    client.force_login(admin)
    from video_cms.models import HomePage

    child = HomePage.body.field.stream_block.child_blocks["feed"]
    page = client.get(reverse("wagtailadmin_block_preview"), {"id": child.definition_prefix})
    assert page.status_code == 200
    assert "A jazz hour" in page.content.decode()


def test_tags_give_the_same_feed_as_the_api(videos, ada):
    request = request_of(ada)
    text = (
        '{% recommendations placement="sidebar" number=2 as feed %}'
        "{% for r in feed.items %}{{ r.object.title }}: {% recommendation_reason r %};{% endfor %}"
    )
    expected = api.recommend(api.viewer(ada), limit=2, request=request)
    shown = render(text, request)
    assert [part.split(":")[0] for part in shown.split(";") if part] == [
        item.object.title for item in expected.items
    ]
    assert "For your interest in Music" in shown


def test_the_feed_tag_and_similar_items_render_cards(videos, ada):
    request = request_of(ada)
    assert "A jazz hour" in render('{% recommendation_feed heading="More" %}', request)
    text = (
        "{% similar_items video as feed %}{% for r in feed.items %}{{ r.object.title }}{% endfor %}"
    )
    assert render(text, request, video=videos[0]) == "A loaf"


def test_16_markup_in_a_title_is_inert_in_a_card(make_video, ada):
    make_video("</script><script>alert(1)</script>")
    assert "<script>alert" not in render("{% recommendation_feed %}", request_of(ada))
