"""How good what a tool finds and answers is."""

import statistics
from collections.abc import Sequence
from typing import Any

from benchmarks.peers.questions import Collection
from qa.evaluation.metrics import token_f1


def hits(collection: Collection, found: Sequence[Sequence[int]]) -> dict[str, float]:
    """Return the shares of the answerable questions with a right passage among the first 1, 5 and 10."""
    asked = [(q.right, ids) for q, ids in zip(collection.questions, found, strict=True) if q.right]
    return {f"hit@{k}": statistics.fmean(bool(right & set(ids[:k])) for right, ids in asked) for k in (1, 5, 10)}


def answered(collection: Collection, answers: Sequence[Sequence[dict[str, Any]]]) -> dict[str, float | None]:
    """Return F1 of the first answers in percent, how citations hold, and the refusals' precision and recall.

    f1: over the answerable questions, a refusal counting 0. f1_all: over all, where a right refusal counts 100.
    f1_unrefused: as f1, with what was withheld in the place of a refusal; None where a tool does not tell that.
    exact: the share of all answers given whose words stand at the place named in the passage named; None where no
    place is ever named. in_passage: the share whose words stand anywhere in the passage named.
    """
    guesses = [str(each[0].get("withheld") or each[0].get("text")) if each else "" for each in answers]
    guessed = [token_f1(g, q.answers) for g, q in zip(guesses, collection.questions, strict=True) if q.answers]
    tells = all(answers) or any("withheld" in answer for each in answers for answer in each)
    shown = [[answer for answer in each if "withheld" not in answer] for each in answers]
    pairs = list(zip(collection.questions, shown, strict=True))
    f1 = [100 * token_f1(given[0]["text"], q.answers) if given else 0.0 for q, given in pairs if q.answers]
    unanswerable = [100.0 * (not given) for q, given in pairs if not q.answers]
    given = [answer for each in shown for answer in each]
    placed = [answer for answer in given if answer["start"] is not None]
    refused, silent = [not given for _, given in pairs], [not q.answers for q, _ in pairs]
    rightly = sum(r and s for r, s in zip(refused, silent, strict=True))
    return {
        "f1": statistics.fmean(f1),
        "f1_unrefused": 100 * statistics.fmean(guessed) if tells else None,
        "f1_all": statistics.fmean(f1 + unanswerable),
        "answers": float(len(given)),
        "exact": sum(_stands(collection, answer) for answer in placed) / len(given) if placed else None,
        "in_passage": statistics.fmean(a["text"] in collection.passages[a["passage"]] for a in given),
        "refusal_precision": rightly / sum(refused) if any(silent) and any(refused) else None,
        "refusal_recall": rightly / sum(silent) if any(silent) else None,
    }


def _stands(collection: Collection, answer: dict[str, Any]) -> bool:
    start = int(answer["start"])
    return collection.passages[int(answer["passage"])].startswith(str(answer["text"]), start)
