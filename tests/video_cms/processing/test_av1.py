"""Sizes as AV1 beside H.264."""

from __future__ import annotations

from typing import Any

import av
import pytest

from video_cms.models import VideoMedia
from video_cms.processing import folders
from video_cms.processing.checks import check_av1

from . import hls
from .finishing import Make, finished

pytestmark = pytest.mark.django_db


def test_sizes_come_as_av1_too_where_the_settings_want_it(
    make_media: Make, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PROCESSING = {**settings.PROCESSING, "AV1": True}
    assert check_av1() == []
    master = folders.path_in_storage(finished(make_media()), VideoMedia.objects.get().hls)
    hls.check(master)
    codecs = [line.partition('CODECS="')[2][:5] for line in master.read_text().splitlines()]
    assert [codec for codec in codecs if codec] == ["avc1.", "av01."]
    with av.open(str(master.parent / "90-av1.mp4")) as film:
        assert film.streams.video[0].codec_context.name in {"libdav1d", "av1"}
        assert len(list(film.decode(video=0))) == 50

    monkeypatch.setattr(av, "codecs_available", {"libx264"})
    assert [warning.id for warning in check_av1()] == ["video_cms.W002"]
