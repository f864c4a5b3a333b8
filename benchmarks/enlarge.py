"""Makes a catalogue large: copies of its videos, of their pages and vectors too."""

from __future__ import annotations

import json
import random
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from django.db import connection, transaction

#: How far a copy's vector lies from the original's, as a share of its length.
APART = 0.3
#: Rows of an insertion.
BATCH = 5000


def enlarge(pages: int) -> None:
    """Add copies of the videos until there are so many, and a model that knows them all."""
    from recommendations_plugin.models import Item
    from video_cms.models import VideoPage

    originals = list(VideoPage.objects.live().values_list("pk", flat=True))
    chosen = [random.choice(originals) for _n in range(pages - len(originals))]  # noqa: S311
    items = dict(Item.objects.values_list("key", "pk"))
    key = f"{VideoPage._meta.label_lower}:{{}}".format
    with transaction.atomic():
        copies = copy_pages(chosen)
        first = _next("recommendations_plugin_item")
        item_ids = {new: n for n, new in enumerate(copies, start=first)}
        of = {item_ids[new]: items[key(old)] for new, old in copies.items()}
        keys = {item_ids[new]: key(new) for new in copies}
        _copy("recommendations_plugin_item", "id", of, lambda row, new: _item(row, keys[new]))
        _copy_links("recommendations_plugin_item_facets", "item_id", of)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    _publish({key(new): key(old) for new, old in copies.items()})


def copy_pages(originals: Sequence[int]) -> dict[int, int]:
    """Copy a video as often as its id is named; return each copy's id with its original's."""
    copies = dict(enumerate(originals, start=_next("wagtailcore_page")))
    _copy("wagtailcore_page", "id", copies, _page)
    _copy("video_cms_videopage", "page_ptr_id", copies, _video)
    _copy_links("video_cms_videopage_categories", "videopage_id", copies)
    return copies


def _page(row: dict[str, Any], new: int) -> None:
    parent, own = row["path"][:-4], np.base_repr(new, 36).rjust(4, "0")
    row.update(
        path=f"{parent}{own}",
        slug=f"copy-{new}",
        url_path=f"{row['url_path'].rstrip('/').rpartition('/')[0]}/copy-{new}/",
        translation_key=uuid.uuid4().hex,
        latest_revision_id=None,
        live_revision_id=None,
    )


def _video(row: dict[str, Any], new: int) -> None:
    row["video_id"] = f"copy-{new}"


def _item(row: dict[str, Any], key: str) -> None:
    row["key"] = key
    del row["engagement"]  # the database makes it of others


def _next(table: str) -> int:
    """Return a primary key beyond all others, of four digits by 36 as a page's path has them."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max(id) FROM {table}")  # noqa: S608
        return max(int(cursor.fetchone()[0]) + 1, 36**3)


def _copy(table: str, pk: str, copies: Mapping[int, int], change: Any) -> None:
    rows = {row[pk]: row for row in _rows(table)}

    def made() -> Iterable[dict[str, Any]]:
        for new, old in copies.items():
            row = {**rows[old], pk: new}
            change(row, new)
            yield row

    _insert(table, made())


def _copy_links(table: str, column: str, copies: Mapping[int, int]) -> None:
    links: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(table):
        links[row.pop(column)].append({name: row[name] for name in row if name != "id"})
    _insert(table, ({**link, column: new} for new, old in copies.items() for link in links[old]))


def _rows(table: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")  # noqa: S608
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, map(_plain, row), strict=True)) for row in cursor.fetchall()]


def _plain(value: Any) -> Any:
    """Return a value as a statement takes it: PostgreSQL gives JSON as objects."""
    return json.dumps(value) if isinstance(value, dict | list) else value


def _insert(table: str, rows: Iterable[dict[str, Any]]) -> None:
    made = list(rows)
    if not made:
        return
    names = list(made[0])
    slots = ", ".join(["%s"] * len(names))
    sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({slots})"  # noqa: S608
    with connection.cursor() as cursor:
        for start in range(0, len(made), BATCH):
            values = [tuple(row.values()) for row in made[start : start + BATCH]]
            cursor.executemany(sql, values)


def _publish(copies: Mapping[str, str]) -> None:
    """Publish and serve the live model with vectors of copies near those of the originals."""
    from recommendations_plugin import runs
    from recommendations_plugin.index import artifacts

    live = artifacts.load(runs.active_version())
    rng = np.random.default_rng(1)
    known = {new: old for new, old in copies.items() if old in live.item_keys}
    places = live.places(known.values())

    def near(vectors: np.ndarray) -> np.ndarray:
        found = vectors[places]
        lengths = np.linalg.norm(found, axis=1, keepdims=True) / np.sqrt(found.shape[1])
        away = rng.normal(size=found.shape).astype(np.float32)
        return np.concatenate([vectors, found + APART * lengths * away])

    version = artifacts.publish(
        replace(
            live.embeddings,
            item_keys=[*live.item_keys, *known],
            items=near(live.items),
            pulls=near(live.pulls),
            affinity=None,
        ),
        metrics={},
    )
    runs.activate(version)
    artifacts.prune(1, version)
