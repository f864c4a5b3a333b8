"""The README's installation on a site that has nothing to do with videos."""

from __future__ import annotations

import sys

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.dispatch import Signal
from django.template import Context, Template

from recommendations_plugin import api, registry, signals
from recommendations_plugin.models import Following, Interaction, Item, UserCategoryInterest
from tests.testapp.conftest import examples

SIGNALS = {name: found for name, found in vars(signals).items() if isinstance(found, Signal)}
pytestmark = pytest.mark.django_db


def test_the_settings_are_those_of_the_readme(readme):
    found = {}
    exec(readme("python", "INSTALLED_APPS"), found)  # noqa: S102
    assert set(found["INSTALLED_APPS"]) - {...} <= set(settings.INSTALLED_APPS)
    assert found["Q_CLUSTER"] == settings.Q_CLUSTER
    assert get_user_model()._meta.label == "auth.User"


def test_the_system_checks_pass_also_without_the_one_setting(settings):
    assert run_checks() == []
    del settings.RECOMMENDATIONS
    assert run_checks(tags=["recommendations"]) == []


def test_nothing_of_the_video_site_is_needed():
    assert not {name.split(".")[0] for name in sys.modules} & {"video_cms", "videosite"}
    assert not apps.is_installed("video_cms")


def test_no_migration_is_missing():
    call_command("makemigrations", "recommendations_plugin", "testapp", check=True, dry_run=True)


def test_what_the_readme_records_and_recommends_works(
    readme, request_of, ada, section, make_article
):
    article, other = make_article("One"), make_article("Two")
    names = {"request": request_of(), "user": ada, "page": article, "section": section}
    exec(readme("python", 'api.record("watch"'), {**names, "registry": registry})  # noqa: S102
    did = Interaction.objects.get()
    assert (did.portion, did.liked) == (0.8, True)
    assert UserCategoryInterest.objects.filter(viewer_key=f"auth.user:{ada.pk}").exists()
    assert api.recommend(api.viewer(ada)).items[0].object in (article, other)


def test_the_readmes_adapter_reads_an_article(readme, make_article, ada):
    before = registry._adapters.copy()
    try:
        exec(  # noqa: S102
            readme("python", "PageAdapter"), {"ArticlePage": apps.get_model("testapp.ArticlePage")}
        )
        article = make_article("One", author=ada)
        item = Item.objects.get(key=api.key_of(article))
        assert {facet.name for facet in item.facets.all()} == {"Science", "ada"}
    finally:
        registry._adapters.clear()
        registry._adapters.update(before)


@pytest.mark.parametrize("example", examples())
def test_every_example_of_the_readme_runs(example, request_of, ada, section, make_article):
    from django.urls import include, path

    page = make_article("One", author=ada)
    make_article("Two", author=ada)
    viewer = api.viewer(ada)
    api.set_interests(viewer, [registry.parent_category(section)])
    names = {
        "api": api,
        "registry": registry,
        "include": include,
        "path": path,
        "user": ada,
        "viewer": viewer,
        "author": ada,
        "section": section,
        "page": page,
        "request": request_of(ada),
        "ArticlePage": apps.get_model("testapp.ArticlePage"),
    }
    adapters = registry._adapters.copy()
    receivers = {name: signal.receivers[:] for name, signal in SIGNALS.items()}
    try:
        exec(example, names)  # noqa: S102
        api.recommend(viewer)
    finally:
        registry._adapters.clear()
        registry._adapters.update(adapters)
        for name, signal in SIGNALS.items():
            signal.receivers = receivers[name]
            signal.sender_receivers_cache.clear()


def test_the_readmes_template_shows_cards(readme, request_of, make_article):
    make_article("One")
    shown = Template(readme("django", "load")).render(Context({"request": request_of()}))
    assert 'href="/one/"' in shown


def test_an_existing_site_is_taken_in_though_the_graph_is_away(
    make_article, make_event, make_podcast
):
    keys = {
        api.key_of(make(name))
        for make, name in zip((make_article, make_event, make_podcast), "abc", strict=True)
    }
    Item.objects.all().delete()
    with pytest.raises(CommandError, match=r"still wait\. Is the graph up"):
        call_command("recommendations_sync", reconcile=True)
    assert set(Item.objects.filter(live=True).values_list("key", flat=True)) == keys


def test_a_graph_that_is_away_is_no_concern_of_editors_and_visitors(
    settings, django_capture_on_commit_callbacks, make_article, ada
):
    settings.RECOMMENDATIONS = {
        **settings.RECOMMENDATIONS,
        "JOBS": "recommendations_plugin.jobs.immediate.ImmediateJobs",
    }
    with django_capture_on_commit_callbacks(execute=True):
        article = make_article("One")
        make_article("Two")
        api.record("like", api.viewer(ada), article)
    assert [r.object.title for r in api.recommend(api.viewer(ada)).items] == ["Two"]


def test_an_account_that_is_deleted_leaves_no_trace(ada, section, make_article):
    viewer = api.viewer(ada)
    api.record("like", viewer, make_article("One"))
    api.record("follow", viewer, registry.parent_category(section))
    api.set_interests(viewer, [registry.parent_category(section)])
    ada.delete()
    for model in (Interaction, Following, UserCategoryInterest):
        assert not model.objects.exists()
    assert Item.objects.get().likes == 0
