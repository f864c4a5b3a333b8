"""Fits the model to a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import scipy.sparse as sp
import torch
from torch_geometric.data import HeteroData

from ..types import Embeddings, Snapshot
from .dataset import Heldout, hetero_data, histories
from .evaluate import evaluate
from .model import Recommender, engagement_matrix, softmax_loss
from .parameters import Parameters

#: Told what is being done and how far the work is, 0–1.
Progress = Callable[[str, float], None]

#: Items compared in one softmax; a larger catalogue is sampled.
MOST_CANDIDATES = 16384
#: Sampled items that one dismissed item weighs as much as.
DISMISSED_COUNTS = 10.0
#: Epochs between looks at validation, and looks without gain before training stops.
LOOK_EVERY, PATIENCE = 5, 3
#: What validation maximises.
TARGET = "ndcg@20"


class TrainingFailed(Exception):
    """Training gave numbers that must not be served; the message says which."""


class NothingToTrain(Exception):
    """There is no live item to learn a vector for."""


def silent(message: str, fraction: float) -> None:
    """Report nothing."""


def fit(
    snapshot: Snapshot,
    validation: Heldout | None,
    parameters: Parameters,
    progress: Progress = silent,
) -> Embeddings:
    """Return the vectors of a snapshot; the same for the same snapshot, parameters and machine.

    With ``validation`` the best epoch by NDCG is returned, 0 being the spectral start, and told in
    ``parameters["epochs"]``; without, the last one. Where nobody engaged with anything, vectors
    come from facets alone. Raises ``NothingToTrain`` and ``TrainingFailed``.
    """
    if len(snapshot.item_keys) == 0:
        raise NothingToTrain("There is no live item, so there is nothing to train on.")
    torch.set_num_threads(parameters.threads)
    torch.manual_seed(parameters.seed)
    data = hetero_data(snapshot)
    model = Recommender(data, parameters)
    best = embeddings_of(model, snapshot, parameters, epoch=0)
    best_score = _score(best, snapshot, validation)
    looks = 0
    for epoch in epochs(model, data, snapshot, parameters):
        progress(f"epoch {epoch} of {parameters.epochs}", epoch / parameters.epochs)
        last = epoch == parameters.epochs
        if not last and (validation is None or epoch % LOOK_EVERY):
            continue
        current = embeddings_of(model, snapshot, parameters, epoch)
        score = _score(current, snapshot, validation)
        if validation is None or score > best_score:
            best, best_score, looks = current, score, 0
        else:
            looks += 1
        if looks == PATIENCE:
            break
    return best


def _score(embeddings: Embeddings, snapshot: Snapshot, validation: Heldout | None) -> float:
    if not validation:
        return 0.0
    return evaluate(embeddings, snapshot, validation)[TARGET]


def epochs(
    model: Recommender, data: HeteroData, snapshot: Snapshot, parameters: Parameters
) -> Iterator[int]:
    """Train, and yield the number of each epoch done; nothing where there is nothing to learn."""
    history = histories(snapshot, parameters.half_life, parameters.history)
    engaged = engagement_matrix(data)
    viewers = np.flatnonzero(np.diff(engaged.indptr) > 1)
    if len(viewers) == 0:
        return
    rng = np.random.default_rng(parameters.seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=parameters.learning_rate)
    size = int(np.clip(len(viewers) // 10, 8, 512))
    model.train()
    for epoch in range(1, parameters.epochs + 1):
        shuffled = rng.permutation(viewers)
        for start in range(0, len(viewers), size):
            batch = shuffled[start : start + size]
            step(model, optimizer, history[batch], engaged[batch], parameters, rng)
        yield epoch


def step(
    model: Recommender,
    optimizer: torch.optim.Optimizer,
    history: sp.csr_array,
    engaged: sp.csr_array,
    parameters: Parameters,
    rng: np.random.Generator,
) -> None:
    """Hide some of each viewer's items from their history, and learn to find these again.

    ``history``: CSR [v, items + facets]; ``engaged``: CSR [v, items], engagement.
    """
    hidden = engaged.copy()
    hidden.data *= rng.random(hidden.nnz) < parameters.hidden
    hidden.eliminate_zeros()
    if hidden.nnz == 0:
        return
    kept = without(history, hidden)
    candidates = sample(model.known.numpy(), hidden, rng)
    wanted = torch.from_numpy(hidden[:, candidates].toarray())
    optimizer.zero_grad()
    items, facets = model()
    scores = model.viewers(kept, items, facets) @ items[torch.from_numpy(candidates)].T
    loss = softmax_loss(scores + offsets(kept, engaged, candidates, wanted), wanted)
    if not torch.isfinite(loss):
        raise TrainingFailed(f"The loss became {loss.item()}.")
    loss.backward()
    optimizer.step()


def without(history: sp.csr_array, hidden: sp.csr_array) -> sp.csr_array:
    """Return the histories without the hidden items, so that no item helps to find itself."""
    padded = sp.csr_array((hidden.data, hidden.indices, hidden.indptr), shape=history.shape)
    kept = sp.csr_array(history - history * (padded != 0))
    kept.eliminate_zeros()
    return kept


def sample(known: np.ndarray, hidden: sp.csr_array, rng: np.random.Generator) -> np.ndarray:
    """Return the items compared in this step, sorted int64: all that viewers know, or a sample.

    Items that nobody engaged with are no evidence of anything and never compared.
    """
    everything = np.flatnonzero(known)
    if len(everything) <= MOST_CANDIDATES:
        return everything
    sampled = rng.choice(everything, MOST_CANDIDATES, replace=False)
    return np.union1d(sampled, hidden.indices)


def offsets(
    kept: sp.csr_array, engaged: sp.csr_array, candidates: np.ndarray, wanted: torch.Tensor
) -> torch.Tensor:
    """Return what is added to scores: what else was watched does not compete, dismissed does more.

    Float32 [v, candidates].
    """
    offset = torch.zeros_like(wanted)
    offset[torch.from_numpy(kept[:, candidates].toarray()) < 0] = float(np.log(DISMISSED_COUNTS))
    watched = torch.from_numpy(engaged[:, candidates].toarray()) > 0
    offset[watched & (wanted == 0)] = -torch.inf
    return offset


def embeddings_of(
    model: Recommender, snapshot: Snapshot, parameters: Parameters, epoch: int
) -> Embeddings:
    """Return what the model gives now, its longest item vector being of length one."""
    training = model.training
    model.eval()
    with torch.no_grad():
        items, facets = (vectors.numpy() for vectors in model())
    model.train(training)
    if not (np.isfinite(items).all() and np.isfinite(facets).all()):
        raise TrainingFailed("Some vectors are not finite numbers.")
    longest = np.linalg.norm(items, axis=1).max()
    return Embeddings(
        item_keys=snapshot.item_keys,
        items=items / max(longest, np.float32(1e-6)),
        facet_keys=snapshot.facet_keys,
        facets=facets,
        parameters={**parameters.as_dict(), "epochs": epoch},
    )
