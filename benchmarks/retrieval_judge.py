"""Candidates of questions, the measures taken of their order, its significance, and fitting the weights of features."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.memory_index import MemoryVectors, word_index
from benchmarks.retrieval_pool import Pool, PoolQuestion
from embeddings.index.word_index import WordDocument
from qa.ranking import Candidate, ranking_features

Array = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

CUTS = (1, 5, 10)
FOLDS = 5
REGULARISATION = 1e-3
DRAWS = 20_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and its candidates: what speaks for each, which hold the answer, and whose they are."""

    question: PoolQuestion
    dense: Array
    lexical: Array
    features: Array
    answers: BoolArray
    documents: tuple[str, ...]


Weighing = Callable[[Asked], Array]


def ask(pool: Pool, half: str, *, candidates: int) -> Iterator[Asked]:
    """Yield the questions of a half with their nearest and their best-matching passages, so many of each."""
    vectors = MemoryVectors(pool.vectors)
    words = word_index([WordDocument(n, passage.title, passage.text) for n, passage in enumerate(pool.passages)])
    for question, query in zip(pool.questions, pool.asked, strict=True):
        if question.half != half or not question.passages:
            continue
        near, match = vectors.search(query, candidates), words.search(question.text, candidates)[0]
        ids = np.union1d(near, match)
        dense, lexical = vectors.scores(query, ids), words.scores(question.text, ids)
        found = [pool.passages[i] for i in ids]
        told = [Candidate(p.title, p.text, float(d), float(b)) for p, d, b in zip(found, dense, lexical, strict=True)]
        yield Asked(
            question,
            dense.astype(np.float64),
            lexical.astype(np.float64),
            ranking_features(question.text, told),
            np.isin(ids, list(question.passages)),
            tuple(p.document for p in found),
        )


def answered(asked: Sequence[Asked], weighing: Weighing) -> Array:
    """Return (questions, cuts): 1 where one of the first k passages holds the answer. Equal scores: cosine decides."""
    rows = []
    for a in asked:
        found = a.answers[np.lexsort((-a.dense, -weighing(a)))]
        rows.append([found[:k].any() for k in CUTS])
    return np.array(rows, dtype=np.float64)


def documents_found(asked: Sequence[Asked], weighing: Weighing) -> Array:
    """Return (questions, cuts): 1 where one of the first k articles, each at its best passage, is the right one."""
    rows = []
    for a in asked:
        order = np.lexsort((-a.dense, -weighing(a)))
        first = list(dict.fromkeys(a.documents[n] for n in order))
        rows.append([any(document in a.question.documents for document in first[:k]) for k in CUTS])
    return np.array(rows, dtype=np.float64)


def shares(asked: Sequence[Asked]) -> Array:
    """Return the weight of each question, such that all sets together weigh the same and all questions 1."""
    kinds = [a.question.kind for a in asked]
    return np.array([1 / kinds.count(kind) / len(set(kinds)) for kind in kinds])


def p_value(ours: Array, theirs: Array, weights: Array) -> float:
    """Return how often chance makes a difference at least as large: two-sided paired randomisation test.

    ours, theirs: (questions,) scores of the same questions. Source: Smucker, Allan and Carterette, CIKM 2007.
    """
    differences = (ours - theirs) * weights
    differences = differences[differences != 0]
    seen = abs(differences.sum())
    rng = np.random.default_rng(0)
    reached = 0
    for _ in range(DRAWS // 1000):
        signs = rng.choice([-1.0, 1.0], size=(1000, len(differences)))
        reached += int(np.count_nonzero(np.abs(signs @ differences) >= seen - 1e-12))
    return (reached + 1) / (DRAWS + 1)


def fit(asked: Sequence[Asked], columns: Sequence[int]) -> Array:
    """Return the weights of these columns of features that make the answering passages likeliest.

    The likelihood of a passage is the softmax of its weighted features over the question's candidates; all sets weigh
    the same.
    """
    from scipy.optimize import minimize

    told = [
        (a.features[:, columns], a.answers, w) for a, w in zip(asked, shares(asked), strict=True) if a.answers.any()
    ]

    def loss(weights: Array) -> tuple[float, Array]:
        total, slope = REGULARISATION * float(weights @ weights), 2 * REGULARISATION * weights
        for rows, answers, share in told:
            scores = rows @ weights
            likely = np.exp(scores - scores.max())
            likely /= likely.sum()
            right = np.where(answers, likely, 0.0)
            total -= share * float(np.log(right.sum()))
            slope = slope + share * rows.T @ (likely - right / right.sum())
        return total, slope

    return np.asarray(minimize(loss, np.zeros(len(columns)), jac=True, method="L-BFGS-B").x)


def cross_validated(asked: Sequence[Asked], columns: Sequence[int]) -> Array:
    """Return `answered` for weights that were fitted without the question and those of its fold."""
    folds = np.array([hashlib.sha256(a.question.id.encode()).digest()[1] % FOLDS for a in asked])
    rows = np.zeros((len(asked), len(CUTS)))
    for fold in range(FOLDS):
        weights = fit([a for a, f in zip(asked, folds, strict=True) if f != fold], columns)
        for n, a in enumerate(asked):
            if folds[n] == fold:
                rows[n] = answered([a], lambda one: one.features[:, columns] @ weights)[0]  # noqa: B023
    return rows


def by_kind(asked: Sequence[Asked], rows: Array) -> dict[str, Array]:
    """Return the mean of each set of questions, and of the sets under "all"."""
    groups = defaultdict(list)
    for a, row in zip(asked, rows, strict=True):
        groups[a.question.kind].append(row)
    means = {kind: np.mean(group, axis=0) for kind, group in groups.items()}
    return {"all": np.mean(list(means.values()), axis=0), **means}
