"""From a file on a creator's disk to a film that a follower watches, as a creator goes that way."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from playwright.sync_api import Page, expect

from tests.support import eventually
from video_cms.models import Upload, VideoMedia, VideoPage
from video_cms.uploads import parts

from .servers import Line, Server

pytestmark = pytest.mark.django_db(transaction=True)

CARS = Path(__file__).resolve().parents[3] / "shared" / "media" / "car-detection.mp4"
SLOW = 60_000  # milliseconds that a step may take on a machine with much else to do
MIDDLE = (700_000, 1_900_000)  # bytes sent so far when the connection breaks: within the film


@pytest.fixture
def line(live_server: Any) -> Iterator[Line]:
    with Line(live_server.url, MIDDLE) as line:
        yield line


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.kill()


@pytest.fixture
def cars() -> Path:
    """A real film of a street, half a minute long."""
    if not CARS.is_file():
        reason = f"The real clip is not here: {CARS}"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return CARS


def work() -> None:
    """Carry out what is queued, as the workers do, until nothing is left."""
    while row := OrmQ.objects.order_by("pk").first():
        task = row.task
        row.delete()
        import_string(task["func"])(*task["args"])


def digest(path: Path | str) -> str:
    return sha256(Path(path).read_bytes()).hexdigest()


def watch_from_studio(page: Page) -> None:
    """Go from the list of one's videos to the one in it that has just become public."""
    row = page.locator(".studio-row")
    expect(row.get_by_text("Public", exact=True)).to_be_visible(timeout=SLOW)
    row.locator("summary").click()
    row.get_by_role("link", name="Watch").click()


def play_and_seek(page: Page, to: float) -> None:
    """Play a film from its start, then from a later second on."""
    page.evaluate("() => { const v = document.querySelector('video'); v.muted = true; v.play() }")
    for at in (0.3, to + 0.3):
        moment = f"() => document.querySelector('video').currentTime > {at}"
        assert eventually(page, lambda: page.evaluate(moment), seconds=60)  # noqa: B023
        page.evaluate(f"() => {{ document.querySelector('video').currentTime = {to} }}")


def test_a_film_comes_over_a_line_that_breaks_twice_and_a_follower_watches_it(
    visit: Callable[..., Page],
    line: Line,
    cars: Path,
    clip: Path,
    make_user: Any,
    site_tree: Any,
    parent_categories: Any,
) -> None:
    ada, ben, follower = make_user("ada"), make_user("ben"), Client()
    follower.force_login(ben)
    follower.post("/profile/ada/follow/")

    page = visit(f"{line.url}/upload/", ada)
    page.set_default_timeout(SLOW)
    offsets: list[int] = []
    page.on(
        "request",
        lambda r: r.method == "PATCH" and offsets.append(int(r.headers["upload-offset"])),
    )
    page.get_by_label("Video file").set_input_files(cars)
    page.get_by_label("Title").fill("Cars in a street")
    page.get_by_label("Categories").select_option("birds")
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/studio/")
    assert not line.left, "it broke twice"
    assert offsets == sorted(offsets), "nothing that is there was sent again"
    assert offsets[-1] > MIDDLE[0], "it went on where it stopped"
    video = VideoPage.objects.get()
    assert VideoMedia.objects.count() == 1
    assert digest(video.new_media.file.path) == digest(cars)

    expect(page.get_by_text("Your file is being looked at")).to_be_visible()
    work()
    watch_from_studio(page)
    address = f"/video/{video.video_id}/"
    page.wait_for_url(f"**{address}")
    page.context.close()

    asked: list[str] = []
    page = visit("/feed/?placement=following", ben)  # the recommender's, not a list
    page.set_default_timeout(SLOW)
    recommended = page.locator("main li:has(> [data-recommendation])")
    expect(recommended.first.get_by_role("link", name="Cars in a street")).to_be_visible()
    page.goto("/search/?q=cars")
    page.on("request", lambda request: asked.append(request.url))
    page.locator("main").get_by_role("link", name="Cars in a street").first.click()
    page.wait_for_url(f"**{address}**")
    page.wait_for_function("() => !document.querySelector('video').controls")
    play_and_seek(page, 25)
    assert page.evaluate("() => document.querySelector('video').src").startswith("blob:")
    lists = [url for url in asked if url.endswith(".m3u8")]
    assert any(url.endswith("/master.m3u8") for url in lists)
    folder = lists[0].rsplit("/", 1)[0]
    assert any(url.startswith(folder) and url.endswith(".mp4") for url in asked)
    page.get_by_role("button", name="Like").first.click()
    assert eventually(page, lambda: VideoPage.objects.get().likes == 1, seconds=60)

    page.add_init_script("delete window.MediaSource")  # a browser that knows no HLS
    page.goto(address)
    page.wait_for_function("() => !document.querySelector('video').controls")
    play_and_seek(page, 25)
    assert page.evaluate("() => document.querySelector('video').currentSrc").endswith(".mp4")
    page.evaluate(
        "() => Object.assign(document.querySelector('video'), { currentTime: 0, playbackRate: 4 })"
    )
    first = "document.querySelector('video').played"
    page.wait_for_function(f"() => {first}.length && {first}.end(0) > 12")
    page.goto("/following/")  # the player tells on leaving how much was watched
    assert eventually(page, lambda: VideoPage.objects.get().views == 1, seconds=60)

    studio = visit(f"/studio/{video.video_id}/", ada)
    studio.set_default_timeout(SLOW)
    studio.get_by_label("Another video file").set_input_files(clip)
    expect(studio.get_by_text("The file has arrived.").first).to_be_visible(timeout=SLOW)
    work()
    after = VideoPage.objects.get()
    assert digest(after.media.file.path) == digest(clip)
    assert (after.live, after.url, after.views, after.likes) == (True, video.url, 1, 1)
    page.goto(address)
    page.wait_for_function("() => document.querySelector('video').duration < 5")


def test_an_upload_outlives_its_tab_and_its_server(
    visit: Callable[..., Page],
    server: Server,
    cars: Path,
    make_user: Any,
    site_tree: Any,
    parent_categories: Any,
) -> None:
    """The tab is closed within a piece; later the server is killed within another."""
    ada, offsets, here = make_user("ada"), [], f"http://{server.place}"

    def hear(page: Page) -> None:
        page.set_default_timeout(SLOW)
        page.on(
            "request",
            lambda r: r.method == "PATCH" and offsets.append(int(r.headers["upload-offset"])),
        )

    with Line(here, (1_500_000,), stands=True) as line:
        page = visit(f"{line.url}/upload/", ada)
        hear(page)
        page.get_by_label("Title").fill("Cars in a street")
        page.get_by_label("Video file").set_input_files(cars)
        assert eventually(page, line.failed.is_set, seconds=60)
        page.context.close()
    assert offsets == [0, 1 << 20], "it ended within the second piece"

    begun = Upload.objects.get()
    with Line(here, (900_000,), stands=True) as line:
        page = visit(f"{line.url}/studio/", ada)
        hear(page)
        page.locator(".studio-row").locator("h2 a").click()
        expect(page.get_by_text("Choose the same file to send the rest.")).to_be_visible()
        expect(page.get_by_label("Title")).to_have_value("Cars in a street")
        arrived = parts.received(begun)
        assert arrived >= 1 << 20, "the whole piece was kept, and maybe of the next"
        page.get_by_label("Video file").set_input_files(cars)
        assert eventually(page, line.failed.is_set, seconds=60)
        assert offsets[-1] == arrived, "it goes on where it was"
        server.kill()
        line.end.set()
        sent = page.get_by_role("list", name="Files that are being sent")
        expect(sent.get_by_text("No connection").first).to_be_visible()
        there = parts.received(begun)
        server.start()
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(sent.get_by_text("The file has arrived.").first).to_be_visible()
    assert there in offsets[-2:], "it goes on behind what the killed server had taken"
    assert offsets == sorted(offsets), "nothing that is there was sent again"
    video = VideoPage.objects.get()
    assert video.title == "Cars in a street"
    assert digest(video.new_media.file.path) == digest(cars)
    assert (VideoMedia.objects.count(), list(parts.folder().iterdir())) == (1, [])


def test_a_file_that_fails_says_why_and_another_takes_its_place(
    visit: Callable[..., Page],
    clip: Path,
    tmp_path: Path,
    make_user: Any,
    site_tree: Any,
    parent_categories: Any,
) -> None:
    half = tmp_path / "half.mp4"
    half.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    page = visit("/upload/", make_user("ada"))
    page.set_default_timeout(SLOW)
    page.get_by_label("Title").fill("Owls at night")
    page.get_by_label("Description").fill("They call, they listen.")
    page.get_by_label("Categories").select_option("birds")
    page.get_by_label("Video file").set_input_files(half)
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/studio/")
    work()
    reason = VideoMedia.objects.get().failure
    assert reason
    row = page.locator(".studio-row")
    expect(row.get_by_text(reason).first).to_be_visible(timeout=SLOW)
    assert not VideoPage.objects.get().live

    row.get_by_role("link", name="Send another file").click()
    expect(page.get_by_role("alert").get_by_text(reason)).to_be_visible(timeout=SLOW)
    expect(page.get_by_label("Title")).to_have_value("Owls at night")
    expect(page.get_by_label("Description")).to_have_value("They call, they listen.")
    page.locator("input[name='file']").set_input_files(clip)
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/studio/")
    work()
    video = VideoPage.objects.get()
    assert (video.live, video.description) == (True, "They call, they listen.")
    assert digest(VideoMedia.objects.get().file.path) == digest(clip)


def test_without_javascript_a_film_is_sent_found_and_watched(
    visit: Callable[..., Page],
    clip: Path,
    make_user: Any,
    site_tree: Any,
    parent_categories: Any,
) -> None:
    page = visit("/studio/", make_user("ada"), java_script_enabled=False)
    page.set_default_timeout(SLOW)
    page.locator("main").get_by_role("link", name="Upload a video").first.click()
    page.get_by_label("Title").fill("Owls at night")
    page.get_by_label("Video file").set_input_files(clip)
    page.get_by_label("Categories").select_option("birds")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Your file is being looked at")).to_be_visible(timeout=SLOW)
    work()
    page.reload()
    watch_from_studio(page)
    expect(page.get_by_role("heading", name="Owls at night", level=1)).to_be_visible()

    page = visit("/search/?q=owls", java_script_enabled=False)
    page.locator("main").get_by_role("link", name="Owls at night").first.click()
    page.wait_for_url("**/video/**", timeout=SLOW)
    source = page.locator("video source").get_attribute("src") or ""
    answer = page.request.get(source, headers={"Range": "bytes=100-199"})
    assert (answer.status, len(answer.body())) == (206, 100)
    play_and_seek(page, 3)
