"""Importing what viewers did: repeatable, and the figures are right afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import CommandError

from recommendations_plugin.models import Event, Interaction
from video_cms import counters
from video_cms.importing import interactions
from video_cms.models import Like, User, VideoPage, Watch

Run = Callable[..., tuple[int, str]]

DAY = "2025-06-0{}T12:00:00Z"
ROWS = [
    f"ada,owls,watch,0.5,{DAY.format(1)}",
    f"ada,owls,like,,{DAY.format(1)}",
    f"Ada,owls,watch,0.2,{DAY.format(3)}",
    f"bob,owls,watch,0.1,{DAY.format(2)}",
    f"bob,rye,watch,1.0,{DAY.format(2)}",
    f"maker,owls,watch,1,{DAY.format(2)}",
]


@pytest.fixture
def videos(make_video: Any) -> None:
    make_video("Owls", video_id="owls")
    make_video("Rye", video_id="rye")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path, *ROWS)


def write(folder: Path, *rows: str) -> Path:
    path = folder / "interactions.csv"
    path.write_text("\n".join(["user,video_id,kind,value,timestamp", *rows]) + "\n", "utf-8")
    return path


def state() -> dict[str, Any]:
    """Return what an import makes, to be compared."""
    return {
        "watches": sorted(
            Watch.objects.values_list(
                "user__username", "video__title", "watch_time", "watched_duration", "timestamp"
            )
        ),
        "likes": sorted(Like.objects.values_list("user__username", "video__title", "created_at")),
        "counters": sorted(VideoPage.objects.values_list("title", "views", "likes")),
        "users": sorted(User.objects.values_list("username", "email")),
        "learnt": sorted(Interaction.objects.values_list("viewer_key", "item_key", "portion")),
    }


@pytest.mark.parametrize("batch", [1, 2, 4000])
def test_rows_become_watches_likes_counters_and_what_is_learnt(
    videos: None, file: Path, run: Run, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(interactions, "BATCH", batch)
    code, said = run("import_interactions", file)
    assert (code, "viewers: 2 new" in said) == (0, True)
    found = state()
    assert [(*watch[:4], str(watch[4])[:10]) for watch in found["watches"]] == [
        ("ada", "Owls", 0.5, 5.0, "2025-06-03"),
        ("bob", "Owls", 0.1, 1.0, "2025-06-02"),
        ("bob", "Rye", 1.0, 10.0, "2025-06-02"),
        ("maker", "Owls", 1.0, 10.0, "2025-06-02"),
    ]
    assert [like[:2] for like in found["likes"]] == [("ada", "Owls")]
    assert found["counters"] == [("Owls", 1, 1), ("Rye", 1, 0)]
    assert [portion for _viewer, _item, portion in found["learnt"]].count(0.5) == 1
    assert len(found["learnt"]) == 3, "creators’ own watching is not learnt from"
    assert counters.recount() == 0


def test_importing_twice_changes_nothing(videos: None, file: Path, run: Run) -> None:
    run("import_interactions", file)
    before, events = state(), Event.objects.count()
    code, said = run("import_interactions", file)
    assert (code, "watches: 0 new, 4 as they were" in said) == (0, True)
    assert state() == before
    assert Event.objects.count() == events


def test_new_viewers_cannot_sign_in_and_have_a_profile(videos: None, file: Path, run: Run) -> None:
    run("import_interactions", file)
    ada = User.objects.get(username="ada")
    assert (ada.email, ada.has_usable_password()) == ("ada@import.invalid", False)
    assert ada.profile.pk


def test_a_longer_watch_later_raises_what_is_there(videos: None, tmp_path: Path, run: Run) -> None:
    run("import_interactions", write(tmp_path, f"ada,owls,watch,0.2,{DAY.format(2)}"))
    assert state()["counters"][0] == ("Owls", 0, 0)
    run("import_interactions", write(tmp_path, f"ada,owls,watch,0.6,{DAY.format(1)}"))
    watch = Watch.objects.get()
    assert (watch.watch_time, watch.timestamp.day) == (0.6, 2)
    assert state()["counters"][0] == ("Owls", 1, 0)


@pytest.mark.parametrize(("last", "likes"), [("like", 1), ("unlike", 0)])
def test_the_latest_word_on_a_like_counts(
    videos: None, tmp_path: Path, run: Run, last: str, likes: int
) -> None:
    first = {"like": "unlike", "unlike": "like"}[last]
    rows = [f"ada,owls,{last},,{DAY.format(2)}", f"ada,owls,{first},,{DAY.format(1)}"]
    for _time in range(2):
        run("import_interactions", write(tmp_path, *rows))
        assert Like.objects.count() == likes
        assert state()["counters"][0] == ("Owls", 0, likes)
    run("import_interactions", write(tmp_path, f"ada,owls,unlike,,{DAY.format(3)}"))
    assert Like.objects.count() == 0
    assert state()["counters"][0] == ("Owls", 0, 0)


BAD = {
    f"ada,nope,watch,0.5,{DAY.format(1)}": "no video 'nope'",
    f"ada,owls,watch,1.5,{DAY.format(1)}": "'1.5' is no watched portion",
    f"ada,owls,watch,-0.1,{DAY.format(1)}": "no watched portion",
    f"ada,owls,watch,NaN,{DAY.format(1)}": "no watched portion",
    f"ada,owls,watch,inf,{DAY.format(1)}": "no watched portion",
    f"ada,owls,watch,,{DAY.format(1)}": "no watched portion",
    "ada,owls,watch,0.5,": "no date",
    "ada,owls,watch,0.5,1749000000": "no date",
    "ada,owls,like,,2999-01-01": "in the future",
    f"ada,owls,hate,,{DAY.format(1)}": "'hate' is none of",
    f",owls,like,,{DAY.format(1)}": "blank",
    f"{'a' * 41},owls,like,,{DAY.format(1)}": "40",
    f"a da,owls,like,,{DAY.format(1)}": "a da",
    "ada,owls,like": "3 columns",
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_row_is_refused_with_line_and_reason_and_costs_no_other(
    videos: None, tmp_path: Path, run: Run, bad: str
) -> None:
    code, said = run("import_interactions", write(tmp_path, ROWS[0], bad, ROWS[4]))
    assert code == 1
    assert "interactions.csv:3: " in said
    assert BAD[bad] in said
    assert Watch.objects.count() == 2


def test_a_dry_run_writes_nothing_and_finds_the_same_faults(
    videos: None, tmp_path: Path, run: Run
) -> None:
    before = state()
    code, said = run(
        "import_interactions", write(tmp_path, *ROWS, "ada,nope,like,,2025-01-01"), dry_run=True
    )
    assert (code, "interactions.csv:8" in said) == (1, True)
    assert state() == before


def test_a_file_that_is_not_there_says_so(tmp_path: Path, run: Run) -> None:
    with pytest.raises(CommandError, match="no file"):
        run("import_interactions", tmp_path / "none.csv")
