"""What is published is in the catalogue, and nothing else."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from django.contrib.auth import user_logged_in
from django.core.management import call_command
from django.urls import reverse

from recommendations_plugin import api, registry
from recommendations_plugin.events import catalogue
from recommendations_plugin.models import Event as Happening
from recommendations_plugin.models import Facet, Item
from tests.testapp.models import ArticlePage, Event, Podcast

pytestmark = pytest.mark.django_db


def catalogue_titles():
    return sorted(Item.objects.filter(live=True).values_list("title", flat=True))


# --- pages --------------------------------------------------------------------------------------


def test_a_page_is_taken_in_when_it_is_published_and_out_when_not(make_article, section, ada):
    article = make_article("One", author=ada)
    article.tags.add("Bees")
    article.save_revision().publish()
    names = set(Facet.objects.values_list("kind", "name"))
    assert names == {("parent_category", "Science"), ("creator", "ada"), ("tag", "Bees")}
    article.unpublish()
    assert catalogue_titles() == []
    article.save_revision().publish()
    assert catalogue_titles() == ["One"]
    article.delete()
    assert catalogue_titles() == []


def test_drafts_and_autosaves_of_a_page_change_nothing(home, section, make_article):
    article = make_article("One")
    before = Happening.objects.count()
    article.title = "A better title"
    article.save_revision()
    article.save_revision()
    draft = ArticlePage(title="Draft", section=section, live=False)
    home.add_child(instance=draft)
    draft.save_revision()
    assert catalogue_titles() == ["One"]
    assert Happening.objects.count() == before
    article.get_latest_revision().publish()
    assert catalogue_titles() == ["A better title"]


def test_a_page_moved_stays_and_one_deleted_with_its_parent_goes(home, make_article):
    parent = make_article("Parent")
    child = make_article("Child")
    child.move(parent, pos="last-child")
    assert catalogue_titles() == ["Child", "Parent"]
    ArticlePage.objects.get(title="Parent").delete()
    assert catalogue_titles() == []


def test_unpublishing_a_page_with_its_children_takes_all_out(make_article, admin_client):
    parent = make_article("Parent")
    make_article("Child", parent=parent)
    url = reverse("wagtailadmin_pages:unpublish", args=[parent.pk])
    assert admin_client.post(url, {"include_descendants": "on"}).status_code == 302
    assert catalogue_titles() == []


# --- snippets with drafts -----------------------------------------------------------------------


def test_a_snippets_draft_is_not_in_the_catalogue(section):
    event = Event.objects.create(name="Fair", section=section, live=False)
    event.save_revision()
    assert catalogue_titles() == []
    event.get_latest_revision().publish()
    assert catalogue_titles() == ["Fair"]
    event.refresh_from_db()
    event.unpublish()
    assert catalogue_titles() == []


def test_reconciling_leaves_a_snippets_draft_out(section, make_event):
    make_event("Fair").unpublish()
    Event.objects.create(name="Draft", section=section, live=False).save_revision()
    catalogue.reconcile()
    assert catalogue_titles() == []


def test_an_unpublished_snippet_is_in_no_feed_whatever_the_catalogue_says(make_event):
    make_event("Fair")
    Event.objects.update(live=False)
    assert api.recommend(api.viewer(None)).items == []


def test_editing_the_draft_of_a_live_snippet_changes_nothing(make_event):
    event = make_event("Fair")
    event.name = "Fayre"
    event.save_revision()
    assert catalogue_titles() == ["Fair"]
    event.get_latest_revision().publish()
    assert catalogue_titles() == ["Fayre"]
    event.delete()
    assert catalogue_titles() == []


def test_the_admins_draft_and_publish_buttons_do_the_same(admin_client, section):
    form = {"name": "Fair", "section": section.pk}
    add = reverse("wagtailsnippets_testapp_event:add")
    assert admin_client.post(add, form).status_code == 302
    assert catalogue_titles() == []
    assert admin_client.post(add, {**form, "action-publish": "1"}).status_code == 302
    assert catalogue_titles() == ["Fair"]


# --- plain models -------------------------------------------------------------------------------


def test_a_plain_model_is_live_as_soon_as_it_is_saved(make_podcast):
    podcast = make_podcast("Waves")
    podcast.title = "Particles"
    podcast.save()
    assert catalogue_titles() == ["Particles"]
    Podcast.objects.all().delete()
    assert catalogue_titles() == []


def test_rows_loaded_raw_wait_for_the_next_reconciliation(section, tmp_path):
    fields = {"title": "Waves", "section": section.pk, "released_at": "2026-01-01T00:00:00Z"}
    fixture = tmp_path / "podcasts.json"
    fixture.write_text(json.dumps([{"model": "testapp.podcast", "pk": 7, "fields": fields}]))
    call_command("loaddata", str(fixture), verbosity=0)
    assert catalogue_titles() == []
    catalogue.reconcile()
    assert catalogue_titles() == ["Waves"]


# --- odd descriptions ---------------------------------------------------------------------------


@pytest.fixture
def describe_as(monkeypatch):
    """Make the podcasts' adapter say this of each podcast; an error is raised."""

    def patch(said):
        def describe(self, obj):
            found = said(obj) if callable(said) else said
            if isinstance(found, Exception):
                raise found
            return found

        monkeypatch.setattr(type(registry.adapter_for("testapp.podcast:1")), "describe", describe)

    return patch


@pytest.mark.parametrize("title", ["", "a" * 5000, "🎧 " * 200, "  ", "<b>", "ﷺ" * 255])
def test_odd_titles_are_kept_as_far_as_they_fit(describe_as, make_podcast, title):
    describe_as(registry.Description(title=title, text="x" * 6000))
    make_podcast("Waves")
    item = Item.objects.get()
    assert item.title == title[:255]
    assert len(item.text) == 5000
    assert str(item)


def test_no_facets_or_the_same_ones_again_and_again_are_fine(describe_as, make_podcast):
    describe_as(registry.Description(title="Waves"))
    make_podcast("Waves")
    describe_as(registry.Description(title="Waves", facets=(registry.tag("🐝"),) * 3))
    catalogue.reconcile()
    assert list(Facet.objects.values_list("key", "name")) == [("tag:🐝", "🐝")]
    assert catalogue.reconcile() == {"indexed": 1, "removed": 0}


@pytest.mark.parametrize("name", ["t" * 1000, "ß" * 1000, "🎧" * 1000])
def test_a_very_long_tag_is_cut_to_what_a_row_holds(describe_as, make_podcast, name):
    describe_as(registry.Description(title="Waves", facets=(registry.tag(name),)))
    make_podcast("Waves")
    facet = Facet.objects.get()
    assert len(facet.key) == 190
    assert facet.name == name[:255]


def test_repeating_a_reconciliation_costs_no_event(describe_as, make_podcast):
    """Also where two tags differ in their case only."""
    describe_as(lambda obj: registry.Description("x" * 999, facets=(registry.tag(obj.title),)))
    make_podcast("Jazz")
    make_podcast("jazz")
    before = Happening.objects.count()
    catalogue.reconcile()
    catalogue.reconcile()
    assert Happening.objects.count() == before


@pytest.mark.parametrize(
    "said",
    [RuntimeError("the encoder is on fire"), None, registry.Description(title=None)],  # type: ignore[arg-type]
    ids=["raises", "nothing", "no title"],
)
def test_a_broken_description_costs_one_item_and_is_logged(describe_as, make_podcast, said, caplog):
    describe_as(lambda obj: said if obj.title == "Bad" else registry.Description(obj.title))
    good, bad = make_podcast("Good"), make_podcast("Bad")
    assert Podcast.objects.count() == 2
    assert catalogue_titles() == ["Good"]
    assert f"testapp.podcast:{bad.pk}" in caplog.text
    assert "PodcastAdapter" in caplog.text
    assert catalogue.reconcile()["indexed"] == 1
    assert good.pk


def test_an_item_whose_new_description_is_broken_keeps_its_old_one(describe_as, make_podcast):
    podcast = make_podcast("Waves")
    describe_as(RuntimeError("the encoder is on fire"))
    podcast.save()
    catalogue.reconcile()
    assert catalogue_titles() == ["Waves"]


# --- accounts -----------------------------------------------------------------------------------


def test_signing_in_without_a_session_is_fine(rf, ada):
    """As token logins do: they send Django's signal with a request that has none."""
    user_logged_in.send(sender=type(ada), request=rf.get("/"), user=ada)
    user_logged_in.send(sender=type(ada), request=None, user=ada)


def test_a_user_is_forgotten_even_where_users_are_items(ada, make_article, monkeypatch):
    adapter = SimpleNamespace(model=type(ada))
    monkeypatch.setitem(registry._adapters, "auth.user", adapter)
    api.record("like", api.viewer(ada), make_article("One"))
    ada.delete()
    assert not Happening.objects.filter(viewer_key__startswith="auth.user", kind="like").exists()
