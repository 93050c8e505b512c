"""Retrieving: the passages most likely to answer a question, by meaning and by words together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus.store import EVERYTHING, Filters
from embeddings.library import Hit, Snapshot

DENSE_CANDIDATES = 50
LEXICAL_CANDIDATES = 50
DENSE_WEIGHT = 0.4

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A hit and how well it fits the question beside the other hits; only hits of one question can be compared."""

    hit: Hit
    score: float


def retrieve(snapshot: Snapshot, question: str, *, filters: Filters = EVERYTHING, k: int = 10) -> list[Retrieved]:
    """Return the k passages that pass the filters and fit the question best, best first."""
    hits = snapshot.search(question, filters=filters, dense=DENSE_CANDIDATES, lexical=LEXICAL_CANDIDATES)
    return fuse(question, hits)[:k]


def fuse(question: str, hits: Sequence[Hit]) -> list[Retrieved]:
    """Return the hits of a question in the order of their fused scores, best first."""
    dense = standardised(np.array([hit.dense for hit in hits]))
    lexical = standardised(np.array([hit.lexical for hit in hits]))
    scores = DENSE_WEIGHT * dense + (1 - DENSE_WEIGHT) * lexical
    retrieved = [Retrieved(hit, float(score)) for hit, score in zip(hits, scores, strict=True)]
    return sorted(retrieved, key=lambda r: (-r.score, -r.hit.dense, r.hit.passage_id))


def standardised(scores: Scores) -> Scores:
    """Return the scores with mean 0 and standard deviation 1, and zeros where all are the same."""
    spread = scores.std() if len(scores) else 0.0
    return (scores - scores.mean()) / spread if spread > 0 else np.zeros_like(scores)
