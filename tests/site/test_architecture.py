"""The import rules of docs/architecture.md, held against the code."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = ROOT / "recommendations_plugin"

#: What each part of the plugin may import of it, besides itself. Downward only.
GROUND = {
    "types",
    "conf",
    "registry",
    "signals",
    "profile",
    "placements",
    "traces",
    "wording",
    "words",
}
TABLES = GROUND | {"models"}
COMPOSED = TABLES | {"events", "index", "jobs", "runs", "ranking"}
MAY_IMPORT = {
    "types": set(),
    "conf": set(),
    "signals": set(),
    "profile": {"types"},
    "placements": {"conf"},
    "steering": {"placements"},
    "figures": set(),
    "traces": {"types"},
    "wording": {"types"},
    "words": set(),
    "registry": {"types"},
    "models": GROUND | {"steering", "figures"},
    "events": TABLES,
    "runs": TABLES,
    "graph": GROUND,
    "training": GROUND,
    "index": GROUND,
    "jobs": GROUND,
    "ranking": GROUND | {"events", "index", "runs"},
    "api": COMPOSED - {"models"},
    "releases": COMPOSED,
    "tasks": COMPOSED | {"graph", "training", "releases"},
    "status": COMPOSED | {"graph"},
    "receivers": GROUND | {"api"},
    "checks": GROUND,
    "blocks": GROUND | {"api"},
    "templatetags": GROUND | {"api"},
    "rest": GROUND | {"api"},
    "middleware": {"api"},
    "views": GROUND | {"api"},
    "urls": {"views"},
    "apps": {"checks", "receivers", "events"},
    "steering_admin": TABLES | {"events", "tables"},
    "choosers": {"models"},
    "lists": {"models"},
    "item_panel": TABLES | {"api", "events"},
    "inspector": COMPOSED - {"models"},
    "inspector_form": TABLES | {"events", "inspector", "rules_admin"},
    "inspector_admin": TABLES | {"inspector", "inspector_form"},
    "rules_admin": TABLES | {"events"},
    "measures": TABLES | {"tables"},
    "training_admin": TABLES | {"runs", "jobs", "lists", "measures"},
    "release_admin": TABLES | {"runs", "releases", "measures", "index", "training_admin"},
    "tables": set(),
    "viewsets": TABLES
    | {"choosers", "lists", "rules_admin", "steering_admin", "training_admin", "tables"},
    "dashboard": TABLES | {"charts", "events", "measures", "runs", "tables"},
    "reports": TABLES | {"events", "lists", "panels", "tables"},
    "panels": {"dashboard", "status"},
    "admin_views": {"dashboard", "status", "panels"},
    "wagtail_hooks": {
        "admin_views",
        "inspector_admin",
        "panels",
        "release_admin",
        "releases",
        "reports",
        "steering_admin",
        "training_admin",
        "viewsets",
    },
    "charts": set(),
    "management": COMPOSED | {"graph", "tasks", "status", "charts", "releases"},
    "migrations": {"models"},
}

#: Where each heavy library may be imported.
VENDORS = {
    "torch": "training/",
    "torch_geometric": "training/",
    "neo4j": "graph/bolt.py",
    "arcadedb_embedded": "graph/embedded.py",
    "faiss": "index/faiss.py",
    "django_q": "jobs/django_q.py",
    "rest_framework": "rest/",
    "drf_spectacular": "rest/",
}
#: Those that web processes may load.
LIGHT = {"django_q", "rest_framework", "drf_spectacular"}


def modules(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Return the absolute names of all that a module imports, also inside functions."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            start = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{start}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", modules(PLUGIN), ids=lambda p: str(p.relative_to(PLUGIN)))
def test_the_plugin_imports_downward_only(path):
    part = path.relative_to(PLUGIN).with_suffix("").parts[0]
    if part == "__init__":
        return
    inside = {
        name.split(".")[1] for name in imports(path) if name.startswith("recommendations_plugin.")
    }
    assert inside - {part, "__version__"} <= MAY_IMPORT[part]


@pytest.mark.parametrize("path", modules(PLUGIN), ids=lambda p: str(p.relative_to(PLUGIN)))
def test_the_plugin_knows_nothing_of_the_site_and_keeps_each_vendor_in_one_place(path):
    tops = {name.split(".")[0] for name in imports(path)}
    assert not tops & {"video_cms", "videosite", "themes"}
    where = path.relative_to(PLUGIN).as_posix()
    for vendor in tops & VENDORS.keys():
        assert where.startswith(VENDORS[vendor]), f"{vendor} belongs in {VENDORS[vendor]}"


@pytest.mark.parametrize(
    "path", modules(ROOT / "video_cms"), ids=lambda p: str(p.relative_to(ROOT))
)
def test_the_site_uses_only_the_plugins_public_modules(path):
    public = {"api", "registry", "signals", "blocks", "item_panel"}
    used = {
        name.split(".")[1]
        for name in imports(path)
        if name.startswith("recommendations_plugin.") and "migrations" not in path.parts
    }
    assert used <= public


def test_no_web_process_loads_torch_faiss_or_the_drivers_at_start():
    code = (
        "import sys, django; django.setup();"
        "print('numpy' in sys.modules);"
        "from django.core.checks import run_checks; run_checks();"
        "from django.urls import get_resolver; get_resolver().url_patterns;"
        f"print(sorted(set({list(VENDORS)}) & set(sys.modules) - {LIGHT}))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={
            "PATH": "",
            "PYTHONPATH": f"{ROOT}:{ROOT / 'site'}",
            "DJANGO_SETTINGS_MODULE": "videosite.settings.test",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.split() == ["False", "[]"]
