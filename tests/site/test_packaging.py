"""The plugin as others install it: wheel, sdist and editable, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEEDED = {
    "recommendations_plugin/__init__.py",
    "recommendations_plugin/py.typed",
    "recommendations_plugin/migrations/0001_initial.py",
    "recommendations_plugin/management/commands/rebuild_faiss.py",
    "recommendations_plugin/templates/recommendations_plugin/blocks/feed.html",
    "recommendations_plugin/templates/recommendations_plugin/admin/status.html",
}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A copy of what the build reads, so that building leaves nothing in the repository."""
    folder = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("recommendations_plugin", "video_cms", "themes"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    return folder


@pytest.fixture(scope="module")
def built(source, tmp_path_factory):
    target = tmp_path_factory.mktemp("dist")
    run("-m", "build", "--no-isolation", "--outdir", target, source)
    return target


def run(*arguments, cwd=None):
    command = [sys.executable, *map(str, arguments)]
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout.strip()


def where_it_is_imported_from(site_packages, cwd):
    code = (
        f"import site; site.addsitedir({str(site_packages)!r});"
        "import recommendations_plugin as p; print(p.__file__, p.__version__)"
    )
    return run("-c", code, cwd=cwd)


def test_the_wheel_holds_the_plugin_and_only_the_plugin(built):
    (wheel,) = built.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names >= NEEDED
    assert {name.split("/")[0] for name in names} == {"recommendations_plugin"}


def test_the_sdist_holds_what_the_wheel_is_built_from(built):
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names >= NEEDED | {"LICENSE", "pyproject.toml"}
    assert not [name for name in names if name.startswith(("video_cms", "themes", "tests"))]


def test_the_wheel_installs_and_imports(built, tmp_path):
    (wheel,) = built.glob("*.whl")
    target = tmp_path / "installed"
    run("-m", "pip", "install", "--quiet", "--no-deps", "--target", target, wheel)
    assert str(target) in where_it_is_imported_from(target, tmp_path)


def test_an_editable_install_imports_from_the_source(source, tmp_path):
    flags = ["--quiet", "--no-deps", "--no-build-isolation", "--prefix", tmp_path / "prefix"]
    run("-m", "pip", "install", *flags, "--editable", source)
    (site_packages,) = (tmp_path / "prefix").rglob("site-packages")
    assert str(source) in where_it_is_imported_from(site_packages, tmp_path)
