"""What a page loads: scripts within the budget, and names that change with the content."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client, override_settings

from video_cms.models import CaptionTrack, VideoMedia

#: First-load JavaScript of a page, in bytes of gzip.
BUDGET = 80 * 1024
#: What streams a video in several sizes, which is loaded at play.
STREAMING = 120 * 1024
IMPORT = re.compile(r'^import .* from "(\./[^"]+)";', re.MULTILINE)


def with_imports(script: Path) -> set[Path]:
    """Return a script and all that it imports."""
    names = IMPORT.findall(script.read_text(encoding="utf-8"))
    return {script}.union(*(with_imports(script.parent / name) for name in names))


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/video/video-1/", "/embed/video-1/"])
def test_scripts_are_within_the_budget(path: str, client: Client, make_video: Any) -> None:
    video = make_video("A walk", description="0:00 One\n0:02 Two\n0:04 Three")
    CaptionTrack.objects.create(video=video, language="en", webvtt="WEBVTT")
    page = client.get(path).content.decode()

    # data-: what a script loads by itself, such as the player once the page is there.
    addresses = re.findall(r'(?: src|data-controls|data-player)="/static/([^"]+\.js)"', page)
    scripts = set().union(*(with_imports(Path(finders.find(name))) for name in addresses))

    assert scripts
    size = sum(len(gzip.compress(script.read_bytes())) for script in scripts)
    assert size <= BUDGET, f"{size} bytes"


@pytest.mark.django_db
def test_what_streams_is_loaded_by_nothing_before_somebody_plays(
    client: Client, make_video: Any
) -> None:
    """The third stage, outside the budget: only where a video has several sizes, at play."""
    video = make_video("A walk")
    assert "hls.light" not in client.get("/video/video-1/").content.decode()
    VideoMedia.objects.filter(pk=video.media_id).update(hls="renditions/1/hls-1/master.m3u8")
    page = client.get("/video/video-1/").content.decode()
    (name,) = re.findall(r'data-streaming="/static/([^"]+)"', page)
    assert page.count("hls.light") == 1
    assert len(gzip.compress(Path(finders.find(name)).read_bytes())) <= STREAMING


def test_names_of_files_change_with_their_content(tmp_path: Path) -> None:
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "videosite.storage.StaticFilesStorage"},
    }
    with override_settings(
        STORAGES=storages,
        STATIC_ROOT=tmp_path,
        STATICFILES_FINDERS=["django.contrib.staticfiles.finders.FileSystemFinder"],
    ):
        call_command("collectstatic", interactive=False, verbosity=0)

    (player,) = (tmp_path / "themes/grid/js").glob("player.*.js")
    modules = with_imports(player) - {player}
    assert len(modules) > 5
    assert all(re.fullmatch(r"\w+\.[0-9a-f]{12}\.js", module.name) for module in modules)
