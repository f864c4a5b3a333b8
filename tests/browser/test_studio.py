"""A creator's form while the connection fails: what was typed and sent is kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from video_cms.models import Upload, VideoPage
from video_cms.uploads import receiving

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_film_arrives_whole_over_a_connection_that_breaks_twice(
    visit: Callable[..., Page],
    clip: Path,
    tmp_path: Path,
    make_user: Any,
    site_tree: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first time within the film, then after its last byte: nothing is sent twice or lost."""
    film = tmp_path / "Cars in a street.mp4"
    padding = os.urandom(3_000_000)
    film.write_bytes(clip.read_bytes() + (len(padding) + 8).to_bytes(4, "big") + b"free" + padding)
    page = visit("/upload/", make_user("ada"))
    pieces: list[int] = []
    really = receiving.finish

    def cut(route: Route) -> None:
        if route.request.method == "PATCH":
            pieces.append(int(route.request.headers["upload-offset"]))
        if len(pieces) == 2 and route.request.method == "PATCH":
            route.abort("connectionreset")
        else:
            route.continue_()

    def unheard(upload: Upload) -> None:
        monkeypatch.setattr(receiving, "finish", really)
        really(upload)
        raise OSError("the answer is lost")

    monkeypatch.setattr(receiving, "finish", unheard)
    page.route("**/upload/parts/**", cut)
    page.get_by_label("Description").press_sequentially("All kinds")
    page.get_by_label("Video file").set_input_files(film)
    sent = page.get_by_role("list", name="Files that are being sent")
    expect(sent.get_by_text("No connection").first).to_be_visible()
    expect(sent.get_by_text("The file has arrived.").first).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Saved as a draft.")).to_be_visible()

    video = VideoPage.objects.get()
    kept = Path(video.new_media.file.path).read_bytes()
    assert sha256(kept).hexdigest() == sha256(film.read_bytes()).hexdigest()
    assert pieces == [0, 1 << 20, 1 << 20], "it went on where it stopped"
    expect(page).to_have_url(f"/studio/{video.video_id}/")
    page.reload()
    expect(page.get_by_label("Description")).to_have_value("All kinds")
