"""Choose how passages are retrieved on one half of the questions, and judge it on the half left untouched.

    CITEWIRE_DATA=... python -m benchmarks.tune_retrieval words      # how words are taken from a text
    CITEWIRE_DATA=... python -m benchmarks.tune_retrieval tune       # fusions compared, weights fitted
    CITEWIRE_DATA=... python -m benchmarks.tune_retrieval report     # what is shipped, on the other half

A question counts as answered at k when one of the first k passages holds its answer. Sets of questions weigh the same
in an average, however many questions they have.
"""

import argparse
import re
from functools import partial
from pathlib import Path
from typing import Never
from unittest.mock import patch

import numpy as np
from tqdm import tqdm

from benchmarks import retrieval_judge as judge
from benchmarks.retrieval_judge import Array, Asked, Weighing
from benchmarks.retrieval_pool import Pool, load_pool
from embeddings.index.tokens import tokens
from qa.ranking import WEIGHTS, standardised
from qa.retrieval import DENSE_CANDIDATES

RANK_CONSTANT = 60
FEATURES = ("meaning", "words", "coverage", "pairs")


def main() -> None:
    """Print the tables that were asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=["words", "tune", "report"])
    parser.add_argument(
        "--cache", type=Path, default=Path(".benchmarks-cache/retrieval"), help="where vectors are kept"
    )
    parser.add_argument("--titled", action="store_true", help="titles were encoded with the passages")
    parser.add_argument("--candidates", type=int, default=DENSE_CANDIDATES, help="of each side")
    options = parser.parse_args()
    with tqdm(desc="encoding", unit="text", disable=None) as bar:
        pool = load_pool(options.cache, titled=options.titled, on_progress=partial(_show, bar))
    print(f"{len(pool.passages):,} passages, {len(pool.questions):,} questions")
    if options.what == "words":
        _words(pool)
        return
    half = "tune" if options.what == "tune" else "report"
    asked = list(judge.ask(pool, half, candidates=options.candidates))
    print(
        f"{len(asked):,} questions of the half for this; {np.mean([len(a.dense) for a in asked]):.0f} candidates each"
    )
    if options.what == "tune":
        _tune(asked, options.candidates)
    else:
        _report(asked, options.candidates)


def _show(bar: "tqdm[Never]", done: int, total: int) -> None:
    bar.total = total
    bar.update(done - bar.n)


def dense_alone(asked: Asked) -> Array:
    """Cosines."""
    return asked.dense


def words_alone(asked: Asked) -> Array:
    """BM25."""
    return asked.lexical


def rank_fusion(asked: Asked, *, candidates: int) -> Array:
    """Reciprocal rank fusion of the two lists of candidates; ranks start at 1.

    Source: Cormack, Clarke and Büttcher, SIGIR 2009.
    """
    fused = np.zeros(len(asked.dense))
    for scores in (asked.dense, asked.lexical):
        ranks = np.empty(len(scores))
        ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
        listed = (ranks <= candidates) & ((scores > 0) | (scores is asked.dense))
        fused += np.where(listed, 1 / (RANK_CONSTANT + ranks), 0.0)
    return fused


def standardised_sum(asked: Asked, *, dense: float) -> Array:
    """Weighted sum of scores with mean 0 and deviation 1 over the candidates."""
    return dense * standardised(asked.dense) + (1 - dense) * standardised(asked.lexical)


def scaled_sum(asked: Asked, *, dense: float) -> Array:
    """Weighted sum of scores scaled to 0 to 1 over the candidates."""
    scaled = [(s - s.min()) / (np.ptp(s) or 1.0) for s in (asked.dense, asked.lexical)]
    return np.asarray(dense * scaled[0] + (1 - dense) * scaled[1])


def shipped(asked: Asked) -> Array:
    """Features weighed as `qa.ranking` does it."""
    return np.asarray(asked.features @ WEIGHTS)


def _baselines(candidates: int) -> dict[str, Weighing]:
    return {
        "dense alone": dense_alone,
        "BM25 alone": words_alone,
        "rank fusion": partial(rank_fusion, candidates=candidates),
    }


def _row(name: str, asked: list[Asked], rows: Array) -> None:
    """Print one line of a table: recall at the cuts, over all and for each set."""
    cells = [f"{kind} " + "/".join(f"{x:.3f}" for x in means) for kind, means in judge.by_kind(asked, rows).items()]
    print(f"{name:38} " + "  ".join(cells), flush=True)


def _tune(asked: list[Asked], candidates: int) -> None:
    """Compare fusions on the half for tuning, and print the weights to ship."""
    fusions: dict[str, Weighing] = {**_baselines(candidates)}
    for weight in (0.3, 0.4, 0.5, 0.6, 0.7):
        fusions[f"standardised sum, {weight} dense"] = partial(standardised_sum, dense=weight)
    for weight in (0.3, 0.4, 0.5):
        fusions[f"scaled sum, {weight} dense"] = partial(scaled_sum, dense=weight)
    for name, weighing in fusions.items():
        _row(name, asked, judge.answered(asked, weighing))
    for columns in ((0, 1), (0, 2), (0, 1, 2), (0, 1, 3), (0, 1, 2, 3)):
        name = "fitted: " + ", ".join(FEATURES[c] for c in columns)
        _row(name, asked, judge.cross_validated(asked, columns))
    print("weights:", dict(zip(FEATURES, judge.fit(asked, range(len(FEATURES))).round(2).tolist(), strict=True)))


def _report(asked: list[Asked], candidates: int) -> None:
    """Print the shipped order beside its parts and plain rank fusion, with the paired tests."""
    weights = judge.shares(asked)
    for title, measure in (("passages", judge.answered), ("articles", judge.documents_found)):
        print(f"recall of {title} at {judge.CUTS}")
        ours = measure(asked, shipped)
        _row("shipped", asked, ours)
        for name, weighing in _baselines(candidates).items():
            theirs = measure(asked, weighing)
            _row(name, asked, theirs)
            for n, cut in enumerate(judge.CUTS[:2]):
                values = [f"all {judge.p_value(ours[:, n], theirs[:, n], weights):.5f}"]
                for kind in sorted({a.question.kind for a in asked}):
                    some = np.array([a.question.kind == kind for a in asked])
                    difference = float((ours - theirs)[some, n].mean())
                    p = judge.p_value(ours[some, n], theirs[some, n], np.ones(some.sum()))
                    values.append(f"{kind} {difference:+.3f} (p {p:.4f})")
                print(f"    shipped against it at {cut}: " + "  ".join(values), flush=True)


def _words(pool: Pool) -> None:
    """Compare ways to take words from a text, by BM25 alone on the half for tuning."""
    _row("shipped", *_by_words(pool))
    with patch("embeddings.index.word_index.telling_tokens", tokens):
        _row("function words of questions kept", *_by_words(pool))
    with (
        patch("embeddings.index.word_index.stem", str),
        patch("embeddings.index.word_index.stems", tokens),
    ):
        _row("not stemmed", *_by_words(pool))
    with (
        patch("embeddings.index.tokens._TOKEN", re.compile(r"\w+")),
        patch("embeddings.index.tokens._COUNTRY", frozenset()),
    ):
        _row("\\w+ and no rules for U.S. and 1,200", *_by_words(pool))
    untitled = Pool([p.untitled() for p in pool.passages], pool.questions, pool.vectors, pool.asked)
    _row("shipped, without titles", *_by_words(untitled))


def _by_words(pool: Pool) -> tuple[list[Asked], Array]:
    asked = list(judge.ask(pool, "tune", candidates=max(judge.CUTS)))
    return asked, judge.answered(asked, words_alone)


if __name__ == "__main__":
    main()
