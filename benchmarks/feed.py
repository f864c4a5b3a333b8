"""What recommendations cost a visitor: the demo's home page by a real server, with and without.

    python manage.py demo --build-only
    nice -n 5 python benchmarks/feed.py [--var var] [--seconds 12] [--rounds 5] [--pages 100000]

Each arm is a server of its own (waitress, four threads, production settings) on its own copy of the
demo, or of the demo enlarged to ``--pages``:

    off    the same page and cards, the latest by an indexed query, nothing asked of the plugin
    off'   the same once more: how far apart equal arms are is the noise of the machine
    on     as visitors have it, the graph and the workers alive
    stale  the active model is broken, so an older one ranks
    dead   no graph answers, and no worker runs
    train  "on" while a training runs beside it

Requests of signed-in viewers arrive at random moments (open loop), the same for each arm of a
round, at 50 and 80 % of what the off arm can answer just then; arms in turn, in another order in
each round. Servers have one processor, who asks them another; what runs beside may take both.
A latency runs from the moment at which a request was due. At ``--loads 0`` there is one request at
a time, to each arm in turn: what a page takes where nobody waits, hardly touched by what else the
machine does. Printed are milliseconds and the server's processor time a page, and the ratio of each
to "off" with an interval of 95 % over the rounds (bootstrap); for "dead" to "on" too.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from arms import (
    CORES,
    ROOT,
    THREADS,
    beside,
    copy_demo,
    folder_of,
    manage,
    prepared,
    serving,
    wait_for,
)

#: The first port used, and the graph's.
PORT, GRAPH = 8131, 7731
ARMS = ("off", "off'", "on", "stale", "dead")
PERCENTILES = (50, 95, 99)
#: Times that rounds are drawn again for an interval.
DRAWS = 500


@dataclass(frozen=True)
class Slice:
    """What one arm did in one round: milliseconds of each request, and of the processor a page."""

    latencies: list[float]
    processor: float


def main() -> None:
    options = arguments()
    ports = {name: options.port + place for place, name in enumerate(ARMS)}
    with tempfile.TemporaryDirectory(prefix="feed-") as folder:
        base = Path(folder) / "base"
        copy_demo(options.var, base)
        cookies = prepared(base, options.pages)
        with serving(base, ports, GRAPH) as servers:
            for port in ports.values():
                wait_for(port)
            pids = {name: process.pid for name, process in servers.items()}
            with beside(folder_of(base, "on"), GRAPH, "recommendations_graph"):
                wait_for(GRAPH)
                manage(folder_of(base, "on"), GRAPH, "recommendations_sync", "--rebuild")
                compare(base, ports, pids, cookies, options)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--var", type=Path, default=ROOT / "var", help="the built demo's folder")
    parser.add_argument("--pages", type=int, default=0, help="videos to enlarge the demo to")
    parser.add_argument("--seconds", type=float, default=12, help="of load, for an arm in a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--loads", type=float, nargs="+", default=[0.5, 0.8])
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--without-training", action="store_true")
    return parser.parse_args()


def compare(
    base: Path,
    ports: dict[str, int],
    pids: dict[str, int],
    cookies: Sequence[str],
    options: argparse.Namespace,
) -> None:
    """Measure all arms; after each round, print a table of all rounds so far for each load."""
    chance = random.Random(1)  # noqa: S311
    found: dict[float, dict[str, list[Slice]]] = {}
    os.sched_setaffinity(0, CORES[-1:])
    for name in ARMS:
        answered(ports[name], cookies, seconds=3)  # warm
    for number in range(options.rounds):
        capacity = answered(ports["off"], cookies, seconds=4)
        print(f"round {number + 1}: off answers {capacity:.1f} pages/s", flush=True)
        for load in options.loads:
            slices = found.setdefault(load, defaultdict(list))
            if not load:
                in_turn(base, ports, pids, cookies, slices, options)
                continue
            arrivals = arriving(capacity * load, options.seconds, cookies, chance)
            with beside(folder_of(base, "on"), GRAPH, "qcluster"):
                for name in chance.sample(ARMS, len(ARMS)):
                    slices[name].append(loaded(ports[name], pids[name], arrivals))
            if not options.without_training:
                with beside(folder_of(base, "on"), GRAPH, "recommendations_train", "--quiet"):
                    slices["train"].append(loaded(ports["on"], pids["on"], arrivals))
        for load, slices in found.items():
            report(load, slices)


def in_turn(
    base: Path,
    ports: dict[str, int],
    pids: dict[str, int],
    cookies: Sequence[str],
    slices: dict[str, list[Slice]],
    options: argparse.Namespace,
) -> None:
    """Ask for one page at a time, each arm in turn; then once more beside a training."""
    with beside(folder_of(base, "on"), GRAPH, "qcluster"):
        for name, found in one_by_one(ports, pids, cookies, options.seconds * len(ARMS)).items():
            slices[name].append(found)
    if not options.without_training:
        with beside(folder_of(base, "on"), GRAPH, "recommendations_train", "--quiet"):
            only = {"on": ports["on"]}
            slices["train"].append(one_by_one(only, pids, cookies, options.seconds)["on"])


# --- load ---------------------------------------------------------------------------------------


def get(port: int, cookie: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/", headers={"Cookie": cookie})
    answer = connection.getresponse()
    if answer.status != 200 or b"logout" not in answer.read():
        raise RuntimeError(f"The home page answers {answer.status}, or to nobody.")
    connection.close()


def answered(port: int, cookies: Sequence[str], seconds: float) -> float:
    """Return the pages a second that a server answers to as many clients as it has threads."""
    began, done = time.monotonic(), []

    def ask(place: int) -> None:
        while time.monotonic() < began + seconds:
            get(port, cookies[(place + len(done)) % len(cookies)])
            done.append(1)

    with ThreadPoolExecutor(THREADS) as clients:
        list(clients.map(ask, range(THREADS)))
    return len(done) / (time.monotonic() - began)


def arriving(
    rate: float, seconds: float, cookies: Sequence[str], chance: random.Random
) -> list[tuple[float, str]]:
    """Return when requests arrive, in seconds, and whose they are."""
    found, due = [], chance.expovariate(rate)
    while due < seconds:
        found.append((due, chance.choice(cookies)))
        due += chance.expovariate(rate)
    return found


def loaded(port: int, pid: int, arrivals: Sequence[tuple[float, str]]) -> Slice:
    """Ask a server for pages at the moments of ``arrivals``, whether it keeps up or not."""
    latencies: list[float] = []
    before, began = processor_time(pid), time.monotonic()

    def ask(due: float, cookie: str) -> None:
        get(port, cookie)
        latencies.append((time.monotonic() - due) * 1000)

    with ThreadPoolExecutor(64) as clients:
        asked = []
        for after, cookie in arrivals:
            time.sleep(max(0.0, began + after - time.monotonic()))
            asked.append(clients.submit(ask, began + after, cookie))
        for each in asked:
            each.result()
    return Slice(latencies, (processor_time(pid) - before) / len(arrivals))


def one_by_one(
    ports: dict[str, int], pids: dict[str, int], cookies: Sequence[str], seconds: float
) -> dict[str, Slice]:
    """Return what each arm did, asked for the same viewer's page one after the other."""
    latencies: dict[str, list[float]] = defaultdict(list)
    before = {name: processor_time(pids[name]) for name in ports}
    until, chance = time.monotonic() + seconds, random.Random(1)  # noqa: S311
    while time.monotonic() < until:
        cookie = chance.choice(cookies)
        for name in chance.sample(list(ports), len(ports)):
            began = time.monotonic()
            get(ports[name], cookie)
            latencies[name].append((time.monotonic() - began) * 1000)
    return {
        name: Slice(its, (processor_time(pids[name]) - before[name]) / len(its))
        for name, its in latencies.items()
    }


def processor_time(pid: int) -> float:
    """Return the milliseconds of processor time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


# --- report -------------------------------------------------------------------------------------


def report(load: float, found: dict[str, list[Slice]]) -> None:
    heads = [*(f"p{each}" for each in PERCENTILES), "CPU"]
    print(f"\n{load:.0%} load: ms, and ratios to off [95 % interval]")
    print(f"{'arm':12} {'pages':>6} {' '.join(f'{head:>6}' for head in heads)}   {heads}")
    for name, slices in found.items():
        line(name, slices, found["off"])
    line("dead to on", found["dead"], found["on"])


def line(name: str, slices: list[Slice], other: list[Slice]) -> None:
    values = " ".join(f"{value:6.0f}" for value in figures(slices))
    ratios = np.array(figures(slices)) / figures(other)
    rng = np.random.default_rng(1)
    drawn = []
    for _ in range(DRAWS):
        rounds = rng.integers(len(slices), size=len(slices))
        pair = ([each[place] for place in rounds] for each in (slices, other))
        these, those = map(figures, pair)
        drawn.append(np.array(these) / those)
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    told = "  ".join(
        f"{ratio:.2f} [{a:.2f}–{b:.2f}]" for ratio, a, b in zip(ratios, low, high, strict=True)
    )
    pages = sum(len(each.latencies) for each in slices)
    print(f"{name:12} {pages:6} {values}   {told}", flush=True)


def figures(slices: Sequence[Slice]) -> list[float]:
    """Return the percentiles of all requests of some rounds, and the processor time of a page."""
    latencies = [latency for each in slices for latency in each.latencies]
    processor = float(
        np.average([s.processor for s in slices], weights=[len(s.latencies) for s in slices])
    )
    return [*np.percentile(latencies, PERCENTILES).tolist(), processor]


if __name__ == "__main__":
    main()
