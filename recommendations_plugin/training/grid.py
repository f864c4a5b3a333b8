"""What a search tries, and what is served where there is nothing to choose by."""

from __future__ import annotations

from .recipe import Recipe, Spec

#: Interactions up to which everything is tried.
SMALL = 300_000

POPULARITY: Spec = {"encoder": "popularity"}
#: What shared choices are made with, and what small sites get.
PROBE: Spec = {"encoder": "spectral", "normalised": 0.25, "dimension": 64, "ridge": 0.3}
UNCHOSEN = Recipe(parts=((PROBE, 1.0), (POPULARITY, 0.3)), facet_weight=0.3)
#: What is served where nothing is surely better than popularity: that, ties broken by taste.
CAUTIOUS = ((POPULARITY, 1.0), (PROBE, 0.02))

#: Numbers that tell what items are about.
CONTENT = (32, 64)

#: How long the first factors of ALS are, and how its ridge grows with an item's degree.
STARTS = ((0.3, 0.0), (1.0, 0.0), (1.0, 1.0))

#: How fast interest fades, and what edges to facets weigh beside typical engagement.
HALF_LIVES = (0.0, 10.0, 20.0, 40.0)
FACET_WEIGHTS = (0.0, 0.1, 0.3, 1.0)


def candidates(interactions: int, rank: int, most: int, described: bool) -> list[Spec]:
    """Return what is tried: a grid on a small site, on a large one what is good nearly always.

    ``rank``: most numbers of one encoder; ``most``: of all together; ``described``: whether items
    have side features. A large site decomposes its graph but once for each fit.
    """
    if described:
        content: list[Spec] = [{"encoder": "content", "dimension": d} for d in CONTENT]
        rest = most - max(CONTENT) if interactions > SMALL else most
        return candidates(interactions, min(rank, rest), rest, described=False) + content
    if interactions > SMALL:
        factors = max(1, min(rank, most * 3 // 10))
        dimension = min(rank, most - factors)
        return [
            POPULARITY,
            spectral(0.5, dimension, 0.03),
            spectral(0.5, dimension, 0.01, sharpness=2.0),
            als(factors, 10.0, 15.0, 1.0, 1.0),
        ]
    dimensions = sorted({min(d, rank) for d in (32, 64, 128, 512)})
    lengths = sorted({min(d, rank) for d in (32, 128)})
    strengths = ((5.0, 3.0), (20.0, 10.0), (60.0, 40.0), (150.0, 40.0))
    return [
        POPULARITY,
        *(spectral(n, d, r) for n in (0.5, 0.25) for d in dimensions for r in (0.1, 0.5)),
        *(spectral(0.0, rank, r, alone) for r in (0.03, 0.3) for alone in (False, True)),
        *(spectral(0.25, rank, r, alone=True) for r in (0.1, 0.3)),
        *(
            als(d, *strength, start, nu)
            for d in lengths
            for strength in strengths
            for start, nu in STARTS
        ),
    ]


def spectral(
    normalised: float,
    dimension: int,
    ridge: float,
    alone: bool = False,
    sharpness: float = 0.0,
) -> Spec:
    """Return the spec of a graph filter."""
    return {
        "encoder": "spectral",
        "normalised": normalised,
        "dimension": dimension,
        "ridge": ridge,
        "alone": alone,
        "sharpness": sharpness,
    }


def als(dimension: int, ridge: float, alpha: float, start: float, nu: float) -> Spec:
    """Return the spec of alternating least squares."""
    return {
        "encoder": "als",
        "dimension": dimension,
        "ridge": ridge,
        "alpha": alpha,
        "start": start,
        "nu": nu,
    }
