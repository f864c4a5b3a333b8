"""What the plugin costs a web process before it does anything: memory and time to start.

    nice -n 10 python benchmarks/footprint.py [--items 1000000] [--dimension 128] [--repeats 5]

Memory: two processes each, with and without feeds, on a made-up model; what one of them holds for
itself (Private_Dirty and Private_Clean in smaps_rollup; what both map is neither's). Start: seconds
of processor time of ``django.setup()`` with the plugin in ``INSTALLED_APPS`` and without, in turn.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = "tests.testapp.settings"
BEGIN = "import os, sys, time; sys.path.insert(0, {root!r}); from django.conf import settings\n"
#: A process as it serves: the framework, then feeds by a mapped model, until it is told to end.
SERVES = """
import django; django.setup()
from django.urls import get_resolver; get_resolver().url_patterns
from django.template.loader import get_template; get_template("testapp/article_page.html")
if {feeds}:
    import numpy as np
    from recommendations_plugin.index import artifacts
    from recommendations_plugin.ranking.delta import Delta
    artifact = artifacts.load({version!r})
    model, chance = Delta(artifact, 0, 0), np.random.default_rng(1)
    for _ in range(50):
        places = chance.integers(len(artifact.items), size=1000)
        keys = [artifact.item_keys[place] for place in places]
        pulls, known = model.pulls(keys[:200])
        model.search(pulls.mean(axis=0), 250, artifact.positions(keys))
print("ready", flush=True); sys.stdin.readline()
"""
#: A start, with or without the plugin; the app that needs it goes with it.
STARTS = """
if not {plugin}:
    settings.INSTALLED_APPS = [
        app for app in settings.INSTALLED_APPS
        if not app.startswith(("recommendations_plugin", "tests.testapp"))
    ]
import django
began = time.process_time(); django.setup(); print(time.process_time() - began)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--dimension", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    starts = {plugin: [] for plugin in (True, False)}
    for _ in range(options.repeats):
        for plugin, found in starts.items():
            found.append(float(python(STARTS.format(plugin=plugin)).communicate()[0]))
    on, off = (1000 * float(np.median(starts[plugin])) for plugin in (True, False))
    print(f"django.setup(): {off:.0f} ms without the plugin, {on:.0f} ms with it: {on / off:.2f}")
    folder = Path(tempfile.mkdtemp(prefix="footprint-"))
    try:
        version = published(folder, options.items, options.dimension)
        off, on = (memory(SERVES.format(feeds=f, version=version), folder) for f in (False, True))
    finally:
        shutil.rmtree(folder)
    print(f"private memory: {off:.0f} MB without feeds, {on:.0f} MB with: {on - off:+.0f} MB")


def python(code: str, artifacts: Path | None = None) -> subprocess.Popen[str]:
    """Start a process of its own."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    if artifacts:
        code = f'settings.RECOMMENDATIONS = {{"ARTIFACTS_DIR": {str(artifacts)!r}}}\n{code}'
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", BEGIN.format(root=str(ROOT)) + code],
        env={**os.environ, **one, "DJANGO_SETTINGS_MODULE": SETTINGS},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def memory(code: str, artifacts: Path) -> float:
    """Return what each of two such processes holds for itself, in MB."""
    processes = [python(code, artifacts) for _ in range(2)]
    for process in processes:
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("A process did not start.")
    held = [private(process.pid) for process in processes]
    for process in processes:
        process.communicate("end\n")
    return float(np.mean(held))


def private(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    kilobytes = [int(line.split()[1]) for line in lines if line.startswith("Private_")]
    return sum(kilobytes) / 1024


def published(folder: Path, items: int, dimension: int) -> str:
    """Publish a made-up model, in a process of its own, and return its version."""
    code = f"""
import numpy as np, django; django.setup()
from recommendations_plugin.index import artifacts
from recommendations_plugin.types import Embeddings
chance = np.random.default_rng(1)
vectors = chance.standard_normal(({items}, {dimension}), dtype=np.float32)
tastes = chance.standard_normal((500, {dimension}), dtype=np.float32)
vectors += tastes[chance.integers(500, size={items})]
vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
print(artifacts.publish(Embeddings(
    item_keys=[f"testapp.podcast:{{n + 1}}" for n in range({items})], items=vectors,
    facet_keys=[f"category:{{n}}" for n in range(500)], facets=vectors[:500], pulls=vectors,
    facet_items=vectors[:500],
    parameters={{"half_life": 20.0, "blocks": [{{"dimension": {dimension}, "alpha": 1.0}}]}},
), metrics={{}}))
"""
    return python(code, folder).communicate()[0].split()[-1]


if __name__ == "__main__":
    main()
