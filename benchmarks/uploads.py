"""A storm of uploads: cut connections, restarts, kill -9. What arrived, what is lost, what is left.

    nice -n 10 python benchmarks/uploads.py [--uploads 200] [--clients 8] [--seed 1] [--port 8139]
                                            [--process MINUTES]

A real server process (waitress) takes films from many clients by tus. Connections break within a
piece, pieces and announcements are sent twice, some clients vanish for good; meanwhile the server
is killed, mostly without warning, and started again. Every film differs, by a box of random bytes.
With ``--process`` films are worked on meanwhile, by workers that are killed too (``working.py``).
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import http.client
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "site"), str(ROOT)]

from benchmarks import working  # noqa: E402

TOKEN = "t" * 32
PIECE = 256 * 1024
TUS = {"Tus-Resumable": "1.0.0", "X-CSRFToken": TOKEN}
BROKEN = (OSError, http.client.HTTPException)


@dataclass
class Film:
    """What one client has to send, and how that ended."""

    number: int
    content: bytes
    session: str
    vanishes: bool
    where: str = ""
    done: bool = False
    cuts: int = 0
    asked: int = 0
    refused: list[int] = field(default_factory=list)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


class Server:
    """The site's process, which dies now and then."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port, self.log = port, (folder / "server.log").open("ab")
        self.kills = self.restarts = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        code = (
            "from waitress import serve; from videosite.wsgi import application;"
            f"serve(application, listen='127.0.0.1:{self.port}', threads=6)"
        )
        path = os.pathsep.join([str(ROOT / "site"), str(ROOT)])
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": path},
            stdout=self.log,
            stderr=self.log,
        )

    def end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()

    def die(self, chance: random.Random) -> None:
        if chance.random() < 0.75:
            self.end(signal.SIGKILL)
            self.kills += 1
        else:
            self.end(signal.SIGTERM)
            self.restarts += 1
        self.start()


class Client:
    """Sends one film, as a browser would that has a very bad day."""

    def __init__(self, film: Film, port: int, chance: random.Random) -> None:
        self.film, self.port, self.chance = film, port, chance
        told = {"filename": f"film-{film.number}.mp4", "modified": str(film.number)}
        self.told = ",".join(
            f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in told.items()
        )

    def send(self) -> None:
        film = self.film
        leaves_at = len(film.content) * self.chance.uniform(0.1, 0.95) if film.vanishes else None
        while not film.done:
            try:
                self._announce()
                offset = self._offset()
                if leaves_at is not None and offset >= leaves_at:
                    return
                film.done = offset == len(film.content) or self._piece(offset)
            except BROKEN:
                time.sleep(self.chance.uniform(0.05, 0.5))

    def _announce(self) -> None:
        if self.film.where and self.chance.random() > 0.05:
            return
        size = str(len(self.film.content))
        headers = {"Upload-Length": size, "Upload-Metadata": self.told}
        answer = self._ask("POST", "/upload/parts/", headers)
        if answer.status != 201:
            raise OSError(answer.status)
        self.film.where = answer.headers["Location"]

    def _offset(self) -> int:
        answer = self._ask("HEAD", self.film.where, {})
        if answer.status != 200:
            raise OSError(answer.status)
        return int(answer.headers["Upload-Offset"])

    def _piece(self, offset: int) -> bool:
        piece = self.film.content[offset : offset + self.chance.randrange(1, PIECE)]
        headers = {
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
        }
        if self.chance.random() < 0.2:
            self._cut(piece, headers)
            return False
        times = 2 if self.chance.random() < 0.1 else 1
        for _ in range(times):
            answer = self._ask("PATCH", self.film.where, headers, piece)
            if answer.status not in (204, 409, 423):
                self.film.refused.append(answer.status)
        return False

    def _cut(self, piece: bytes, headers: dict[str, str]) -> None:
        """Break off within a piece, or before its answer."""
        self.film.cuts += 1
        connection = self._connection()
        connection.putrequest("PATCH", self.film.where)
        for name, value in self._headers({**headers, "Content-Length": str(len(piece))}).items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(piece[: self.chance.randrange(len(piece) + 1)])
        connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        self.film.asked += 1
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        cookie = f"sessionid={self.film.session}; csrftoken={TOKEN}"
        return {**TUS, "Cookie": cookie, **more}

    def _ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes = b""
    ) -> http.client.HTTPResponse:
        connection = self._connection()
        try:
            connection.request(method, path, body, self._headers(headers))
            answer = connection.getresponse()
            answer.read()
            return answer
        finally:
            connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--uploads", type=int, default=200)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--port", type=int, default=8139)
    parser.add_argument("--process", type=float, default=0, help="minutes to wait for the work")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="uploads-") as folder:
        prepare(Path(folder))
        films = make_films(options.uploads, random.Random(options.seed))  # noqa: S311
        cluster = working.Cluster(Path(folder)) if options.process else None
        if cluster is not None:
            cluster.start()
        try:
            server, seconds = storm(films, options, Path(folder))
            if cluster is not None:
                cluster.finish(60 * options.process)
        finally:
            if cluster is not None:
                cluster.stop()
        report(films, server, seconds)
        if cluster is not None:
            cluster.report()


def prepare(folder: Path) -> None:
    """Make a site of its own in a folder."""
    os.environ.update(
        VAR_DIR=str(folder),
        DEBUG="0",
        DJANGO_SETTINGS_MODULE="videosite.settings.dev",
        LOG_LEVEL="ERROR",
    )
    import django

    django.setup()
    from django.core.management import call_command

    from video_cms.site_tree import ensure_site_tree

    call_command("migrate", verbosity=0)
    ensure_site_tree()


def make_films(number: int, chance: random.Random) -> list[Film]:
    """Return films of 0.1 to 3 MB; every tenth is never sent to its end."""
    from benchmarks.processing import draw

    with tempfile.TemporaryDirectory() as folder:
        film = draw(Path(folder, "film.mp4"), (160, 90), 2).read_bytes()
    sessions = [session_of(f"creator{n}") for n in range(number // 20 + 1)]  # 30 files a day each
    films = []
    for index in range(number):
        padding = chance.randbytes(chance.randrange(1000, 3_000_000))
        box = (len(padding) + 8).to_bytes(4, "big") + b"free" + padding
        films.append(Film(index, film + box, sessions[index % len(sessions)], index % 10 == 9))
    return films


def session_of(name: str) -> str:
    """Return the session of a fresh account that is signed in."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from video_cms.models import User

    user = User.objects.create_user(name, f"{name}@example.org", "secret")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def storm(films: list[Film], options: argparse.Namespace, folder: Path) -> tuple[Server, float]:
    """Have all films sent while the server dies again and again; returns it, and the seconds."""
    server, over, chance = Server(options.port, folder), threading.Event(), random.Random(0)  # noqa: S311
    server.start()

    def trouble() -> None:
        while not over.wait(chance.uniform(3, 12)):
            server.die(chance)

    began = time.monotonic()
    troubling = threading.Thread(target=trouble)
    troubling.start()
    with ThreadPoolExecutor(options.clients) as clients:
        sent = [
            clients.submit(Client(film, options.port, random.Random(film.number)).send)  # noqa: S311
            for film in films
        ]
    over.set()
    troubling.join()
    for sending in sent:
        sending.result()
    server.end(signal.SIGTERM)
    return server, time.monotonic() - began


def report(films: list[Film], server: Server, seconds: float) -> None:
    """Compare what is here with what was sent, and print the figures."""
    from django.conf import settings
    from django.utils import timezone

    from video_cms.models import Upload, VideoMedia, VideoPage
    from video_cms.processing.pool import look_at_all
    from video_cms.processing.probe import UnusableVideo
    from video_cms.uploads import receiving

    whole = [film for film in films if not film.vanishes]
    found = {film.sha256: 0 for film in whole}
    strange = 0
    shown = VideoPage.objects.values_list("media", "new_media")
    media = {pk for pair in shown for pk in pair if pk is not None}
    for file in VideoMedia.objects.all():
        digest = hashlib.sha256(Path(file.file.path).read_bytes()).hexdigest()
        if file.pk in media and digest in found:
            found[digest] += 1
        else:
            strange += 1
    paths = [(file.pk, file.file.path) for file in VideoMedia.objects.all()]
    unplayable = sum(isinstance(seen, UnusableVideo) for _pk, seen in look_at_all(paths))
    unfinished = Upload.objects.filter(finished_at=None)
    can_go_on = sum(receiving.settle(upload) < upload.size for upload in unfinished)
    kept = unfinished.all().count()
    unfinished.all().update(expires_at=timezone.now())
    receiving.clean()
    folders = (Path(settings.UPLOADS_DIR), Path(settings.MEDIA_ROOT))
    files = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    strays = {path for path in files - working.known_files() if not working.is_made(path)}
    size = sum(len(film.content) for film in whole)
    print(f"films sent              {len(whole)} ({size / 1e6:.0f} MB in {seconds:.0f} s)")
    print(f"clients that vanished   {len(films) - len(whole)}")
    print(f"requests                {sum(film.asked for film in films)}")
    print(f"connections cut         {sum(film.cuts for film in films)}")
    print(f"server killed           {server.kills}; restarted {server.restarts}")
    print(f"here once, right sha256 {sum(n == 1 for n in found.values())}")
    print(f"lost                    {sum(n == 0 for n in found.values())}")
    print(f"made twice              {sum(n > 1 for n in found.values())}")
    print(f"of unknown content      {strange}")
    print(f"not playable            {unplayable}")
    print(f"unfinished, can go on   {can_go_on} of {kept}")
    print(f"left after their time   {unfinished.all().count()}")
    print(f"stray files             {len(strays)}")
    print(f"refused pieces          {sum(len(film.refused) for film in films)}")


if __name__ == "__main__":
    main()
