"""Categories that the model finds likely: for editors of an item, and of what draws a viewer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recommendations_plugin import api, registry, runs
from recommendations_plugin.index import artifacts
from recommendations_plugin.types import Affinity, Embeddings
from video_cms.models import Category, CreatorProfile

pytestmark = pytest.mark.django_db
NOBODY = api.Viewer("")


@pytest.fixture
def model(settings, tmp_path):
    """Serve a model that says ``likely``: key → {facet key: confidence}."""
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "ARTIFACTS_DIR": tmp_path}

    def serve(items, facets, likely):
        keys = [*map(api.key_of, items), *map(api.key_of, facets)]
        facet_keys = keys[len(items) :]
        labels = np.zeros((len(keys), 2), dtype=np.int32)
        confidence = np.zeros((len(keys), 2), dtype=np.float32)
        for key, told in likely.items():
            for column, (facet, value) in enumerate(told.items()):
                labels[keys.index(key), column] = facet_keys.index(facet)
                confidence[keys.index(key), column] = value
        ones = [np.ones((len(of), 2), dtype=np.float32) for of in (items, facets)]
        embeddings = Embeddings(
            item_keys=keys[: len(items)],
            items=ones[0] / 2,
            facet_keys=facet_keys,
            facets=ones[1],
            pulls=ones[0],
            facet_items=ones[1],
            parameters={"half_life": 0.0, "blocks": [{"dimension": 2, "alpha": 0.0}]},
            affinity=Affinity(labels, confidence),
        )
        runs.activate(artifacts.publish(embeddings, metrics={}))

    return serve


@pytest.fixture
def jazz_and_bread(make_video, parent_categories, model):
    """A jazz video that is likely of folk too, and its creator; both categories' keys."""
    video = make_video("One", categories=["Jazz"])
    jazz, folk = (Category.objects.get(name=name) for name in ("Jazz", "Folk"))
    maker = CreatorProfile.objects.get(user__username="maker")
    make_video("Other", categories=["Folk"])  # so that the category is known
    model(
        [video],
        [jazz, folk, maker],
        {
            api.key_of(video): {api.key_of(jazz): 0.9, api.key_of(folk): 0.4},
            api.key_of(maker): {api.key_of(folk): 0.3, api.key_of(jazz): 0.05},
        },
    )
    return video, jazz, folk


def test_an_items_likely_categories_are_suggested_but_not_those_it_is_in(jazz_and_bread):
    video, _jazz, folk = jazz_and_bread
    (suggestion,) = api.suggested_facets(video)
    assert suggestion.facet == registry.category(folk)
    assert suggestion.confidence == pytest.approx(0.4)


def test_an_item_the_model_has_not_seen_is_spoken_for_by_its_creator(jazz_and_bread, make_video):
    new = make_video("New", publish=False)
    found = api.suggested_facets(new)
    assert [(s.facet.name, round(s.confidence, 2)) for s in found] == [("Folk", 0.3)]


def test_a_viewer_is_drawn_to_neighbouring_categories_too(jazz_and_bread, make_user):
    viewer = api.viewer(make_user("ada"))
    assert api.affinities(viewer) == []
    api.record("watch", viewer, jazz_and_bread[0], value=1)
    names = [suggestion.facet.name for suggestion in api.affinities(viewer)]
    assert names[:2] == ["Jazz", "Folk"]
    assert api.affinities(NOBODY) == []


def test_without_a_model_nothing_is_suggested(make_video, make_user):
    assert api.suggested_facets(make_video("One")) == []
    assert api.suggested_facets(make_user("ada")) == []
    assert api.affinities(api.viewer(make_user("bo"))) == []


def test_editors_see_suggestions_with_their_confidence_on_the_videos_form(
    jazz_and_bread, admin_client
):
    video, jazz, folk = jazz_and_bread
    address = f"/admin/pages/{video.pk}/edit/"
    page = admin_client.get(address).content.decode()
    assert f'data-suggested-category="{folk.pk}"' in page
    assert f'data-suggested-category="{jazz.pk}"' not in page
    assert "Folk, 40 %" in page
    assert "suggested-categories" in page
    video.categories.add(folk)
    video.save()
    assert "data-suggested-category" not in admin_client.get(address).content.decode()


def test_a_rebuilt_index_keeps_what_is_likely(jazz_and_bread):
    version = artifacts.rebuild_index(runs.active_version())
    before, after = (artifacts.load(v).affinity for v in (runs.active_version(), version))
    assert np.array_equal(before.labels, after.labels)
    assert np.array_equal(before.confidence, after.confidence)


def test_a_model_without_affinity_is_served_all_the_same(jazz_and_bread):
    artifact = artifacts.load(runs.active_version())
    assert replace(artifact, affinity=None).likely(artifact.item_keys[0]) == {}
