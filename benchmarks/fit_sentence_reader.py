"""Fit the sentence reader's weights on questions with known answers: `python -m benchmarks.fit_sentence_reader`.

The paragraphs of $CITEWIRE_DATA/train go into a temporary library; every question is asked of it and of its own
paragraph, and each sentence read becomes an example: does it hold the answer, in the paragraph that the question was
asked of? Prints the weights to copy into qa/sentence_reader.py, and on the development sets how often the best
sentence is the right one.
"""

import argparse
import gzip
import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from corpus.article import Article
from corpus.store import EVERYTHING
from embeddings.encoder import Encoder, load_encoder
from embeddings.library import create_library
from qa.one_text import OneText
from qa.read import ReadPassage
from qa.retrieve import retrieve
from qa.sentence_reader import INTERCEPT, MEASURES, WEIGHTS, SentenceReader

TRAIN = {
    "train/realtimeqa_evidence_train": 500,
    "train/realtimeqa_negatives_train": 150,
    "train/squad11_train_random4k": 500,
    "train/squad2_unanswerable": 900,
    "train/squadshifts_new_wiki": 500,
    "train/tydiqa_en_train": 300,
}
DEVELOPMENT = ("dev/new_wiki", "dev/squad2_dev_articles", "dev/newsqa_half")
DEVELOPMENT_QUESTIONS = 300
PASSAGES = 16
SEED = 7

FloatArray = npt.NDArray[np.float32]


class Remembering:
    """An encoder that encodes each text once."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, FloatArray] = {}
        self.name, self.fingerprint, self.dimension = encoder.name, encoder.fingerprint, encoder.dimension

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return the vectors, (n, dimension), of which only the new ones are computed."""
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        if new:
            self._known.update(zip(new, self._encoder.encode(new), strict=True))
        return np.stack([self._known[text] for text in texts])

    def encode_question(self, question: str) -> FloatArray:
        """Return the question's vector."""
        return self._encoder.encode_question(question)


@dataclass(frozen=True, slots=True)
class Example:
    """One question's sentences: their measures, (sentences, 7), and which of them answer, (sentences,)."""

    measures: FloatArray
    answers: npt.NDArray[np.bool_]
    is_answerable: bool


def main() -> None:
    """Fit on the training sets and report on the development sets."""
    from sklearn.linear_model import LogisticRegression  # comes with sentence-transformers

    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", type=Path, default=os.environ.get("CITEWIRE_DATA"))
    data = arguments.parse_args().data
    if data is None:
        sys.exit("fit_sentence_reader: skipped, since neither --data nor $CITEWIRE_DATA names the data sets")
    encoder = Remembering(load_encoder())
    rows = [row for name, count in TRAIN.items() for row in _rows(data, name, count)]
    examples = list(_examples(rows, encoder, "all")) + list(_examples(rows, encoder, "given"))
    fitted = LogisticRegression(C=10, max_iter=5000).fit(
        np.concatenate([e.measures for e in examples]), np.concatenate([e.answers for e in examples])
    )
    for measure, weight, shipped in zip(MEASURES, fitted.coef_[0], WEIGHTS, strict=True):
        print(f"{weight:8.2f}  (shipped {shipped:6.2f})  {measure}")
    print(f"{fitted.intercept_[0]:8.2f}  (shipped {INTERCEPT:6.2f})  intercept")
    for name in DEVELOPMENT:
        held_out = _rows(data, name, DEVELOPMENT_QUESTIONS)
        for passages in ("all", "given"):
            asked = list(_examples(held_out, encoder, passages))
            print(f"{name:28} {passages:6}", _figures(asked, fitted.coef_[0], fitted.intercept_[0]))


def _rows(data: Path, name: str, count: int) -> list[dict[str, Any]]:
    with gzip.open(data / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    random.Random(SEED).shuffle(rows)
    return rows[:count]


def _examples(rows: Sequence[dict[str, Any]], encoder: Remembering, passages: str) -> Iterator[Example]:
    """Yield each question's sentences, of the passages retrieved for it or of its own paragraph."""
    reader = SentenceReader(encoder)
    contexts = {context: n for n, context in enumerate(dict.fromkeys(row["context"] for row in rows))}
    with tempfile.TemporaryDirectory() as folder, create_library(Path(folder) / "l", encoder=encoder) as library:
        if passages == "all":
            library.add(Article(text=context, path=str(n)) for context, n in contexts.items())
        with library.snapshot() as snapshot:
            for row in tqdm(rows, desc=passages, disable=not sys.stderr.isatty()):
                if passages == "all":
                    found = retrieve(snapshot, row["question"], filters=EVERYTHING, k=PASSAGES)
                    hits = [retrieved.hit for retrieved in found]
                else:
                    hits = OneText(row["context"], None).hits()
                read = [ReadPassage(hit.text, hit.info.title or "", hit.dense) for hit in hits]
                sentences, measures = reader.measure(row["question"], read)
                own = [
                    passages == "given" or hits[s.passage].info.path == str(contexts[row["context"]]) for s in sentences
                ]
                holds = [
                    mine and _holds(row, hits[s.passage].start + s.start, hits[s.passage].start + s.end)
                    for s, mine in zip(sentences, own, strict=True)
                ]
                yield Example(measures, np.array(holds, dtype=bool), bool(row["answers"]))


def _holds(row: dict[str, Any], start: int, end: int) -> bool:
    return any(start <= a["start"] and a["start"] + len(a["text"]) <= end for a in row["answers"])


def _figures(examples: Sequence[Example], weights: FloatArray, intercept: float) -> str:
    """Return how often the best sentence answers, and how well confidence tells answerable questions from others."""
    from sklearn.metrics import roc_auc_score

    scores = [e.measures @ weights + intercept for e in examples]
    best = [int(np.argmax(s)) if len(s) else None for s in scores]
    right = [b is not None and bool(e.answers[b]) for e, b in zip(examples, best, strict=True)]
    answerable = [e.is_answerable for e in examples]
    text = f"best sentence right {np.mean([r for r, a in zip(right, answerable, strict=True) if a]):.3f}"
    if not all(answerable):
        confidences = [max(s, default=-99.0) for s in scores]
        text += f"  AUROC answerable {roc_auc_score(answerable, confidences):.3f}"
    return text


if __name__ == "__main__":
    main()
