"""The whole site with demo content, in one command."""

from __future__ import annotations

import os
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations_plugin import api
from video_cms.demo import build
from video_cms.demo.accounts import PASSWORD, SignIn, make_accounts
from video_cms.demo.supervisor import Service, Supervisor

WAIT = 60


class Command(BaseCommand):
    help = (
        "Builds the demo (database, drawn clips, simulated viewers, graph, model) and serves it. "
        "What was built is kept, so the next start is quick. Ctrl-C ends everything."
    )
    # The database is made here, so nothing can be checked against it before.
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--build-only", action="store_true", help="build, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "The demo makes accounts with a known password, so it runs only in development: "
                "unset DJANGO_SETTINGS_MODULE, or use videosite.settings.dev."
            )
        self.address = f"http://{options['host']}:{options['port']}"
        self._require_free_ports(options)
        began = time.monotonic()
        with Supervisor(self._environment(), self.stderr.write) as supervisor:
            try:
                sign_ins = self._build(supervisor)
                if options["build_only"]:
                    return
                self._serve(supervisor, options)
                self._announce(sign_ins, time.monotonic() - began)
                supervisor.watch()
            except KeyboardInterrupt:
                self.stdout.write("\nStopping …")
        self.stdout.write("Everything has ended.")

    # --- before -------------------------------------------------------------------------------

    def _require_free_ports(self, options: dict[str, Any]) -> None:
        if not options["build_only"]:
            require_free(options["host"], options["port"], "Choose another: `make demo PORT=8001`.")
        if self._embedded_graph():
            graph = settings.RECOMMENDATIONS["EMBEDDED_GRAPH"]
            require_free(
                "127.0.0.1",
                graph["PORT"],
                "The graph needs it. Choose another: `make demo GRAPH_PORT=7690`.",
            )

    def _embedded_graph(self) -> bool:
        return "GRAPH" not in settings.RECOMMENDATIONS

    def _environment(self) -> dict[str, str]:
        root = Path(settings.BASE_DIR)
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE,
            "PYTHONPATH": os.pathsep.join([str(root / "site"), str(root)]),
            "PYTHONUNBUFFERED": "1",
        }

    # --- build --------------------------------------------------------------------------------

    def _build(self, supervisor: Supervisor) -> list[SignIn]:
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        clips = settings.VAR_DIR / "demo"
        graph = self._start_graph(supervisor)
        self._step("Preparing the database")
        call_command("migrate", verbosity=0, interactive=False)
        self._step("Drawing the clips and importing the videos")
        build.draw(clips)
        build.load(clips)
        sign_ins = make_accounts(build.CONTENT)
        self._step("Letting simulated viewers watch and talk")
        build.simulate_viewers()
        build.simulate_audience()
        build.simulate_talk()
        build.warm_up()
        self._step("Filling the graph")
        if graph:
            self._wait_for_graph(graph)
        call_command("recommendations_sync")
        call_command("recommendations_schedule", verbosity=0)
        call_command("site_schedule", verbosity=0)
        if not api.model_version():
            self._step("Training the model")
            call_command("recommendations_train")
        return sign_ins

    def _start_graph(self, supervisor: Supervisor) -> Service | None:
        if not self._embedded_graph():
            return None
        return supervisor.add("graph", self._manage("recommendations_graph"), self._log("graph"))

    def _wait_for_graph(self, service: Service) -> None:
        deadline = time.monotonic() + WAIT
        port = settings.RECOMMENDATIONS["EMBEDDED_GRAPH"]["PORT"]
        while time.monotonic() < deadline:
            if not service.running:
                raise CommandError(f"The graph did not start:\n{service.last_words()}")
            if in_use("127.0.0.1", port):
                return
            time.sleep(0.2)
        raise CommandError(f"The graph did not answer in {WAIT} s. See {service.log}")

    def _step(self, text: str) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING(text))

    # --- serve --------------------------------------------------------------------------------

    def _serve(self, supervisor: Supervisor, options: dict[str, Any]) -> None:
        supervisor.add("queue", self._manage("qcluster"), self._log("queue"))
        for cluster in ("training", "processing"):
            supervisor.add(
                cluster,
                self._manage("qcluster"),
                self._log(cluster),
                environment={"Q_CLUSTER_NAME": cluster},
            )
        listen = f"--listen={options['host']}:{options['port']}"
        command = [sys.executable, "-m", "waitress", listen, "--threads=8"]
        web = supervisor.add("web", [*command, "videosite.wsgi:application"], self._log("web"))
        self._wait_for_page(web)

    def _wait_for_page(self, web: Service) -> None:
        deadline = time.monotonic() + WAIT
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while time.monotonic() < deadline:
            if not web.running:
                raise CommandError(f"The web server did not start:\n{web.last_words()}")
            try:
                with direct.open(self.address, timeout=WAIT):
                    return
            except urllib.error.HTTPError as error:
                raise CommandError(f"The home page answers {error.code}. See {web.log}") from error
            except OSError:
                time.sleep(0.2)
        raise CommandError(f"The web server did not answer in {WAIT} s. See {web.log}")

    def _announce(self, sign_ins: list[SignIn], seconds: float) -> None:
        width = max(len(person.username) for person in sign_ins)
        lines = [f"  {person.username:{width}}  {person.role}" for person in sign_ins]
        self.stdout.write(
            "\n".join(
                [
                    "",
                    self.style.SUCCESS(f"Ready after {seconds:.0f} s: {self.address}/"),
                    f"The admin: {self.address}/admin/",
                    f"Sign in as one of these, each with the password {PASSWORD}",
                    *lines,
                    "All videos are drawn and all other viewers simulated by this project.",
                    "Ctrl-C ends everything.",
                ]
            )
        )

    def _manage(self, *command: str) -> list[str]:
        return [sys.executable, str(settings.BASE_DIR / "manage.py"), *command]

    def _log(self, name: str) -> Path:
        return settings.VAR_DIR / "log" / f"{name}.log"


def in_use(host: str, port: int) -> bool:
    """Return whether something listens there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


def require_free(host: str, port: int, advice: str) -> None:
    """Raise a ``CommandError`` when a port is taken."""
    if in_use(host, port):
        raise CommandError(f"Port {port} is in use on {host}. {advice}")
