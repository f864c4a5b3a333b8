"""Gives the demo's videos captions: what their descriptions say, sentence by sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from video_cms import captions
from video_cms.importing.search import index_for_search
from video_cms.models import CaptionTrack, VideoPage

SENTENCE = re.compile(r"(?<=[.!?])\s+")
#: Lines with a time are chapters, not something to say.
TIMED = re.compile(r"\s*\d+:\d\d")


def add_captions(ids: set[str]) -> None:
    """Write captions for those of these videos that have none."""
    videos = VideoPage.objects.filter(video_id__in=ids, captions=None).select_related("media")
    tracks = [
        CaptionTrack(video=video, language="en", webvtt=captions.write(cues))
        for video in videos
        if (cues := list(spoken(video.description, video.duration)))
    ]
    CaptionTrack.objects.bulk_create(tracks)
    index_for_search(VideoPage, [track.video_id for track in tracks])


def spoken(description: str, seconds: float) -> Iterator[captions.Cue]:
    """Yield a description's sentences, each for as long as its share of the letters."""
    lines = [line for line in description.splitlines() if not TIMED.match(line)]
    sentences = [part for line in lines for part in SENTENCE.split(line.strip()) if part]
    letters, said = sum(map(len, sentences)), 0
    for sentence in sentences:
        start, said = said, said + len(sentence)
        yield captions.Cue(
            seconds * start / letters, seconds * said / letters, captions.escape(sentence)
        )
