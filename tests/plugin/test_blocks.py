"""The feed block and the template tags, as a page shows them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import reverse

from recommendations_plugin import api
from recommendations_plugin.blocks import (
    CategoryBlock,
    ContinueBlock,
    FeedBlock,
    FollowedBlock,
    PickedBlock,
    SimilarBlock,
    TrendingBlock,
    recommendation_blocks,
)
from recommendations_plugin.events import shelf
from recommendations_plugin.middleware import PrivateFeedsMiddleware
from recommendations_plugin.models import EditorialRule, Facet, Item

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


@pytest.mark.parametrize("name", [name for name, _block in recommendation_blocks()])
def test_each_block_has_a_real_preview_in_the_admin(name, videos, client, make_user):
    admin = make_user("root", is_staff=True, is_superuser=True)
    client.force_login(admin)
    from video_cms.models import HomePage

    child = HomePage.body.field.stream_block.child_blocks[name]
    page = client.get(reverse("wagtailadmin_block_preview"), {"id": child.definition_prefix})
    assert page.status_code == 200
    assert "A jazz hour" in page.content.decode()


def item(video):
    return Item.objects.get(key=api.key_of(video))


def shown_by(block, request, page=None, **given):
    value = block.to_python(block.get_prep_value(block.normalize({**block.get_default(), **given})))
    context = block.get_context(value, {"request": request, "page": page})
    return [card.object for card in context["feed"].items]


@pytest.fixture
def more(videos, make_video):
    """Jazz, bread, jazz, bread, jazz, bread; the last one newest."""
    names = ["Jazz", "Bread"] * 2
    return [*videos, *(make_video(f"More {n}", categories=[name]) for n, name in enumerate(names))]


def test_each_block_shows_what_its_name_says(more, ada, make_user):
    jazz = Facet.objects.get(name="Jazz", kind="category")
    bo = make_user("bo")
    for who in (bo, make_user("cy")):
        api.record("like", api.viewer(who), more[3])
    api.record("watch", api.viewer(ada), more[5], value=0.4)
    more[5].watches.create(user=ada, watch_time=0.4)
    api.record("follow", api.viewer(bo), api.find_facet(Facet.objects.get(kind="creator").key))
    mine, anonymous = request_of(ada), AnonymousUser()
    assert shown_by(TrendingBlock(), request_of(anonymous), number=3) == [more[3], more[5]]
    assert {*shown_by(CategoryBlock(), request_of(anonymous), category=jazz)} == {*more[::2]}
    assert shown_by(ContinueBlock(), mine) == [more[5]]
    assert shown_by(ContinueBlock(), request_of(anonymous)) == []
    unseen = {*more} - {more[3]}
    assert {*shown_by(FollowedBlock(), request_of(bo))} == unseen
    assert shown_by(FollowedBlock(), request_of(anonymous)) == []
    for options in ({"item": item(more[0])}, {"page": more[0]}):
        beside = shown_by(SimilarBlock(), request_of(anonymous), number=2, **options)
        assert more[0] not in beside
        assert {*beside} & {more[2], more[4]}
    chosen = [item(more[1]), item(more[0])]
    picked = shown_by(PickedBlock(), request_of(anonymous), chosen=chosen, number=3)
    assert picked[:2] == [more[1], more[0]]
    assert len(picked) == 3


def test_filters_exclusions_and_fallbacks_count_in_every_block(more, make_user):
    jazz = Facet.objects.get(name="Jazz", kind="category")
    bread = Facet.objects.get(name="Bread", kind="category")
    creator = Facet.objects.get(kind="creator")
    nobody = request_of(AnonymousUser())
    both = {"category": jazz, "creator": creator}
    assert {*shown_by(FeedBlock(), nobody, **both)} == {*more[::2]}
    left = shown_by(FeedBlock(), request_of(AnonymousUser()), **both, exclude=[item(more[0])])
    assert {*left} == {more[2], more[4]}
    latest = shown_by(
        TrendingBlock(), request_of(AnonymousUser()), fallback="latest", category=bread
    )
    assert latest == [more[5], more[3], more[1]]


def test_a_page_does_not_repeat_what_stands_above(more):
    request = request_of(AnonymousUser())
    first = shown_by(FeedBlock(), request, number=3)
    api.mark_shown(request, [next(video for video in more if video not in first)])
    second = shown_by(FeedBlock(), request)
    assert len({*first, *second}) == len(first) + len(second) == 5


def test_an_empty_block_vanishes_and_in_a_preview_says_that_it_stands_there(site_tree):
    block, request = ContinueBlock(), request_of(AnonymousUser())
    value = block.get_default()
    assert block.render(value, {"request": request}).strip() == ""
    request.is_preview = True
    assert "stands here for visitors" in block.render(value, {"request": request})


def test_blocks_refuse_what_makes_no_sense_and_say_why(more):
    creator = Facet.objects.get(kind="creator")
    block = CategoryBlock()
    with pytest.raises(ValidationError) as refused:
        block.clean(block.normalize({"category": creator, "number": 3}))
    assert "is no category" in str(refused.value.block_errors["category"])
    block = PickedBlock()
    with pytest.raises(ValidationError) as refused:
        block.clean(block.normalize({"chosen": [item(more[0]), item(more[1])], "number": 1}))
    assert "More is picked" in str(refused.value.block_errors["number"])


@pytest.fixture
def clear_shelf():
    """A process that remembers nothing of other tests' catalogues."""
    shelf.clear()
    yield
    shelf.clear()


def test_what_nobody_gets_is_made_once_and_never_shows_what_is_withdrawn(
    settings, more, clear_shelf
):
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "CATALOGUE_AGE": 60}
    first = shown_by(TrendingBlock(), request_of(AnonymousUser()), fallback="latest")
    assert len(first) == 6
    more[0].unpublish()
    again = shown_by(TrendingBlock(), request_of(AnonymousUser()), fallback="latest")
    assert again == first[:-1]
    EditorialRule.objects.create(kind="exclude", item=item(more[1]), placement="trending")
    left = shown_by(TrendingBlock(), request_of(AnonymousUser()), fallback="latest")
    assert {*left} == {*more[2:]}


def test_only_pages_with_somebodys_feed_are_private(more, ada):
    def answer(user):
        request = request_of(user)

        def page(request):
            shown_by(FeedBlock(), request)
            return HttpResponse()

        return PrivateFeedsMiddleware(page)(request)

    assert answer(ada)["Cache-Control"] == "private, no-cache"
    assert "Cache-Control" not in answer(AnonymousUser())


def test_the_tags_have_the_same_options(more, ada):
    request = request_of(ada)
    row = render('{% recommendation_feed like="latest" number=2 layout="row" %}', request)
    assert "recommendations-row" in row
    assert "More 3" in row
    assert "More 0" in render("{% recommendation_item video %}", request, video=more[2])
    more[2].unpublish()
    assert render("{% recommendation_item video %}", request, video=more[2]) == ""
    more[3].watches.create(user=ada, watch_time=0.5)
    text = "{% unfinished_items as feed %}{% for r in feed.items %}{{ r.object.title }}{% endfor %}"
    assert render(text, request) == "More 1"


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
