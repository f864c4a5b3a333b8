"""What recommendations cost a visitor: the demo's home page by a real server, with and without.

    python manage.py demo --build-only
    nice -n 10 python benchmarks/feed.py [--var var] [--seconds 20] [--rounds 3]

Each arm is a server of its own (waitress, four threads) on its own copy of the demo:

    off    the same page and cards, the latest by an indexed query, nothing asked of the plugin
    off'   the same once more: how far apart equal arms are is the noise of the machine
    on     as visitors have it, the graph and the workers alive
    stale  the active model is broken, so an older one ranks
    dead   the graph and the workers are killed
    train  a training runs beside it

Requests of signed-in viewers arrive at random moments (open loop) at 50 and 80 % of what the
off arm can answer, arms in turn in every round. A latency runs from the moment at which a request
was due. Milliseconds, the server's processor time a page among them, and the ratio to "off" of the
same rounds.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = "videosite.settings.dev"
#: Threads of a server, viewers who ask, and the first port used.
THREADS, VIEWERS, PORT = 4, 40, 8131
PERCENTILES = (50, 95, 99)
#: The server's process by its port.
CPU: dict[int, int] = {}


def main() -> None:
    options = arguments()
    if options.serve:
        serve(options.serve, options.port)
        return
    with tempfile.TemporaryDirectory(prefix="feed-") as folder:
        base = Path(folder) / "base"
        copy_demo(options.var, base)
        cookies = prepared(base)
        compare(Path(folder), base, cookies, options)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--var", type=Path, default=ROOT / "var", help="the built demo's folder")
    parser.add_argument("--seconds", type=float, default=20, help="of load, for an arm in a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--loads", type=float, nargs="+", default=[0.5, 0.8])
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    return parser.parse_args()


# --- the site -----------------------------------------------------------------------------------


def copy_demo(var: Path, to: Path) -> None:
    """Copy a demo's database and models; its pictures are not asked for."""
    if not (var / "db.sqlite3").exists():
        sys.exit(f"No demo in {var}: run `python manage.py demo --build-only` first.")
    to.mkdir()
    with sqlite3.connect(var / "db.sqlite3") as old, sqlite3.connect(to / "db.sqlite3") as new:
        old.backup(new)
    shutil.copytree(var / "recommendations", to / "recommendations")
    (to / "static").mkdir()


def environment(var: Path) -> dict[str, str]:
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    graph = {"GRAPH_PORT": str(PORT - 400), "DB_NAME": ""}
    return {**os.environ, **one, **graph, "VAR_DIR": str(var), "DEBUG": "0", "LOG_LEVEL": "ERROR"}


def django_here(var: Path) -> None:
    os.environ.update(environment(var), DJANGO_SETTINGS_MODULE=SETTINGS)
    sys.path[:0] = [str(ROOT), str(ROOT / "site")]
    import django

    django.setup()


def prepared(var: Path) -> list[str]:
    """Bring the database up to date; return session cookies of viewers with a history."""
    django_here(var)
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.test import Client

    from recommendations_plugin.models import Interaction

    call_command("migrate", verbosity=0)
    users = get_user_model()
    keys = Interaction.objects.filter(viewer_key__startswith=users._meta.label_lower)
    found = sorted(set(keys.values_list("viewer_key", flat=True)))[:VIEWERS]
    cookies = []
    for user in users.objects.filter(pk__in=[key.rpartition(":")[2] for key in found]):
        client = Client()
        client.force_login(user)
        cookies.append(f"sessionid={client.cookies[settings.SESSION_COOKIE_NAME].value}")
    return cookies


def serve(arm: str, port: int) -> None:
    """Serve the site in this process, the folder being in the environment."""
    django_here(Path(os.environ["VAR_DIR"]))
    from django.conf import settings
    from waitress import serve as wait

    settings.ALLOWED_HOSTS = ["*"]
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
        objects = adapter.eligible(api.NOBODY, request).exclude(pk__in=[obj.pk for obj in exclude])
        newest = adapter.for_cards(objects).order_by("-first_published_at")[:limit]
        cards = [
            Recommendation(
                key=key_of(obj), score=0, step=Step.LATEST, reason=Reason("latest"), object=obj
            )
            for obj in newest
        ]
        return Feed(items=cards, step=Step.LATEST, version="", has_more=False, cursor="")

    api.recommend = latest
    api.similar = lambda obj, who, **given: latest(who, **given)
    api.unseen = lambda who, objects, **given: list(objects)


# --- arms ---------------------------------------------------------------------------------------


def compare(folder: Path, base: Path, cookies: Sequence[str], options: argparse.Namespace) -> None:
    """Measure all arms and print the table."""
    names = ["off", "off'", "on", "stale"]
    ports = {name: options.port + place for place, name in enumerate(names)}
    with serving(folder, base, ports) as processes:
        CPU.update({ports[name]: process.pid for name, process in processes.items()})
        capacity = answered(ports["off"], cookies, seconds=6)
        print(f"{len(cookies)} viewers; off answers {capacity:.1f} pages/s", flush=True)
        print(
            f"{'load':>4} {'arm':6} {'pages':>6} {'p50':>7} {'p95':>7} {'p99':>7} {'CPU':>7}"
            "   ratios to off"
        )
        for load in options.loads:
            rate = capacity * load
            with beside(base, "recommendations_graph"), beside(base, "qcluster"):
                report(load, measured(ports, names, rate, cookies, options))
            rest = {"off": ports["off"], "dead": ports["on"]}
            report(load, measured(rest, list(rest), rate, cookies, options))
            with beside_forever(base):
                rest = {"off": ports["off"], "train": ports["on"]}
                report(load, measured(rest, list(rest), rate, cookies, options))


@contextmanager
def serving(
    folder: Path, base: Path, ports: dict[str, int]
) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Run a server for each arm."""
    servers = {}
    try:
        for name, port in ports.items():
            var = folder / name.replace("'", "2")
            shutil.copytree(base, var)
            if name == "stale":
                spoil(var)
            command = [sys.executable, __file__, "--serve", name, "--port", str(port)]
            servers[name] = subprocess.Popen(command, env=environment(var))  # noqa: S603
        for port in ports.values():
            wait_for(port)
        yield servers
    finally:
        for server in servers.values():
            server.terminate()
        for server in servers.values():
            server.wait(20)


def spoil(var: Path) -> None:
    """Keep the model under an older name, and break the active one."""
    (active,) = (var / "recommendations").glob("2*Z-*")
    older = active.with_name("20200101T000000.000000Z" + active.name[-13:])
    shutil.copytree(active, older)
    (active / "items.npy").write_bytes(b"broken")


@contextmanager
def beside(var: Path, *command: str) -> Iterator[None]:
    """Run a management command beside."""
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, str(ROOT / "manage.py"), *command],
        env=environment(var),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(8)
        yield
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def beside_forever(var: Path) -> Iterator[None]:
    """Train again and again, with the graph beside it."""
    ended = threading.Event()

    def train() -> None:
        while not ended.is_set():
            with beside(var, "recommendations_train", "--quiet"):
                ended.wait(120)

    with beside(var, "recommendations_graph"):
        thread = threading.Thread(target=train)
        thread.start()
        time.sleep(12)
        try:
            yield
        finally:
            ended.set()
            thread.join()


# --- load ---------------------------------------------------------------------------------------


def get(port: int, cookie: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/", headers={"Cookie": cookie})
    answer = connection.getresponse()
    if answer.status != 200 or b"logout" not in answer.read():
        raise RuntimeError(f"The home page answers {answer.status}, or to nobody.")
    connection.close()


def wait_for(port: int) -> None:
    for _ in range(240):
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=60).connect()
            return
        except OSError:
            time.sleep(0.5)
    raise RuntimeError(f"Nothing answers on port {port}.")


def answered(port: int, cookies: Sequence[str], seconds: float) -> float:
    """Return the pages a second that a server answers to as many clients as it has threads."""
    for cookie in cookies:
        get(port, cookie)
    end = time.monotonic() + seconds
    began, done = time.monotonic(), []

    def ask(place: int) -> None:
        while time.monotonic() < end:
            get(port, cookies[(place + len(done)) % len(cookies)])
            done.append(1)

    with ThreadPoolExecutor(THREADS) as clients:
        list(clients.map(ask, range(THREADS)))
    return len(done) / (time.monotonic() - began)


def measured(
    ports: dict[str, int],
    names: Sequence[str],
    rate: float,
    cookies: Sequence[str],
    options: argparse.Namespace,
) -> dict[str, tuple[list[float], float]]:
    """Return the latencies of arms in milliseconds and processor time a page, taken in turn."""
    chance = random.Random(1)  # noqa: S311
    found: dict[str, list[float]] = defaultdict(list)
    taken: dict[str, float] = defaultdict(float)
    for name in names:
        for cookie in cookies[:8]:
            get(ports[name], cookie)
    for _round in range(options.rounds):
        for name in chance.sample(names, len(names)):
            latencies, processor = loaded(ports[name], rate, cookies, options.seconds, chance)
            found[name] += latencies
            taken[name] += processor
    return {name: (found[name], taken[name] / len(found[name])) for name in names}


def processor_time(pid: int) -> float:
    """Return the milliseconds of processor time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def loaded(
    port: int, rate: float, cookies: Sequence[str], seconds: float, chance: random.Random
) -> tuple[list[float], float]:
    """Return latencies in milliseconds of requests that arrive at random moments.

    And the server's milliseconds of processor time for all of them.
    """
    found: list[float] = []
    before = processor_time(CPU[port])

    def ask(due: float, cookie: str) -> None:
        get(port, cookie)
        found.append((time.monotonic() - due) * 1000)

    began = due = time.monotonic()
    with ThreadPoolExecutor(64) as clients:
        while (due := due + chance.expovariate(rate)) < began + seconds:
            time.sleep(max(0.0, due - time.monotonic()))
            clients.submit(ask, due, chance.choice(cookies))
    return found, processor_time(CPU[port]) - before


def report(load: float, found: dict[str, tuple[list[float], float]], off: str = "off") -> None:
    latencies, processor = found[off]
    base = [*np.percentile(latencies, PERCENTILES), processor]
    for name, (values, taken) in found.items():
        these = [*np.percentile(values, PERCENTILES), taken]
        cells = " ".join(f"{value:7.0f}" for value in these)
        ratios = " ".join(f"{value / other:5.2f}" for value, other in zip(these, base, strict=True))
        print(f"{load:4.0%} {name:6} {len(values):6} {cells}   {ratios}", flush=True)


if __name__ == "__main__":
    main()
