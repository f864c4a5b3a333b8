"""What items are about: viewers are near what is like what they engaged with.

The leading factors of the matrix of side features (Deerwester et al., "Indexing by Latent Semantic
Analysis", Journal of the American Society for Information Science 1990). Alone it finds little;
beside encoders of behaviour it tells apart what few viewers know.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from ..content import telling
from .base import Block
from .spectral import krylov_svd


def content(features: sp.csr_array, dimension: int, seed: int) -> Block:
    """Return vectors whose inner products are nearly those of features, CSR [items, features].

    What all items have in common tells nothing.
    """
    of_items = sp.csr_array(features[:, np.flatnonzero(telling(features))].T)
    vectors, values = krylov_svd(of_items, dimension, seed)
    return Block.plain(vectors * values, 0.0)
