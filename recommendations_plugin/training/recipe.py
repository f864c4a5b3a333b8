"""Which encoders make a model, with which parameters, and the making of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import scipy.sparse as sp
from torch import Tensor

from .encoders.als import alternating_least_squares
from .encoders.base import Block
from .encoders.gnn import Histories, Training
from .encoders.popularity import popularity
from .encoders.spectral import Spectrum, decompose, graph_filter

#: An encoder's name and parameters, as a manifest tells them.
Spec = Mapping[str, Any]

#: The first item factors of ALS: singular vectors of which graph, and how long.
ALS_START_NORMALISED, ALS_START = 0.25, 3.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole configuration, chosen on validation."""

    #: Encoders and their weights in a score.
    parts: tuple[tuple[Spec, float], ...] = (({"encoder": "popularity"}, 1.0),)
    #: Interactions after which one counts half in a viewer's vector; 0: none fades.
    half_life: float = 0.0
    #: Weight of an edge to a facet beside a typical engagement.
    facet_weight: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return it as it is written into a manifest."""
        return {
            "half_life": self.half_life,
            "facet_weight": self.facet_weight,
            "parts": [{**spec, "weight": weight} for spec, weight in self.parts],
        }


#: What is served where nothing else can be made.
POPULAR = Recipe()


@dataclass(slots=True)
class Encoders:
    """Makes blocks of one graph, CSR [viewers and facets, items]; decompositions are kept."""

    matrix: sp.csr_array
    rank: int
    seed: int
    #: What a graph network learns from.
    histories: Histories
    #: Weight of a typical edge: the confidence of ALS is told in this unit.
    typical: float = 1.0
    #: Singular vectors of a similar graph, by normalisation: they save iterations.
    starts: Mapping[float, Tensor] = field(default_factory=dict)
    spectra: dict[float, Spectrum] = field(default_factory=dict)
    #: Graph networks in training, by what they are told.
    trained: dict[Any, Training] = field(default_factory=dict)

    def spectrum(self, normalised: float) -> Spectrum:
        """Return the graph's spectrum, decomposed at most once."""
        if normalised not in self.spectra:
            self.spectra[normalised] = decompose(
                self.matrix, self.rank, normalised, self.seed, self.starts.get(normalised)
            )
        return self.spectra[normalised]

    def make(self, spec: Spec) -> Block:
        """Return the block that a spec describes."""
        given = {key: value for key, value in spec.items() if key != "encoder"}
        match spec["encoder"]:
            case "spectral":
                spectrum = self.spectrum(given.pop("normalised"))
                return graph_filter(spectrum, **given)
            case "als":
                spectrum = self.spectrum(ALS_START_NORMALISED)
                start = spectrum.vectors * spectrum.values**0.5 * ALS_START
                start = start[:, : given.pop("dimension")]
                given["alpha"] /= self.typical
                return alternating_least_squares(self.matrix, start, **given)
            case "gnn":
                return self._network(**given)
            case "popularity":
                return popularity(self.matrix)
            case unknown:
                raise ValueError(f"There is no encoder {unknown!r}.")

    def _network(self, steps: int, normalised: float, **told: Any) -> Block:
        """Train a network, from where an earlier call left it."""
        key = (normalised, *sorted(told.items()))
        training = self.trained.get(key)
        if training is None or training.steps > steps:
            start = self.spectrum(normalised)
            training = Training(self.matrix, self.histories, start, seed=self.seed, **told)
            self.trained[key] = training
        return training.until(steps)
