"""Fits the reader's calibration, and says how good it is on articles that it was not fitted on.

`python -m benchmarks.calibrate_reader [--questions N] [--library DIR]` reads the development sets of $CITEWIRE_DATA.
The news questions are asked of a library of all labelled articles, as people ask; those of the older sets of their own
text. It prints the weights for `qa/reader/reader.py`, and figures by two-fold cross-fitting: each half of the articles
is judged by weights that were fitted on the other. --without title: the network is not given the titles; likewise
outlet (with its day) and before (the sentences before a passage).
"""

import argparse
import os
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.news_library import news_articles
from corpus.passages import split
from corpus.store.records import EVERYTHING
from embeddings.encoder.encoder import load_encoder
from embeddings.library.library import LocalLibrary, create_library, open_library
from qa.assistant import MOST_READ, PASSAGES_READ, version_texts
from qa.evaluation.metrics import contains, token_f1
from qa.evaluation.outcome import PARTLY_FROM_F1, meets
from qa.reader.calibration import Calibration, SpanFeatures
from qa.reader.input import sentences_before
from qa.reader.model import DEFAULT_READER
from qa.reader.protocol import ReadPassage
from qa.reader.reader import OWN, NetworkReader, open_reader
from qa.retrieval import asked_days, retrieve_on_days, to_read
from qa.train.data import read_news, read_rows

OLDER = {"squad2_dev_articles": 400, "new_wiki": 250, "newsqa_half": 200}
SEED = 5
SURE_PRECISION = 0.84
"""Of what is shown as sure, right or partly right: the first threshold is the lowest that reaches it."""
PARTS = ("title", "outlet", "before")
KEPT_FROM_SHOWN = 0.52
"""Of the unanswerable, not even shown as unsure: the second threshold is the lowest that reaches it."""


@dataclass(frozen=True, slots=True)
class Span:
    """A span that was read, with what speaks for it, and whether it is right, and at least partly right."""

    passage: int
    features: SpanFeatures
    right: bool
    partly: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the spans that were read for it. group: its article or text; found: asked of a library."""

    group: str
    found: bool
    answerable: bool
    spans: tuple[Span, ...]

    def best(self, calibration: Calibration) -> Span:
        """Return the span that would be shown."""
        return max(self.spans, key=lambda span: calibration.confidence(span.features))

    def passages(self, calibration: Calibration) -> list[SpanFeatures]:
        """Return the features of each passage's best span."""
        best: dict[int, SpanFeatures] = {}
        for span in self.spans:
            best.setdefault(span.passage, span.features)
        return list(best.values())


def main() -> None:
    """Read, fit and print."""
    options = _options()
    reader = open_reader(options.reader)
    asked = [*_of_library(options, reader), *_of_own_text(options, reader)]
    asked = [each for each in asked if each.spans]
    fitted = fit(asked)
    print(f"\nspan={_numbers(fitted.span)},\nfound={_numbers(fitted.found)},\ngiven={_numbers(fitted.given)},")
    print(f"answered_from={fitted.answered_from:.2f}, unsure_from={fitted.unsure_from:.2f},")
    groups = sorted({each.group for each in asked})
    random.Random(SEED).shuffle(groups)
    half = set(groups[: len(groups) // 2])
    halves = [[each for each in asked if (each.group in half) is side] for side in (True, False)]
    crossed = [(fit(halves[1 - side]), halves[side]) for side in (0, 1)]
    for name, found in (("news questions, in a library", True), ("older sets, own text", False)):
        _report(name, [(calibration, [each for each in some if each.found is found]) for calibration, some in crossed])


def fit(asked: Sequence[Asked]) -> Calibration:
    """Return the calibration that fits the questions."""
    spans = [span for each in asked for span in each.spans]
    weights = np.concatenate([[1 / len(each.spans)] * len(each.spans) for each in asked])
    span = regression([span.features.measures for span in spans], [span.right for span in spans], weights)
    fitted = replace(OWN, span=span)
    together = {found: ([], []) for found in (True, False)}  # type: dict[bool, tuple[list[tuple[float, ...]], list[bool]]]
    for each in asked:
        measures, right = together[each.found]
        measures.append(fitted.question_features(each.passages(fitted)))
        right.append(each.best(fitted).right)
    found, given = (regression(*together[kind], np.ones(len(together[kind][1]))) for kind in (True, False))
    fitted = replace(fitted, found=found, given=given)
    sure, shown = _thresholds(fitted, [each for each in asked if each.found])
    return replace(fitted, answered_from=sure, unsure_from=shown)


def _thresholds(fitted: Calibration, asked: Sequence[Asked]) -> tuple[float, float]:
    """Return from where an answer is shown as sure, and from where as unsure."""
    probabilities = np.array([fitted.of_question(each.passages(fitted)) for each in asked])
    partly = np.array([each.best(fitted).partly for each in asked])
    unanswerable = np.array([not each.answerable for each in asked])
    steps = np.arange(0.1, 0.9, 0.01)
    sure = next((t for t in steps if partly[probabilities >= t].mean() >= SURE_PRECISION), steps[-1])
    shown = next((t for t in steps if (probabilities[unanswerable] < t).mean() >= KEPT_FROM_SHOWN), steps[-1])
    return round(float(sure), 2), round(float(min(shown, sure)), 2)


def regression(measures: Sequence[Sequence[float]], right: Sequence[bool], weights: np.ndarray) -> tuple[float, ...]:
    """Return intercept and weights of a logistic regression, lightly regularised."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1.0, max_iter=2_000).fit(np.array(measures), np.array(right), weights)
    return (float(model.intercept_[0]), *(float(weight) for weight in model.coef_[0]))


def _of_library(options: argparse.Namespace, reader: NetworkReader) -> Iterator[Asked]:
    questions = read_news(options.data / "news_questions" / "dev.jsonl.gz", options.data / "corpora")
    drawn = random.Random(SEED).sample(questions, min(options.questions, len(questions)))
    with _library(options) as library, library.snapshot() as snapshot:
        coverage = snapshot.coverage(EVERYTHING)
        for number, each in enumerate(drawn, 1):
            found = retrieve_on_days(snapshot, each.question, filters=EVERYTHING, k=PASSAGES_READ)[:MOST_READ]
            passages = to_read(found, version_texts(snapshot, found), asked_days(each.question, coverage))
            passages = [_without(options.without, passage) for passage in passages]
            answers = [each.article.text[start:end] for start, end in each.answers]
            yield _asked(reader, each.question, passages, answers, group=each.article.id, found=True)
            _progress(number, len(drawn), "in the library")


def _of_own_text(options: argparse.Namespace, reader: NetworkReader) -> Iterator[Asked]:
    for name, most in OLDER.items():
        rows = read_rows(options.data / "dev" / f"{name}.jsonl.gz")
        drawn = random.Random(SEED).sample(rows, min(most, options.questions, len(rows)))
        for number, row in enumerate(drawn, 1):
            passages = [
                _without(
                    options.without,
                    ReadPassage(p.text, before=sentences_before(row.context, p.start), start=p.start),
                )
                for p in split(row.context)
            ]
            answers = [row.context[start:end] for start, end in row.answers]
            yield _asked(reader, row.question, passages, answers, group=row.context[:80], found=False)
            _progress(number, len(drawn), name)


def _without(parts: Sequence[str], passage: ReadPassage) -> ReadPassage:
    if "title" in parts:
        passage = replace(passage, title="")
    if "outlet" in parts:
        passage = replace(passage, source="", published="")
    return replace(passage, before="") if "before" in parts else passage


def _asked(
    reader: NetworkReader,
    question: str,
    passages: Sequence[ReadPassage],
    answers: Sequence[str],
    *,
    group: str,
    found: bool,
) -> Asked:
    read, _ = reader.spans(question, passages)
    spans = []
    for each in read:
        if not each.item:
            text = passages[each.passage].text[each.start : each.end]
            right = any(meets(text, answer) for answer in answers)
            shares = answers and (100 * token_f1(text, answers) >= PARTLY_FROM_F1 or contains(text, answers) > 0)
            partly = right or bool(shares)
            spans.append(Span(each.passage, each.features, right, partly))
    return Asked(group, found, bool(answers), tuple(spans))


@contextmanager
def _library(options: argparse.Namespace) -> Iterator[LocalLibrary]:
    """Give the library named, or one of all labelled articles in a temporary folder."""
    if options.library:
        with open_library(options.library) as library:
            yield library
        return
    with (
        tempfile.TemporaryDirectory(prefix="citewire-") as folder,
        create_library(Path(folder) / "library", encoder=load_encoder()) as library,
    ):
        library.add(news_articles(options.data))
        yield library


def _report(name: str, crossed: Sequence[tuple[Calibration, Sequence[Asked]]]) -> None:
    """Print what the shipped way of deciding gives, over both halves together."""
    rows = [
        (c.status(p := c.of_question(each.passages(c))), p, each.best(c), each.answerable)
        for c, some in crossed
        for each in some
    ]
    answerable = [row for row in rows if row[3]]
    others = [row for row in rows if not row[3]]
    sure, unsure = ([row for row in rows if row[0] == kind] for kind in ("answered", "unsure"))

    def share(some: Sequence[bool]) -> str:
        return f"{np.mean(some):.3f}" if some else "-"

    print(f"\n{name}: {len(answerable)} answerable, {len(others)} not")
    print("  best span right, nothing refused", share([row[2].right for row in answerable]))
    print("  rightly answered as sure", share([row[0] == "answered" and row[2].right for row in answerable]))
    print("  as sure or unsure", share([row[0] != "not_in_library" and row[2].right for row in answerable]))
    print("  of sure, right or partly", share([row[2].partly for row in sure]), "of", len(sure))
    print("  of unsure, right or partly", share([row[2].partly for row in unsure]), "of", len(unsure))
    print("  unanswerable not shown as sure", share([row[0] != "answered" for row in others]))
    print("  not even as unsure", share([row[0] == "not_in_library" for row in others]))
    yes, no = np.array([row[1] for row in answerable]), np.array([row[1] for row in others])
    if len(no):
        print(f"  AUROC of answerable {(yes[:, None] > no[None]).mean():.3f}")
    _trade([(probability, span, is_answerable) for _, probability, span, is_answerable in rows])


def _trade(rows: Sequence[tuple[float, Span, bool]]) -> None:
    """Print what each threshold gives for what lies above it. rows: probability, best span, answerable."""
    print("  from   rightly answered   right or partly of these   unanswerable below")
    for threshold in np.arange(0.1, 0.9, 0.05):
        above = [(span, answerable) for p, span, answerable in rows if p >= threshold]
        right = sum(span.right for span, _ in above) / max(1, sum(answerable for *_, answerable in rows))
        partly = np.mean([span.partly for span, _ in above]) if above else 1.0
        below = [p < threshold for p, _, answerable in rows if not answerable]
        print(f"  {threshold:.2f}   {right:16.3f}   {partly:24.3f}   {np.mean(below) if below else 1.0:18.3f}")


def _progress(done: int, of: int, name: str) -> None:
    if done % 100 == 0 or done == of:
        print(f"{name}: {done} of {of}", file=sys.stderr, flush=True)


def _numbers(weights: Sequence[float]) -> str:
    return f"({', '.join(f'{weight:.3f}' for weight in weights)})"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibrate_reader", description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("CITEWIRE_DATA"))
    parser.add_argument("--questions", type=int, default=1_300, help="of each set at most")
    parser.add_argument("--library", type=Path, help="an existing library of all labelled articles")
    parser.add_argument("--reader", default=DEFAULT_READER)
    parser.add_argument("--without", nargs="+", choices=PARTS, default=(), help="parts that the network is not given")
    options = parser.parse_args()
    if options.data is None:
        sys.exit("calibrate_reader: skipped, since neither --data nor $CITEWIRE_DATA names the data folder")
    options.data = Path(options.data)
    return options


if __name__ == "__main__":
    main()
