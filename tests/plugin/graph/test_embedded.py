"""``manage.py recommendations_graph``: what it says when it cannot run."""

import socket
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from recommendations_plugin.types import ItemState


def run_with_password(server, password: str) -> subprocess.CompletedProcess:
    """Serve a server's folder, on a port of its own, as a site with another SECRET_KEY would."""
    program = (
        "from pathlib import Path; from recommendations_plugin.graph.embedded import serve; "
        f"serve(Path({str(server.directory)!r}), '127.0.0.1', {server.port}, {password!r}, print)"
    )
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)


def test_a_used_port_is_named_with_what_changes_it(tmp_path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(CommandError) as caught:
            call_command("recommendations_graph", port=port, dir=tmp_path)
    for name in (str(port), 'RECOMMENDATIONS["EMBEDDED_GRAPH"]["PORT"]', "GRAPH_PORT"):
        assert name in str(caught.value)


def test_an_external_graph_needs_no_embedded_one(settings):
    settings.RECOMMENDATIONS = {"GRAPH": {"OPTIONS": {"uri": "bolt://graph.example"}}}
    with pytest.raises(CommandError, match=r"external graph.*NEO4J_URI"):
        call_command("recommendations_graph")


def test_a_missing_package_names_the_extra(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "arcadedb_embedded.server", None)
    with pytest.raises(CommandError, match=r"wagtail-recommendations-plugin\[embedded\]"):
        call_command("recommendations_graph", dir=tmp_path)


def test_a_stopped_server_keeps_its_data_from_another_secret_key_and_for_its_own(embedded):
    with embedded.graph() as graph:
        graph.write_items([ItemState("kept", 1, True)])
        before = graph.counts()
        embedded.stop()
        assert embedded.process.returncode == 0
        result = run_with_password(embedded, "a password that is not this site's")
        assert result.returncode != 0
        assert "SECRET_KEY" in result.stderr
        assert str(embedded.directory) in result.stderr
        embedded.start()
        assert graph.counts() == before


def test_a_folder_in_use_is_explained(embedded):
    other = type(embedded)(embedded.command, embedded.directory)
    arguments = ["--port", str(other.port), "--dir", str(other.directory)]
    result = subprocess.run([*other.command, *arguments], capture_output=True, text=True)
    assert result.returncode != 0
    assert "no other process uses that folder" in result.stderr


def test_the_data_are_private(embedded):
    assert embedded.directory.stat().st_mode & 0o077 == 0
