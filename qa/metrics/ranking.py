"""How high the evidence of a question stands among the passages retrieved for it."""

from collections.abc import Sequence


def recall_at(ranks: Sequence[int | None], k: int, *, every: bool = False) -> float:
    """Return how much of a question's evidence is among the first k passages.

    recall@k = 1 if min_e rank(e) <= k else 0, where one place of evidence is enough (the usual measure in question
    answering, also called success@k or hit@k); with `every`, |{e : rank(e) <= k}| / |E|.

    ranks: for each place of evidence e in E the rank of the best passage that overlaps it, counted from 1, or None
    where none was retrieved. Raises ValueError where there is no evidence or k < 1.
    Source: Karpukhin et al., Dense Passage Retrieval for Open-Domain Question Answering, EMNLP 2020.
    """
    _check(ranks)
    if k < 1:
        raise ValueError(f"recall@k needs k of at least 1, not {k}")
    found = sum(rank is not None and rank <= k for rank in ranks)
    return found / len(ranks) if every else float(found > 0)


def reciprocal_rank(ranks: Sequence[int | None]) -> float:
    """Return 1 / r, r the rank of the first passage that holds evidence, or 0 where none was retrieved.

    MRR = 1/|Q| * sum over q in Q of 1 / r(q). Ranks start at 1.
    ranks: as in `recall_at`. Raises ValueError where there is no evidence.
    Source: Voorhees, The TREC-8 Question Answering Track Report, TREC 1999.
    """
    _check(ranks)
    return max((1.0 / rank for rank in ranks if rank is not None), default=0.0)


def _check(ranks: Sequence[int | None]) -> None:
    if not ranks:
        raise ValueError("no evidence, no rank: leave the question out")
    if any(rank is not None and rank < 1 for rank in ranks):
        raise ValueError("ranks start at 1")
