"""The demo as a newcomer runs it: one command, a personal site, and nothing left behind."""

from __future__ import annotations

import http.cookiejar
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

import psutil
import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "watch-and-learn"

pytestmark = pytest.mark.alone


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Demo:
    """A running demo with a folder of its own."""

    def __init__(self, var):
        self.var, self.port, self.graph_port = var, free_port(), free_port()
        self.address = f"http://127.0.0.1:{self.port}"

    def start(self, timeout):
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("DB_")
        }
        self.log = (self.var / "demo.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", str(self.port)],
            cwd=ROOT,
            env={
                **environment,
                "VAR_DIR": str(self.var),
                "GRAPH_PORT": str(self.graph_port),
                "DJANGO_SETTINGS_MODULE": "videosite.settings.dev",
                "PYTHONUNBUFFERED": "1",
            },
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        began = time.monotonic()
        self.wait_for(lambda: "Ready after" in self.output(), timeout)
        self.seconds = time.monotonic() - began

    def output(self):
        return (self.var / "demo.log").read_text(errors="replace")

    def wait_for(self, condition, timeout):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.output()[-3000:]
            if condition():
                return
            time.sleep(0.3)
        pytest.fail(f"Not within {timeout} s:\n{self.output()[-3000:]}")

    def processes(self):
        return psutil.Process(self.process.pid).children(recursive=True)

    def one(self, text):
        """Return the topmost child whose command line holds ``text``."""
        return next(p for p in self.processes() if text in " ".join(p.cmdline()))

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(40)
        self.log.close()

    def ask(self, query):
        with sqlite3.connect(f"file:{self.var / 'db.sqlite3'}?mode=ro", uri=True) as database:
            return database.execute(query).fetchone()[0]

    def waiting(self):
        return self.ask(
            "SELECT count(*) FROM recommendations_plugin_event "
            "WHERE synced_at IS NULL AND failed_at IS NULL"
        )


class Browser:
    """A visitor with cookies and without JavaScript."""

    def __init__(self, demo):
        self.address = demo.address
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar)

    def get(self, path):
        with self.opener.open(self.address + path, timeout=20) as response:
            return response.read().decode()

    def post(self, path, page, **fields):
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1)
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
        request = urllib.request.Request(
            self.address + path, data, headers={"Referer": self.address + path}
        )
        with self.opener.open(request, timeout=20) as response:
            return response.read().decode()

    def sign_in(self, name):
        login = "/accounts/login/"
        self.post(login, self.get(login), login=name, password=PASSWORD)

    def feed(self):
        """Return the ids of the videos in the home page's feed, in order."""
        feed = self.get("/").partition('id="cards-home"')[2]
        return list(dict.fromkeys(re.findall(r'href="/video/([\w-]+)/"', feed)))


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    if connection.vendor != "sqlite":
        pytest.skip("The demo runs on SQLite; this run is about PostgreSQL.")
    demo = Demo(tmp_path_factory.mktemp("demo"))
    demo.start(timeout=240)
    demo.first_start = demo.seconds
    yield demo
    demo.stop()


def test_the_start_is_quick_enough_and_names_the_sign_ins(demo):
    assert demo.first_start <= 180
    for name in ("editor", "admin", PASSWORD, demo.address):
        assert name in demo.output()


def test_the_demo_holds_a_real_catalogue(demo):
    assert demo.ask("SELECT count(*) FROM video_cms_videopage") >= 240
    assert demo.ask("SELECT count(*) FROM video_cms_category") >= 40
    assert demo.ask("SELECT count(*) FROM video_cms_parentcategory") == 12
    assert demo.ask("SELECT count(DISTINCT creator_id) FROM video_cms_videopage") >= 30
    assert demo.ask("SELECT count(*) FROM video_cms_videomedia WHERE state = 'ready'") >= 240


def test_two_tastes_see_two_home_pages(demo):
    feeds = []
    for name in ("ada", "bruno"):
        browser = Browser(demo)
        browser.sign_in(name)
        feeds.append(browser.feed())
    assert len(feeds[0]) >= 10
    assert len(set(feeds[0]) & set(feeds[1])) <= len(feeds[0]) / 3


def test_a_like_changes_the_next_feed(demo):
    browser = Browser(demo)
    browser.sign_in("chiara")
    before = browser.feed()
    page = browser.get(f"/video/{before[0]}/")
    browser.post(f"/video/{before[0]}/like/", page)
    after = browser.feed()
    assert before[0] not in after
    assert after != before[1:]


def test_killing_the_graph_leaves_the_site_serving_and_loses_no_event(demo):
    demo.wait_for(lambda: demo.waiting() == 0, 60)
    demo.one("recommendations_graph").kill()
    browser = Browser(demo)
    browser.sign_in("ada")
    first = browser.feed()[0]
    browser.post(f"/video/{first}/like/", browser.get(f"/video/{first}/"))
    assert len(browser.feed()) >= 10
    liked = demo.ask("SELECT count(*) FROM video_cms_like")
    demo.wait_for(lambda: demo.waiting() == 0, 120)
    assert demo.ask("SELECT count(*) FROM recommendations_plugin_event WHERE failed_at") == 0
    assert demo.ask("SELECT count(*) FROM video_cms_like") == liked


def test_a_used_port_is_named(demo):
    result = subprocess.run(
        [sys.executable, "manage.py", "demo", "--port", str(demo.port)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "videosite.settings.dev"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert f"Port {demo.port} is in use" in result.stderr
    assert "Traceback" not in result.stderr


def test_ctrl_c_ends_every_process_and_the_second_start_is_quick(demo):
    started = demo.processes()
    assert len(started) >= 4
    demo.stop()
    _, alive = psutil.wait_procs(started, timeout=5)
    assert alive == []
    demo.start(timeout=60)
    assert demo.seconds <= 15
