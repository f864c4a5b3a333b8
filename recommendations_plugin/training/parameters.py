"""What can be chosen about a training, with defaults that were good on real behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from .. import conf


@dataclass(frozen=True, slots=True)
class Parameters:
    """The whole configuration of one fit; ``train`` chooses some of it on validation."""

    #: Length of every vector.
    dimension: int = conf.DEFAULTS["MODEL"]["DIMENSION"]
    #: Passes over the viewers after the spectral start; validation may stop them earlier.
    epochs: int = conf.DEFAULTS["MODEL"]["EPOCHS"]
    seed: int = conf.DEFAULTS["MODEL"]["SEED"]
    #: Newest interactions that a viewer's vector is made from, as serving reads them.
    history: int = conf.DEFAULTS["HISTORY"]
    #: Interactions after which one counts half in a viewer's vector; 0: none fades.
    half_life: float = 10.0
    #: Exponent of the singular values in the spectral start.
    power: float = 0.5
    #: Exponent of an item's summed engagement in the length of its first vector.
    popularity: float = 0.35
    #: Weight of facets beside viewers in the spectral start.
    facet_weight: float = 0.1
    #: Length of the longest first vector: the inverse of the softmax's temperature.
    scale: float = 10.0
    learning_rate: float = 0.006
    #: Share of a viewer's items that are hidden from their history and have to be found.
    hidden: float = 0.2
    #: Share of items that go without their own embedding in a step, as new ones do.
    id_dropout: float = 0.1
    #: CPU threads. With one more than there are idle cores a step takes ten times as long.
    threads: int = 1

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """Make them from ``RECOMMENDATIONS["MODEL"]``, its keys being these names in capitals.

        Raises ``ValueError`` for a name that is none of these.
        """
        unknown = {name for name in settings if name.lower() not in cls.__dataclass_fields__}
        if unknown:
            raise ValueError(f"RECOMMENDATIONS['MODEL'] has no {', '.join(sorted(unknown))}.")
        return cls(**{name.lower(): value for name, value in settings.items()})

    def as_dict(self) -> dict[str, Any]:
        """Return them as they are written into a manifest."""
        return asdict(self)
