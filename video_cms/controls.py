"""What the player needs wherever it stands: picture, tracks, words, and a place in the policy."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from wagtail.images.shortcuts import get_rendition_or_not_found

from . import timestamps
from .models import VideoPage

#: The size of the picture before playing.
POSTER = "max-1280x720|format-webp"

#: media-chrome 4.19.4 writes these ``<style>``s into its shadow roots; a browser test compares.
STYLE_HASHES = (
    "'sha256-+XYYAhYtiUsaw0+wUtfcBE3yMARPO4zdUhZGkDgDohM='",
    "'sha256-1Jc+kPhfOh4UvXYTCgDHEAV3Caafvsf5jeNdPbSiQ8o='",
    "'sha256-3mr12lsHkByBAuT5HIjiVaMHjH42rxTHchQEttT3yhE='",
    "'sha256-5LsYGeD4Fwu+AtlpdRPSk6g18GLvHddLqx5a2hMGkpw='",
    "'sha256-C7t4uFhGErrgCiy7sp4fN8QAsq2Xafh4lWfnefi0l/E='",
    "'sha256-CZ8hU2wFQkJQTP3Dj2nl5E530al0uN4149GNCvQZTDE='",
    "'sha256-GD/7u05tW5TRiymTThnNFOp6kG/cGDdJ0PZE3AUHvEY='",
    "'sha256-LLrbL3VRTSpcR7f/VRuhdwB3hQdbFqJkzjoEZmHBXIw='",
    "'sha256-MV44r6ksBw+mCcZujzocHAOffIPu/joVS2FNHESx3Ho='",
    "'sha256-VJnVbqNRyX0jCFZEJ4ltrffJx26lCuyVbNYdioxBwzQ='",
    "'sha256-W9200sCekROkcax0iJ77FC7fL1XmtkKZFU4jWBgOGi0='",
    "'sha256-ad5pLE4ykOnAn8/VmRayKdKPhP3pvqoX4MGy3EktnBg='",
    "'sha256-icRYLLVSVG1RE2ze2JPpc2di/XuMtAkqJdem5GFjU5M='",
    "'sha256-l0oXN8ELODFEFGnJztGBqT5qrnYVXGDHmO9UVWjtMXA='",
    "'sha256-m+frfzRQalnJwRN07WZLWSWd4eM4WsynbWp5qQi8Or0='",
    "'sha256-sAS/YwJd8QhcsuwF6ji1l+uwVdgQ8O/zcjWaGi0VXSw='",
)

#: The texts of media-chrome's controls, which it has in English.
WORDS = [
    noop("video player"), noop("Play"), noop("play"), noop("Pause"), noop("pause"),
    noop("Mute"), noop("mute"), noop("Unmute"), noop("unmute"), noop("volume"), noop("seek"),
    noop("Enable captions"), noop("Disable captions"), noop("closed captions"),
    noop("Enter fullscreen mode"), noop("enter fullscreen mode"),
    noop("Exit fullscreen mode"), noop("exit fullscreen mode"),
    noop("Enter picture in picture mode"), noop("enter picture in picture mode"),
    noop("Exit picture in picture mode"), noop("exit picture in picture mode"),
    noop("Playback rate"), noop("playback time"), noop("media loading"),
    noop("hour"), noop("hours"), noop("minute"), noop("minutes"),
    noop("second"), noop("seconds"), noop("of"), noop("remaining"),
    noop("video not loaded, unknown time."),
]  # fmt: skip


def words() -> dict[str, str]:
    """Return the texts of the controls in the visitor's language; none for English."""
    if (get_language() or "en").startswith("en"):
        return {}
    return {word: _(word) for word in WORDS}


def player_parts(video: VideoPage) -> dict[str, Any]:
    """Return what the player's template shows of a video."""
    return {
        "poster": video.poster and get_rendition_or_not_found(video.poster, POSTER),
        "tracks": video.captions.all(),
        "chapters": timestamps.chapters(video.description, video.duration),
        "words": words(),
    }
