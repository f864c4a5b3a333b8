"""What the plugin adds to the Wagtail admin, and for whom."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupApprovalTask, Workflow, WorkflowContentType, WorkflowTask

from recommendations_plugin import api, runs
from recommendations_plugin.models import EditorialRule, Event, Facet, Impression, Item

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("indexed")]

LISTS = ["trainingrun", "usercategoryinterest", "item", "facet", "impression", "event"]


@pytest.fixture
def editor(make_user, client):
    """An editor who may see the plugin's tables, signed in."""
    user = make_user("ed")
    wanted = Permission.objects.filter(codename="access_admin") | Permission.objects.filter(
        content_type__app_label="recommendations_plugin", codename__startswith="view_"
    )
    user.user_permissions.add(*wanted)
    client.force_login(user)
    return user


@pytest.fixture
def stranger(make_user, client):
    """An editor without any right to the plugin's tables, signed in."""
    user = make_user("stranger")
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client.force_login(user)
    return user


def test_the_home_page_and_the_menu_tell_how_the_model_is(editor, client, site_tree):
    page = client.get(reverse("wagtailadmin_home")).content.decode()
    assert "No model was ever trained." in page
    assert reverse("recommendations_status") in page
    assert "Recommender" in page


def test_the_status_page_shows_every_link_with_its_hint(editor, client):
    page = client.get(reverse("recommendations_status")).content.decode()
    for text in ("Outbox", "Queue", "Training", "Index", "Feed", "recommendations_train"):
        assert text in page


@pytest.mark.parametrize("name", LISTS)
def test_the_tables_can_be_looked_at_but_not_changed(
    editor, client, name, make_video, parent_categories, make_user
):
    viewer = api.viewer(make_user("ada", interests=parent_categories.values()))
    api.record("like", viewer, make_video("One", categories=["Jazz"]))
    make_video("Two")
    api.report_seen(viewer, [item.trace for item in api.recommend(viewer).items])
    runs.request()
    prefix = f"wagtailsnippets_recommendations_plugin_{name}"
    row = apps.get_model("recommendations_plugin", name).objects.latest("pk")
    listing = client.get(reverse(f"{prefix}:list"))
    assert listing.status_code == 200
    assert reverse(f"{prefix}:inspect", args=[row.pk]) in listing.content.decode()
    assert client.get(reverse(f"{prefix}:add")).status_code == 302
    assert client.post(reverse(f"{prefix}:delete", args=[row.pk])).status_code == 302
    row.refresh_from_db()


def test_lists_name_items_places_and_rungs_in_words_and_nobody(
    editor, client, make_video, make_user
):
    key = api.key_of(make_video("A jazz hour"))
    viewer = api.viewer(make_user("ada")).key
    now = timezone.now()
    Event.objects.all().delete()
    Event.objects.create(kind="unfollow", viewer_key=viewer, target_key=key, occurred_at=now)
    Impression.objects.create(
        viewer_key=viewer, feed="f", item_key=key, placement="sidebar", step="last_good",
        position=0, shown_at=now,
    )  # fmt: skip
    lists = {
        "impression": ("A jazz hour", "Beside an item", "the model before"),
        "event": ("A jazz hour", "no longer followed", "Account "),
    }
    for name, words in lists.items():
        answer = client.get(reverse(f"wagtailsnippets_recommendations_plugin_{name}:list"))
        page = next(part for part in answer.content.decode().split("tbody>") if words[0] in part)
        assert all(word in page for word in words)
        assert not [raw for raw in (key, viewer, ">ada<", "checkbox", "last_good") if raw in page]


def test_an_editor_without_the_permission_sees_nothing_of_it(stranger, client):
    home = client.get(reverse("wagtailadmin_home")).content.decode()
    assert "No model was ever trained." not in home
    assert reverse("recommendations_status") not in home
    assert client.get(reverse("recommendations_status")).status_code == 302
    listing = reverse("wagtailsnippets_recommendations_plugin_event:list")
    assert client.get(listing).status_code == 302


def test_markup_in_a_title_is_inert_in_the_lists(editor, client, make_video):
    make_video("<script>alert(1)</script>")
    page = client.get(reverse("wagtailsnippets_recommendations_plugin_item:list"))
    assert "<script>alert(1)" not in page.content.decode()
    assert "&lt;script&gt;alert(1)" in page.content.decode()


RULES = "wagtailsnippets_recommendations_plugin_editorialrule"
EACH = ("edit", "delete", "history", "usage", "unpublish")


@pytest.fixture
def curator(make_user, client):
    """An editor who may draft rules, signed in."""
    user = make_user("curator")
    wanted = ["access_admin", "add_editorialrule", "change_editorialrule"]
    user.user_permissions.add(*Permission.objects.filter(codename__in=wanted))
    client.force_login(user)
    return user


def test_rules_are_denied_and_in_no_menu_without_the_permission(stranger, client, make_video):
    item = Item.objects.get(key=api.key_of(make_video("One")))
    rule = EditorialRule.objects.create(kind="exclude", item=item, reason="Old")
    listing, add = reverse(f"{RULES}:list"), reverse(f"{RULES}:add")
    for address in (listing, add, *(reverse(f"{RULES}:{to}", args=[rule.pk]) for to in EACH)):
        assert client.get(address).status_code == 302
        assert client.post(address, {"kind": "boost"}).status_code == 302
    assert EditorialRule.objects.get().kind == "exclude"
    assert listing not in client.get(reverse("wagtailadmin_home")).content.decode()
    permissions = Permission.objects.filter(codename="change_editorialrule")
    stranger.user_permissions.add(*permissions)  # so it is the permission that denies
    assert client.get(listing).status_code == 200
    assert listing in client.get(reverse("wagtailadmin_home")).content.decode()


def test_an_editor_drafts_a_rule_and_needs_a_right_to_publish_it(curator, client, make_video):
    first, second = make_video("One"), make_video("Two")
    item = Item.objects.get(key=api.key_of(first))
    form = {
        "kind": "pin",
        "item": item.pk,
        "placement": ["home", "explore"],
        "position": 1,
        "strength": 50,
        "reason": "Ours",
    }

    def top():
        return api.recommend(api.viewer(None)).items[0].object

    empty = client.get(reverse(f"{RULES}:add")).context["form"]
    assert empty["placement"].value() == ["home"]
    assert {"go_live_at", "expire_at"} <= empty.fields.keys()
    client.post(reverse(f"{RULES}:add"), {**form, "action-publish": "1"})
    assert top() == second
    curator.user_permissions.add(Permission.objects.get(codename="publish_editorialrule"))
    rule = EditorialRule.objects.get()
    address = reverse(f"{RULES}:edit", args=[rule.pk])
    assert client.post(address, {**form, "action-publish": "1"}).status_code == 302
    assert top() == first
    assert EditorialRule.objects.get().placements == {"home", "explore"}
    wrong = {**form, "position": 0, "placement": "No!", "item": ""}
    shown = client.post(address, {**wrong, "action-publish": "1"}).content.decode()
    for text in ("greater than or equal to 1", "Select a valid choice. No!", "Choose the item"):
        assert text in shown


def test_a_rule_submitted_to_a_workflow_counts_once_it_is_approved(
    curator, client, make_video, make_user
):
    first, _second = make_video("One"), make_video("Two")
    group = Group.objects.create(name="Desk")
    wanted = ["access_admin", "change_editorialrule", "publish_editorialrule"]
    group.permissions.set(Permission.objects.filter(codename__in=wanted))
    task = GroupApprovalTask.objects.create(name="Look at it")
    task.groups.add(group)
    workflow = Workflow.objects.create(name="Rules")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    rules = ContentType.objects.get_for_model(EditorialRule)
    WorkflowContentType.objects.create(workflow=workflow, content_type=rules)
    form = {
        "kind": "pin",
        "item": Item.objects.get(key=api.key_of(first)).pk,
        "placement": ["home"],
        "position": 1,
        "strength": 50,
    }
    client.post(reverse(f"{RULES}:add"), {**form, "action-submit": "1"})
    rule = EditorialRule.objects.get()
    assert rule.workflow_in_progress
    assert api.recommend(api.viewer(None)).items[0].object != first
    boss = make_user("boss")
    boss.groups.add(group)
    rule.current_workflow_task_state.approve(user=boss)
    assert api.recommend(api.viewer(None)).items[0].object == first


def test_rules_that_get_in_each_others_way_say_so_with_a_link(
    curator, client, make_video, parent_categories
):
    video = make_video("One", categories=["Jazz"])
    item = Item.objects.get(key=api.key_of(video))
    jazz = Facet.objects.get(name="Jazz")
    pin = EditorialRule.objects.create(kind="pin", item=item)
    away = EditorialRule.objects.create(kind="exclude", facet=jazz, placement="")
    EditorialRule.objects.create(kind="exclude", facet=jazz, placement="sidebar")
    address = reverse(f"{RULES}:edit", args=[pin.pk])
    form = client.get(address).content.decode()
    assert "get in the way" in form
    assert f'<a href="{reverse(f"{RULES}:edit", args=[away.pk])}">' in form
    listing = client.get(reverse(f"{RULES}:list")).content.decode()
    assert listing.count("Cannot both hold with") == 2
    filtered = client.get(reverse(f"{RULES}:list"), {"placement": "sidebar"})
    assert {rule.kind for rule in filtered.context["object_list"]} == {"exclude"}


def test_the_list_of_rules_costs_the_same_however_many_there_are(
    curator, client, make_video, django_assert_max_num_queries
):
    item = Item.objects.get(key=api.key_of(make_video("One")))
    EditorialRule.objects.create(kind="pin", item=item)
    client.get(reverse(f"{RULES}:list"))
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse(f"{RULES}:list"))
    for place in range(2, 12):
        EditorialRule.objects.create(kind="pin", item=item, position=place)
    with django_assert_max_num_queries(len(asked)):
        client.get(reverse(f"{RULES}:list"))


def test_what_rules_may_speak_of_is_found_by_its_name(
    curator, client, make_video, parent_categories
):
    make_video("One", categories=["Jazz", "Bread"])
    address = reverse("wagtailsnippetchoosers_recommendations_plugin_facet:choose_results")
    page = client.get(address, {"q": "jaz"}).content.decode()
    assert "Jazz" in page
    assert "Bread" not in page


def test_items_to_pin_are_found_by_their_title(curator, client, make_video):
    for title in ("A walk in the forest", "A walk in town"):
        make_video(title)
    make_video("A forest withdrawn").unpublish()
    address = reverse("wagtailsnippetchoosers_recommendations_plugin_item:choose_results")
    page = client.get(address, {"q": "forest a"}).content.decode()
    assert "A walk in the forest" in page
    assert "town" not in page
    assert "withdrawn" not in page
    assert client.get(address, {"q": "\0" + "x" * 500}).status_code == 200


def test_an_items_form_tells_its_neighbours_its_reach_and_what_it_lacks(
    client, make_user, make_video, parent_categories
):
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    video, near = (make_video(title, categories=["Jazz"]) for title in ("One", "Near"))
    form = client.get(reverse("wagtailadmin_pages:edit", args=[video.pk])).content.decode()
    assert "Would appear beside" in form
    assert f'href="{near.get_url()}"' in form
    assert "It has no captions" in form
    assert "never seen in a feed" in form
    assert "has no category" not in form
    viewer = api.viewer(make_user("ada"))
    card = next(card for card in api.recommend(viewer).items if card.object == video)
    api.report_seen(viewer, [card.trace], followed=[card.trace])
    api.record("watch", viewer, video, value=0.5, seconds=5)
    form = client.get(reverse("wagtailadmin_pages:edit", args=[video.pk])).content.decode()
    for text in ("<dd>1</dd>", "<dd>100 %</dd>", "<dd>5 s</dd>"):
        assert text in form
    assert "never seen in a feed" not in form
