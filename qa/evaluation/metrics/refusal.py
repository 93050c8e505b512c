"""Refusals: whether a system declines the questions that it should, and no others."""

from collections.abc import Sequence


def refusal_precision(refused: Sequence[bool], unanswerable: Sequence[bool]) -> float | None:
    """Return the share of the refused questions that are unanswerable, None if none was refused.

    precision = |R & U| / |R|. R: questions refused; U: questions whose answer the texts do not hold.
    Source: the measures of van Rijsbergen, Information Retrieval, 1979, with "unanswerable" as the class looked for,
    as Rajpurkar et al., Know What You Don't Know, ACL 2018 (SQuAD 2.0) frame abstention.
    """
    _check(refused, unanswerable)
    right = sum(r and u for r, u in zip(refused, unanswerable, strict=True))
    return right / sum(refused) if any(refused) else None


def refusal_recall(refused: Sequence[bool], unanswerable: Sequence[bool]) -> float | None:
    """Return the share of the unanswerable questions that were refused, None if every question has an answer.

    recall = |R & U| / |U|, with R and U as in `refusal_precision`.
    """
    _check(refused, unanswerable)
    right = sum(r and u for r, u in zip(refused, unanswerable, strict=True))
    return right / sum(unanswerable) if any(unanswerable) else None


def _check(refused: Sequence[bool], unanswerable: Sequence[bool]) -> None:
    if len(refused) != len(unanswerable):
        raise ValueError(f"{len(refused)} refusals for {len(unanswerable)} questions")
