"""What a site may say about its training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from .. import conf


@dataclass(frozen=True, slots=True)
class Parameters:
    """What is not chosen on validation."""

    #: Most numbers that items are found by; training takes fewer where more would not help.
    dimension: int = conf.DEFAULTS["MODEL"]["DIMENSION"]
    seed: int = conf.DEFAULTS["MODEL"]["SEED"]
    #: CPU threads. With one more than there are idle cores a step takes ten times as long.
    threads: int = conf.DEFAULTS["MODEL"]["THREADS"]
    #: Whether a network is trained too, where the graph is small or there is a GPU.
    network: bool = conf.DEFAULTS["MODEL"]["NETWORK"]
    #: Newest interactions that a viewer's vector is made from, as serving reads them.
    history: int = conf.DEFAULTS["HISTORY"]
    #: What an earlier training chose on nearly the same data (``Recipe.as_dict``); None: choose.
    recipe: Mapping[str, Any] | None = None
    #: What the live model was made by (``Recipe.as_dict``), to be measured beside; None: nothing.
    live: Mapping[str, Any] | None = None
    #: Folder of what an unfinished training keeps for the next one; None: nothing is kept.
    kept: Path | None = None

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """Make them from ``RECOMMENDATIONS["MODEL"]``, its keys being these names in capitals.

        Raises ``ValueError`` for a name that is none of these.
        """
        unknown = {name for name in settings if name.lower() not in cls.__dataclass_fields__}
        if unknown:
            raise ValueError(f"RECOMMENDATIONS['MODEL'] has no {', '.join(sorted(unknown))}.")
        return cls(**{name.lower(): value for name, value in settings.items()})
