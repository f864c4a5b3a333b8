from __future__ import annotations

import subprocess
import sys

import pytest

LIGHT = [
    "recommendations_plugin.training",
    "recommendations_plugin.training.parameters",
    "recommendations_plugin.profile",
    "recommendations_plugin.index.base",
    "recommendations_plugin.index.faiss",
    "recommendations_plugin.index.artifacts",
]


@pytest.mark.parametrize("module", LIGHT)
def test_importing_it_imports_no_heavy_library(module):
    code = (
        f"import sys, {module}\n"
        "heavy = {'torch', 'torch_geometric', 'faiss', 'scipy'} & set(sys.modules)\n"
        "sys.exit(f'{heavy} came along' if heavy else 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
