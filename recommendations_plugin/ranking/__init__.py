"""From a viewer to a page of cards: candidates, eligibility, score, explanation.

Its modules are loaded when they are first used: they need numpy, which takes a fifth of a second
that no process spends at its start.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import context, eligibility, inspect, likely, lists, pipeline, stages

__all__ = ["context", "eligibility", "inspect", "likely", "lists", "pipeline", "stages"]


def __getattr__(name: str) -> ModuleType:
    if name not in __all__:
        raise AttributeError(name)
    return import_module(f".{name}", __name__)
