"""Feeds on pages: three kinds of content, the plugin's own templates, the admin."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from wagtail.models import Page, PageViewRestriction, Site

from recommendations_plugin import api, registry
from recommendations_plugin.blocks import FeedBlock
from recommendations_plugin.models import Interaction, Item
from tests.testapp.models import Note, Podcast, Section

pytestmark = pytest.mark.django_db


def titles(feed):
    return [str(recommendation.object) for recommendation in feed.items]


@pytest.fixture
def three(make_article, make_event, make_podcast):
    """One of each kind, all in the section Science."""
    return [make_article("Bees"), make_event("Fair"), make_podcast("Waves")]


# --- one graph across kinds of content ----------------------------------------------------------


def test_one_feed_holds_pages_snippets_and_plain_models(three, ada, section, make_podcast):
    other = Section.objects.create(name="Sport")
    make_podcast("Goal", section=other)
    viewer = api.viewer(ada)
    api.set_interests(viewer, [registry.parent_category(section)])
    feed = api.recommend(viewer, limit=3)
    assert set(titles(feed)) == {"Bees", "Fair", "Waves"}
    assert {(item.reason.code, item.reason.name) for item in feed.items} == {
        ("interest", "Science")
    }
    assert feed.has_more


def test_what_was_read_liked_or_dismissed_is_not_shown_again_and_earns_interest(three, ada):
    viewer = api.viewer(ada)
    for kind, target, value in zip(
        ("watch", "like", "dismiss"), three, (0.9, None, None), strict=True
    ):
        api.record(kind, viewer, target, value=value)
    assert titles(api.recommend(viewer)) == []
    assert set(titles(api.recommend(api.viewer(None)))) == {"Bees", "Fair", "Waves"}
    assert api.explain(viewer, three[0]).items() >= {"rank": None, "seen": True}.items()
    likes = dict(Item.objects.values_list("title", "likes"))
    assert likes == {"Bees": 0, "Fair": 1, "Waves": 0}


def test_following_an_author_is_told_as_the_reason(make_article, ada, django_user_model):
    bo = django_user_model.objects.create_user("bo")
    make_article("Bees", author=bo)
    viewer = api.viewer(ada)
    api.record("follow", viewer, registry.creator(bo))
    (item,) = api.recommend(viewer).items
    assert (item.reason.code, item.reason.name) == ("follow", "bo")
    api.record("unfollow", viewer, registry.creator(bo))
    (item,) = api.recommend(viewer).items
    assert item.reason.code == "latest"


def test_an_object_of_a_model_nobody_registered_is_refused(section, ada, three):
    with pytest.raises(api.InvalidSignal, match="not registered"):
        api.record("like", api.viewer(ada), section)
    assert registry.adapter_for(section) is None
    assert not Interaction.objects.exists()
    assert len(api.recommend(api.viewer(ada)).items) == 3
    assert api.similar(section).items == []


def test_a_feed_of_long_keys_goes_on_to_the_end_without_repeats(section):
    """A cursor holds some hundred UUIDs; after that the catalogue's own order follows."""
    notes = Note.objects.bulk_create(Note(title=f"{n}", section=section) for n in range(150))
    api.index_items(notes)
    shown, cursor = [], ""
    while cursor or not shown:
        feed = api.recommend(api.viewer(None), limit=30, cursor=cursor)
        assert len(feed.cursor) < 4000
        shown, cursor = [*shown, *titles(feed)], feed.cursor
    assert sorted(shown) == sorted(str(note) for note in notes)


def test_what_was_seen_long_ago_is_told_by_any_kind_of_key(section, settings, monkeypatch, ada):
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "HISTORY": 1}
    monkeypatch.setattr("recommendations_plugin.events.state.REMEMBERED", 1)
    notes = [Note.objects.create(title=f"{n}", section=section) for n in range(4)]
    for note in notes[:3]:
        api.record("watch", api.viewer(ada), note, value=0.5)
    assert titles(api.recommend(api.viewer(ada))) == ["3"]
    assert api.unseen(api.viewer(ada), notes) == notes[3:]


def test_what_cannot_be_true_is_refused(three, ada):
    with pytest.raises(api.InvalidSignal):
        api.record("watch", api.viewer(ada), three[0], value=1.5)
    with pytest.raises(api.InvalidSignal, match="needs a viewer"):
        api.record("like", api.viewer(None), three[0])
    with pytest.raises(ValueError, match="no primary key"):
        api.record("like", api.viewer(ada), Podcast(title="unsaved"))


# --- the CMS has the last word ------------------------------------------------------------------


def test_a_page_behind_a_view_restriction_is_not_shown(make_article, request_of, ada):
    article = make_article("Secret")
    make_article("Child of it", parent=article)
    make_article("Open")
    restriction = PageViewRestriction.objects.create(
        page=article, restriction_type=PageViewRestriction.GROUPS
    )
    restriction.groups.set([Group.objects.create(name="Staff")])
    for user in (None, ada):
        request = request_of(user)
        feed = api.recommend(api.viewer(request), request=request)
        assert titles(feed) == ["Open"]


def test_a_page_of_another_site_is_not_shown(make_article, make_podcast, request_of):
    other = Page.get_first_root_node().add_child(instance=Page(title="Other", slug="other"))
    Site.objects.create(hostname="other.example.org", root_page=other)
    make_article("Theirs", parent=other)
    make_article("Ours")
    make_podcast("Everybody's")
    here = request_of()
    there = request_of()
    there.META["HTTP_HOST"] = "other.example.org"
    assert set(titles(api.recommend(api.viewer(here), request=here))) == {"Ours", "Everybody's"}
    assert set(titles(api.recommend(api.viewer(there), request=there))) == {
        "Theirs",
        "Everybody's",
    }


def test_a_site_whose_home_page_is_an_article_shows_it_too(make_article, request_of):
    article = make_article("Front")
    Site.objects.update(root_page=article)
    request = request_of()
    assert titles(api.recommend(api.viewer(request), request=request)) == ["Front"]


# --- a page with a feed -------------------------------------------------------------------------


@pytest.fixture
def front(make_article):
    feed = {"heading": "For you", "placement": "front", "number": 3}
    return make_article("Front", body=[{"type": "feed", "value": feed}])


def test_a_page_shows_the_block_and_the_tags_to_anybody(front, three, client):
    page = client.get(front.get_url())
    shown = page.content.decode()
    assert page.status_code == 200
    assert page.templates
    assert 'data-placement="front"' in shown
    assert 'data-placement="footer"' in shown
    for text in ("For you", 'href="/bees/"', "/events/", "/podcasts/", "New here"):
        assert text in shown
    assert not page.cookies


def test_a_page_shows_a_member_their_own_feed(front, three, client, ada, section):
    api.set_interests(api.viewer(ada), [registry.parent_category(section)])
    api.record("dismiss", api.viewer(ada), three[0])
    client.force_login(ada)
    shown = client.get(front.get_url()).content.decode()
    assert "For your interest in Science" in shown
    assert 'href="/bees/"' not in shown
    assert "/podcasts/" in shown


def test_what_was_read_before_signing_in_belongs_to_the_member(three, client, ada):
    assert client.post(reverse("read", args=[three[0].pk])).status_code == 204
    assert Interaction.objects.get().viewer_key.startswith("session:")
    assert client.login(username="ada", password="secret")
    assert Interaction.objects.get().viewer_key == f"auth.user:{ada.pk}"
    assert api.SESSION_KEY not in client.session


@pytest.mark.parametrize("missing", ["heading", "placement", "number"])
def test_a_draft_whose_block_is_half_filled_in_can_be_previewed(missing, three, request_of):
    """Wagtail saves drafts without their required values."""
    block = FeedBlock()
    value = block.to_python({"heading": "Ours", "placement": "front", "number": 2, missing: None})
    assert block.render(value, {"request": request_of()}).count("<article") == 2 + (
        missing == "number"
    )


# --- the admin ----------------------------------------------------------------------------------


def test_the_block_has_a_preview(front, three, admin_client):
    block = type(front).body.field.stream_block.child_blocks["feed"]
    page = admin_client.get(reverse("wagtailadmin_block_preview"), {"id": block.definition_prefix})
    assert page.status_code == 200
    assert "Waves" in page.content.decode()


def test_the_editor_the_status_page_and_the_tables_open(front, ada, admin_client):
    api.record("like", api.viewer(ada), front)
    edit = admin_client.get(reverse("wagtailadmin_pages:edit", args=[front.pk]))
    assert "Personal feed" in edit.content.decode()
    assert "No model was ever trained." in admin_client.get("/admin/").content.decode()
    status = admin_client.get(reverse("recommendations_status"))
    assert "recommendations_train" in status.content.decode()
    for name in ("trainingrun", "usercategoryinterest", "item", "event"):
        url = reverse(f"wagtailsnippets_recommendations_plugin_{name}:list")
        assert admin_client.get(url).status_code == 200
