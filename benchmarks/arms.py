"""The servers that ``feed.py`` compares: a demo's copy for each arm, and what runs beside them."""

from __future__ import annotations

import http.client
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = "videosite.settings.production"
#: Threads of a server, and viewers who ask.
THREADS, VIEWERS = 4, 40
#: Seconds until what runs beside is at work.
STARTED = 12
#: Where no graph answers.
NOBODY = 9
#: The processors there are: servers have the first, who asks them the last, what runs beside any.
CORES = sorted(os.sched_getaffinity(0))


def copy_demo(var: Path, to: Path) -> None:
    """Copy a demo's database and models; its pictures are not asked for."""
    if not (var / "db.sqlite3").exists():
        sys.exit(f"No demo in {var}: run `python manage.py demo --build-only` first.")
    to.mkdir()
    with sqlite3.connect(var / "db.sqlite3") as old, sqlite3.connect(to / "db.sqlite3") as new:
        old.backup(new)
    shutil.copytree(var / "recommendations", to / "recommendations")


def environment(var: Path, graph: int = NOBODY) -> dict[str, str]:
    """Return what a process of a site is told: production settings, one thread for each sum."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    site = {"VAR_DIR": str(var), "GRAPH_PORT": str(graph), "DB_NAME": "", "LOG_LEVEL": "ERROR"}
    secret = {"SECRET_KEY": "benchmark " * 6, "ALLOWED_HOSTS": "*", "SECURE_SSL_REDIRECT": "0"}
    return {**os.environ, **one, **site, **secret, "DEBUG": "0", "DJANGO_SETTINGS_MODULE": SETTINGS}


def django_here(var: Path) -> None:
    """Be a process of the site in this folder."""
    os.environ.update(environment(var))
    sys.path[:0] = [str(ROOT), str(ROOT / "site")]
    import django

    django.setup()


def prepared(var: Path, pages: int) -> list[str]:
    """Bring a copy up to date; return session cookies of viewers with a history."""
    django_here(var)
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.test import Client
    from enlarge import enlarge

    from recommendations_plugin.models import Interaction

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    if pages:
        enlarge(pages)
    users = get_user_model()
    keys = Interaction.objects.filter(viewer_key__startswith=users._meta.label_lower)
    found = sorted(set(keys.values_list("viewer_key", flat=True)))[:VIEWERS]
    cookies = []
    for user in users.objects.filter(pk__in=[key.rpartition(":")[2] for key in found]):
        client = Client()
        client.force_login(user)
        cookies.append(f"sessionid={client.cookies[settings.SESSION_COOKIE_NAME].value}")
    return cookies


# --- servers ------------------------------------------------------------------------------------


@contextmanager
def serving(
    base: Path, ports: dict[str, int], graph: int
) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Run a server for each arm, each on a copy of ``base``; yield their processes."""
    servers: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, port in ports.items():
            var = folder_of(base, name)
            shutil.copytree(base, var, ignore=shutil.ignore_patterns("static"))
            (var / "static").symlink_to(base / "static")
            if name == "stale":
                spoil(var)
            command = [sys.executable, __file__, name, str(port)]
            told = environment(var, NOBODY if name == "dead" else graph)
            servers[name] = subprocess.Popen(command, env=told)  # noqa: S603
            os.sched_setaffinity(servers[name].pid, CORES[:1])
        yield servers
    finally:
        for server in servers.values():
            server.terminate()
        for server in servers.values():
            server.wait(20)


def folder_of(base: Path, arm: str) -> Path:
    """Return the folder of an arm."""
    return base.with_name(arm.replace("'", "2"))


def spoil(var: Path) -> None:
    """Keep the model under an older name, and break the active one."""
    (active,) = (var / "recommendations").glob("2*Z-*")
    shutil.copytree(active, active.with_name("20200101T000000.000000Z" + active.name[-13:]))
    (active / "items.npy").write_bytes(b"broken")


@contextmanager
def beside(var: Path, graph: int, *command: str) -> Iterator[None]:
    """Run a management command of a site beside; it must not end by itself at once."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, str(ROOT / "manage.py"), *command],
            env=environment(var, graph),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        os.sched_setaffinity(process.pid, CORES)
        try:
            time.sleep(STARTED)
            if process.poll():
                log.seek(0)
                raise RuntimeError(f"{command} ended: {log.read().decode()[-1000:]}")
            yield
        finally:
            process.terminate()
            process.wait(60)


def wait_for(port: int) -> None:
    for _ in range(240):
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=60).connect()
            return
        except OSError:
            time.sleep(0.5)
    raise RuntimeError(f"Nothing answers on port {port}.")


def manage(var: Path, graph: int, *command: str) -> None:
    """Run a management command of a site to its end."""
    subprocess.run(  # noqa: S603
        [sys.executable, str(ROOT / "manage.py"), *command],
        env=environment(var, graph),
        stdout=subprocess.DEVNULL,
        check=True,
    )


def serve(arm: str, port: int) -> None:
    """Serve the site in this process, its folder being in the environment."""
    django_here(Path(os.environ["VAR_DIR"]))
    from waitress import serve as wait

    if arm.startswith("off"):
        switch_off()
    from videosite.wsgi import application

    wait(application, host="127.0.0.1", port=port, threads=THREADS, _quiet=True)


def switch_off() -> None:
    """Have feeds be the latest by an indexed query: what a site without recommendations shows."""
    from recommendations_plugin import api, registry
    from recommendations_plugin.types import Feed, Reason, Recommendation, Step, key_of

    def latest(who, *, limit=12, request=None, exclude=(), **given):
        adapter = next(iter(registry.adapters()))
        keys = [each if isinstance(each, str) else key_of(each) for each in exclude]
        shown = [key.rpartition(":")[2] for key in keys]
        objects = adapter.eligible(api.NOBODY, request).exclude(pk__in=shown)
        newest = adapter.for_cards(objects).order_by("-first_published_at")[:limit]
        cards = [
            Recommendation(
                key=key_of(obj), score=0, step=Step.LATEST, reason=Reason("latest"), object=obj
            )
            for obj in newest
        ]
        return Feed(items=cards, step=Step.LATEST, version="", has_more=True, cursor="none")

    api.recommend = latest
    api.similar = lambda obj, who, **given: latest(who, **given)
    api.unseen = lambda who, objects, **given: list(objects)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
