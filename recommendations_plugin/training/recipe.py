"""Which encoders make a model, with which parameters, and the making of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import scipy.sparse as sp
from torch import Tensor

from .encoders.als import alternating_least_squares
from .encoders.base import Block
from .encoders.content import content
from .encoders.gnn import Histories, Training
from .encoders.popularity import popularity
from .encoders.spectral import Spectrum, decompose, graph_filter
from .kept import Kept, digest

#: An encoder's name and parameters, as a manifest tells them.
Spec = Mapping[str, Any]

#: The first item factors of ALS are singular vectors of this graph, as long as the spec's ``start``
#: says. Few rounds stay near them; from here they find seldom watched items better.
ALS_START_NORMALISED = 0.5


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

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Self:
        """Return the recipe that ``as_dict`` told of; more names than its own do no harm."""
        parts = tuple(
            ({key: value for key, value in part.items() if key != "weight"}, part["weight"])
            for part in told["parts"]
        )
        return cls(parts, told["half_life"], told["facet_weight"])


#: What is served where nothing else can be made.
POPULAR = Recipe()


@dataclass
class Encoders:
    """Makes blocks of one graph, CSR [viewers and facets, items]; decompositions are kept."""

    matrix: sp.csr_array
    rank: int
    seed: int
    #: What a graph network learns from.
    histories: Histories
    #: Tells what is known of items without viewers, CSR [items, features].
    side: Callable[[], sp.csr_array]
    #: Weight of a typical edge: the confidence of ALS is told in this unit.
    typical: float = 1.0
    spectra: dict[float, Spectrum] = field(default_factory=dict)
    #: Graph networks in training, by what they are told.
    trained: dict[Any, Training] = field(default_factory=dict)
    #: Where what takes long is kept, by the graph's ``identity``.
    kept: Kept = field(default_factory=Kept)

    @cached_property
    def identity(self) -> str:
        """The name of the graph."""
        matrix, known = self.matrix, self.histories
        arrays = [matrix.data, matrix.indices, matrix.indptr, known.viewer, known.item, known.rank]
        return digest(self.rank, self.seed, self.typical, *arrays)

    def spectrum(self, normalised: float) -> Spectrum:
        """Return the graph's spectrum, decomposed at most once."""
        if normalised not in self.spectra:

            def make() -> tuple[Tensor, ...]:
                found = decompose(self.matrix, self.rank, normalised, self.seed)
                return found.vectors, found.values, found.scale

            name = digest(self.identity, "spectrum", normalised)
            self.spectra[normalised] = Spectrum(*self.kept.tensors(name, make))
        return self.spectra[normalised]

    def make(self, spec: Spec) -> Block:
        """Return the block that a spec describes."""
        given = {key: value for key, value in spec.items() if key != "encoder"}
        match spec["encoder"]:
            case "spectral":
                spectrum = self.spectrum(given.pop("normalised"))
                return graph_filter(spectrum, **given)
            case "als":
                return self._kept(spec, lambda: self._als(**given))
            case "gnn":
                self.spectrum(given["normalised"])
                return self._kept(spec, lambda: self._network(**given))
            case "content":
                return content(self.side(), **given, seed=self.seed)
            case "popularity":
                return popularity(self.matrix)
            case unknown:
                raise ValueError(f"There is no encoder {unknown!r}.")

    def _kept(self, spec: Spec, make: Callable[[], Block]) -> Block:
        """Return a block that takes long to make."""
        alpha = spec.get("alpha", 0.0) / self.typical

        def parts() -> tuple[Tensor, ...]:
            block = make()
            return block.vectors, block.found, block.pulling, block.response

        name = digest(self.identity, sorted(spec.items()))
        vectors, found, pulling, response = self.kept.tensors(name, parts)
        return Block(vectors, found, pulling, response, alpha)

    def _als(
        self, dimension: int, start: float, ridge: float, alpha: float, nu: float = 0.0
    ) -> Block:
        """Solve from the graph's singular vectors, ``start`` times as long."""
        spectrum, own = self.spectrum(ALS_START_NORMALISED), slice(dimension)
        lengths = spectrum.values[own] ** 0.5 * start
        return alternating_least_squares(
            self.matrix,
            spectrum.vectors[:, own] * lengths * spectrum.scale[:, None],
            ridge,
            alpha / self.typical,
            nu,
        )

    def _network(self, steps: int, normalised: float, **told: Any) -> Block:
        """Train a network, from where an earlier call left it."""
        key = (normalised, *sorted(told.items()))
        training = self.trained.get(key)
        if training is None or training.steps > steps:
            start = self.spectrum(normalised)
            training = Training(self.matrix, self.histories, start, seed=self.seed, **told)
            self.trained[key] = training
        return training.until(steps)
