"""Home, feeds, categories, the list of videos and search."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.db import connection
from django.template import RequestContext, Template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape
from PIL import Image

from recommendations_plugin import api
from video_cms import engagement
from video_cms.models import HomePage, Picture, VideoPage
from video_cms.templatetags.videos import ago, clock, compact, linked

pytestmark = pytest.mark.django_db


def picture(title: str = "Poster") -> Picture:
    buffer = BytesIO()
    Image.new("RGB", (640, 360), "teal").save(buffer, "PNG")
    return Picture.objects.create(title=title, file=ContentFile(buffer.getvalue(), "poster.png"))


def text(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


# --- home -----------------------------------------------------------------------------------------


def test_home_shows_cards_topics_and_what_the_feed_is_made_of(
    client: Client, make_video: Any, parent_categories: Any
) -> None:
    video = make_video("Two quiet hours", categories=["Jazz"], thumbnail=picture(), is_premium=True)

    page = text(client.get("/"))

    assert f'href="/video/{video.video_id}/"' in page
    assert "Two quiet hours" in page
    assert "0:10" in page
    assert "Premium" in page
    assert 'href="/?topic=music"' in page
    assert "Choose interests to make it yours" in page
    poster = page.split('<div class="poster">')[1].split(">")[0]
    assert 'width="320"' in poster, "the poster's place is reserved"
    assert 'height="180"' in poster
    assert 'loading="lazy"' not in page, "the first row loads at once"


def test_home_is_not_indexed_by_shared_caches_for_members(
    client: Client, make_video: Any, make_user: Any
) -> None:
    make_video("One")
    client.force_login(make_user("ada"))

    assert "Cookie" in client.get("/")["Vary"]
    assert client.get("/feed/")["Cache-Control"] == "private, no-store"


def next_address(page: str) -> str:
    """Return where "Load more" leads; empty at the end."""
    found = re.search(r'rel="next" href="([^"]+)"', page)
    return unescape(found[1]) if found else ""


def query_count(client: Client, path: str) -> int:
    client.get(path)  # makes renditions and fills caches
    with CaptureQueriesContext(
        connection,
    ) as queries:
        text(client.get(path))
    return len(queries)


@pytest.mark.parametrize("path", ["/", "/video/", "/browse/music/", "/browse/music/?sort=new"])
def test_the_number_of_queries_does_not_depend_on_the_number_of_cards(
    path: str, client: Client, make_video: Any, make_user: Any, parent_categories: Any
) -> None:
    member = make_user("ada")

    def fill(number: int, start: int) -> None:
        for index in range(start, start + number):
            maker = make_user(f"maker-{index}").profile
            maker.picture = picture()
            maker.save()
            make_video(f"Video {index}", categories=["Jazz"], thumbnail=picture(), creator=maker)

    client.force_login(member)
    fill(5, 0)
    few = query_count(client, path)
    fill(15, 5)
    many = query_count(client, path)

    assert many <= few
    assert many < 50


def test_load_more_is_a_real_link(client: Client, make_video: Any) -> None:
    for number in range(22):
        make_video(f"Video {number}")

    page = text(client.get("/"))
    assert page.count('<article class="card"') == 8 + 12, "what is new, and the feed"
    address = next_address(page)
    assert address.startswith("/feed/?placement=home&number=12&after=")

    whole = text(client.get(address))
    assert "<html" in whole
    assert whole.count('<article class="card"') == 2
    assert 'id="cards-home"' in whole, "what htmx selects"
    assert "Load more" not in whole
    assert "Back to the start" in whole
    assert "Back to the start" not in text(client.get(address, headers={"HX-Request": "true"}))


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/feed/?after=abc", 404),
        ("/feed/?after=%00", 404),
        ("/feed/?after=" + "A" * 5000, 404),
        ("/feed/?number=9999", 404),
        ("/feed/?number=0", 200),
        ("/feed/?topic=none", 404),
        ("/feed/?topic=%00", 404),
        ("/?topic=none", 404),
        ("/?topic=%00", 404),
        ("/?topic=music&after=x", 404),
        ("/?topic=music", 200),
        ("/explore/", 200),
        ("/explore/trending/?topic=none", 404),
        ("/explore/trending/?page=999999999", 200),
        ("/following/?page=-1", 200),
        ("/browse/music/?after=x", 404),
        ("/feed/?placement=x%00y", 404),
        ("/feed/?placement=" + "a" * 500, 404),
        ("/video/?page=abc", 200),
        ("/video/?page=-1", 200),
        ("/video/?page=99999", 200),
        ("/browse/music/?sort=new&page=999999999", 200),
        ("/browse/music/?sort=nonsense", 200),
        ("/browse/music/?sort=creator__user__password", 200),
        ("/browse/none/", 404),
        ("/category/none/", 404),
        ("/browse/", 301),
        ("/nothing-here/", 404),
    ],
)
def test_odd_addresses_never_fail(
    address: str, status: int, client: Client, make_video: Any, parent_categories: Any
) -> None:
    make_video("One", categories=["Jazz"])

    assert client.get(address).status_code == status


def test_members_get_their_interests_first(
    client: Client, make_video: Any, make_user: Any, parent_categories: Any
) -> None:
    make_video("A jazz evening", categories=["Jazz"])
    make_video("Owls", categories=["Birds"])
    client.force_login(make_user("ada", interests=[parent_categories["Nature"]]))

    page = text(client.get("/"))

    assert "Owls" in page
    assert page.find("Owls") < (page.find("A jazz evening") % 10**9)
    assert "Chosen from what you like." in page


def test_tags_show_feeds_anywhere(make_video: Any, rf: Any) -> None:
    video = make_video("A walk")
    make_video("Another walk")
    request = rf.get("/")
    request.user, request.session = AnonymousUser(), {}
    page = Template(
        "{% load recommendations %}"
        "{% recommendation_feed placement='sidebar' number=1 heading='For you' %}"
        "{% recommendations placement='sidebar' number=2 as feed %}{{ feed.items|length }} here"
        "{% similar_items video number=4 as near %}"
        "{% for one in near.items %}{% recommendation_reason one %}{% endfor %}"
    ).render(RequestContext(request, {"video": video}))

    assert page.count('<article class="card"') == 1
    assert "<h2>For you</h2>" in page
    assert "2 here" in page


def test_the_feed_block_has_a_preview_for_editors(
    client: Client, make_video: Any, django_user_model: Any
) -> None:
    make_video("A walk")
    client.force_login(django_user_model.objects.create_superuser("root", "r@example.org", "x"))
    block = HomePage.body.field.stream_block.child_blocks["feed"]

    page = text(client.get("/admin/block-preview/", {"id": block.definition_prefix}))

    assert "A walk" in page
    assert "css/site.css" in page


# --- lists ------------------------------------------------------------------------------------


@pytest.fixture
def shelf(make_video: Any, parent_categories: Any) -> dict[str, VideoPage]:
    """One video of each kind, all about jazz."""
    return {
        "public": make_video("Public jazz", categories=["Jazz"]),
        "unlisted": make_video("Unlisted jazz", categories=["Jazz"], visibility="unlisted"),
        "private": make_video("Private jazz", categories=["Jazz"], visibility="private"),
        "draft": make_video("Draft jazz", categories=["Jazz"], publish=False),
    }


@pytest.mark.usefixtures("indexed")
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/feed/",
        "/video/",
        "/browse/music/",
        "/browse/music/?sort=new",
        "/browse/music/?sort=views",
        "/category/jazz/",
        "/category/jazz/?sort=new",
        "/search/?q=jazz",
        "/profile/maker/",
    ],
)
def test_lists_show_public_videos_only(
    path: str, client: Client, shelf: dict[str, VideoPage]
) -> None:
    page = text(client.get(path))

    assert "Public jazz" in page
    for kind in ("Unlisted", "Private", "Draft"):
        assert f"{kind} jazz" not in page


def test_categories_sort_by_date_and_views(
    client: Client, make_video: Any, parent_categories: Any
) -> None:
    old = make_video("Old and loved", categories=["Jazz"])
    make_video("Fresh", categories=["Folk"])
    VideoPage.objects.filter(pk=old.pk).update(views=500)

    newest = text(client.get("/browse/music/?sort=new"))
    assert newest.find("Fresh") < newest.find("Old and loved")
    most_viewed = text(client.get("/browse/music/?sort=views"))
    assert most_viewed.find("Old and loved") < most_viewed.find("Fresh")
    assert "Fresh" not in text(client.get("/category/jazz/?sort=new"))


def test_explore_counts_listed_videos(client: Client, shelf: dict[str, VideoPage]) -> None:
    page = text(client.get("/explore/"))

    assert '<a href="/category/jazz/">Jazz</a> <span class="quiet">1</span>' in page


# --- search -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("indexed")
def test_search_finds_words_of_title_description_and_creator(
    client: Client, make_video: Any, make_user: Any
) -> None:
    maker = make_user("zelda").profile
    maker.name = "Zelda Quickwater"
    maker.save()
    make_video("Marmalade", description="With bitter oranges", creator=maker)
    make_video("Something else")

    for words in ("marmalade", "oranges", "quickwater"):
        page = text(client.get("/search/", {"q": words}))
        assert "Marmalade" in page, words
        assert "Something else" not in page, words


@pytest.mark.parametrize("words", ["a" * 101, "nul\0byte"])
def test_search_refuses_what_it_cannot_take(words: str, client: Client, site_tree: Any) -> None:
    assert client.get("/search/", {"q": words}).status_code == 400


@pytest.mark.usefixtures("indexed")
@pytest.mark.parametrize(
    "words",
    [
        '"',
        "'",
        "*",
        "AND",
        "a OR",
        "NEAR(",
        "(",
        "title:x",
        "-",
        "x'}) DETACH DELETE n //",
        "%",
        "{{7*7}}",
    ],
)
def test_search_takes_query_syntax_as_words(words: str, client: Client, make_video: Any) -> None:
    make_video("One")

    page = text(client.get("/search/", {"q": words}))
    assert escape(words) in page


# --- words ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("indexed")
def test_markup_in_titles_and_names_is_inert(
    client: Client, make_video: Any, make_user: Any
) -> None:
    maker = make_user("maker").profile
    maker.name = "<img src=x onerror=alert(1)>"
    maker.save()
    make_video("<script>alert(1)</script> {{7*7}}", creator=maker)

    for path in ("/", "/video/video-1/", "/profile/maker/", "/search/?q=script"):
        page = text(client.get(path))
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_addresses_in_words_become_careful_links() -> None:
    html = linked("See https://example.org/a?b=1&c=2 <b>now</b>\n\njavascript:alert(1)")

    assert 'rel="nofollow noopener ugc"' in html
    assert html.count("<a ") == 1
    assert "<b>" not in html
    assert html.count("<p>") == 2


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(7, "0:07"), (59.6, "1:00"), (750, "12:30"), (3723, "1:02:03"), (None, "0:00")],
)
def test_durations_read_as_on_a_player(seconds: float | None, shown: str) -> None:
    assert clock(seconds) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1K"),
        (1234, "1.2K"),
        (48_321, "48K"),
        (999_600, "1M"),
        (3_100_000, "3.1M"),
    ],
)
def test_large_numbers_are_short(number: int, shown: str) -> None:
    assert compact(number) == shown


def test_no_date_has_no_age() -> None:
    assert ago(None) == ""


# --- not interested ---------------------------------------------------------------------------


def test_dismissed_videos_leave_the_feed_until_undone(
    client: Client, make_video: Any, make_user: Any
) -> None:
    video = make_video("Not for me")
    make_video("For me")
    client.force_login(make_user("ada"))

    fragment = text(client.post("/video/video-1/dismiss/", headers={"HX-Request": "true"}))
    assert "Undo" in fragment
    assert 'id="announce"' in fragment
    assert video.title not in text(client.get("/"))

    card = text(client.post("/video/video-1/undismiss/", headers={"HX-Request": "true"}))
    assert video.title in card
    assert video.title in text(client.get("/"))


def test_visitors_dismiss_without_an_account_or_javascript(client: Client, make_video: Any) -> None:
    make_video("Not for me")

    page = text(client.post("/video/video-1/dismiss/", {"next": "/"}))
    assert "<html" in page
    assert "Undo" in page
    assert "Not for me" not in text(client.get("/"))
    undone = client.post("/video/video-1/undismiss/", {"next": "/"})
    assert undone["Location"] == "/"
    assert "Not for me" in text(client.get("/"))


def test_watched_videos_leave_the_feed(client: Client, make_video: Any, make_user: Any) -> None:
    video = make_video("Seen")
    make_video("Unseen")
    ada = make_user("ada")
    engagement.watch(api.viewer(ada), video, portion=0.9, seconds=9)
    client.force_login(ada)

    page = text(client.get("/"))
    assert "Unseen" in page
    assert ">Seen<" not in page


def test_lists_show_how_much_was_watched(
    client: Client, make_video: Any, make_user: Callable[..., Any]
) -> None:
    video = make_video("Half seen")
    ada = make_user("ada")
    engagement.watch(api.viewer(ada), video, portion=0.5, seconds=5)
    assert "<progress" not in text(client.get("/video/"))

    client.force_login(ada)
    assert '<progress class="watched" max="1" value="0.50"' in text(client.get("/video/"))
