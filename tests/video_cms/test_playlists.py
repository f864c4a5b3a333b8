"""Watch later, playlists, and a playlist beside the player: order, access, and no leak."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from video_cms import library
from video_cms.models import Playlist, PlaylistItem, VideoPage

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def evening(ada: Any, make_video: Any) -> Playlist:
    """A public playlist of three videos."""
    found = library.make(ada, title="An evening", visibility="public")
    for title in ("One", "Two", "Three"):
        library.add(found, make_video(title))
    return found


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.status_code
    return str(response.content.decode())


def titles(playlist: Playlist) -> list[str]:
    return [item.video.title for item in playlist.items.all()]


# --- watch later --------------------------------------------------------------------------------


def test_a_video_is_kept_for_later_and_let_go(member: Client, ada: Any, make_video: Any) -> None:
    make_video("A walk")
    assert "Nothing in this list yet" in text(member.get("/watch-later/"))

    for _ in range(2):
        answer = member.post("/video/video-1/later/", {"next": "/browse/"})
        assert answer["Location"] == "/browse/"
    assert PlaylistItem.objects.count() == 1
    assert "A walk" in text(member.get("/watch-later/"))
    assert "Remove from Watch later" in text(member.get("/video/"))

    member.post("/video/video-1/not-later/")
    assert not PlaylistItem.objects.exists()
    assert Playlist.objects.get().owner == ada


def test_keeping_for_later_changes_the_button_in_place(member: Client, make_video: Any) -> None:
    make_video("A walk")

    button = text(member.post("/video/video-1/later/", headers=HTMX))
    assert "<html" not in button
    assert 'hx-post="/video/video-1/not-later/"' in button
    assert 'id="toasts" hx-swap-oob="beforeend"' in button
    assert "Saved to Watch later." in button


def test_watch_later_is_nobody_elses(
    member: Client, ada: Any, make_user: Any, make_video: Any
) -> None:
    kept = library.watch_later(ada)
    library.add(kept, make_video("A walk"))
    Playlist.objects.update(visibility="public")
    Playlist.objects.update(visibility="private")
    path = kept.get_absolute_url()
    assert member.get(path)["Location"] == "/watch-later/"

    other = Client()
    assert other.get(path).status_code == 404
    other.force_login(make_user("bea"))
    assert other.get(path).status_code == 404
    assert "A walk" not in text(other.get("/watch-later/"))
    for action in ("edit", "delete"):
        assert member.get(f"{path}{action}/").status_code == 404
    assert Playlist.objects.filter(owner=ada).exists()


def test_visitors_sign_in_before_they_keep_anything(client: Client, make_video: Any) -> None:
    make_video("A walk")

    plain = client.post("/video/video-1/later/", {"next": "/browse/"})
    assert plain["Location"] == "/accounts/login/?next=%2Fbrowse%2F"
    answer = client.get("/video/video-1/save/", headers=HTMX)
    assert "/accounts/login/?next=%2Fvideo%2Fvideo-1%2Fsave%2F" in answer["HX-Location"]
    assert not Playlist.objects.exists()


# --- who sees a playlist --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("visibility", "for_others"), [("public", 200), ("unlisted", 200), ("private", 404)]
)
def test_a_playlist_opens_as_its_owner_says(
    visibility: str, for_others: int, member: Client, evening: Playlist, make_user: Any
) -> None:
    Playlist.objects.update(visibility=visibility)
    path = evening.get_absolute_url()

    assert member.get(path).status_code == 200
    assert Client().get(path).status_code == for_others
    bea = Client()
    bea.force_login(make_user("bea"))
    assert bea.get(path).status_code == for_others


@pytest.mark.parametrize("action", ["edit/", "delete/", "add/", "{}/remove/", "{}/up/", "{}/down/"])
def test_only_owners_change_a_playlist(action: str, evening: Playlist, make_user: Any) -> None:
    path = evening.get_absolute_url() + action.format(evening.items.first().pk)
    bea = Client()
    bea.force_login(make_user("bea"))

    assert bea.post(path, {"title": "Mine now", "video": "video-1"}).status_code == 404
    assert Client().post(path, {"title": "Mine now"})["Location"].startswith("/accounts/login/")
    evening.refresh_from_db()
    assert evening.title == "An evening"
    assert titles(evening) == ["One", "Two", "Three"]


def test_an_entry_is_changed_through_its_own_playlist_only(
    member: Client, ada: Any, evening: Playlist, make_user: Any, make_video: Any
) -> None:
    other = library.make(make_user("bea"), title="Bea's")
    library.add(other, make_video("Hers"))
    foreign = other.items.get().pk

    for action in ("remove", "up", "down"):
        path = f"{evening.get_absolute_url()}{foreign}/{action}/"
        assert member.post(path).status_code == 404
    assert other.items.count() == 1


def test_what_visitors_may_not_open_is_left_out_and_counted(
    member: Client, evening: Playlist
) -> None:
    VideoPage.objects.filter(title="One").update(visibility="private")
    VideoPage.objects.filter(title="Two").update(visibility="unlisted")
    path = evening.get_absolute_url()

    page = text(Client().get(path))
    assert "2 videos are not available" in page
    assert "Three" in page
    for hidden in (">One<", ">Two<", "video-1", "video-2"):
        assert hidden not in page
    assert "/video/video-3/?list=" in page, "it plays from what can be seen"

    mine = text(member.get(path))
    assert "1 video is not available" in mine
    assert "This video is not available." in mine
    assert ">Two<" in mine
    assert ">One<" not in mine
    assert "video-1" not in mine


@pytest.mark.parametrize("address", ["later/", "not-later/", "save/"])
def test_a_private_video_cannot_be_kept(
    address: str, member: Client, evening: Playlist, make_video: Any
) -> None:
    make_video("Secret", video_id="secret", visibility="private")

    assert member.post(f"/video/secret/{address}").status_code == 404
    add = f"{evening.get_absolute_url()}add/"
    assert member.post(add, {"video": "secret"}).status_code == 404
    assert member.post(add, {"video": "a\0b"}).status_code == 404
    assert evening.items.count() == 3


# --- making and changing --------------------------------------------------------------------------


def test_a_playlist_is_made_edited_and_deleted(member: Client, ada: Any, site_tree: Any) -> None:
    assert "No playlists yet" in text(member.get("/playlists/"))
    fields = {"title": "Rainy days", "visibility": "unlisted"}
    made = member.post("/playlists/", fields)
    found = Playlist.objects.get()
    assert made["Location"] == found.get_absolute_url()
    assert (found.owner, found.kind, found.visibility) == (ada, "list", "unlisted")
    assert "Rainy days" in text(member.get("/playlists/"))

    edit = f"{found.get_absolute_url()}edit/"
    member.post(edit, {"title": "Sunny days", "description": "Out!", "visibility": "public"})
    found.refresh_from_db()
    assert (found.title, found.description, found.visibility) == ("Sunny days", "Out!", "public")

    delete = f"{found.get_absolute_url()}delete/"
    assert "Delete “Sunny days”?" in text(member.get(delete))
    assert Playlist.objects.exists()
    member.post(delete)
    assert not Playlist.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "", "visibility": "public"},
        {"title": "x" * 121, "visibility": "public"},
        {"title": "a\0b", "visibility": "public"},
        {"title": "Fine", "visibility": "everybody"},
        {"title": "Fine", "visibility": "public", "description": "x" * 2001},
    ],
)
def test_bad_words_are_refused_and_kept(
    fields: dict[str, str], member: Client, site_tree: Any
) -> None:
    page = text(member.post("/playlists/", fields), 400)

    assert "errorlist" in page
    assert 'value="Fine"' in page or fields["title"] != "Fine"
    assert not Playlist.objects.exists()


def test_markup_in_a_playlist_is_inert(member: Client, evening: Playlist) -> None:
    nasty = "<script>alert(1)</script>{{7*7}}"
    Playlist.objects.update(title=nasty, description=nasty)

    for path in (evening.get_absolute_url(), "/playlists/", "/video/video-1/save/"):
        page = text(member.get(path))
        assert "<script>alert" not in page
        assert "{{7*7}}" in page


def test_entries_move_by_plain_buttons(member: Client, evening: Playlist) -> None:
    one, _two, three = evening.items.all()
    path = evening.get_absolute_url()

    assert member.post(f"{path}{one.pk}/down/", {"next": path})["Location"] == path
    assert titles(evening) == ["Two", "One", "Three"]
    member.post(f"{path}{three.pk}/up/")
    member.post(f"{path}{three.pk}/up/")
    member.post(f"{path}{three.pk}/up/")
    assert titles(evening) == ["Three", "Two", "One"]

    fragment = text(member.post(f"{path}{three.pk}/down/", headers=HTMX))
    assert "<html" not in fragment
    assert fragment.index("Two") < fragment.index("Three")
    assert "Moved to place 2." in fragment


def test_entries_with_equal_places_are_not_stuck(member: Client, evening: Playlist) -> None:
    PlaylistItem.objects.update(position=7)
    last = list(evening.items.all())[-1]

    member.post(f"{evening.get_absolute_url()}{last.pk}/up/")
    assert titles(evening) == ["One", "Three", "Two"]


def test_a_removed_entry_comes_back_to_its_place(member: Client, evening: Playlist) -> None:
    two = evening.items.all()[1]
    path = evening.get_absolute_url()

    gone = text(member.post(f"{path}{two.pk}/remove/", headers=HTMX))
    assert titles(evening) == ["One", "Three"]
    fields = {
        name: gone.split(f'name="{name}" value="')[1].split('"')[0]
        for name in ("video", "position")
    }
    member.post(f"{path}add/", fields, headers=HTMX)
    assert titles(evening) == ["One", "Two", "Three"]


@pytest.mark.parametrize("position", ["-1", "1e3", "9" * 5000, "²", "abc", "\0"])
def test_odd_places_are_the_end(position: str, member: Client, evening: Playlist) -> None:
    video = evening.items.all()[0].video
    library.remove(evening, video)

    member.post(f"{evening.get_absolute_url()}add/", {"video": "video-1", "position": position})
    assert titles(evening) == ["Two", "Three", "One"]


def test_there_is_an_end_to_how_much_is_kept(
    member: Client, ada: Any, evening: Playlist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "MOST_PLAYLISTS", 1)
    monkeypatch.setattr(library, "MOST_ITEMS", 0)

    fields = {"title": "One more", "visibility": "public"}
    assert "as many playlists" in text(member.post("/playlists/", fields), 400)
    page = text(member.post("/video/video-1/save/", {"title": "One more"}), 400)
    assert "as many playlists" in page
    assert 'value="One more"' in page
    member.post("/video/video-1/later/")
    assert Playlist.objects.filter(kind="list").count() == 1
    assert evening.items.count() == PlaylistItem.objects.count() == 3


# --- saving a video -------------------------------------------------------------------------------


def test_saving_ticks_playlists_and_makes_a_new_one(
    member: Client, ada: Any, evening: Playlist, make_video: Any
) -> None:
    make_video("A walk", video_id="walk")
    other = library.make(ada, title="Other")
    page = text(member.get("/video/walk/save/?next=/browse/"))
    assert 'href="/browse/"' in page

    chosen = {"playlists": [other.playlist_id], "title": "New one", "next": "/browse/"}
    assert member.post("/video/walk/save/", chosen)["Location"] == "/browse/"
    assert titles(other) == ["A walk"]
    fresh = Playlist.objects.get(title="New one")
    assert (fresh.visibility, titles(fresh)) == ("private", ["A walk"])

    member.post("/video/walk/save/", {"playlists": [evening.playlist_id]})
    assert titles(other) == titles(fresh) == []
    assert titles(evening)[-1] == "A walk"


def test_saving_in_place_says_so_and_closes(member: Client, evening: Playlist) -> None:
    form = text(member.get("/video/video-1/save/", headers=HTMX))
    assert "<html" not in form
    assert "checked" in form

    answer = member.post("/video/video-1/save/", {}, headers=HTMX)
    assert "dialog-done" in answer["HX-Trigger"]
    assert "Saved." in text(answer)
    assert titles(evening) == ["Two", "Three"]


def test_nobody_saves_to_anothers_playlist(
    member: Client, evening: Playlist, make_user: Any
) -> None:
    hers = library.make(make_user("bea"), title="Bea's", visibility="public")

    page = text(member.post("/video/video-1/save/", {"playlists": [hers.playlist_id]}), 400)
    assert "errorlist" in page
    assert "Bea&#x27;s" not in page
    assert not hers.items.exists()


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example/", "javascript:alert(1)"]
)
def test_saving_leads_back_to_this_site(wanted: str, member: Client, make_video: Any) -> None:
    make_video("A walk")

    assert f'"{wanted}"' not in text(member.get("/video/video-1/save/", {"next": wanted}))
    answer = member.post("/video/video-1/save/", {"next": wanted})
    assert answer["Location"].startswith("/video/")


# --- playing --------------------------------------------------------------------------------------


def queue_at(video_id: str, wanted: str, user: Any) -> library.Queue | None:
    request = RequestFactory().get("/", {"list": wanted})
    request.user = user
    return library.queue(request, VideoPage.objects.get(video_id=video_id))


def test_a_playlist_plays_in_its_order(ada: Any, evening: Playlist) -> None:
    found = queue_at("video-2", evening.playlist_id, ada)

    assert found is not None
    assert (found.place, found.number) == (2, 3)
    assert found.next is not None
    assert found.next.title == "Three"
    last = queue_at("video-3", evening.playlist_id, ada)
    assert last is not None
    assert last.next is None


@pytest.mark.parametrize(
    ("video_id", "around"),
    [
        ("video-1", ["One", "Two", "Three"]),
        ("video-3", ["Two", "Three", "Four"]),
        ("video-4", ["Three", "Four", "Five"]),
        ("video-5", ["Three", "Four", "Five"]),
    ],
)
def test_a_long_playlist_shows_what_is_around(
    video_id: str,
    around: list[str],
    ada: Any,
    evening: Playlist,
    make_video: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for title in ("Four", "Five"):
        library.add(evening, make_video(title))
    monkeypatch.setattr(library, "QUEUE", 3)

    found = queue_at(video_id, evening.playlist_id, ada)

    assert found is not None
    assert [item.video.title for item in found.items] == around
    assert found.number == 5
    assert bool(found.next) == (video_id != "video-5")


@pytest.mark.parametrize("wanted", ["", "nothing", "x" * 5000, "a\0b", "../etc", "%"])
def test_a_wrong_playlist_plays_nothing(wanted: str, ada: Any, evening: Playlist) -> None:
    assert queue_at("video-1", wanted, ada) is None


def test_a_private_playlist_plays_for_its_owner_only(
    ada: Any, evening: Playlist, make_user: Any
) -> None:
    Playlist.objects.update(visibility="private")

    assert queue_at("video-1", evening.playlist_id, make_user("bea")) is None
    assert queue_at("video-1", evening.playlist_id, ada) is not None


def test_a_queue_names_nothing_that_may_not_be_seen(evening: Playlist, make_user: Any) -> None:
    VideoPage.objects.filter(title="Two").update(visibility="private")

    found = queue_at("video-1", evening.playlist_id, make_user("bea"))

    assert found is not None
    assert [item.video.title for item in found.items] == ["One", "Three"]
    assert found.next is not None
    assert found.next.title == "Three"


# --- profiles -------------------------------------------------------------------------------------


def test_a_profile_shows_public_playlists_with_something_in_them(
    ada: Any, evening: Playlist, make_video: Any, make_user: Any
) -> None:
    library.make(ada, title="Empty", visibility="public")
    for visibility in ("private", "unlisted"):
        library.add(library.make(ada, title="Mine", visibility=visibility), make_video())
    VideoPage.objects.filter(title="One").update(visibility="private")
    request = RequestFactory().get("/")
    request.user = make_user("bea")

    [cover] = library.public_playlists(ada.profile, request)

    assert (cover.playlist, cover.number) == (evening, 2)
    assert cover.video is not None
    assert cover.video.title == "Two"


# --- cost -----------------------------------------------------------------------------------------


def test_the_number_of_queries_does_not_depend_on_what_is_kept(
    member: Client, ada: Any, make_user: Any, make_video: Any
) -> None:
    long = library.make(ada, title="Long", visibility="public")

    def fill(numbers: range) -> None:
        for number in numbers:
            video = make_video(f"Video {number}", creator=make_user(f"maker-{number}").profile)
            library.add(long, video)
            library.add(library.make(ada, title=f"List {number}"), video)

    first = f"/video/video-1/?list={long.playlist_id}"
    paths = [long.get_absolute_url(), "/playlists/", "/video/video-1/save/", first]
    fill(range(3))
    few = [query_count(member, path) for path in paths]
    fill(range(3, 20))
    many = [query_count(member, path) for path in paths]

    assert [after - before for before, after in zip(few, many, strict=True)] == [0, 0, 0, 0]
    assert max(many[:3]) < 30


def query_count(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        text(client.get(path))
    return len(queries)
