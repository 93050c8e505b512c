"""Ranking metrics: the rank of a question's evidence among the retrieved passages."""

from collections.abc import Sequence


def recall_at(ranks: Sequence[int | None], k: int) -> float:
    """Return the share of the needed things that are in the first k passages.

    recall@k = |{w in W : rank(w) <= k}| / |W|. W: the things needed; most questions need one, and then this is 1 or 0
    (also called success@k, hit@k or top-k accuracy).

    ranks: for each thing needed, the rank (from 1) of the best passage with it, or None if none was retrieved. Raises
    ValueError if nothing is needed or k < 1.
    Source: Karpukhin et al., Dense Passage Retrieval for Open-Domain Question Answering, EMNLP 2020.
    """
    _check(ranks)
    if k < 1:
        raise ValueError(f"recall@k needs k of at least 1, not {k}")
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks)


def reciprocal_rank(ranks: Sequence[int | None]) -> float:
    """Return 1 / r, where r is the rank of the first passage with evidence, or 0 if none was retrieved.

    MRR = 1/|Q| * sum over q in Q of 1 / r(q). Ranks start at 1.
    ranks: as in `recall_at`. Raises ValueError if there is no evidence.
    Source: Voorhees, The TREC-8 Question Answering Track Report, TREC 1999.
    """
    _check(ranks)
    return max((1.0 / rank for rank in ranks if rank is not None), default=0.0)


def _check(ranks: Sequence[int | None]) -> None:
    if not ranks:
        raise ValueError("no evidence, no rank: leave the question out")
    if any(rank is not None and rank < 1 for rank in ranks):
        raise ValueError("ranks start at 1")
