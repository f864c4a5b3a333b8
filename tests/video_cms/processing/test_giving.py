"""Who gets what was made of a film, and who is told how far it is."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from video_cms.models import ProcessingStep, VideoMedia, VideoPage
from video_cms.processing import folders, steps

from .finishing import Make, finished

pytestmark = pytest.mark.django_db

Name, State = ProcessingStep.Name, ProcessingStep.State


def test_30_what_is_made_follows_the_page_from_one_request_to_the_next(
    make_media: Make, make_video: Any, make_user: Any, client: Client
) -> None:
    media = finished(make_media())
    page = make_video("A walk", media=media)
    kinds = {
        media.mp4: "video/mp4",
        media.hls: "application/vnd.apple.mpegurl",
        media.hls.replace("master.m3u8", "90.mp4"): "video/mp4",
        media.storyboard: "text/vtt",
        media.storyboard.replace(".vtt", ".jpg"): "image/jpeg",
    }
    for name, kind in kinds.items():
        answer = client.get(f"/media/{name}", headers={"range": "bytes=0-9"})
        assert (name, answer.status_code) == (name, 206)
        assert answer["Content-Type"] == kind
        assert answer["Cache-Control"] == "public, max-age=300"

    owner, other = Client(), Client()
    owner.force_login(page.creator.user)
    other.force_login(make_user("bruno"))
    assert client.get(f"/media/{media.file.name}").status_code == 403, "it may tell the place"
    assert owner.get(f"/media/{media.file.name}").status_code == 200

    for change in ({"visibility": "private"}, {"live": False}, {"is_premium": True}):
        before = VideoPage.objects.values(*change).get()
        VideoPage.objects.update(**change)
        for name in kinds:
            assert client.get(f"/media/{name}").status_code == 403
            assert other.get(f"/media/{name}").status_code == 403
            allowed = owner.get(f"/media/{name}")
            assert (allowed.status_code, allowed["Cache-Control"]) == (200, "private, no-cache")
        VideoPage.objects.update(**before)


@pytest.mark.parametrize(
    "name",
    [
        "renditions/nothing/hls-1/master.m3u8",
        "renditions/00000000000000000000000000000000/hls-1/master.m3u8",
        "renditions/{key}/.hls/240.mp4",
        "renditions/{key}/../{key}/mp4/video.mp4",
        "renditions/{key}",
        "renditions/{key}/hls-1/plan.json",
    ],
)
def test_31_nothing_else_is_there(make_media: Make, make_video: Any, name: str) -> None:
    media = make_media()
    folders.folder_of(media)
    make_video("A walk", media=media)
    key = media.folder.hex if media.folder else ""
    assert Client().get(f"/media/{name.format(key=key)}").status_code == 404


def test_creators_and_editors_see_how_far_it_is_and_try_again(
    make_media: Make,
    make_video: Any,
    make_user: Any,
    queue: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:
    media = make_media()
    page = make_video("A walk", media=media)
    steps.plan(media)
    media.steps.filter(name=Name.PROBE).update(state=State.DONE)
    media.steps.filter(name=Name.MP4).update(state=State.RUNNING, progress=0.43)
    address, creator, editor = f"/processing/{media.pk}/", Client(), Client()
    creator.force_login(page.creator.user)
    editor.force_login(make_user("boss", is_superuser=True))
    stranger = Client()
    stranger.force_login(make_user("bruno"))
    for who in (creator, editor):
        told = who.get(address).content.decode()
        assert "Making it playable" in told
        assert "43 %" in told
        assert 'hx-trigger="every 2s"' in told
    assert stranger.get(address).status_code == 404
    assert stranger.post(f"{address}retry/").status_code == 404
    assert Client().get(address).status_code == 302
    assert creator.get(f"{address}retry/").status_code == 405

    media.steps.filter(name=Name.MP4).update(state=State.FAILED, error="There is no room left.")
    VideoMedia.objects.update(state=VideoMedia.State.FAILED, failure="There is no room left.")
    told = creator.get(address).content.decode()
    assert "There is no room left." in told
    assert "Try again" in told
    assert "every 2s" not in told
    assert "There is no room left." in creator.get("/studio/").content.decode()
    assert "Try again" in editor.get(f"/admin/media/edit/{media.pk}/").content.decode()

    queue.clear()
    with django_capture_on_commit_callbacks(execute=True):
        creator.post(f"{address}retry/")
    assert queue == [(("video_cms.tasks.process_video", media.pk), {"cluster": "processing"})]
    assert finished(media).hls
    assert "processing-step" not in creator.get(address).content.decode()
