"""Calibrate whole sentences as answers: `python -m benchmarks.calibrate_sentences [--reader NAME]`.

Why, how, yes/no and what-about questions of the bundled gold set's calibration half are asked of the bundled articles,
and such questions of DCQA's development set (answers are sentences of news articles) of a library of its articles, each
once with and once without its own article. A logistic regression turns the best span's confidence, the shares of the
question's words and the sentence's cosine with the question into the chance that the sentence answers. Prints the
constant for qa/reader/reader.py, and what comes true of it in a cross-validation by article.
"""

import argparse
import gzip
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks.calibrate_reader import GOLD, PASSAGES
from benchmarks.fitting import FloatArray, regress
from corpus.article import Article
from embeddings.encoder.encoder import load_encoder
from embeddings.encoder.model_files import DEFAULT_MODEL
from embeddings.library.library import Library, create_library, open_library
from qa.cli.opening import bundled_library
from qa.dated_questions import to_read
from qa.evaluation.gold.read import read_gold
from qa.evaluation.metrics.spans import token_f1
from qa.question.answer_type import asked_for
from qa.question.followup import standalone
from qa.reader.model import DEFAULT_READER
from qa.reader.reader import SPANS_FOR_SENTENCES, NetworkReader, open_reader
from qa.reader.relevance import Relevance, cosines_with
from qa.reader.sentences import SENTENCE_MEASURES
from qa.retrieval import Retrieved, retrieve

DCQA = "dev/dcqa_sentence_val.jsonl.gz"
FOLDS = 5
_RIGHT = 0.5  # token F1 with an expected sentence, or all of an expected answer within


@dataclass(frozen=True, slots=True)
class Question:
    """A question that wants a sentence, what is expected, and the text or story it belongs to."""

    text: str
    expected: tuple[str, ...]
    group: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was read: each sentence's measures, (sentences, SENTENCE_MEASURES), and whether it answers."""

    group: str
    measures: FloatArray
    right: FloatArray


def main() -> None:
    """Read, fit and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("CITEWIRE_DATA"), help="folder with dev/ inside")
    parser.add_argument("--reader", default=DEFAULT_READER)
    options = parser.parse_args()
    reader = open_reader(options.reader)
    encoder = load_encoder()
    asked: list[Asked] = []
    with open_library(bundled_library(DEFAULT_MODEL, lambda: encoder), encoder=encoder) as library:
        asked += _ask(reader, library, _gold(), without=False)
    _report("bundled gold set, calibration half", asked)
    if options.data is None:
        print("DCQA: skipped, since neither --data nor $CITEWIRE_DATA names the data folder", file=sys.stderr)
    else:
        questions, articles = _dcqa(Path(options.data) / DCQA)
        with (
            tempfile.TemporaryDirectory(prefix="citewire-") as folder,
            create_library(Path(folder) / "library", encoder=encoder) as library,
        ):
            library.add(articles)
            more = list(_ask(reader, library, questions, without=True))
        _report("DCQA", more)
        asked += more
    _report("all", asked)
    fitted = _fit(asked)
    print(f"sentence={tuple(round(w, 3) for w in fitted)}")


def _gold() -> list[Question]:
    questions = []
    for each in read_gold(GOLD).of_half("calibration").questions:
        alone = standalone(each.question, each.turns, []).text
        if asked_for(alone).sentence:
            questions.append(Question(alone, each.answers, each.id.rsplit("-", 1)[0]))
    return questions


def _dcqa(path: Path) -> tuple[list[Question], list[Article]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    texts = list(dict.fromkeys(row["context"] for row in rows))
    questions = [
        Question(row["question"], tuple(a["text"] for a in row["answers"]), row["context"])
        for row in rows
        if asked_for(row["question"]).sentence
    ]
    return questions, [Article(text=text, path=f"text-{n}") for n, text in enumerate(texts)]


def _ask(reader: NetworkReader, library: Library, questions: Sequence[Question], *, without: bool) -> Iterator[Asked]:
    with library.snapshot() as state:
        for question in tqdm(questions, unit=" questions"):
            found = retrieve(state, question.text, k=PASSAGES)
            relevance = cosines_with(question.text, library.encoder)
            yield _asked(reader, question, found, relevance)
            others = [each for each in found if each.hit.text not in question.group]
            if without and others:
                yield _asked(reader, Question(question.text, (), question.group), others, relevance)


def _asked(reader: NetworkReader, question: Question, found: Sequence[Retrieved], relevance: Relevance) -> Asked:
    passages = to_read(found)
    spans = reader.spans(question.text, passages, most=SPANS_FOR_SENTENCES)
    places = reader.places(spans, passages, relevance)
    texts = [passages[place.passage].text[place.start : place.end] for place in places]
    right = [any(token_f1(text, [e]) >= _RIGHT or e in text for e in question.expected) for text in texts]
    return Asked(question.group, np.array([p.measures for p in places]), np.array(right, dtype=np.float64))


def _fit(asked: Sequence[Asked]) -> tuple[float, ...]:
    """Fit on the sentence that the last fit puts first, and with less weight on all."""
    current: tuple[float, ...] = (0.0, 1.0, *[0.0] * (SENTENCE_MEASURES - 1))
    for _ in range(5):
        tops = [int(np.argmax(_odds(one, current))) for one in asked]
        x = np.concatenate([*(a.measures[[t]] for a, t in zip(asked, tops, strict=True)), *(a.measures for a in asked)])
        y = np.concatenate([*(a.right[[t]] for a, t in zip(asked, tops, strict=True)), *(a.right for a in asked)])
        weight = np.concatenate([np.ones(len(asked)), *(np.full(len(a.right), 0.3 / len(a.right)) for a in asked)])
        current = regress(x, y, weight)
    return current


def _odds(one: Asked, fitted: Sequence[float]) -> FloatArray:
    odds: FloatArray = fitted[0] + one.measures @ np.array(fitted[1:])
    return odds


def _report(name: str, asked: Sequence[Asked]) -> None:
    """Print how often the first sentence is right, by the spans alone and fitted on the other articles."""
    groups = sorted({one.group for one in asked})
    fold = {group: n % FOLDS for n, group in enumerate(groups)}
    sure, right = [], []
    for number in range(min(FOLDS, len(groups))):
        fitted = _fit([one for one in asked if fold[one.group] != number])
        for one in asked:
            if fold[one.group] == number:
                odds = _odds(one, fitted)
                sure.append(1 / (1 + np.exp(-odds.max())))
                right.append(one.right[int(np.argmax(odds))])
    answerable = [one for one in asked if one.right.any()]
    plain = np.mean([one.right[int(np.argmax(one.measures[:, 0]))] for one in answerable])
    fitted_right = sum(right) / len(answerable)
    print(f"{name}: {len(asked)} questions, {len(answerable)} with an answer among the sentences")
    print(f"  first sentence right: by its best span {plain:.3f}, fitted {fitted_right:.3f}")
    for threshold in (0.1, 0.15, 0.2, 0.25, 0.3, 0.4):
        shown = [r for s, r in zip(sure, right, strict=True) if s >= threshold]
        print(f"  from {threshold:.2f}: {len(shown)} answered, {int(sum(shown))} right")


if __name__ == "__main__":
    main()
