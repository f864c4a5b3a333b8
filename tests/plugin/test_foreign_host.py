"""The plugin works on a site that has nothing to do with videos (``tests/testapp``)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Another settings module needs another process. Nothing of the video site is on its path.
COMMAND = [
    *(sys.executable, "-m", "pytest", "tests/testapp", "--ds=tests.testapp.settings"),
    *("--confcutdir=tests/testapp", "-o", "python_files=checks_*.py", "-o", "pythonpath=."),
    *("-p", "no:cacheprovider", "-q", "--durations=5", "--color=no"),
]


def test_the_plugin_works_on_a_foreign_host():
    environment = {key: value for key, value in os.environ.items() if key.startswith("DB_")}
    result = subprocess.run(
        COMMAND,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-20_000:] + result.stderr[-5_000:]
    assert " passed" in result.stdout
